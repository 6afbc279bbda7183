"""What the overlay of an environment changes in the base spec, and which of the two wrote what."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.core.finding import Path


def removals_of_nothing(base: Any, overlay: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, list[str]]]:
    """Every `null` of the overlay without a key to remove, and the keys that are there."""
    known = base if isinstance(base, dict) else {}
    for key, value in overlay.items():
        if value is None and key not in known:
            yield (*above, key), list(known)
        elif isinstance(value, dict):
            yield from removals_of_nothing(known.get(key), value, (*above, key))


def owns(overlay: Mapping[str, Any], base: Mapping[str, Any], path: Path) -> bool:
    """Whether the overlay rather than the base wrote the value at a path, or came nearest to it."""
    depth, decided = _depth(overlay, path)
    return decided or depth > _depth(base, path)[0]


def _depth(data: Any, path: Path) -> tuple[int, bool]:
    """How many steps of a path exist, and whether what is there decides alone: the value itself, a list, a null."""
    for count, step in enumerate(path):
        if not isinstance(data, dict):
            return count, count > 0
        if step not in data:
            return count, False
        data = data[step]
    return len(path), bool(path)
