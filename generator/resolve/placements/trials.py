"""Whether the fleet can carry out a change that a finding offers: a GPU that is sold there, a pool with room for it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from generator.catalog import reader
from generator.catalog.facts import GpuFacts
from generator.clouds import CLOUDS, RENTED
from generator.core.finding import Path, Severity
from generator.core.frozen import frozen
from generator.core.lazy import lazy, load
from generator.core.plan import NodePool
from generator.core.protocols import Cloud
from generator.core.spec import Cluster, Pool
from generator.resolve.clusters.packing import nodes_needed
from generator.resolve.placements.candidate import Candidate


@frozen(eq=False)
class Trials:
    """Tries changes against all placements of a fleet."""

    items: tuple[Candidate, ...]

    @lazy
    def _asked(self) -> Mapping[tuple[str, str], Mapping[Path, Counter[int]]]:
        """Replicas at most of each placement by their GPUs, by cluster and pool."""
        asked: dict[tuple[str, str], dict[Path, Counter[int]]] = defaultdict(dict)
        for item in self.items:
            if item.pool is not None:
                counts = Counter({item.gpus: item.placement.replicas.max})
                asked[item.cluster.name, item.pool.name][item.path] = counts
        return asked

    def split(self, item: Candidate, tp: int) -> bool:
        """Whether its pool holds all replicas of a placement with so many GPUs each."""
        return item.pool is None or self._holds(item, item.cluster.name, item.pool, tp)

    def moved(self, item: Candidate, cluster: str, pool: str, tp: int) -> bool:
        """Whether a placement can go to another pool as it is written, with so many GPUs a replica."""
        spec = item.fleet.clusters[cluster]
        nodes = _nodes(pool, spec.pools[pool], spec, ("clusters", cluster, "pools", pool))
        if nodes is None or item.placement.devices or item.settings.node_selector:
            return False
        return _receives(item, cluster, spec) and self._holds(item, cluster, nodes, tp)

    def _holds(self, item: Candidate, cluster: str, pool: NodePool, tp: int) -> bool:
        if item.placement.devices and tp != item.gpus:
            return False  # they list as many GPUs as it has now
        counts: Counter[int] = Counter({tp: item.placement.replicas.max})
        for path, asked in self._asked.get((cluster, pool.name), {}).items():
            counts += Counter() if path == item.path else asked
        return max(counts) <= pool.gpus_per_node and nodes_needed(counts, pool.gpus_per_node) <= pool.max_nodes


def pool_with(item: Candidate, gpu: GpuFacts) -> str:
    """The fields of a pool beside the placement's own that has another GPU; empty where it cannot be had there."""
    if item.pool is None or item.placement.devices or item.settings.node_selector:
        return ""
    spec, path = item.cluster_spec, item.pool.path
    now = spec.pools[item.pool.name]
    if now.reservation is not None:
        return ""  # it holds machines of the present GPU
    given = now.instance_types is not None
    for count in _counts(item, gpu, now):
        changed: dict[str, Any] = {"gpu": gpu.id, "gpus_per_node": count, "instance_types": None}
        nodes = _nodes(item.pool.name, now.model_copy(update=changed), spec, path)
        if nodes is not None:
            per_node = "" if count == now.gpus_per_node else f", gpusPerNode: {count}"
            types = f", instanceTypes: [{', '.join(nodes.cloud.instance_types)}]" if given and nodes.cloud else ""
            return f"gpu: {gpu.id}{per_node}{types}"
    return ""


def _counts(item: Candidate, gpu: GpuFacts, now: Pool) -> list[int]:
    """GPUs of a node to try: as many as now, then as the cloud's machines have, the smallest that is enough first."""
    cloud = RENTED.get(item.cluster.platform)
    sold = {machine.gpus for machine in reader.instances_with(cloud, gpu.id)} if cloud else set()
    return [now.gpus_per_node, *sorted(count for count in sold - {now.gpus_per_node} if count >= item.gpus)]


def _nodes(name: str, pool: Pool, spec: Cluster, path: Path) -> NodePool | None:
    """The nodes of a pool; none where its platform refuses something of it."""
    cloud: Cloud = load(CLOUDS[spec.platform])
    nodes, findings = cloud.node_pool(name, pool, spec, path)
    return None if any(finding.severity is Severity.ERROR for finding in findings) else nodes


def _receives(item: Candidate, cluster: str, spec: Cluster) -> bool:
    """Whether a cluster brings what the placement takes for granted where it is now."""
    now = item.cluster_spec
    if cluster == item.cluster.name:
        return True
    replicas = item.placement.replicas
    scales = replicas.min == replicas.max or (set(now.has) <= set(spec.has) and spec.prometheus is not None)
    reached = spec.endpoint is not None or not item.fleet.gateways
    return spec.kubernetes == now.kubernetes and item.placement.host_port is None and scales and reached
