"""The compiled schema of a fleet, and what it says about a path: which keys, which type, what is required."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from generator import resources
from generator.core.finding import Path

Json = Mapping[str, Any]
FREE: Json = {"title": "what may be anything"}
UNKNOWN: Json = {"title": "what the schema does not know"}


class Shapes:
    """One schema. Shapes are its parts with references followed; `{}` is the shape of what may be anything."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema: Json = schema
        self._known: dict[int, Json] = {}
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
            shape = self.followed(_below(shape, step))
        return shape

    def below(self, shape: Json, key: str) -> tuple[Json, bool]:
        """The shape of a mapping's value, `FREE` or `UNKNOWN` where there is none, and whether it has this very key."""
        if shape is FREE or shape is UNKNOWN:
            return shape, False
        if key in shape.get("properties", {}):
            return self.followed(shape["properties"][key]), True
        others = shape.get("additionalProperties", "object" in shape.get("type", "") and "properties" not in shape)
        if isinstance(others, dict):
            return self.followed(others), False
        return (FREE if others else UNKNOWN), False

    def item(self, shape: Json) -> Json:
        """The shape of a list's items."""
        if shape is FREE:
            return shape
        return self.followed(shape["items"]) if isinstance(shape.get("items"), dict) else UNKNOWN

    def is_structure(self, shape: Json) -> bool:
        """Whether it has keys of its own, so that a key before it is only a name: a model called `token`."""
        items = shape.get("items")
        return "properties" in shape or (isinstance(items, dict) and self.is_structure(self.followed(items)))

    def is_secret(self, shape: Json) -> bool:
        """Whether a secret stands there, by reference."""
        return shape.get("title") == "Secret"

    def maps_secrets(self, shape: Json) -> bool:
        """Whether this is a map of secrets by names that people give."""
        below = shape.get("additionalProperties")
        return isinstance(below, dict) and self.is_secret(self.followed(below))

    def requires(self, path: Path) -> bool:
        """Whether the parent cannot be without the last step of a path."""
        return bool(path) and path[-1] in self.at(path[:-1]).get("required", ())

    def owners(self, key: str) -> tuple[str, ...]:
        """The kinds of objects that have this key, in small letters."""
        definitions = self._schema.get("$defs", {})
        return tuple(sorted(name.lower() for name, shape in definitions.items() if key in shape.get("properties", {})))

    def followed(self, shape: Json) -> Json:
        """The shape itself, or the definition that it refers to, the same object each time."""
        if "$ref" not in shape:
            return shape
        if id(shape) not in self._known:
            target = self._schema["$defs"][shape["$ref"].rpartition("/")[2]]
            self._known[id(shape)] = {**target, **{key: value for key, value in shape.items() if key != "$ref"}}
        return self._known[id(shape)]


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
