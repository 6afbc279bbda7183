"""Findings for people: place, the line with its error underlined, cause and help."""

import unicodedata
from collections.abc import Iterable
from textwrap import TextWrapper

from generator.core.finding import Finding, Location, Severity
from generator.report.summary import explained, summary

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_WIDTH = 120
_TAB = "    "
_WRAP = TextWrapper(_WIDTH - 10, break_long_words=False, break_on_hyphens=False)


class TextReport:
    """Several lines a finding, and a summary line; of what is accepted the number alone."""

    def findings(self, findings: Iterable[Finding], *, colour: bool) -> str:
        """The text; empty when there are no findings."""
        items = list(findings)
        if not items:
            return ""
        blocks = ["\n".join(_lines(item, _Paint(on=colour))) for item in items if not item.accepted]
        return "\n\n".join([*blocks, summary(items)]) + "\n"


class _Paint:
    """Colours, or none."""

    def __init__(self, *, on: bool) -> None:
        self._on = on

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._on else text


def _lines(finding: Finding, paint: _Paint) -> list[str]:
    colour = _COLOURS[finding.severity]
    head = paint(f"{finding.severity} {finding.id}", f"1;{colour}")
    lines = [f"{_place(finding.location)}{head} {paint(printable(finding.message), '1')}"]
    if finding.location and finding.location.text:
        lines += _excerpt(finding.location, paint, colour)
    for label, text in (("cause", finding.cause), ("help", finding.help), ("more", explained(finding.kind))):
        if text:
            lines.append(f"  {paint(f'{label}:', '2')} {_indented(text)}")
    return lines


def _place(location: Location | None) -> str:
    if location is None:
        return ""
    return f"{location.file}:{location.line}:{location.column}: " if location.line else f"{location.file}: "


def _indented(text: str) -> str:
    """Text behind a label, its further lines below its beginning."""
    lines = [part for line in text.splitlines() for part in _WRAP.wrap(printable(line))]
    return "\n         ".join(lines)


def _excerpt(location: Location, paint: _Paint, colour: str) -> list[str]:
    """The line and a row of carets below it. A long line is cut around the place."""
    number = str(location.line)
    before, marked, after = _cut(location)
    space = " " * _columns(before)
    carets = "^" * max(1, _columns(marked))
    margin = " " * len(number)
    return [
        f"  {paint(f'{number} |', '2')} {before}{marked}{after}".rstrip(),
        f"  {paint(f'{margin} |', '2')} {space}{paint(carets, colour)}",
    ]


def _cut(location: Location) -> tuple[str, str, str]:
    start, end = location.column - 1, location.end_column - 1
    text = location.text
    before, marked, after = printable(text[:start]), printable(text[start:end]), printable(text[end:])
    if len(before) + len(marked) + len(after) <= _WIDTH:
        return before, marked, after
    if len(before) > _WIDTH // 3:
        before = f"…{before[-_WIDTH // 3 :]}"
    if len(marked) > _WIDTH // 2:
        return before, f"{marked[: _WIDTH // 2]}…", ""
    room = _WIDTH - len(before) - len(marked)
    return before, marked, after if len(after) <= room else f"{after[:room]}…"


def _columns(text: str) -> int:
    """How many columns a terminal needs."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def printable(text: str) -> str:
    """Text that cannot steer the terminal: tabs as spaces, what does not print as a question mark in a box."""
    return "".join(char if char.isprintable() else _TAB if char == "\t" else "\ufffd" for char in text)


TEXT = TextReport()
