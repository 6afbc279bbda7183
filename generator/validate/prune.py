"""Takes out what the schema refuses, so that the rest of the spec is still judged, and marks it as broken."""

import json
from collections.abc import Iterable
from typing import Any

from generator import API_VERSION
from generator.core.finding import Findings, Path
from generator.load.shapes import Shapes
from generator.validate.schema import mistakes

# Required at the root, where nothing around them could go: a wrong one must not keep the rest from being judged.
_STAND_INS: dict[Path, str] = {("apiVersion",): API_VERSION, ("name",): "fleet"}


def pruned(data: dict[str, Any], drops: Iterable[Path], shapes: Shapes, findings: Findings) -> dict[str, Any] | None:
    """A copy that the schema accepts, or None when nothing useful is left.

    What goes is the broken value where it is optional, else the nearest thing around it that is. Dropping may break
    what is left (the last placement of a model); that goes too, silently.
    """
    copy: dict[str, Any] = json.loads(json.dumps(data))
    paths = list(drops)
    while paths:
        for path in paths:
            dropped = _drop(copy, path, shapes)
            if dropped is None:
                return None
            findings.mark_broken(dropped)
        paths = [] if shapes.accepts(copy) else [mistake.drop for mistake in mistakes(copy, shapes)]
    return copy


def _drop(data: dict[str, Any], path: Path, shapes: Shapes) -> Path | None:
    while path:
        last = path[-1]
        if path in _STAND_INS:
            data[str(last)] = _STAND_INS[path]
            return path
        if isinstance(last, str) and not shapes.requires(path):
            holder = _holder(data, path)
            if holder is not None:
                holder.pop(last, None)
            return path
        path = path[:-1]
    return None


def _holder(data: Any, path: Path) -> dict[str, Any] | None:
    """The mapping that holds the last step; None when it went already."""
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError):
            return None
    return data if isinstance(data, dict) else None
