"""Declared shorthands: `nodes: 2` becomes `{min: 2, max: 2}` before anything is judged. Its position stays."""

from collections.abc import Mapping
from typing import Any

# Where a whole number may stand for a range; `*` is any name.
SHORTHANDS = (
    ("clusters", "*", "pools", "*", "nodes"),
    ("models", "*", "placements", "*", "replicas"),
)


def expand(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with all shorthands written out; what is not changed is shared with the input."""
    result = dict(data)
    for pattern in SHORTHANDS:
        result = _expanded(result, pattern)
    return result


def _expanded(data: dict[str, Any], pattern: tuple[str, ...]) -> dict[str, Any]:
    step, rest = pattern[0], pattern[1:]
    changed = dict(data)
    for key in data if step == "*" else (step,):
        value = data.get(key)
        if not rest and isinstance(value, (int, float)) and not isinstance(value, bool):
            changed[key] = {"min": value, "max": value}
        elif rest and isinstance(value, dict):
            changed[key] = _expanded(value, rest)
    return changed
