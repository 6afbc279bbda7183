"""Kinds of findings that appear while open values are decided: they depend on defaults, derived numbers or facts."""

from generator.core.finding import Kind, Severity

GATED_WITHOUT_TOKEN = Kind(
    "GEN274",
    "gated-without-token",
    Severity.WARNING,
    "Weights that the hub does not give to everybody",
    "Some repositories of Hugging Face are gated: their files are given to accounts that accepted a licence, and a "
    "download without the token of one ends with 401, in the pod, after the node was started. Which are gated is known "
    "of the catalogue's models only.",
)
MODEL_NOT_CHECKED = Kind(
    "GEN301",
    "model-not-checked",
    Severity.INFO,
    "Model not in the catalogue",
    "The catalogue does not know these weights, so attention heads, context length and size are not checked. Start-up "
    "time is a generous guess, and so is the cache, which takes no more than the disk of a rented node has. Look at "
    "the spelling; if it is right, `source.config` with the model's `config.json`, or `source.base` with a model of "
    "the same architecture, makes the checks and numbers real.",
)
HEADS_NOT_DIVISIBLE = Kind(
    "GEN302",
    "heads-not-divisible",
    Severity.ERROR,
    "Tensor parallel size does not divide the attention heads",
    "Tensor parallelism gives each GPU the same number of attention heads. Where the number of heads is no multiple of "
    "`tensorParallel` the engine stops at start-up. Choose a size that divides the heads.",
)
TP_EXCEEDS_NODE = Kind(
    "GEN303",
    "tensor-parallel-exceeds-node",
    Severity.ERROR,
    "Tensor parallel size above the GPUs of a node",
    "All GPUs of a replica must be in one node. A pod that asks for more GPUs than any node of its pool has stays "
    "pending for ever. Lower `tensorParallel`, or use a pool with more `gpusPerNode`.",
)
REPLICAS_EXCEED_POOL = Kind(
    "GEN304",
    "replicas-exceed-pool",
    Severity.ERROR,
    "More replicas than the pool can hold",
    "The placements of a pool, at their largest, need more GPUs than its largest number of nodes brings. The last pods "
    "stay pending. Raise `nodes.max`, lower `replicas.max`, or move a placement.",
)
GPU_CLAIMED_TWICE = Kind(
    "GEN305",
    "gpu-claimed-twice",
    Severity.ERROR,
    "A GPU of a docker host claimed by several containers",
    "On a docker host nothing keeps two containers from the same GPU: both start, and the second runs out of "
    "memory. Give each container GPUs of its own with `devices`, or let them share one: each names it in `devices` and "
    "keeps to a share, for vLLM by `gpu-memory-utilization`, for TGI by `cuda-memory-fraction`; Ollama takes what its "
    "model needs.",
)
DEVICE_MISSING = Kind(
    "GEN306",
    "device-not-in-pool",
    Severity.ERROR,
    "A GPU number that the host does not have, or the wrong count of them",
    "`devices` lists the GPUs of a docker host by number, from 0; a placement needs `tensorParallel` times "
    "`replicas` of them. A number past the pool's last GPU stops the container at start-up.",
)
MISSING_CAPABILITY = Kind(
    "GEN307",
    "missing-capability",
    Severity.ERROR,
    "A custom resource that the cluster does not know",
    "A range of replicas needs KEDA and a Prometheus that answers its question, and a gateway behind a Gateway needs "
    "the Gateway API. Where the cluster does not list them in `has`, a ScaledObject or HTTPRoute would be refused on "
    "install, so none is written and the spec is refused instead.",
)
CONTEXT_EXCEEDS_MODEL = Kind(
    "GEN308",
    "context-exceeds-model",
    Severity.ERROR,
    "Context longer than the model was made for",
    "vLLM refuses to start when the context asked for is longer than the limit that it derives from the model's "
    "configuration; Ollama serves that limit and cuts what is longer, TGI serves on, and answers beyond the model's "
    "positions are noise. Lower `context`, or scale the positions: for vLLM by `hf-overrides`, of which its versions "
    "make different limits, for TGI by `rope-factor`. The finding has the override where the model's makers have "
    "tried one.",
    forecast=True,
)
DOES_NOT_FIT = Kind(
    "GEN310",
    "does-not-fit",
    Severity.ERROR,
    "Model that does not fit the GPUs of its placement",
    "Weights, activations and one sequence of the asked length need more memory than the GPUs of a replica have, even "
    "at the hopeful end of the estimate. The engine would stop at start-up, after the weights were downloaded. The "
    "finding shows the budget of one GPU and changes that fit by the same budget and that the fleet can carry out: a "
    "GPU that the region sells, a pool with room for all replicas. docs/sizing.md explains the terms.",
    forecast=True,
)
TIGHT_FIT = Kind(
    "GEN311",
    "tight-fit",
    Severity.WARNING,
    "Model that may or may not fit the GPUs of its placement",
    "The estimate's interval holds both outcomes, or little more than one sequence of the full length fits, or Ollama "
    "would compute some layers on the CPU. It may run; another driver, release or a neighbour on the card may stop it, "
    "and long requests wait for each other. Give it more room, or measure it and accept the warning.",
)
LITTLE_ROOM = Kind(
    "GEN280",
    "little-room",
    Severity.WARNING,
    "Context or concurrency that memory leaves little of",
    "Where the spec leaves `context` or `concurrency` open, they are what the memory of the GPUs has room for beside "
    "the weights. On a card that the weights nearly fill that is a short context, to which calls are cut or refused, "
    "or a few calls at once, behind which all others wait. Write both as you need them: what does not fit is found.",
)
TARGET_UNREACHABLE = Kind(
    "GEN312",
    "scaling-target-unreachable",
    Severity.WARNING,
    "Autoscaling that does not fire when it should",
    "A replica is added when requests in progress and waiting exceed `replicas.target` for each replica that runs. A "
    "target above what a replica works on at once fires only after callers wait; where all callers are tenants with "
    "limits, more requests than their limits allow never come, so the last replicas never start. Lower the target or "
    "`replicas.max`, or raise the limits.",
)
TIMEOUT_TOO_SHORT = Kind(
    "GEN313",
    "timeout-below-predicted",
    Severity.WARNING,
    "Timeout shorter than the predicted speed allows",
    "By the predicted speed of the model on its GPUs, calls within its context would run into this timeout: they move "
    "on to the next tier, or are cut, although nothing is broken. Raise the timeout, send long prompts elsewhere with "
    "`context`, or give the model faster or more GPUs.",
)
NODE_TOO_SMALL = Kind(
    "GEN314",
    "node-too-small",
    Severity.ERROR,
    "Node whose disk, memory or CPUs cannot hold the replicas of its GPUs",
    "Each pod asks for disk of the node, for its cache, for memory and perhaps for CPUs. Where the pods of all GPUs "
    "of a node ask for more than it has, the last of them stay pending although GPUs are free. It is a warning where "
    "that depends on what else runs on the node, or on memory that nobody wrote and gen estimates. Raise `disk`, set a "
    "`storageClass`, choose a larger machine, or ask for less.",
    forecast=True,
)
NO_SCALING_METRIC = Kind(
    "GEN309",
    "no-scaling-metric",
    Severity.ERROR,
    "A range of replicas for an engine without a queue metric",
    "Scaling follows the requests in progress and in the queue, as the engine reports them. An engine without such a "
    "metric cannot be scaled on it. Give a fixed number of replicas.",
)
ENGINE_NOT_JUDGED = Kind(
    "GEN315",
    "engine-not-judged",
    Severity.INFO,
    "Engine of whose memory and speed nothing is known",
    "gen can start this engine, and has no model of what its server needs of a GPU. Whether the weights and one "
    "request fit, how many requests at once, and how fast they are answered is not judged; context and concurrency "
    "that nobody wrote are careful defaults. Measure it, and write both.",
)
PRICE_UNKNOWN = Kind(
    "GEN316",
    "price-unknown",
    Severity.INFO,
    "Rented nodes whose price is not known",
    "The catalogue has no list price of these machines in this region, bought in the way that the pool names first. "
    "They cost money all the same. Where a later choice of the pool has a price, sums count that one and say so, else "
    "they leave the pool out and say so; the price of another region is never taken. `cost.md` and `gen explain FLEET "
    "cost` tell it, and no check prints it.",
    aside=True,
)
