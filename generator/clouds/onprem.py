"""Kubernetes clusters with nodes of their own: found by labels, never created."""

import math
from collections.abc import Iterable, Iterator

from generator.clouds.gpus import existing
from generator.clouds.nodes import label_findings, pool_label, taints
from generator.clouds.settings import without_effect
from generator.core.finding import Finding, Path
from generator.core.plan import NodePool
from generator.core.spec import Cluster, Pool
from generator.core.units import gib

_OWN_NODES = "the nodes of a `kubernetes` cluster exist already"
_CLUSTER = {
    "region": _OWN_NODES,
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

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Warn of settings that speak of clouds and docker hosts."""
        return without_effect(cluster, path, _CLUSTER)

    def node_pool(self, name: str, pool: Pool, cluster: Cluster, path: Path) -> tuple[NodePool, Iterable[Finding]]:
        """The existing nodes: a given `nodeSelector` finds them alone, since nobody has put our label on them."""
        nodes = NodePool(
            name=name,
            path=path,
            gpu=pool.gpu,
            gpus_per_node=pool.gpus_per_node,
            min_nodes=pool.nodes.min,
            max_nodes=pool.nodes.max,
            capacity=(),
            instance_types=(),
            labels=dict(sorted(pool.node_selector.items())) or pool_label(name),
            taints=taints(pool),
            disk_gib=math.ceil(gib(pool.disk)),
            reservation="",
        )
        return nodes, list(_findings(pool, path))


def _findings(pool: Pool, path: Path) -> Iterator[Finding]:
    yield from existing(pool, path)
    yield from label_findings(pool, path)
    yield from without_effect(pool, path, _POOL)


ONPREM = OnPrem()
