"""What the catalogue knows, as frozen values. Every fact carries its source and date."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """A GPU. `memory_gib` is what a driver reports as usable; `compute_capability` as NVIDIA counts (8.9)."""

    id: str
    name: str
    memory_gib: float
    compute_capability: float
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model. `weights_gib` is the size of all weights; `max_context` is in tokens."""

    id: str
    weights_gib: float
    weights_from: str
    attention_heads: int
    kv_heads: int
    max_context: int
    quantization: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """A cloud machine with whole GPUs."""

    type: str
    gpu: str
    gpus: int
    vcpus: int
    memory_gib: float
    regions: frozenset[str]
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """One version of an engine.

    `flags` maps its arguments, without dashes (for Ollama its environment variables), to their kind: `boolean`,
    `switch`, `integer`, `size`, `number`, `text`, `json`, `list`, or the tuple of choices. `quantizations` maps the
    spec's word to the engine's argument value, empty where the engine reads it from the weights; `min_capability` maps
    it to the lowest compute capability that runs it.
    """

    version: str
    tag: str
    flags: Mapping[str, str | tuple[str, ...]]
    quantizations: Mapping[str, str]
    min_capability: Mapping[str, float]
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """An engine: what it serves and loads in any version, its image, and the versions we know, newest first.

    `title` is its name as people write it. `default_concurrency` is how many requests a replica on GPUs runs at once
    when nobody says. `maintenance` says since when its project is in maintenance, and is empty where it is not.
    """

    name: str
    title: str
    repository: str
    tasks: frozenset[str]
    sources: frozenset[str]
    needs_gpu: bool
    default_concurrency: int
    maintenance: str
    versions: Mapping[str, EngineVersion]

    @property
    def newest(self) -> EngineVersion:
        """The version used when the spec names none."""
        return next(iter(self.versions.values()))


@dataclass(frozen=True, slots=True)
class Capability:
    """What a gateway makes of one behaviour: `exact`, `approximated` or `not-possible`, and how."""

    behaviour: str
    level: str
    how: str


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """A gateway kind: its image, the version we render for, and its capability table.

    `tag` is a pattern over `{version}`; `refused` maps a version to why it must not run. `environment` is what its
    container needs; `{backoffBase}` and `{backoffMax}` stand for seconds.
    """

    kind: str
    repository: str
    version: str
    tag: str
    refused: Mapping[str, str]
    environment: Mapping[str, str]
    capabilities: Mapping[str, Capability]
    source: str
    as_of: str
