"""Terraform: a root module per cloud cluster whose data is JSON, and the hand-written modules, verbatim."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.core.artifact import Artifact
from generator.core.plan import ClusterPlan, CreatedPlan, NodePool, Plan
from generator.render.emit import json_text
from generator.render.text import render_template
from generator.render.verbatim import verbatim
from generator.targets.terraform import aks, eks, gke

PLATFORMS = ("eks", "gke", "aks")
"""Those that Terraform adds nodes to. Each has a root for clusters that stand already and one that creates them."""


class TerraformTarget:
    """Writes `terraform/<cluster>/` for every cluster that Terraform adds nodes to, and the modules they share."""

    name = "terraform"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The root modules and, when there are any, `terraform/modules/`."""
        clusters = [cluster for cluster in plan.clusters if cluster.platform in PLATFORMS]
        for cluster in clusters:
            yield from self._root(plan, cluster)
        for module in sorted({module for cluster in clusters for module in _modules(cluster)}):
            yield from self._verbatim(f"modules/{module}", f"modules/{module}")

    def _root(self, plan: Plan, cluster: ClusterPlan) -> Iterator[Artifact]:
        kinds = ("created" if cluster.created else "", "karpenter" if cluster.karpenter else "")
        root = "-".join(("root", cluster.platform, *filter(None, kinds)))
        yield from self._verbatim(root, cluster.name)
        backend = render_template("terraform/backend.tf.j2", state=cluster.state)
        yield self._artifact(f"{cluster.name}/backend.tf", backend.encode())
        variables = json_text(_variables(plan, cluster))
        yield self._artifact(f"{cluster.name}/fleet.auto.tfvars.json", variables.encode())

    def _verbatim(self, source: str, folder: str) -> Iterator[Artifact]:
        for name, content in verbatim(f"terraform/{source}", "*.tf"):
            yield self._artifact(f"{folder}/{name}", content)

    def _artifact(self, path: str, content: bytes) -> Artifact:
        return Artifact(f"terraform/{path}", content, self.name)


def _modules(cluster: ClusterPlan) -> Iterator[str]:
    """What the cluster's root calls."""
    yield "eks-karpenter" if cluster.karpenter else f"{cluster.platform}-gpu-pools"
    if cluster.created:
        yield f"{cluster.platform}-cluster"


def _variables(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    created = _created(cluster.created) if cluster.created else {}
    if cluster.karpenter:
        karpenter = eks.karpenter(plan, cluster, cluster.karpenter)
        return _sorted({"cluster_name": cluster.cloud_name, **created, **karpenter})
    root, pool_of = _ROOTS[cluster.platform]
    pools = {pool.name: _sorted({**_pool(pool), **pool_of(pool)}) for pool in cluster.pools}
    return _sorted({"cluster_name": cluster.cloud_name, "pools": _sorted(pools), **created, **root(plan, cluster)})


def _created(cluster: CreatedPlan) -> dict[str, Any]:
    """What a cluster to create is on any cloud."""
    ranges = {"nodes": cluster.nodes, "pods": cluster.pods, "services": cluster.services}
    return {
        "kubernetes_version": cluster.version,
        "network": {name: cidr for name, cidr in ranges.items() if cidr},
        "public_access_cidrs": list(cluster.public_access),
        "system_pool": {
            "machine": cluster.machine,
            "max_nodes": cluster.max_nodes,
            "min_nodes": cluster.min_nodes,
        },
        "zones": list(cluster.zones),
    }


def _sorted(data: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(data.items()))


def _pool(pool: NodePool) -> dict[str, Any]:
    """What a pool is on any cloud."""
    return {
        "capacity": list(pool.capacity),
        "compact": pool.compact,
        "disk_gib": pool.disk_gib,
        "disk_type": pool.disk_type or None,
        "gpus_per_node": pool.gpus_per_node,
        "labels": dict(sorted(pool.labels.items())),
        "max_nodes": pool.max_nodes,
        "max_pods": pool.max_pods or None,
        "min_nodes": pool.min_nodes,
        "max_unavailable": pool.unavailable,
        "taints": [{"effect": taint.effect, "key": taint.key, "value": taint.value} for taint in pool.taints],
    }


_Root = Callable[[Plan, ClusterPlan], dict[str, Any]]
_Pool = Callable[[NodePool], dict[str, Any]]
_ROOTS: dict[str, tuple[_Root, _Pool]] = {
    "eks": (eks.root, eks.pool),
    "gke": (gke.root, gke.pool),
    "aks": (aks.root, aks.pool),
}
"""What each platform's root module is told of its cluster, and of each pool."""

TERRAFORM = TerraformTarget()
