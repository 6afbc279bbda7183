"""Kubernetes clusters with nodes of their own: found by labels, never created."""

from collections.abc import Iterable, Iterator, Set

from generator.clouds.gpus import existing
from generator.clouds.nodes import label_findings, pool_label, taints
from generator.clouds.settings import without_effect
from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.labels import POOL
from generator.core.plan import NodePool
from generator.core.spec import Cluster, Pool
from generator.core.words import counted

_OWN_NODES = "the nodes of a `kubernetes` cluster exist already"
_CLUSTER = {
    "region": _OWN_NODES,
    "autoscaler": _OWN_NODES,
    "cluster": "credentials and contexts belong to Helm, not to the spec",
    "state": "Terraform creates nothing here",
    "bind": "ports are published by docker clusters only",
}
_POOL = dict.fromkeys(
    (
        "capacity",
        "instance_types",
        "reservation",
        "disk",
        "disk_type",
        "zones",
        "max_pods",
        "compact",
        "upgrade",
    ),
    _OWN_NODES,
)


class OnPrem:
    """The `kubernetes` platform."""

    lacks: Set[str] = frozenset({"driver"})

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Warn of settings that speak of clouds and docker hosts."""
        yield from without_effect(cluster, path, _CLUSTER)
        yield from _twice(cluster, path)

    def cluster(self, name: str, cluster: Cluster, path: Path) -> tuple[None, Iterable[Finding]]:
        """No cloud runs it."""
        return None, ()

    def node_pool(self, name: str, pool: Pool, cluster: Cluster, path: Path) -> tuple[NodePool, Iterable[Finding]]:
        """The existing nodes: a given `nodeSelector` finds them alone, since nobody has put our label on them."""
        nodes = NodePool(
            name=name,
            path=path,
            gpu=pool.gpu,
            gpus_per_node=pool.gpus_per_node,
            min_nodes=pool.nodes.min,
            max_nodes=pool.nodes.max,
            labels=dict(sorted(pool.node_selector.items())) or pool_label(name),
            taints=taints(pool),
            platform_taints=(),
            hosts=tuple(sorted(pool.hosts)),
            decisions=(),
            cloud=None,
        )
        return nodes, list(_findings(pool, path))


def _findings(pool: Pool, path: Path) -> Iterator[Finding]:
    yield from existing(pool, path)
    yield from label_findings(pool, path)
    yield from without_effect(pool, path, _POOL)
    if pool.hosts and not pool.nodes.min <= len(set(pool.hosts)) <= pool.nodes.max:
        least, most = pool.nodes.min, pool.nodes.max
        nodes = counted(most, "node") if least == most else f"{least} to {most} nodes"
        yield kinds.HOSTS_DISAGREE.at(
            (*path, "hosts"),
            f"the pool names {counted(len(set(pool.hosts)), 'host')} and has {nodes}",
            cause="replicas and the autoscaling of pods are computed from `nodes`",
            help=f"write `nodes: {len(set(pool.hosts))}`, or name the other hosts",
            on_key=True,
        )


def _twice(cluster: Cluster, path: Path) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in sorted(cluster.pools):
        for index, host in enumerate(cluster.pools[name].hosts):
            if host in seen:
                yield kinds.HOST_TWICE.at(
                    (*path, "pools", name, "hosts", index),
                    f"node {host!r} is named a second time",
                    cause=f"pool {seen[host]!r} has it already, and a node has one label `{POOL}`",
                    help="keep it in one pool, once",
                )
            seen.setdefault(host, name)


ONPREM = OnPrem()
