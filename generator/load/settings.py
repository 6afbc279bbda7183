"""The places in a spec's raw data where settings of models stand, and what takes the place of a file named there."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.load.shorthands import entries


@frozen
class Unread:
    """Why a file cannot be used, and what to do; `cure` is empty where the file itself is missing."""

    reason: str
    cure: str


def settings(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The path and the value of `defaults`, each model and each placement, whatever stands there."""
    yield ("defaults",), data.get("defaults")
    for name, model in entries(data.get("models")):
        yield ("models", name), model
        for placement, own in entries(model.get("placements") if isinstance(model, dict) else None):
            yield ("models", name, "placements", placement), own


def replaced(data: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with another value at a path, or without its key where it is none; what is not on the way is shared."""
    key, rest = str(path[0]), path[1:]
    if rest:
        return {**data, key: replaced(data[key], rest, value)}
    return {**{name: old for name, old in data.items() if name != key}, **({} if value is None else {key: value})}
