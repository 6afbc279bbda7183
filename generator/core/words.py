"""Help for a word that nobody knows: what was probably meant, and what there is."""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 12


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 node`, `2 nodes`; `many` where the plural is not made by an `s`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Known words that are near, the nearest first and at most `count`; capitals do not matter."""
    by_small = {name.casefold(): name for name in known}
    return [by_small[near] for near in get_close_matches(word.casefold(), by_small, count)]


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
