"""What the catalogue knows, as frozen values. Every fact carries its source and date."""

from collections.abc import Mapping
from dataclasses import field

from generator.catalog.architecture import Architecture
from generator.catalog.rope import PositionRules, Yarn
from generator.core.frozen import frozen
from generator.core.tasks import Api, Task


@frozen
class GpuFacts:
    """A GPU as one device. What is not known is 0, and `notes` says so.

    `memory_gib` is what a process sees as total, less than the `marketed_gb` on the box; `memory_from` says how it is
    known: from an `engine log`, `derived` from the driver's total, or `marketed`. `compute_capability` is as NVIDIA
    counts (8.9), 0 for others. Peak rates are dense, without sparsity, and those of 16 bit with 32-bit accumulation;
    `measured_tflops` is the best bf16 matrix product that was measured. `interconnect_gbs` is one direction, between
    two GPUs of a node: NVLink where the card has it, else PCIe. `unified` memory is shared with the CPU.
    `host` is the architecture of the CPUs that it is soldered to (`arm64`), empty where it goes into any machine.
    """

    id: str
    name: str
    memory_gib: float
    compute_capability: float
    source: str
    as_of: str
    memory_from: str = ""
    vendor: str = "nvidia"
    generation: str = ""
    marketed_gb: float = 0.0
    bandwidth_gbs: float = 0.0
    bf16_tflops: float = 0.0
    fp16_tflops: float = 0.0
    fp8_tflops: float = 0.0
    int8_tops: float = 0.0
    fp4_tflops: float = 0.0
    measured_tflops: float = 0.0
    interconnect: str = ""
    interconnect_gbs: float = 0.0
    unified: bool = False
    host: str = ""
    notes: str = ""


@frozen
class ModelFacts:
    """A model. `weights_gib` is the size of all weights, 0 where unknown; `weights_from` says how it is known.

    `base` is the model whose architecture this one has, where this is a fine-tune or a requantised upload of it.
    `architecture` is none where too little is known of it; `notes` says what. `gated`: its files are given only to
    accounts that accepted a licence, as far as is known.

    What its repository says beside dimensions: `model_type`, empty where it is not known; `yarn` is the scaling of
    positions that its makers have tried; `custom_code` has, by engine, the versions that need code of the
    repository (`every version`, `before 0.20.2`); `overrides` has, by task, what its configuration lacks, as JSON.
    """

    id: str
    weights_gib: float
    weights_from: str
    quantization: str
    architecture: Architecture | None
    source: str
    as_of: str
    base: str = ""
    notes: str = ""
    gated: bool = False
    model_type: str = ""
    yarn: Yarn | None = None
    custom_code: tuple[tuple[str, str], ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()

    @property
    def attention_heads(self) -> int:
        """Heads of the queries, which tensor parallelism must divide; 0 where unknown."""
        return self.architecture.heads if self.architecture else 0

    @property
    def kv_heads(self) -> int:
        """Heads of keys and values; 0 where unknown."""
        return self.architecture.kv_heads if self.architecture else 0

    @property
    def max_context(self) -> int:
        """The longest sequence the model was made for, in tokens; 0 where unknown."""
        return self.architecture.max_context if self.architecture else 0


@frozen
class ProviderFacts:
    """The company after whom an `api` is named, the `url` at which it answers, and the `tasks` it has a path for."""

    api: str
    url: str
    tasks: frozenset[Task]
    source: str
    as_of: str

    @property
    def addresses(self) -> tuple[str, str]:
        """The URL as people write it: with the API's version and without."""
        plain = self.url.removesuffix("/v1")
        return plain, f"{plain}/v1"


@frozen
class ProviderModelFacts:
    """A model that an external API serves, by `provider/id`. `task` is `chat` or `embed`; 0 where unknown.

    Prices are USD a million tokens; `cached_input_usd` is that of prompt tokens read from the provider's cache.
    `context_tokens` is the longest prompt, `modalities` what a prompt may hold.
    """

    id: str
    task: Task
    context_tokens: int
    modalities: tuple[str, ...]
    source: str
    as_of: str
    max_output_tokens: int = 0
    input_usd: float = 0.0
    output_usd: float = 0.0
    cached_input_usd: float = 0.0


@frozen
class Price:
    """What a machine costs in a region, in USD an hour. `way` is `onDemand` or `spot`."""

    region: str
    way: str
    usd_per_hour: float
    source: str
    as_of: str


@frozen
class InstanceFacts:
    """A cloud machine with whole GPUs.

    `accelerator` is the cloud's word for its GPU, where a pool has to name it. `sold_as` lists the ways of buying that
    are open, by the words of a pool's `capacity`; empty stands for all.
    """

    type: str
    gpu: str
    gpus: int
    vcpus: int
    memory_gib: float
    regions: frozenset[str]
    source: str
    as_of: str
    accelerator: str = ""
    sold_as: tuple[str, ...] = ()


@frozen
class NodeFacts:
    """What the nodes of a platform may have. `disk_types` begin with the one that the platform takes by itself.

    `local_ssds` come with the machine; `compact` is whether nodes can be put close together.
    """

    disk_types: tuple[str, ...]
    local_ssds: int
    compact: bool
    source: str
    as_of: str


@frozen
class PoolChangeFacts:
    """What a change of a root's variables does to a node group: `replace`, `recreate` or `in-place` by variable.

    `effects` says each of these in words: "the node group is ...". Where `compact_in_first_subnet`, the nodes of a
    compact group are all in the first of the cluster's subnets.
    """

    variables: Mapping[str, str]
    effects: Mapping[str, str]
    compact_in_first_subnet: bool
    source: str
    as_of: str


@frozen
class EngineVersion:
    """One version of an engine.

    `flags` maps its arguments, without dashes (for Ollama its environment variables), to their kind: `boolean`,
    `switch`, `integer`, `size`, `number`, `text`, `json`, `list`, `repeated`, or the tuple of choices. `quantizations`
    maps the spec's word to the engine's argument value, empty where the engine reads it from the weights;
    `min_capability` maps it to the lowest compute capability that runs it. `metrics` names the gauges of requests in
    progress (`running`), of the queue (`waiting`) and of the KV cache in use (`kvUsage`, a share), as far as it has
    them. `variables` are the environment variables it reads, where they are known. `defaults` are those of numbers
    and booleans among the arguments. The image runs as `user`, or as root where it has no other; its
    `home` holds the caches. A version that is not known has the facts of the one it is `like`; `maybe` are the
    arguments that only one of its known neighbours has.

    `activations` has the types that weights of a quantisation are computed in, each from which compute capability on
    and below which; empty where it is not known. `float16_refused` are the types of models (`model_type`) that it does
    not serve in float16. `positions` are the rules that may hold: none where nothing is known, two between versions.

    The image holds `cuda`, needs a `driver` of this branch (580) at least, and is built for these `architectures` of
    CPUs; all are empty where not known. With `older_variable` it runs from `older_driver` on, by libraries of its own.
    """

    engine: str
    version: str
    tag: str
    flags: Mapping[str, str | tuple[str, ...]]
    quantizations: Mapping[str, str]
    min_capability: Mapping[str, float]
    metrics: Mapping[str, str]
    source: str
    as_of: str
    variables: frozenset[str] = frozenset()
    defaults: Mapping[str, bool | int | float] = field(default_factory=dict)
    user: int | None = None
    group: int | None = None
    home: str = ""
    like: str = ""
    maybe: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    activations: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    float16_refused: frozenset[str] = frozenset()
    positions: tuple[PositionRules, ...] = ()
    cuda: str = ""
    driver: int = 0
    architectures: tuple[str, ...] = ()
    older_driver: int = 0
    older_variable: str = ""


@frozen
class ArgumentChange:
    """What became of an engine's argument: its new name, what to write instead, or what else it does `since` when."""

    argument: str
    source: str
    as_of: str
    became: str = ""
    instead: str = ""
    since: str = ""
    meaning: str = ""


@frozen
class EngineFacts:
    """An engine: what it serves and loads in any version, its image, and the versions we know, newest first.

    `title` is its name as people write it. `default_concurrency` is how many requests a replica on GPUs runs at once
    when nobody says. `features` is what people choose it for, in a phrase, and `api` the style of calls that gateways
    speak to it. `compiles`: it keeps kernels of its own making in its cache. `shares_memory`: its processes exchange
    data through /dev/shm. `ended` says how its project came to an end, and is empty where it goes on.
    A version is read when it is first asked for; `changes` has the arguments that need a word beside the versions.
    `dtypes` are the types in which it computes on GPUs of NVIDIA, each with the compute capability it needs, the
    preferred first; empty where it is not known.
    """

    name: str
    title: str
    repository: str
    tasks: frozenset[str]
    sources: frozenset[str]
    needs_gpu: bool
    default_concurrency: int
    features: str
    api: Api
    compiles: bool
    shares_memory: bool
    ended: str
    versions: Mapping[str, EngineVersion]
    changes: Mapping[str, ArgumentChange]
    dtypes: Mapping[str, float] = field(default_factory=dict)

    @property
    def newest(self) -> EngineVersion:
        """The version used when the spec names none."""
        return next(iter(self.versions.values()))


@frozen
class QuantizationFacts:
    """A way to store weights, by the spec's word.

    `checkpoint` says how a repository tells of it. From `native_capability` on a card multiplies in this format; 0
    where none does, and all unpack it to 16 bit. `engines` has the engine versions that run it (`vllm-0.33.0`), each
    with the least compute capability it asks for, 0 where it asks for none.
    """

    id: str
    stores: str
    checkpoint: str
    native_capability: float
    engines: Mapping[str, float]
    source: str
    as_of: str


@frozen
class Capability:
    """What a gateway makes of one behaviour: `exact`, `approximated`, `not-possible` or `not-run`, and how."""

    behaviour: str
    level: str
    how: str


@frozen
class IngressFacts:
    """What an ingress controller is told by annotations; they may hold `{longestCall}` (seconds) and `{ready}` (path).

    `longest_call_s` is the longest call that it can let pass, 0 without a bound. `tls` is `secret` where the
    certificate is that of the Ingress, `host` where the controller finds one of its own by host name.
    """

    name: str
    longest_call_s: int
    tls: str
    annotations: Mapping[str, str]
    source: str
    as_of: str


@frozen
class ChartFacts:
    """A chart that some platforms need beside ours, and the version that is pinned.

    It is for platforms that lack what it `supplies`, in a word of `Cloud.lacks`; where that is empty, for all on which
    Kubernetes runs. Where the cluster `has` a capability of `unless` it is there already. With `gateways` it is for
    clusters with a gateway of one of these kinds, otherwise for those with GPUs. `namespace` is where its makers put
    it, `image` the machine image of the nodes that it starts, if it does. `images` are the container images that it
    brings, by the path of the value that names each; `pull_secrets` has the values for secrets that they are pulled
    with, each a list of a `name`, or of an `object` with one.
    """

    name: str
    version: str
    repository: str
    namespace: str
    supplies: str
    unless: frozenset[str]
    gateways: frozenset[str]
    image: str
    images: Mapping[str, str]
    pull_secrets: Mapping[str, str]
    source: str
    as_of: str


@frozen
class GatewayFacts:
    """A gateway kind: its image, the version we render for, and its capability table.

    `tag` is a pattern over `{version}`; `refused` maps a version to why it must not run. `environment` is what its
    container needs; `{backoffBase}`, `{backoffMax}` and `{longestCall}` stand for seconds. `master_key` is the variable
    of its administrator's key where the spec names none. Callers' keys begin with `key_prefix` and have `key_length`
    characters at least, nothing and 0 where any text will do. `database`: it keeps tenants in one. `speaks` lists
    the tasks it can pass on to a backend, by the API spoken there, empty where that is not known. `addresses` are those
    of providers that it does not know itself, by API. `sticky_headers` is the pattern of the headers that it can tell
    callers apart by, empty where any will do. `limits` are how many `backends` and how many `limitedTenants` a
    route can have, where its files cannot hold more. `reserved` are variables of its container, beside those of its
    `environment`, that the spec may not set. `proxies`: it takes proxies from its environment. `authorities_key` is the
    key under which it looks for authorities in a ConfigMap or secret, empty where it reads a file of any name.
    """

    kind: str
    repository: str
    version: str
    tag: str
    refused: Mapping[str, str]
    environment: Mapping[str, str]
    capabilities: Mapping[str, Capability]
    master_key: str
    key_prefix: str
    key_length: int
    database: bool
    kubernetes_only: bool
    speaks: Mapping[str, tuple[str, ...]]
    addresses: Mapping[str, str]
    sticky_headers: str
    limits: Mapping[str, int]
    reserved: tuple[str, ...]
    proxies: bool
    authorities_key: str
    source: str
    as_of: str

    @property
    def never_ran(self) -> bool:
        """Whether no behaviour of it was ever seen."""
        return all(item.level in {"not-possible", "not-run"} for item in self.capabilities.values())
