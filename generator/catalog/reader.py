"""The one reader of the catalogue. Files are read when first asked for; what they hold never changes in a run."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

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


@cache
def gpus() -> Mapping[str, GpuFacts]:
    """All GPUs by the name a spec uses."""
    return {
        key: GpuFacts(key, row["name"], row["memoryGib"], row["computeCapability"], row["source"], row["asOf"])
        for key, row in _load("gpus.yaml").items()
    }


@cache
def models() -> Mapping[str, ModelFacts]:
    """All models by source reference: the Hugging Face id, or `ollama:` and the tag."""
    return {
        key: ModelFacts(
            key,
            row["weightsGib"],
            row["weightsFrom"],
            row["attentionHeads"],
            row["kvHeads"],
            row["maxContext"],
            row["quantization"],
            row["source"],
            row["asOf"],
        )
        for key, row in _load("models.yaml").items()
    }


@cache
def instances(cloud: str) -> Mapping[str, InstanceFacts]:
    """The machine types of one cloud (`aws`)."""
    return {
        key: InstanceFacts(
            key,
            row["gpu"],
            row["gpus"],
            row["vcpus"],
            row["memoryGib"],
            frozenset(row["regions"]),
            row["source"],
            row["asOf"],
        )
        for key, row in _load(f"instances_{cloud}.yaml").items()
    }


@cache
def engine(name: str) -> EngineFacts:
    """One engine. `name` is one of the registry's."""
    raw = _load(f"engines/{name}.yaml")
    versions = {
        version: EngineVersion(
            version,
            row["tag"],
            {flag: kind if isinstance(kind, str) else tuple(kind) for flag, kind in row["flags"].items()},
            row["quantizations"],
            row["minCapability"],
            row["source"],
            row["asOf"],
        )
        for version, row in raw["versions"].items()
    }
    return EngineFacts(
        name,
        raw["title"],
        raw["repository"],
        frozenset(raw["tasks"]),
        frozenset(raw["sources"]),
        raw["needsGpu"],
        raw.get("maintenance", ""),
        versions,
    )


@cache
def gateway(kind: str) -> GatewayFacts:
    """One gateway kind. `kind` is one of the registry's."""
    raw = _load(f"gateways/{kind}.yaml")
    table = {key: Capability(key, row["level"], row["how"]) for key, row in raw["capabilities"].items()}
    return GatewayFacts(
        kind,
        raw["repository"],
        raw["version"],
        raw["tag"],
        raw["refused"],
        raw["environment"],
        table,
        raw["source"],
        raw["asOf"],
    )


def _load(name: str) -> Any:
    with (resources.catalog() / name).open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
