"""The compiled schema of a fleet, and what it says about a path: which keys, which type, what is required."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from generator import resources
from generator.core.finding import Path

Json = Mapping[str, Any]


class Shapes:
    """One schema. Shapes are its parts with references followed; `{}` is the shape of what may be anything."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema: Json = schema
        self._validator = jsonschema_rs.Draft202012Validator(schema)

    def accepts(self, data: Any) -> bool:
        """Whether the data is valid."""
        return self._validator.is_valid(data)

    def errors(self, data: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """Everything that is not."""
        return self._validator.iter_errors(data)

    def at(self, path: Path) -> Json:
        """The shape of the value at a path."""
        shape = self._schema
        for step in path:
            shape = self._followed(_below(shape, step))
        return shape

    def requires(self, path: Path) -> bool:
        """Whether the parent cannot be without the last step of a path."""
        return bool(path) and path[-1] in self.at(path[:-1]).get("required", ())

    def owners(self, key: str) -> tuple[str, ...]:
        """The kinds of objects that have this key, in small letters."""
        definitions = self._schema.get("$defs", {})
        return tuple(sorted(name.lower() for name, shape in definitions.items() if key in shape.get("properties", {})))

    def _followed(self, shape: Json) -> Json:
        if "$ref" not in shape:
            return shape
        target = self._schema["$defs"][shape["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in shape.items() if key != "$ref"}}


@cache
def fleet_shapes() -> Shapes:
    """The shapes of schemas/fleet.schema.json."""
    text = (resources.schemas() / "fleet.schema.json").read_text(encoding="utf-8")
    return Shapes(json.loads(text))


def value_at(data: Any, path: Path) -> Any:
    """The value at a path of plain data that has it."""
    for step in path:
        data = data[step]
    return data


def _below(shape: Json, step: str | int) -> Json:
    if isinstance(step, int):
        below = shape.get("items")
    else:
        below = shape.get("properties", {}).get(step, shape.get("additionalProperties"))
    return below if isinstance(below, dict) else {}
