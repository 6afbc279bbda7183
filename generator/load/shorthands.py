"""Declared shorthands: `nodes: 2` becomes `{min: 2, max: 2}`, `429` in `fallbackOn` text, before anything is judged.

Positions stay.
"""

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
