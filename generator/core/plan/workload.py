"""The neutral description of what a placement runs. Engines write it, targets read it, and neither knows the other."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.secret_role import SecretRole

FILES_FOLDER = "/files"
"""Where a container has the files that the spec ships."""


@frozen
class SecretRef:
    """A secret by reference, resolved for both worlds: `env` for Compose, `secret`/`key` for Kubernetes."""

    env: str
    secret: str
    key: str


@frozen
class SecretUse:
    """What a secret is for, where the spec names it, and what its value looks like, for whoever creates it.

    `form` and `prefix`, which the value begins with, may be empty.
    """

    purpose: str
    role: SecretRole
    path: Path
    form: str = ""
    prefix: str = ""


@frozen
class ImageRef:
    """A container image. `reference` is what a runtime pulls; the digest wins over the tag."""

    repository: str
    tag: str
    digest: str = ""

    @property
    def reference(self) -> str:
        """`repository:tag` or `repository@digest`."""
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"


@frozen
class SourcePlan:
    """Where weights come from: the spec's key, and as `ref` the repository, host path, `claim/folder`, URL or tag."""

    kind: str
    ref: str
    revision: str = ""
    token: SecretRef | None = None


@frozen
class Port:
    """A named container port."""

    name: str
    number: int


@frozen
class Probe:
    """A health check as an intent: `http` asks a path on a named port, `exec` runs a command in the container."""

    kind: Literal["http", "exec"]
    path: str = ""
    port: str = ""
    command: tuple[str, ...] = ()


@frozen
class ProbeTiming:
    """How patient the probes are, all in seconds. `startup_s` covers download, load and compilation."""

    startup_s: int
    period_s: int = 10
    timeout_s: int = 5
    failures: int = 5


@frozen
class Shutdown:
    """How a replica ends, in seconds: wait for endpoints to go, drain, then the hard limit."""

    pre_stop_s: int
    drain_s: int
    grace_s: int


@frozen
class Volume:
    """Storage of a workload.

    `cache` may be lost and keeps downloads (`size_gib` of it); `shared` is one of a placement that stays, for all its
    replicas at once, of the storage class `ref`; `memory` is a tmpfs of `size_gib`; `scratch` is an empty
    writable folder; `host` and `claim` exist already under `ref` (a host path, or `claim/folder`), mounted read-only.
    `files` is the folder of the workload's files, and `ref` a digest of them.
    """

    name: str
    kind: Literal["cache", "shared", "memory", "scratch", "host", "claim", "files"]
    size_gib: float = 0.0
    ref: str = ""


@frozen
class Mount:
    """A volume inside a container."""

    volume: str
    path: str
    read_only: bool = False
    sub_path: str = ""


@frozen
class Security:
    """Whom a container runs as. `user` and `group` are None where the image insists on root."""

    user: int | None = None
    group: int | None = None

    @property
    def non_root(self) -> bool:
        """Whether the container runs without root."""
        return self.user is not None and self.user != 0


@frozen
class ResourcePlan:
    """What one container asks for: CPU cores as text (`4`, `500m`), whole GPUs, memory and the node's disk in GiB.

    `memory_limit_gib` is where it is killed; 0 for no limit.
    """

    gpus: int = 0
    cpu: str = ""
    memory_gib: float = 0.0
    memory_limit_gib: float = 0.0
    disk_gib: float = 0.0

    @property
    def cpus(self) -> float:
        """CPU cores as a number."""
        return int(self.cpu[:-1]) / 1000 if self.cpu.endswith("m") else float(self.cpu or 0)


@frozen
class Container:
    """One container. `args` follow the image's entry point; `command` replaces it; env values are text or secrets."""

    name: str
    image: ImageRef
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: Mapping[str, str | SecretRef] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()


@frozen
class SharedWeights:
    """A claim that all replicas of a placement read: its storage class, its size, and how long filling it may take."""

    storage_class: str
    size_gib: float
    fetch_s: int


@frozen
class Workload:
    """What a placement runs.

    `init` containers end before `main` starts; `one_shot` containers run once beside a healthy `main`, share its
    volumes and reach it on 127.0.0.1 (Ollama's pull). `jobs` run once for all replicas, fill volumes that these share,
    and may take `jobs_s` seconds. `served_names` are the names the engine answers to, the first one
    first. `files` are the user's own by name, which `main` has in a volume of the kind `files`. The metrics name the
    gauges of requests in progress and in the queue, empty where the engine has none.
    """

    engine: str
    main: Container
    ports: tuple[Port, ...]
    probe: Probe
    liveness: Probe
    timing: ProbeTiming
    shutdown: Shutdown
    resources: ResourcePlan
    security: Security
    volumes: tuple[Volume, ...]
    served_names: tuple[str, ...]
    init: tuple[Container, ...] = ()
    one_shot: tuple[Container, ...] = ()
    jobs: tuple[Container, ...] = ()
    jobs_s: int = 0
    metrics_path: str = ""
    running_metric: str = ""
    waiting_metric: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def port(self) -> Port:
        """The port that serves requests."""
        return self.ports[0]


@frozen
class ServingRequest:
    """Everything an engine may know when it describes its workload. All decided; units in the names.

    `path` is the placement's spec path and `at` maps a setting (`context`, `engine`, ...) to the nearest written spec
    path, for findings. `gpu` is a catalogue name, empty on CPU. `weights_gib`, `heads` and `max_context` are 0 where
    the catalogue does not know the model; `family` is its `model_type`, empty where unknown. `args` are the user's,
    without dashes. `api_key` is what callers must send. `files` are shipped by their name; `own_image`: nobody knows
    what the image holds, which is not the engine's own. `batched_tokens` and `utilization` (a share of the GPU's
    memory) are 0 where the engine decides; `driver` is the branch of the nodes' driver, 0 where nobody said it.
    `shared` is where the replicas have their weights together, None where each has its own.
    """

    path: Path
    at: Mapping[str, Path]
    model: str
    placement: str
    kubernetes: bool
    task: str
    source: SourcePlan
    version: str
    image: ImageRef
    args: Mapping[str, bool | int | float | str | tuple[str, ...]]
    env: Mapping[str, str | SecretRef]
    quantization: str
    context: int
    concurrency: int
    tensor_parallel: int
    gpus: int
    gpu: str
    weights_gib: float
    max_context: int
    api_key: SecretRef | None
    timing: ProbeTiming
    shutdown: Shutdown
    resources: ResourcePlan
    cache_gib: float
    shm_gib: float
    batched_tokens: int = 0
    utilization: float = 0.0
    files: Mapping[str, bytes] = field(default_factory=dict)
    own_image: bool = False
    family: str = ""
    driver: int = 0
    shared: SharedWeights | None = None
