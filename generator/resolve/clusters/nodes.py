"""Whether a node holds what the pods of all its GPUs ask for beside them: disk, memory, CPUs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.core.finding import Finding, Severity, path_text
from generator.core.kinds import resolve as kinds
from generator.core.plan import ClusterPlan, NodePool, PlacementPlan, ResourcePlan
from generator.core.plan.clouds.rented import RentedNodes

DISK_SHARE = 0.85
"""Of a node's disk that pods may ask for; the kubelet keeps the rest free."""
ALLOCATABLE_DISK = 0.9
"""The most that the scheduler gives away: the kubelet evicts pods below a tenth (`nodefs.available<10%`)."""
IMAGES_GIB = 30
"""The system and an engine's image, unpacked."""
MEMORY_SHARE, SYSTEM_GIB = 0.94, 1.0
"""Of a node's memory that pods may ask for, after what the system and its agents take."""
CPU_SHARE, AGENT_CPUS = 0.98, 0.2
"""The same of its CPUs."""


def check(clusters: Sequence[ClusterPlan], placements: Sequence[PlacementPlan]) -> Iterator[Finding]:
    """A finding for each placement for which the nodes of its pool are too small. Your own machines are not known."""
    by_pool: dict[tuple[str, str], list[PlacementPlan]] = defaultdict(list)
    for placement in placements:
        by_pool[placement.cluster, placement.pool].append(placement)
    for cluster in clusters:
        for pool in cluster.pools:
            if pool.cloud is None:
                continue
            rooms = _rooms(pool.cloud)
            for placement in by_pool.get((cluster.name, pool.name), []):
                yield from _judge(pool, pool.cloud, rooms, placement)


def disk_room_gib(machine: RentedNodes) -> float:
    """What pods may ask for of the disk of a rented node, in GiB."""
    return machine.disk_gib * DISK_SHARE - IMAGES_GIB


def _most(pool: NodePool, placement: PlacementPlan) -> int:
    """Replicas of a placement that meet on one node at most."""
    gpus = placement.workload.resources.gpus
    return min(pool.gpus_per_node // gpus, placement.max_replicas) if gpus else 0


def _rooms(machine: RentedNodes) -> Mapping[str, float]:
    """What pods may ask for on a node, as far as it is known: GiB, and CPUs."""
    rooms = {"disk": disk_room_gib(machine)}
    if machine.memory_gib:
        rooms["memory"] = machine.memory_gib * MEMORY_SHARE - SYSTEM_GIB
    if machine.vcpus:
        rooms["CPU"] = machine.vcpus * CPU_SHARE - AGENT_CPUS
    return rooms


def _judge(
    pool: NodePool, machine: RentedNodes, rooms: Mapping[str, float], placement: PlacementPlan
) -> Iterator[Finding]:
    asked, count = placement.workload.resources, _most(pool, placement)
    wanted = {"disk": asked.disk_gib, "memory": asked.memory_gib, "CPU": asked.cpus}
    for what, room in rooms.items():
        if wanted[what] * count > room:
            size = f"{wanted[what]:g}{_unit(what)}"
            asks = f"{count} replicas of {size} meet on a node" if count > 1 else f"a replica asks for {size}"
            yield kinds.NODE_TOO_SMALL.at(
                (*placement.path, "pool"),
                f"the {what} of a node of pool {pool.name!r} does not hold {placement.service}",
                cause=f"{asks}; of a node's {_has(machine, what)} pods may use {room:.3g}{_unit(what)}",
                help=_cure(pool, what, room, placement, count),
                severity=None if _certain(machine, what, asked, wanted[what] * count) else Severity.WARNING,
            )


def _certain(machine: RentedNodes, what: str, asked: ResourcePlan, together: float) -> bool:
    """Whether no node has this much, whatever its system and agents take, and whoever asks knows what is needed."""
    if what == "memory" and not asked.memory_limit_gib:
        return False  # gen's own estimate
    has = {"disk": machine.disk_gib * ALLOCATABLE_DISK, "memory": machine.memory_gib, "CPU": machine.vcpus}
    return together >= has[what]


def _unit(what: str) -> str:
    return " CPUs" if what == "CPU" else " GiB"


def _has(machine: RentedNodes, what: str) -> str:
    if what == "disk":
        return f"{machine.disk_gib} GiB, less {IMAGES_GIB} for images and {1 - DISK_SHARE:.0%} kept free,"
    size = f"{machine.memory_gib:g}" if what == "memory" else f"{machine.vcpus}"
    return f"{size}{_unit(what)} ({', '.join(machine.instance_types)})"


def _cure(pool: NodePool, what: str, room: float, placement: PlacementPlan, count: int) -> str:
    asked = placement.workload.resources
    if what == "disk":
        needed = int((asked.disk_gib * count + IMAGES_GIB) / DISK_SHARE / 10 + 1) * 10
        return f"set {path_text(pool.path)}.disk to {needed}Gi, or give the cluster a `storageClass`"
    larger = f"choose `instanceTypes` with more {'memory' if what == 'memory' else 'CPUs'}"
    if what == "memory":
        # Less than gen computed would kill the server; less than somebody wrote is theirs to choose.
        fits = f"memory: {int(room / count)}Gi" if asked.memory_limit_gib else ""
    else:
        fits = f"cpu: {int(room / count * 1000)}m"
    if not fits:
        return larger
    key, _, size = fits.partition(": ")
    # What a patch says goes over the spec's own `resources`.
    by = [patch for patch in placement.patches if _asks(patch.merge, key)]
    return f"{larger}, or " + (
        f"lower `{key}` in {path_text(by[-1].path)} to {size}" if by else f"write `resources: {{{fits}}}`"
    )


def _asks(merge: Mapping[str, Any], key: str) -> bool:
    """Whether a patch of a release says how much of a resource its pods ask for."""
    resources = merge.get("resources")
    requests = resources.get("requests") if isinstance(resources, Mapping) else None
    return isinstance(requests, Mapping) and key in requests
