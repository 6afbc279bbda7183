"""Builds the JSON Schemas in schemas/ from the spec types. Editors and `gen validate` read the same file."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator import HOME
from generator.clouds import CLOUDS
from generator.core.spec import Fleet
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from generator.render.emit import json_text
from generator.render.plan import entries as plan
from generator.targets.cost import table
from generator.targets.routes import table as route_table

Json = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCHEMAS = f"{HOME}/schemas"
# Core types hold these as text, because core knows no registry: definition, property -> names.
_CHOICES = {
    ("Cluster", "platform"): CLOUDS,
    ("Engine", "name"): ENGINES,
    ("Gateway", "kind"): GATEWAYS,
}
# Definitions of which exactly one key is given: told by counting, since a union of them would give poor errors.
_EXACTLY_ONE = ("Secret",)
_PRIMITIVES = {"boolean", "integer", "number", "string", "array"}


def fleet_schema() -> Json:
    """The schema of a fleet spec: closed objects, no unions, descriptions that say what a field changes.

    `gen` itself validates with it.
    """
    schema = {"$schema": _DIALECT, "$id": _id("fleet"), **_tidied(Fleet.model_json_schema())}
    for (definition, name), registry in _CHOICES.items():
        field = schema["$defs"][definition]["properties"][name]
        field["enum"] = sorted(registry)
        field.pop("minLength", None)
        field.pop("pattern", None)
    for definition in _EXACTLY_ONE:
        schema["$defs"][definition] |= {"minProperties": 1, "maxProperties": 1}
    return schema


def overlay_schema() -> Json:
    """The schema of an overlay: nothing is required outside of lists, and `null` removes a key."""
    fleet = fleet_schema()
    strict = fleet.pop("$defs")
    relaxed = {f"{name}Overlay": _relaxed(definition) for name, definition in strict.items()}
    schema = {
        **_relaxed(fleet),
        "$id": _id("overlay"),
        "title": "Overlay",
        "description": "Changes to a fleet.",
        "type": "object",
    }
    return {**schema, "$defs": _reachable(schema, {**strict, **relaxed})}


def schema_files() -> Mapping[str, str]:
    """What stands in schemas/, by file name, as far as it is built from the spec and the files we write."""
    return {
        "cost.schema.json": json_text(table.schema(_id("cost"))),
        "fleet.schema.json": json_text(fleet_schema()),
        "overlay.schema.json": json_text(overlay_schema()),
        "plan.schema.json": json_text(plan.schema(_id("plan"))),
        "route-table.schema.json": json_text(route_table.schema(_id("route-table"))),
    }


def _id(name: str) -> str:
    return f"{_SCHEMAS}/{name}.schema.json"


def _tidied(node: Any) -> Any:
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = _without_union(node)
    if "patternProperties" in node:
        ((pattern, values),) = node.pop("patternProperties").items()
        node["propertyNames"] = {**node.get("propertyNames", {}), "pattern": pattern}
        node["additionalProperties"] = values
    if "properties" in node:
        node["properties"] = {key: _field(value) for key, value in node["properties"].items()}
    literal = ("default", "examples", "enum", "const", "properties")
    return {key: value if key in literal else _tidied(value) for key, value in node.items()}


def _field(field: Json) -> Json:
    """A property: its generated title goes, what it changes joins the description."""
    tidy: Json = _tidied(field)
    tidy.pop("title", None)
    changes = tidy.pop("x-changes", "")
    if changes:
        tidy["description"] = f"{tidy.get('description', '')}\n\nChanges {changes}."
    return tidy


def _without_union(node: Json) -> Json:
    """`anyOf` with null becomes the other branch; plain types become a list of types, whose keywords do not clash."""
    branches = [branch for branch in node.get("anyOf", []) if branch != {"type": "null"}]
    if not branches:
        return dict(node)
    rest = {key: value for key, value in node.items() if key != "anyOf" and not (key == "default" and value is None)}
    if len(branches) == 1:
        return {**branches[0], **rest}
    types = [branch.get("type") for branch in branches]
    if not _PRIMITIVES.issuperset(types):
        raise TypeError(f"a union of {types} would give poor errors; use a key that discriminates")
    merged: Json = {key: value for branch in branches for key, value in branch.items()}
    return {**merged, "type": types, **rest}


def _relaxed(node: Json) -> Json:
    """A definition for overlays. Lists replace as a whole, so what stands in them stays strict."""
    out = {
        key: value
        for key, value in node.items()
        if key not in ("required", "default", "minProperties", "maxProperties")
    }
    if "$ref" in out:
        out["$ref"] += "Overlay"
    for name in ("properties", "$defs"):
        if name in out:
            out[name] = {key: _relaxed(value) for key, value in out[name].items()}
    if isinstance(out.get("additionalProperties"), dict):
        out["additionalProperties"] = _relaxed(out["additionalProperties"])
    if "const" in out:
        out["enum"] = [out.pop("const")]
    if "enum" in out:
        out["enum"] = [*out["enum"], None]
    if "type" in out:
        types = out["type"] if isinstance(out["type"], list) else [out["type"]]
        out["type"] = [*types, "null"]
    return out


def _reachable(schema: Json, definitions: Json) -> Json:
    reachable: Json = {}
    waiting = [*_references(schema)]
    while waiting:
        name = waiting.pop()
        if name not in reachable:
            reachable[name] = definitions[name]
            waiting.extend(_references(definitions[name]))
    return dict(sorted(reachable.items()))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _references(value)
