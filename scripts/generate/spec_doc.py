"""Writes docs/spec.md: every field of the spec with its type, default and what it changes, out of the spec types."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from generator.clouds import CLOUDS
from generator.core.spec import Fleet, ModelSettings
from generator.core.spec.base import Cpu, Duration, EnvName, Port, Size, Url
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from scripts.install.environment import ROOT

TARGET = ROOT / "docs" / "spec.md"

HEAD = """# The spec, field by field

Generated from the types in `generator/core/spec`; `make update` rewrites it. The same types make
`schemas/fleet.schema.json`, which an editor uses for completion: `gen schema` prints it.

`NAME` stands for a name you choose. A field without a default is required. Where a type is used in several places
it has rows of its own at the end, such as *secret* in `secret.env`. `defaults`, a model and each of its placements
take the same *settings*: a placement's word wins over the model's, and the model's over `defaults`, key by key.

An overlay `fleet.<environment>.yaml` beside `fleet.yaml` may hold any part of the same tree: maps merge, lists
replace, `null` removes.

Units: a duration is `250ms`, `30s`, `15m` or `1h`; a size is `512Mi`, `16Gi` or `1Ti`; CPU is in cores, `4` or
`500m`.

| field | type | default | meaning | what it changes |
|---|---|---|---|---|
"""

Schema = Mapping[str, Any]
_KNOWN: dict[str, str] = {
    json.dumps(TypeAdapter(kind).json_schema(), sort_keys=True): name
    for name, kind in {
        "duration": Duration,
        "size": Size,
        "URL": Url,
        "variable name": EnvName,
        "port": Port,
        "cores": Cpu,
    }.items()
}
_REGISTRIES: dict[tuple[str, str], Mapping[str, str]] = {
    ("Cluster", "platform"): CLOUDS,
    ("Engine", "name"): ENGINES,
    ("Gateway", "kind"): GATEWAYS,
}
_SETTINGS = frozenset(field.alias or name for name, field in ModelSettings.model_fields.items())
_WORDS = {"BackendRef": "backend", "ModelSettings": "settings"}
_SHAPE = ("type", "pattern", "minLength", "maxLength", "minimum", "maximum", "enum", "const", "items")


class Spec:
    """The spec's JSON Schema, walked the way a reader thinks of it: from the top, each shared type told once."""

    def __init__(self) -> None:
        root = Fleet.model_json_schema()
        self._types: dict[str, Schema] = {**root["$defs"], "Fleet": root}
        uses = Counter(
            used
            for name in self._types
            for field, schema in self._own(name)
            for used in set(_references(schema))
            if used != "ModelSettings"
        )
        self._shared = {name for name, count in uses.items() if count > 1} | {"ModelSettings"}

    def rows(self) -> Iterator[tuple[str, ...]]:
        """One row a field: path, type, default, meaning, change."""
        yield from self._below("Fleet", "")
        yield from self._below("ModelSettings", "settings.")
        for name in sorted(self._shared - {"ModelSettings"}):
            yield from self._below(name, f"{_word(name)}.")

    def _own(self, name: str) -> Iterator[tuple[str, Schema]]:
        inherited = _SETTINGS if name in {"Model", "Placement"} else frozenset[str]()
        for field, schema in self._types[name]["properties"].items():
            if field not in inherited:
                yield field, _plain(schema)

    def _below(self, name: str, prefix: str) -> Iterator[tuple[str, ...]]:
        required = self._types[name].get("required", ())
        for field, schema in self._own(name):
            path = f"{prefix}{field}"
            yield self._row(path, schema, name, required=field in required)
            yield from self._inside(path, schema)
        if name in {"Model", "Placement"}:
            yield f"`{prefix}`…", "*settings*", "", "Any field of `settings` below.", "as told there"

    def _inside(self, path: str, schema: Schema) -> Iterator[tuple[str, ...]]:
        """The fields below a field, unless its type is told elsewhere."""
        inner, step = schema, ""
        while "items" in inner or _values(inner):
            step += "[]" if "items" in inner else ".NAME"
            inner = inner["items"] if "items" in inner else _values(inner)
        if "$ref" in inner and _referred(inner) not in self._shared:
            yield from self._below(_referred(inner), f"{path}{step}.")
        elif "properties" in inner:
            for field, below in inner["properties"].items():
                yield self._row(f"{path}{step}.{field}", _plain(below), "", required=field in inner["required"])

    def _row(self, path: str, schema: Schema, owner: str, *, required: bool) -> tuple[str, ...]:
        registry = _REGISTRIES.get((owner, path.rpartition(".")[2]))
        kind = _choices(registry) if registry else self._kind(schema)
        default = "**required**" if required else _default(schema)
        return (
            f"`{path}`",
            kind,
            default,
            schema["description"],
            schema["x-changes"],
        )

    def _kind(self, schema: Schema) -> str:
        known = _KNOWN.get(json.dumps({key: schema[key] for key in _SHAPE if key in schema}, sort_keys=True))
        kind = known or _scalar(schema)
        if "$ref" in schema:
            kind = f"*{_word(_referred(schema))}*" if _referred(schema) in self._shared else "map"
        elif "enum" in schema or "const" in schema:
            kind = _choices(schema.get("enum") or [schema["const"]])
        elif "items" in schema:
            kind = f"list of {self._kind(_plain(schema['items']))}"
        elif _values(schema):
            inner = self._kind(_plain(_values(schema)))
            kind = "map" if inner == "map" else f"map of {inner}"
        elif "anyOf" in schema:
            kind = " or ".join(self._kind(one) for one in schema["anyOf"])
        return kind


def _values(schema: Schema) -> Schema:
    """The schema of the values of a map with free names; empty for anything else."""
    for values in (schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()):
        if isinstance(values, dict):
            return values
    return {}


def _scalar(schema: Schema) -> str:
    kind = schema.get("type", "anything")
    if not isinstance(kind, str):
        return "text or map" if "string" in kind else "number or map"
    words = {"string": "text", "object": "map", "boolean": "true or false", "number": "decimal"}
    limits = [str(schema[key]) for key in ("minimum", "maximum") if key in schema]
    return words.get(kind, kind) + (
        f" {' to '.join(limits)}" if len(limits) == 2 else f" from {limits[0]}" if limits else ""
    )


def _plain(schema: Schema) -> Schema:
    """A field's schema without the `null` that stands for "not written"."""
    branches = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return (
        {**{key: value for key, value in schema.items() if key != "anyOf"}, **branches[0]}
        if len(branches) == 1
        else schema
    )


def _references(schema: Schema) -> Iterator[str]:
    for key, value in schema.items():
        if key == "$ref":
            yield _referred(schema)
        elif isinstance(value, dict):
            yield from _references(value)


def _referred(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _word(name: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return _WORDS.get(name, words)


def _choices(names: Any) -> str:
    return ", ".join(f"`{name}`" if name else "empty" for name in names)


def _default(schema: Schema) -> str:
    value = schema.get("default")
    return "" if value in (None, "", [], {}) else f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def text() -> str:
    """The whole page."""
    rows = ("| " + " | ".join(_cell(cell) for cell in row) + " |\n" for row in Spec().rows())
    return HEAD + "".join(rows)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8", newline="\n")
