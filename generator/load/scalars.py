"""Plain scalars as the YAML 1.2 core schema reads them: `on` and `12:30` are text, `0o17` is 15, `0123` is 123."""

import re

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DIGITS = re.compile(r"[-+]?[0-9]+")
_INTEGERS = ((_DIGITS, 10), (re.compile(r"0o[0-7]+"), 8), (re.compile(r"0x[0-9a-fA-F]+"), 16))
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_FIRST = frozenset("0123456789+-.")
# A commit hash can consist of digits only; as a number of forty digits it would lose its leading zeros.
_MAX_DIGITS = 18


def resolve(text: str) -> Scalar:
    """The value of a plain (unquoted, untagged) scalar.

    Digits longer than 18 stay text. The specials `.inf` and `.nan` become floats that are not finite.
    """
    if not text or text[0] not in _FIRST:
        return _CONSTANTS.get(text, text)
    if len(text) <= _MAX_DIGITS:
        for pattern, base in _INTEGERS:
            if pattern.fullmatch(text):
                return int(text, base)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "").lower())
    return float(text) if _FLOAT.fullmatch(text) and not _DIGITS.fullmatch(text) else text
