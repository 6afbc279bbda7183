"""Writes catalogue files so that a review sees what changed: an entry that says the same keeps its very text."""

import re
import textwrap
from typing import Any

import yaml

from generator.catalog.table import parse

_ENTRY = re.compile(r"^([^\s#].*):[ ]*$", re.MULTILINE)
_WRAP = textwrap.TextWrapper(
    120, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
)


def rewritten(text: str, rows: dict[str, Any]) -> str:
    """The file with these entries, sorted by name, below the comment that it begins with."""
    entries = list(_ENTRY.finditer(text))
    ends = [*(entry.start() for entry in entries[1:]), len(text)][: len(entries)]
    texts = {entry[1]: text[entry.start() : end] for entry, end in zip(entries, ends, strict=True)}
    head = text[: entries[0].start()] if entries else text
    same = {key for key, value in texts.items() if key in rows and parse(value)[key] == rows[key]}
    return head + "".join(texts[key] if key in same else _entry(key, rows[key]) for key in sorted(rows))


def _entry(key: str, row: Any) -> str:
    if isinstance(row, list):
        lists = ["\n".join(f"    {name}: {_flow(value)}" for name, value in _ordered(item)) for item in row]
        return f"{key}:\n" + "".join(f"  - {text[4:]}\n" for text in lists)
    lines = []
    for name, value in sorted(row.items()):
        line = f"  {name}: {_flow(value)}"
        lines += _WRAP.wrap(line.strip()) if name == "regions" else [line]
    return f"{key}:\n" + "".join(f"{line}\n" for line in lines)


def _ordered(published: dict[str, Any]) -> list[tuple[str, Any]]:
    order = ("asOf", "source", "onDemand", "spot")
    return sorted(published.items(), key=lambda item: order.index(item[0]))


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), sort_keys=True, allow_unicode=True)
    return text.removesuffix("...\n").strip()
