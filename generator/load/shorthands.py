"""Declared shorthands: `nodes: 2` becomes `{min: 2, max: 2}`, `429` in `fallbackOn` text, before anything is judged.

Positions stay.
"""

from collections.abc import Mapping
from typing import Any

# Where a whole number may stand for a range, and the least one; `*` is any name. Other numbers stay as they were
# written, so that the finding names the key that is there.
SHORTHANDS = (
    (("clusters", "*", "pools", "*", "nodes"), 0),
    (("models", "*", "placements", "*", "replicas"), 1),
)


def expand(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with all shorthands written out; what is not changed is shared with the input."""
    result = dict(data)
    for pattern, least in SHORTHANDS:
        result = _expanded(result, pattern, least)
    return _status_text(result)


def _status_text(data: dict[str, Any]) -> dict[str, Any]:
    routes = data.get("routes")
    if not isinstance(routes, dict):
        return data
    return {**data, "routes": {name: _causes(route) for name, route in routes.items()}}


def _causes(route: Any) -> Any:
    if not isinstance(route, dict) or not isinstance(route.get("fallbackOn"), list):
        return route
    return {**route, "fallbackOn": [str(item) if type(item) is int else item for item in route["fallbackOn"]]}


def _expanded(data: dict[str, Any], pattern: tuple[str, ...], least: int) -> dict[str, Any]:
    step, rest = pattern[0], pattern[1:]
    changed = dict(data)
    for key in data if step == "*" else (step,):
        value = data.get(key)
        if not rest and _counts(value, least):
            changed[key] = {"min": value, "max": value}
        elif rest and isinstance(value, dict):
            changed[key] = _expanded(value, rest, least)
    return changed


def _counts(value: Any, least: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value) and value >= least
