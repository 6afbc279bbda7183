"""The schemas: good for editors, one source with the types, and never more generous than they are."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from generator.clouds import CLOUDS
from generator.core.finding import Findings
from generator.core.spec import Fleet
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from generator.load.fleet import load_fleet
from generator.load.shapes import Shapes
from generator.load.shorthands import expand
from generator.schemas import fleet_schema, overlay_schema
from generator.validate.validate import construct
from tests.rules.cases import BASE

FLEET, OVERLAY = fleet_schema(), overlay_schema()
SHAPES = Shapes(FLEET)
ODD: list[Any] = [
    None,
    True,
    0,
    1,
    1.0,
    -1,
    2.5,
    10**30,
    "",
    "x",
    "30",
    "30s",
    "30s\n",
    "1Gi",
    "a\x00b",
    "\x1f",
    [],
    [1],
    {},
    {"": 1},
]


def nodes(schema: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Every schema inside a schema."""
    if isinstance(schema, dict):
        yield path, schema
        for key in ("properties", "$defs"):
            for name, below in schema.get(key, {}).items():
                yield from nodes(below, (*path, key, name))
        for key in ("items", "additionalProperties", "propertyNames"):
            yield from nodes(schema.get(key), (*path, key))


@pytest.mark.parametrize("schema", [FLEET, OVERLAY], ids=["fleet", "overlay"])
def test_the_schema_is_one(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("schema", [FLEET, OVERLAY], ids=["fleet", "overlay"])
def test_there_are_no_unions_and_no_open_objects(schema):
    for path, node in nodes(schema):
        assert not {"anyOf", "oneOf", "allOf", "not", "patternProperties"} & node.keys(), path
        if "properties" in node:
            assert node["additionalProperties"] is False, path


def test_every_field_says_what_it_is_and_what_it_changes():
    silent = [
        path
        for path, node in nodes(FLEET)
        if path[-2:-1] == ("properties",) and "\n\nChanges " not in node.get("description", "")
    ]
    assert silent == []


def test_choices_come_from_the_registries():
    definitions = FLEET["$defs"]
    assert definitions["Cluster"]["properties"]["platform"]["enum"] == sorted(CLOUDS)
    assert definitions["Engine"]["properties"]["name"]["enum"] == sorted(ENGINES)
    assert definitions["Gateway"]["properties"]["kind"]["enum"] == sorted(GATEWAYS)


def test_defaults_and_examples_are_valid():
    wrong = [
        (path, value)
        for path, node in nodes(FLEET)
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]
        if not jsonschema.Draft202012Validator({**node, "$defs": FLEET["$defs"]}).is_valid(value)
    ]
    assert wrong == []


def test_an_overlay_requires_nothing_but_what_lists_hold():
    outside = jsonschema.Draft202012Validator(OVERLAY)
    good = ["{}", "name: null", "models: {chat: null}", "models: {chat: {placements: {a: {replicas: {max: 3}}}}}"]
    good += ["clusters: {a: {endpoint: {key: {env: null}}}}", "routes: {chat: {tiers: [[{model: a}]]}}"]
    bad = ["contxt: 1", "routes: {chat: {tiers: [[{weight: 1}]]}}", "patches: [null]", "models: {chat: {context: x}}"]
    assert [text for text in good if not outside.is_valid(yaml.safe_load(text))] == []
    assert [text for text in bad if outside.is_valid(yaml.safe_load(text))] == []


def _below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The types that a type is made of."""
    waiting = [field.annotation for field in kind.model_fields.values()]
    while waiting:
        found = waiting.pop()
        if isinstance(found, type) and issubclass(found, BaseModel):
            yield found
            yield from _below(found)
        waiting.extend(get_args(found))


@cache
def definition(name: str) -> st.SearchStrategy[Any]:
    """Values of a definition; one strategy for all examples, since each that is made stays for the whole run."""
    return st.deferred(lambda: strategy(FLEET["$defs"][name]))


def strategy(node: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly valid values of a schema, with odd ones in between."""
    if "$ref" in node:
        return definition(node["$ref"].rpartition("/")[2])
    if "enum" in node or "const" in node:
        return st.sampled_from(node.get("enum", [node.get("const")]))
    kinds = node.get("type", "object")
    return st.one_of([_typed(kind, node) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _typed(kind: str, node: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "string":
        return st.from_regex(node["pattern"]) if "pattern" in node else st.text(max_size=5)
    if kind == "integer":
        low, high = node.get("minimum", 0), node.get("maximum", 99)
        return st.one_of(st.integers(low, high), st.sampled_from([float(low), low - 1, high + 1]))
    if kind == "array":
        return st.lists(strategy(node.get("items", {})), max_size=3)
    if kind == "object":
        return _object(node)
    return {"boolean": st.booleans(), "number": st.floats(allow_nan=False, allow_infinity=False)}[kind]


def _object(node: dict[str, Any]) -> st.SearchStrategy[Any]:
    odd = st.sampled_from(ODD)
    if "properties" not in node:
        values = node.get("additionalProperties")
        names = st.text("ab-\n", max_size=3)
        return st.dictionaries(names, strategy(values) if isinstance(values, dict) else odd, max_size=2)
    fields = {name: st.one_of(*[strategy(below)] * 9, odd) for name, below in node["properties"].items()}
    required = set(node.get("required", ()))
    return st.fixed_dictionaries(
        {name: fields[name] for name in required}, optional={name: fields[name] for name in fields.keys() - required}
    )


def some_definition() -> st.SearchStrategy[tuple[str, Any]]:
    names = sorted(FLEET["$defs"])
    return st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), definition(name)))


TYPES = {kind.__name__: kind for kind in [Fleet, *_below(Fleet)]}
# Where the types with shorthands stand, since a shorthand is declared by its path in the fleet.
PLACES = {
    "Cluster": ("clusters", "n"),
    "CloudCluster": ("clusters", "n", "cluster"),
    "CreatedCluster": ("clusters", "n", "cluster", "create"),
    "SystemPool": ("clusters", "n", "cluster", "create", "system"),
    "Pool": ("clusters", "n", "pools", "n"),
    "Model": ("models", "n"),
    "Route": ("routes", "n"),
    "Placement": ("models", "n", "placements", "n"),
    "Gateway": ("gateways", "n"),
}


def expanded(name: str, value: Any) -> Any:
    """The value as it is after loading."""
    path = PLACES.get(name, ())
    for step in reversed(path):
        value = {step: value}
    value = expand(value) if path else value
    for step in path:
        value = value[step]
    return value


def test_every_definition_has_its_type():
    assert TYPES.keys() - {"Fleet", "NodeRange", "PodRange", "Replicas"} == FLEET["$defs"].keys()


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(some_definition())
def test_what_the_schema_accepts_constructs(item):
    name, value = item
    value = expanded(name, value)
    if Shapes({**FLEET["$defs"][name], "$defs": FLEET["$defs"]}).accepts(value):
        assert isinstance(construct(value, TYPES[name]), TYPES[name])


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(some_definition())
def test_another_validator_agrees(item):
    name, value = item
    schema = {**FLEET["$defs"][name], "$defs": FLEET["$defs"]}
    # Python's `$` also matches before a final newline; the types and the compiled validator know better.
    if "\\n" not in json.dumps(value):
        assert Shapes(schema).accepts(value) == jsonschema.Draft202012Validator(schema).is_valid(value)


def test_the_types_and_the_schema_meet_in_the_base():
    loaded = load_fleet(BASE, "default", Findings())
    assert loaded is not None
    assert SHAPES.accepts(loaded.data)
    assert construct(loaded.data, Fleet).name == "acme"
