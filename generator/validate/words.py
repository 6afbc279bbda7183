"""Words that findings about values share: how a value, a type and a list of choices are written, and what was meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
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
        return _TYPES["boolean"]
    names = ((dict, "object"), (list, "array"), (str, "string"), (int, "integer"), (float, "number"))
    return next((_TYPES[name] for kind, name in names if isinstance(value, kind)), "nothing")


def expected(shape: Mapping[str, Any]) -> str:
    """What sort of value a shape wants."""
    types = shape.get("type", "object")
    names = [types] if isinstance(types, str) else list(types)
    return " or ".join(_TYPES[name] for name in names)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or nothing."""
    by_small = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_small, 1, cutoff=0.6)
    return by_small[near[0]] if near else ""


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """Help for a word that is not known: what was meant, and what there is; `what` names the sort of thing."""
    names = sorted(known)
    if not names:
        return f"there are no {what} yet; add one"
    listed = ", ".join(f"`{name}`" for name in names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    near = nearest(word, names)
    return f"did you mean `{near}`? {what} here: {listed}" if near else f"{what} here: {listed}"
