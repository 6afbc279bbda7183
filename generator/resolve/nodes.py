"""Whether a node holds what the pods of all its GPUs ask for beside them: disk and memory."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from generator.core.finding import Finding, path_text
from generator.core.kinds import resolve as kinds
from generator.core.plan import ClusterPlan, NodePool, PlacementPlan

DISK_SHARE = 0.85
"""Of a node's disk that pods may ask for; the kubelet keeps the rest free."""
IMAGES_GIB = 30
"""The system and an engine's image, unpacked."""
MEMORY_SHARE, SYSTEM_GIB = 0.94, 1.0
"""Of a node's memory that pods may ask for, after what the system and its agents take."""


def check(clusters: Sequence[ClusterPlan], placements: Sequence[PlacementPlan]) -> Iterator[Finding]:
    """A finding for each pool whose nodes are too small. Disks and memory of your own machines are not known."""
    by_pool: dict[tuple[str, str], list[PlacementPlan]] = defaultdict(list)
    for placement in placements:
        by_pool[placement.cluster, placement.pool].append(placement)
    for cluster in clusters:
        for pool in cluster.pools:
            group = by_pool.get((cluster.name, pool.name), [])
            if pool.instance_types:
                yield from _disk(pool, group)
            if pool.memory_gib:
                yield from _memory(pool, group)


def _most(pool: NodePool, placement: PlacementPlan) -> int:
    """Replicas of a placement that meet on one node at most."""
    gpus = placement.workload.resources.gpus
    return min(pool.gpus_per_node // gpus, placement.max_replicas) if gpus else 0


def _disk(pool: NodePool, group: Sequence[PlacementPlan]) -> Iterator[Finding]:
    room = pool.disk_gib * DISK_SHARE - IMAGES_GIB
    for placement in group:
        each, count = placement.workload.resources.disk_gib, _most(pool, placement)
        if each * count > room:
            needed = int((each * count + IMAGES_GIB) / DISK_SHARE / 10 + 1) * 10
            has = f"{pool.disk_gib} GiB pods may use {room:.0f}, after {IMAGES_GIB} GiB of images"
            cure = f"set {path_text(pool.path)}.disk to {needed}Gi, or give the cluster a `storageClass`"
            yield _too_small(pool, placement, "disk", has, cure)


def _memory(pool: NodePool, group: Sequence[PlacementPlan]) -> Iterator[Finding]:
    room = pool.memory_gib * MEMORY_SHARE - SYSTEM_GIB
    for placement in group:
        each, count = placement.workload.resources.memory_gib, _most(pool, placement)
        if each * count > room:
            has = f"{pool.memory_gib:g} GiB of {', '.join(pool.instance_types)} pods may use {room:.0f}"
            cure = "choose an `instanceType` with more memory"
            if placement.workload.resources.memory_limit_gib:
                cure += f", or write `resources: {{memory: {int(room / count)}Gi}}`"
            yield _too_small(pool, placement, "memory", has, cure)


def _too_small(pool: NodePool, placement: PlacementPlan, what: str, has: str, cure: str) -> Finding:
    asked, count = placement.workload.resources, _most(pool, placement)
    each = asked.disk_gib if what == "disk" else asked.memory_gib
    asks = f"{count} replicas of {each:g} GiB meet on a node" if count > 1 else f"a replica asks for {each:g} GiB"
    return kinds.NODE_TOO_SMALL.at(
        (*placement.path, "pool"),
        f"the {what} of a node of pool {pool.name!r} does not hold {placement.service}",
        cause=f"{asks}; of a node's {has}",
        help=cure,
    )
