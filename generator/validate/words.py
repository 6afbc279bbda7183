"""Words that findings about values share: how a value and a type are written."""

from collections.abc import Mapping
from typing import Any

from generator.load.secrets import mask

_LONGEST = 60
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def shown(value: Any) -> str:
    """A value as a message may print it: short and without secrets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = mask(str(value))
    return f"`{text if len(text) <= _LONGEST else text[: _LONGEST - 3] + '...'}`"


def kind_of(value: Any) -> str:
    """What sort of value this is."""
    if isinstance(value, bool):
        return "a boolean"
    names = ((dict, "object"), (list, "array"), (str, "string"), (int, "integer"), (float, "number"))
    return next((_TYPES[name] for kind, name in names if isinstance(value, kind)), "nothing")


def expected(shape: Mapping[str, Any]) -> str:
    """What sort of value a shape wants."""
    types = shape.get("type", "object")
    names = [types] if isinstance(types, str) else list(types)
    return " or ".join(_TYPES[name] for name in names)
