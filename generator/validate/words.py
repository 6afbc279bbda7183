"""Words that findings about values share: how a value and a type are written."""

from collections.abc import Mapping
from typing import Any

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
# A part of each pattern of the spec's types that people meet, and its sense.
_PATTERNS = {
    "https?": "a URL begins with `http://` or `https://` and holds no spaces or quotes",
    "A-Za-z_": "it is letters, digits and `_`, no digit first",
    "sha256": "it is `sha256:` and 64 of the digits 0-9 and a-f",
    "tenant|user": "it is `tenant`, `user`, or the name of a header, which has a hyphen",
    "m?$": "it is a number of CPUs, or of thousandths with `m`",
    "[^/]+/[^/]+": "it is two names with one `/` between them",
    "0-9a-fA-F.:": "it is an IP address",
}


def shown(value: Any) -> str:
    """A value as a message may print it: short. What is secret of it goes when the finding is shown."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value)
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


def why_text(error: Any, value: str) -> str:
    """Why a text is refused, from the error of the schema's validator."""
    if error.kind.name == "maxLength":
        return f"it has {len(value)} characters, {error.kind.limit} are allowed"
    if any(character < " " for character in value):
        return "it contains a control character"
    pattern = error.kind.pattern
    return next((told for part, told in _PATTERNS.items() if part in pattern), f"it does not match `{pattern}`")
