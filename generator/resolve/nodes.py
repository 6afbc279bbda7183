"""Whether a node holds what the pods of all its GPUs ask for beside them: disk, memory, CPUs."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.core.finding import Finding, path_text
from generator.core.kinds import resolve as kinds
from generator.core.plan import ClusterPlan, NodePool, PlacementPlan, ResourcePlan

DISK_SHARE = 0.85
"""Of a node's disk that pods may ask for; the kubelet keeps the rest free."""
IMAGES_GIB = 30
"""The system and an engine's image, unpacked."""
MEMORY_SHARE, SYSTEM_GIB = 0.94, 1.0
"""Of a node's memory that pods may ask for, after what the system and its agents take."""
CPU_SHARE, AGENT_CPUS = 0.98, 0.2
"""The same of its CPUs."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """What pods may ask of a node: its name, unit and size, and the change that helps where a replica asks too much.

    `cure` gets the replica's request and how many of them meet.
    """

    what: str
    unit: str
    has: str
    room: float
    each: Callable[[ResourcePlan], float]
    cure: Callable[[ResourcePlan, int], str]


def check(clusters: Sequence[ClusterPlan], placements: Sequence[PlacementPlan]) -> Iterator[Finding]:
    """A finding for each placement for which the nodes of its pool are too small. Your own machines are not known."""
    by_pool: dict[tuple[str, str], list[PlacementPlan]] = defaultdict(list)
    for placement in placements:
        by_pool[placement.cluster, placement.pool].append(placement)
    for cluster in clusters:
        for pool in cluster.pools:
            for limit in _limits(pool):
                for placement in by_pool.get((cluster.name, pool.name), []):
                    yield from _judge(pool, limit, placement)


def _most(pool: NodePool, placement: PlacementPlan) -> int:
    """Replicas of a placement that meet on one node at most."""
    gpus = placement.workload.resources.gpus
    return min(pool.gpus_per_node // gpus, placement.max_replicas) if gpus else 0


def _limits(pool: NodePool) -> Iterator[_Limit]:
    types = ", ".join(pool.instance_types)
    if pool.instance_types:
        room = pool.disk_gib * DISK_SHARE - IMAGES_GIB
        has = f"{pool.disk_gib} GiB pods may use {room:.0f}, after {IMAGES_GIB} GiB of images"
        yield _Limit("disk", " GiB", has, room, lambda asked: asked.disk_gib, lambda *each: _larger_disk(pool, *each))
    if pool.memory_gib:
        room = pool.memory_gib * MEMORY_SHARE - SYSTEM_GIB
        has = f"{pool.memory_gib:g} GiB of {types} pods may use {room:.0f}"
        yield _Limit(
            "memory", " GiB", has, room, lambda asked: asked.memory_gib, lambda *each: _more_memory(room, *each)
        )
    if pool.vcpus:
        room = pool.vcpus * CPU_SHARE - AGENT_CPUS
        has = f"{pool.vcpus} of {types} pods may use {room:.1f}"
        yield _Limit("CPUs", " CPUs", has, room, lambda asked: asked.cpus, lambda *each: _fewer_cpus(room, *each))


def _larger_disk(pool: NodePool, asked: ResourcePlan, count: int) -> str:
    needed = int((asked.disk_gib * count + IMAGES_GIB) / DISK_SHARE / 10 + 1) * 10
    return f"set {path_text(pool.path)}.disk to {needed}Gi, or give the cluster a `storageClass`"


def _more_memory(room: float, asked: ResourcePlan, count: int) -> str:
    smaller = f", or write `resources: {{memory: {int(room / count)}Gi}}`" if asked.memory_limit_gib else ""
    return f"choose an `instanceType` with more memory{smaller}"


def _fewer_cpus(room: float, asked: ResourcePlan, count: int) -> str:
    return f"choose an `instanceType` with more CPUs, or write `resources: {{cpu: {int(room / count * 1000)}m}}`"


def _judge(pool: NodePool, limit: _Limit, placement: PlacementPlan) -> Iterator[Finding]:
    asked = placement.workload.resources
    each, count = limit.each(asked), _most(pool, placement)
    if each * count <= limit.room:
        return
    size = f"{each:g}{limit.unit}"
    asks = f"{count} replicas of {size} meet on a node" if count > 1 else f"a replica asks for {size}"
    yield kinds.NODE_TOO_SMALL.at(
        (*placement.path, "pool"),
        f"the {limit.what} of a node of pool {pool.name!r} {'do' if limit.what == 'CPUs' else 'does'} not hold "
        f"{placement.service}",
        cause=f"{asks}; of a node's {limit.has}",
        help=limit.cure(asked, count),
    )
