"""What a replica needs of its host: memory, shared memory, disk."""

import math
from collections.abc import Mapping

from generator.catalog.facts import GpuFacts, ModelFacts
from generator.sizing.estimate import GIB
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server

PROCESS_GIB, RANK_GIB = 2.0, 3.0
"""The server's own process, and one for each GPU with its libraries and the driver's host side."""
CPU_SERVER_GIB = 1.0
CPUS = GpuFacts("cpu", "CPUs", 0.0, 0.0, "", "")
"""The device of which only the cache's layout is asked."""
SHM_GIB, SHM_RANK_GIB = 2.0, 2.0
"""One process: what the engine's documentation gives a container. Several: message queues of 160 MiB for each group of
ranks, and NCCL's buffers between each pair where cards have no link."""
KERNELS_GIB = 10
"""Compiled kernels and graphs of a few configurations."""
CACHE_MARGIN = 1.2
UNKNOWN_CACHE_GIB = 200.0
REVISIONS = 2
SHARED_STEP_GIB = 50
"""Steps are wide: a claim of another size is another claim, which is filled anew."""
LOGS_GIB = 2.0


def shm_gib(ranks: int) -> tuple[float, str]:
    """Size of /dev/shm in GiB, and why."""
    if ranks <= 1:
        return SHM_GIB, f"one GPU: {SHM_GIB:g} GiB for messages between the server's processes"
    size = SHM_GIB + SHM_RANK_GIB * ranks
    return size, f"{SHM_GIB:g} GiB + {SHM_RANK_GIB:g} GiB for each of {ranks} ranks, which exchange tensors through it"


def memory_gib(ranks: int, shm: float, beside_gib: float, held: Mapping[str, float]) -> tuple[float, str]:
    """Host memory that a replica on GPUs asks for in GiB, and why.

    `beside_gib` of its weights and cache are not on GPUs, and arguments that are `held` keep so many GiB there. Weights
    on their way to a GPU are pages of their files, which the kernel gives back when it needs them.
    """
    parts = [(PROCESS_GIB, "the server"), (RANK_GIB * ranks, f"{ranks} GPU process{'es' if ranks > 1 else ''}")]
    parts += [(shm, "shared memory")] if shm else []
    parts += [(beside_gib, "what the GPUs do not hold")] if beside_gib > 0 else []
    parts += [(size, f"`{name}`") for name, size in held.items()]
    return _sum(parts)


def cpu_memory_gib(engine: str, model: ModelFacts, context: int, slots: int) -> tuple[float, str]:
    """Host memory of a replica on CPUs in GiB, and why: all its weights and every slot's context."""
    layout = server(engine).layout(Question.about(model, CPUS, context=context, engine=engine))
    cache = slots * layout.blocks_for(context) * layout.block_bytes / GIB
    what = f"{slots} context{'s' if slots > 1 else ''} of {context} tokens"
    return _sum([(model.weights_gib, "weights"), (cache, what), (CPU_SERVER_GIB, "the server")])


def _sum(parts: list[tuple[float, str]]) -> tuple[float, str]:
    size = float(math.ceil(sum(part for part, _ in parts)))
    return size, " + ".join(f"{part:.3g} GiB {what}" for part, what in parts)


def cache_gib(
    weights_gib: float, *, downloads: bool, compiles: bool = True, room_gib: float = 0.0
) -> tuple[float, str]:
    """Size of the volume for downloads and compiled kernels in GiB, and why.

    Weights of 0 GiB are of unknown size. They get no more than `room_gib`, what their node's disk has for a replica,
    where that is known (it is 0 else): a guess must not keep a pod from its node.
    """
    if not downloads:
        return float(KERNELS_GIB), f"{KERNELS_GIB} GiB for compiled kernels; the weights stand elsewhere"
    if not weights_gib:
        unknown = "the size of the weights is not known"
        if 0 < room_gib < UNKNOWN_CACHE_GIB:
            return float(int(room_gib)), f"{unknown}: what the node's disk has for a replica"
        return UNKNOWN_CACHE_GIB, f"{unknown}: {UNKNOWN_CACHE_GIB:g} GiB"
    kernels = KERNELS_GIB if compiles else 0
    size = float(math.ceil((weights_gib * CACHE_MARGIN + kernels) / 10) * 10)
    compiled = f" + {kernels} GiB for compiled kernels" if kernels else ""
    return size, f"{CACHE_MARGIN:g} x {weights_gib:g} GiB weights{compiled}, in tens"


def shared_gib(weights_gib: float) -> tuple[float, str]:
    """Size of a claim for the weights of all replicas in GiB, and why. Weights of 0 GiB are of unknown size."""
    if not weights_gib:
        size = REVISIONS * UNKNOWN_CACHE_GIB
        return size, f"the size of the weights is not known: {REVISIONS} revisions x {UNKNOWN_CACHE_GIB:g} GiB"
    size = float(math.ceil(REVISIONS * CACHE_MARGIN * weights_gib / SHARED_STEP_GIB) * SHARED_STEP_GIB)
    return size, f"{REVISIONS} revisions x {CACHE_MARGIN:g} x {weights_gib:g} GiB weights, in fifties"


def disk_gib(cache: float, *, on_node: bool) -> tuple[float, str]:
    """Ephemeral storage that a pod asks for in GiB, and why. `on_node`: its cache lies on the node's own disk."""
    if not on_node:
        return LOGS_GIB, f"{LOGS_GIB:g} GiB for logs; the cache is a volume of its own"
    return cache + LOGS_GIB, f"{cache:g} GiB cache on the node's disk + {LOGS_GIB:g} GiB for logs"
