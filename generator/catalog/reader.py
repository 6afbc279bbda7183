"""The one reader of the catalogue. Files are read when first asked for; what they hold never changes in a run."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import yaml
from pydantic.alias_generators import to_camel

from generator import resources
from generator.catalog.facts import (
    Capability,
    EngineFacts,
    EngineVersion,
    GatewayFacts,
    GpuFacts,
    InstanceFacts,
    ModelFacts,
)

Facts = TypeVar("Facts")


@cache
def gpus() -> Mapping[str, GpuFacts]:
    """All GPUs by the name a spec uses."""
    return {key: _facts(GpuFacts, row, id=key) for key, row in _load("gpus.yaml").items()}


@cache
def models() -> Mapping[str, ModelFacts]:
    """All models by source reference: the Hugging Face id, or `ollama:` and the tag."""
    return {key: _facts(ModelFacts, row, id=key) for key, row in _load("models.yaml").items()}


@cache
def instances(cloud: str) -> Mapping[str, InstanceFacts]:
    """The machine types of one cloud (`aws`)."""
    rows = _load(f"instances_{cloud}.yaml").items()
    return {key: _facts(InstanceFacts, row, type=key, regions=frozenset(row["regions"])) for key, row in rows}


@cache
def engine(name: str) -> EngineFacts:
    """One engine. `name` is one of the registry's."""
    raw = _load(f"engines/{name}.yaml")
    return _facts(
        EngineFacts,
        raw,
        name=name,
        tasks=frozenset(raw["tasks"]),
        sources=frozenset(raw["sources"]),
        maintenance=raw.get("maintenance", ""),
        versions={version: _engine_version(version, row) for version, row in raw["versions"].items()},
    )


def _engine_version(version: str, row: Mapping[str, Any]) -> EngineVersion:
    flags = {flag: kind if isinstance(kind, str) else tuple(kind) for flag, kind in row["flags"].items()}
    return _facts(EngineVersion, row, version=version, flags=flags)


@cache
def gateway(kind: str) -> GatewayFacts:
    """One gateway kind. `kind` is one of the registry's."""
    raw = _load(f"gateways/{kind}.yaml")
    table = {key: _facts(Capability, row, behaviour=key) for key, row in raw["capabilities"].items()}
    return _facts(GatewayFacts, raw, kind=kind, capabilities=table)


def _facts(cls: type[Facts], row: Mapping[str, Any], /, **given: Any) -> Facts:
    """A row of data as a value: each field is `given`, or stands in the row under its name in camelCase."""
    return cls(**{name: row[to_camel(name)] for name in cls.__annotations__ if name not in given}, **given)


def _load(name: str) -> Any:
    with (resources.catalog() / name).open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
