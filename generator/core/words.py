"""Help for a word that nobody knows: what was probably meant, and what there is."""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 12
_WEIGHED = 10
"""Candidates by likeness of letters, among which slips of the hand are then counted."""
_OF_A_WORD, _OF_A_NUMBER = 3, 8


def slips(word: str, other: str) -> int:
    """Slips that lead from one word to the other: a letter left out, added, exchanged, or swapped with the next."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for at, letter in enumerate(word, 1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            least = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and (letter, word[at - 2]) == (other[to - 2], wanted):
                least = min(least, earlier[to - 2] + 1)
            row.append(least)
    return row[-1]


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 node`, `2 nodes`; `many` where the plural is not made by an `s`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Known words that are near, the nearest first and at most `count`; capitals do not matter.

    What is merely alike was not meant: a word may have a slip for every three of its letters, and a name with a
    number, where another digit is another thing, one for every eight.
    """
    by_small = {name.casefold(): name for name in known}
    small = word.casefold()
    alike = get_close_matches(small, by_small, max(count, _WEIGHED))
    letters = _OF_A_NUMBER if any(letter.isdigit() for letter in small) else _OF_A_WORD
    return [by_small[near] for near in alike if slips(small, near) <= max(1, len(small) // letters)][:count]


def did_you_mean(word: str, known: Iterable[str], count: int = 1) -> str:
    """``did you mean `a` or `b`?``, or nothing when no known word is near."""
    near = nearest(word, known, count)
    return f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """What was meant, and what there is; `what` names the sort of thing."""
    names = sorted(known)
    if not names:
        return f"there are no {what} yet; add one"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = f"{what} here: {', '.join(f'`{name}`' for name in names[:_LISTED])}{more}"
    return f"{did_you_mean(word, names)} {listed}".lstrip()
