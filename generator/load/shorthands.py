"""Declared shorthands: `nodes: 2` becomes `{min: 2, max: 2}`, `429` in `fallbackOn` text, before anything is judged.

A GPU gets its catalogue name. Positions stay.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.catalog import reader
from generator.core.merge import merge_patch

# Where a whole number may stand for a range, and the least one; `*` is any name. Other numbers stay as they were
# written, so that the finding names the key that is there.
SHORTHANDS = (
    (("clusters", "*", "pools", "*", "nodes"), 0),
    (("clusters", "*", "cluster", "create", "system", "nodes"), 1),
    (("models", "*", "placements", "*", "replicas"), 1),
    (("gateways", "*", "replicas"), 1),
)


def expand(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with all shorthands written out; what is not changed is shared with the input."""
    result = dict(data)
    for pattern, least in SHORTHANDS:
        result = _expanded(result, pattern, least)
    return _status_text(_gpu_names(result))


def _gpu_names(data: dict[str, Any]) -> dict[str, Any]:
    """GPUs by the name of the catalogue, so that every output writes the same one."""
    change: dict[str, Any] = {}
    for cluster, spec in entries(data.get("clusters")):
        for name, pool in entries(spec.get("pools") if isinstance(spec, dict) else None):
            written = pool.get("gpu") if isinstance(pool, dict) else None
            fact = reader.gpu(written) if isinstance(written, str) else None
            if fact is not None and fact.id != written:
                change.setdefault(cluster, {"pools": {}})["pools"][name] = {"gpu": fact.id}
    changed: dict[str, Any] = merge_patch(data, {"clusters": change}) if change else data
    return changed


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a map; none where something else was written."""
    yield from value.items() if isinstance(value, dict) else ()


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
