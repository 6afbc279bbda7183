"""How a plan document is written: sorted, and one decision a line, so that two changes meet where they disagree."""

import json
from collections.abc import Mapping
from typing import Any

from generator.render.document import Document
from generator.render.plan.rows import Row


def text(document: Document) -> str:
    """JSON with a final newline. Entries of one line stand in one line, all else is indented."""
    return _written(document, "\n") + "\n"


def _written(value: Any, margin: str) -> str:
    deeper = f"{margin}  "
    if isinstance(value, Document) and not isinstance(value, Row):
        value = {str(field.alias): getattr(value, name) for name, field in type(value).model_fields.items()}
    if isinstance(value, Mapping) and value:
        lines = [f"{deeper}{_plain(key)}: {_written(value[key], deeper)}" for key in sorted(value)]
        return "{" + ",".join(lines) + f"{margin}}}"
    if isinstance(value, list) and value:
        return "[" + ",".join(f"{deeper}{_written(item, deeper)}" for item in value) + f"{margin}]"
    return _plain(value.model_dump(by_alias=True) if isinstance(value, Row) else value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
