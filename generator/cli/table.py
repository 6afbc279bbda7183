"""Tables for people: aligned columns for a terminal, and the same rows as Markdown."""

from collections.abc import Sequence

Row = Sequence[str]


def aligned(header: Row, rows: Sequence[Row], right: frozenset[int] = frozenset()) -> str:
    """Columns as wide as their widest cell; those in `right` end flush. Lines end with a break."""
    lines = [header, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    return "".join(_line(line, widths, right) for line in lines)


def _line(cells: Row, widths: Sequence[int], right: frozenset[int]) -> str:
    padded = [
        cell.rjust(width) if at in right else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip() + "\n"


def markdown(header: Row, rows: Sequence[Row], right: frozenset[int] = frozenset()) -> str:
    """The rows as a Markdown table."""
    rule = ["--:" if at in right else "---" for at in range(len(header))]
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (header, *rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], rule, *lines[1:]))


def number(value: float) -> str:
    """Three digits that matter, with separators: 0.123, 12.3, 1,230."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
