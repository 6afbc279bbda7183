"""Data to YAML, JSON and env files: same data, same bytes, and no string changes its type on the way back.

A YAML emitter of our own, since the fast one of PyYAML is ten times slower than what ten thousand files allow, and
writes `12:30` or `on` in ways that some readers take for numbers and booleans.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from generator.core.errors import BugError

# Starts with a letter or a slash, or is a quantity with its unit or a long option: so it cannot be a number, a date or
# an indicator in YAML 1.1 or 1.2.
_PLAIN = re.compile(
    r"[A-Za-z/][A-Za-z0-9_./@+-]*(?:[: ][A-Za-z0-9_./@+-]+)*|[0-9]+(?:ms|s|m|h|Mi|Gi|Ti)|--[a-z][a-z0-9-]*"
)
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
# Printable in JSON but not in YAML, or a line break in YAML 1.1.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TRAILING = re.compile(" +(?=\n)")
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class Shared(dict[str, Any]):
    """A mapping that stands in many places and changes no more: it is written once for each depth."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self._written: dict[str, str] = {}

    def written(self, indent: str) -> str:
        """Its lines at this indent."""
        if indent not in self._written:
            lines: list[str] = []
            _mapping(self, indent, lines)
            self._written[indent] = "\n".join(lines)
        return self._written[indent]


class SharedItems(list[Any]):
    """A sequence of that kind."""

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self._written: dict[str, str] = {}

    def written(self, indent: str) -> str:
        """Its lines at this indent."""
        if indent not in self._written:
            lines: list[str] = []
            _sequence(self, indent, lines)
            self._written[indent] = "\n".join(lines)
        return self._written[indent]


def yaml_text(data: Mapping[str, Any], header: str = "") -> str:
    """YAML in block style, keys in the given order, with `header` lines as comments on top."""
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    if not data:
        return "\n".join([*lines, "{}"]) + "\n"
    _mapping(data, "", lines)
    return "\n".join(lines) + "\n"


def yaml_documents(items: Iterable[Mapping[str, Any]], header: str = "") -> str:
    """A YAML document for each item, in the given order, with `header` on top of the first."""
    first, *rest = items
    return "---\n".join([yaml_text(first, header), *map(yaml_text, rest)])


def json_text(data: Any) -> str:
    """JSON with two spaces of indent and a final newline; keys are text."""
    # The standard library's own indent is slow, and its fast encoder knows none.
    return _json(data, "\n") + "\n"


def _json(value: Any, margin: str) -> str:
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if not value:
        return _ENCODE(value)
    if kind is int:
        return str(value)
    inner = f"{margin}  "
    if isinstance(value, dict):
        entries = [f"{inner}{encode_basestring(key)}: {_json(item, inner)}" for key, item in value.items()]
        return "{" + ",".join(entries) + margin + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([inner + _json(item, inner) for item in value]) + margin + "]"
    return _ENCODE(value)


def _mapping(data: Mapping[str, Any], indent: str, lines: list[str]) -> None:
    for key, value in data.items():
        # Most values are short text, small numbers or plain mappings: those take no further step.
        kind = type(value)
        if kind is str and "\n" not in value:
            lines.append(f"{indent}{_string(key)}: {_string(value)}")
        elif kind is int:
            lines.append(f"{indent}{_string(key)}: {value}")
        elif kind is dict and value:
            lines.append(f"{indent}{_string(key)}:")
            _mapping(value, indent + "  ", lines)
        else:
            _entry(f"{indent}{_string(key)}:", value, indent, lines)


def _sequence(items: Sequence[Any], indent: str, lines: list[str]) -> None:
    for item in items:
        kind = type(item)
        if kind is str and "\n" not in item:
            lines.append(f"{indent}- {_string(item)}")
        elif (kind is dict or isinstance(item, Mapping)) and item:
            start = len(lines)
            _mapping(item, indent + "  ", lines)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"
        else:
            _entry(f"{indent}-", item, indent, lines)


def _entry(lead: str, value: Any, indent: str, lines: list[str]) -> None:
    if isinstance(value, (Shared, SharedItems)) and value:
        lines += lead, value.written(indent + "  ")
    elif isinstance(value, (list, tuple)):
        lines.append(lead if value else f"{lead} []")
        _sequence(value, indent + "  ", lines)
    elif isinstance(value, (dict, Mapping)):
        lines.append(lead if value else f"{lead} {{}}")
        _mapping(value, indent + "  ", lines)
    elif isinstance(value, str) and "\n" in value:
        _text(lead, value, indent + "  ", lines)
    else:
        lines.append(f"{lead} {_scalar(value)}")


def _text(lead: str, value: str, indent: str, lines: list[str]) -> None:
    """A text of several lines: a block where that keeps every character, otherwise quoted."""
    body = value.removesuffix("\n")
    rows = body.split("\n")
    # Rows must not begin or end with what a block would take for its own: spaces, or no text at all.
    framed = body[:1] not in ("", " ", "\n") and body[-1] not in " \n" and " \n" not in body
    if framed and "".join(rows).isprintable():
        gap = f"\n{indent}"
        block = gap.join(["", *rows])
        lines.append(f"{lead} {'|' if body != value else '|-'}{_TRAILING.sub('', block) if '' in rows else block}")
    else:
        lines.append(f"{lead} {_string(value)}")


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return _float(value)
    raise BugError(f"cannot write {value!r} as YAML")


def _float(value: float) -> str:
    text = repr(value)
    if "e" in text and "." not in text:  # YAML 1.1 takes 1e-07 for text
        mantissa, exponent = text.split("e")
        return f"{mantissa}.0e{exponent}"
    return text


@lru_cache(maxsize=65536)
def _string(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
