"""Docker hosts: one machine that is there already, with no labels and no taints."""

from collections.abc import Iterable, Iterator, Set

from generator.clouds.gpus import existing
from generator.clouds.settings import nearest, without_effect
from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.plan import NodePool
from generator.core.spec import Cluster, Pool

_ONE_HOST = "a docker cluster is one host that exists already"
_CLUSTER = {
    "region": _ONE_HOST,
    "cluster": _ONE_HOST,
    "namespace": "Docker has no namespaces",
    "autoscaler": _ONE_HOST,
    "has": "custom resources belong to Kubernetes",
    "storage_class": "caches are named volumes of the host",
    "shared_storage_class": "caches are named volumes of the host, which stay",
    "prometheus": "nothing is scaled or scraped by a custom resource here",
    "state": "Terraform creates nothing here",
}
_POOL = {
    "capacity": _ONE_HOST,
    "instance_types": _ONE_HOST,
    "reservation": _ONE_HOST,
    "disk": _ONE_HOST,
    "zones": _ONE_HOST,
    "disk_type": _ONE_HOST,
    "max_pods": _ONE_HOST,
    "compact": _ONE_HOST,
    "upgrade": _ONE_HOST,
    "hosts": _ONE_HOST,
    "node_selector": "containers are not scheduled by labels",
    "taints": "containers are not scheduled by taints",
}


class Docker:
    """The `docker` platform."""

    lacks: Set[str] = frozenset()

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Warn of settings that speak of clouds and Kubernetes."""
        return without_effect(cluster, path, _CLUSTER)

    def cluster(self, name: str, cluster: Cluster, path: Path) -> tuple[None, Iterable[Finding]]:
        """No cloud runs it."""
        return None, ()

    def node_pool(self, name: str, pool: Pool, cluster: Cluster, path: Path) -> tuple[NodePool, Iterable[Finding]]:
        """The host as a pool of one node."""
        return _host(name, pool, path), list(_findings(pool, path))


def _host(name: str, pool: Pool, path: Path) -> NodePool:
    return NodePool(
        name=name,
        path=path,
        gpu=pool.gpu,
        gpus_per_node=pool.gpus_per_node,
        min_nodes=1,
        max_nodes=1,
        labels={},
        taints=(),
        platform_taints=(),
        hosts=(),
        decisions=(),
        cloud=None,
    )


def _findings(pool: Pool, path: Path) -> Iterator[Finding]:
    yield from existing(pool, path)
    if (pool.nodes.min, pool.nodes.max) != (1, 1):
        where, _ = nearest(pool, path, "nodes")
        yield kinds.NODES_IMPOSSIBLE.at(
            where,
            f"a docker cluster has one node, not {pool.nodes.min} to {pool.nodes.max}",
            cause=_ONE_HOST,
            help="write `nodes: 1`; a second host is a second cluster",
        )
    yield from without_effect(pool, path, _POOL)


DOCKER = Docker()
