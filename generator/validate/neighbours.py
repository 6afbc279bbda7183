"""Mistakes that only the entries beside them explain: a key outside of its entry, a misspelt name in an overlay."""

from collections.abc import Iterable
from typing import Any

from generator.core.finding import Finding, Path, path_text
from generator.core.kinds import schema as kinds
from generator.core.words import did_you_mean
from generator.load.shapes import Shapes, value_at


def indented_too_little(paths: Iterable[Path], data: Any, shapes: Shapes) -> dict[Path, Finding]:
    """Entries that bear the name of a key of their neighbours and look like none: `context: 8192` among the models.

    `paths` are those with schema errors.
    """
    entries = {path[:size]: None for path in paths for size in range(2, len(path) + 1)}
    return {entry: _outside(entry) for entry in entries if _is_key_of_neighbours(entry, data, shapes)}


def _is_key_of_neighbours(entry: Path, data: Any, shapes: Shapes) -> bool:
    below = shapes.at(entry).get("properties", {})
    value = value_at(data, entry)
    alike = value is None or (isinstance(value, dict) and value.keys() & below.keys())
    return entry[-1] in below and entry[-1] not in shapes.at(entry[:-1]).get("properties", {}) and not alike


def _outside(entry: Path) -> Finding:
    what = str(entry[-2]).removesuffix("s")
    return kinds.UNKNOWN_KEY.at(
        entry,
        f"`{entry[-1]}` stands where the name of a {what} belongs",
        cause=f"it is a key of a {what}, and what it holds is no {what}",
        help=f"indent it, and what is below it, under its {what}; a {what} called so needs keys of its own",
        on_key=True,
    )


def misspelt_in_overlay(missing: Path, base: Any) -> Finding | None:
    """The finding for a missing key in an entry that only the overlay has, when the base spec has a similar one."""
    entry = missing[:-1]
    for step in entry[:-1]:
        base = base.get(step) if isinstance(base, dict) else None
    if not entry or not isinstance(base, dict) or entry[-1] in base:
        return None
    meant = did_you_mean(str(entry[-1]), base)
    return (
        kinds.MISSING_KEY.at(
            entry,
            f"{path_text(entry)} is new in this environment, and incomplete",
            cause="the base spec has no such entry, and required keys are missing",
            help=f"{meant} else add `{missing[-1]}` and what else it needs",
            on_key=True,
        )
        if meant
        else None
    )
