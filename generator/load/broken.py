"""A line of a text that is no YAML, as it may be shown: nobody knows what is a value, so all that may be one goes.

Structure, keys, numbers and constants stay, since they are what such a finding speaks of.
"""

import re
from collections.abc import Sequence

from generator.load import secrets

_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s,{}\[\]]+")
_KEY = re.compile(r"\s*([\"']?)([\w./-]+)\1\s*:(?=\s|$|[\[{])")
_ITEM = re.compile(r"\s*-(?=\s|$)")
_MARK = re.compile(r"[-:?|>]+[-+0-9]*")


def shown(lines: Sequence[str], number: int) -> str:
    """The line with stars where a value may stand; a comment ends at its `#`."""
    line = lines[number].rstrip() if number < len(lines) else ""
    comment = re.search(r"(?:^|\s)#", line)
    line = line[: comment.end() - 1] if comment else line
    return secrets.starred(line, _values(lines, number, line)) + ("#" if comment else "")


def hidden(lines: Sequence[str], number: int) -> set[str]:
    """The texts that stand where `shown` has stars."""
    line = lines[number].rstrip()
    return {text for start, end in _values(lines, number, line) for text in (line[start:end],) if len(text) > 1}


def _values(lines: Sequence[str], number: int, line: str) -> list[secrets.Part]:
    indent = len(line) - len(line.lstrip())
    if _within_secret(lines, number, indent):
        return [(indent, len(line))]
    found: list[secrets.Part] = []
    at, brackets, is_value = indent, "", False
    while at < len(line):
        if not is_value and (match := _ITEM.match(line, at)):
            at = match.end()
        elif not is_value and (match := _KEY.match(line, at)):
            # What follows up to the next bracket or comma is a value, also where a colon makes it look like a key.
            at, is_value = match.end(), True
            if secrets.may_name_secret(match[2]) and not re.match(r"\s*\{(?:env|secret): ", line[at:]):
                return secrets.merged([*found, (at + 1, len(line))])
            found += [(match.start(2) + start, match.start(2) + end) for start, end in secrets.parts(match[2])]
        elif line[at] in "{[,]}":
            brackets = brackets[:-1] if line[at] in "]}" else brackets + line[at].strip(",")
            at, is_value = at + 1, brackets.endswith("[")
        elif match := _TOKEN.match(line, at):
            at = match.end()
            text = match[0].removesuffix(":")
            if not (_MARK.fullmatch(text) or secrets.is_harmless(text) or secrets.is_quantity(text)):
                found.append(match.span())
        else:
            at += 1
    return secrets.merged(found)


def _within_secret(lines: Sequence[str], number: int, indent: int) -> bool:
    """Whether a line above, indented less, has a key that names a secret: this may be a part of its value."""
    for above in reversed(lines[:number]):
        size = len(above) - len(above.lstrip())
        if above.strip() and size < indent:
            key = _KEY.match(above.lstrip("- ") if "-" in above[: size + 1] else above)
            if key and secrets.may_name_secret(key[2]):
                return True
            indent = size
        if not indent:
            break
    return False
