"""Finds literal secrets anywhere in a spec, by their forms and by the names before them, and says where they belong."""

import re
from collections.abc import Iterator
from typing import Any

from generator.core.finding import Finding, Path, path_text
from generator.core.kinds import rules as kinds
from generator.load import secrets
from generator.load.shapes import FREE, UNKNOWN, Json, Shapes, fleet_shapes

_VARIABLE = re.compile(r"\$[{(]?([A-Z][A-Z0-9_]*)[})]?")
_REVOKE = "and revoke a value that was committed"
_CALLERS_KEY = "write a key that callers must show as `endpoint: {key: {env: NAME}}` of the cluster, or "


def literal_secrets(data: Any) -> Iterator[Finding]:
    """A finding for every text with the form of a secret, and for every value whose name says that it is one."""
    shapes = fleet_shapes()
    for path, value in _literals(data, shapes.at(()), shapes, ()):
        yield literal_secret(path, value, shapes)


def literal_secret(path: Path, value: Any, shapes: Shapes) -> Finding:
    """A secret that stands in the spec, and how it is written instead at this very place."""
    variable = _VARIABLE.fullmatch(str(value)) if secrets.is_reference(str(value)) else None
    return kinds.LITERAL_SECRET.at(
        path,
        f"{path_text(path)} holds a literal secret",
        cause="a spec is committed, so everyone who reads the repository reads the value",
        help=_cure(path, variable[1] if variable else "NAME", shapes),
    )


def _literals(value: Any, shape: Json, shapes: Shapes, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, held in value.items():
            below, declared = shapes.below(shape, key)
            named = (
                not declared and _says_secret(key, value) and below is not UNKNOWN and not shapes.is_structure(below)
            )
            yield from _scalars(held, below, (*path, key)) if named else _literals(held, below, shapes, (*path, key))
    elif isinstance(value, list):
        before = ""
        for number, held in enumerate(value):
            where, below = (*path, number), shapes.item(shape)
            after_option = before.startswith("-") and "=" not in before and secrets.names_secret(before)
            yield from _scalars(held, below, where) if after_option else _literals(held, below, shapes, where)
            before = held if isinstance(held, str) else ""
    elif isinstance(value, str) and secrets.holds_secret(value):
        yield path, value


def _says_secret(key: str, holder: dict[str, Any]) -> bool:
    """Whether a key names a secret, or is the `value` beside such a `name`."""
    name = holder.get("name") if key == "value" else key
    return isinstance(name, str) and secrets.names_secret(name)


def _scalars(value: Any, shape: Json, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every literal in a value that is a secret by its name; a patch may refer to a variable of its container."""
    if isinstance(value, list):
        for number, held in enumerate(value):
            yield from _scalars(held, shape, (*path, number))
    elif isinstance(value, dict):
        for key in value.keys() & {"value", "default", "data"}:
            yield from _scalars(value[key], shape, (*path, key))
    elif value is not None and not isinstance(value, bool):
        text = str(value)
        if not secrets.is_harmless(text) or (shape is not FREE and secrets.is_reference(text)):
            yield path, value


def _cure(path: Path, variable: str, shapes: Shapes) -> str:
    """Where a reference can be written: here, in a field near by, or nowhere."""
    if shapes.is_secret(shapes.at(path)):
        if variable != "NAME":
            return f"write `{{env: {variable}}}`"
        return f"write `{{env: NAME}}` or `{{secret: {{name: ..., key: ...}}}}`, {_REVOKE}"
    if path[0] == "patches":
        reference = (
            "`valueFrom: {secretKeyRef: {name: ..., key: ...}}` in its place, or " if path[-1] == "value" else ""
        )
        return f"remove it and write {reference}`secretEnv` of the model, {_REVOKE}"
    name = next(step for step in reversed(path) if isinstance(step, str))
    # What a program is given has other fields further up; a label or a name has none.
    given = "args" in path or "env" in path
    for size in range(len(path) - 1, 0 if given else max(0, len(path) - 2), -1):
        fields = " or ".join(f"`{field}`" for field in _fields(shapes.at(path[:size]), name, shapes))
        if fields:
            place = f" of {path_text(path[:size])}" if "args" in path else ""
            callers = _CALLERS_KEY if place and name.lower().endswith("key") else ""
            return f"{callers}move it to {fields}{place}, {_REVOKE}"
    return f"remove it, since no secret can be written here, {_REVOKE}"


def _fields(shape: Json, name: str, shapes: Shapes) -> list[str]:
    """The fields of an object that take a secret, written out: its own, one of a part with a like name, a map's."""
    properties = {key: shapes.followed(below) for key, below in shape.get("properties", {}).items()}
    own = [f"{key}: {{env: NAME}}" for key, below in properties.items() if shapes.is_secret(below)]
    like = [
        f"{key}: {{{inner}: {{env: NAME}}}}"
        for key, below in properties.items()
        for inner, deepest in below.get("properties", {}).items()
        if shapes.is_secret(shapes.followed(deepest)) and name.lower().endswith(inner.lower())
    ]
    word = re.sub(r"[^A-Za-z0-9]", "_", name).upper()
    maps = [f"{key}: {{{word}: {{env: {word}}}}}" for key, below in properties.items() if shapes.maps_secrets(below)]
    return own or like or maps
