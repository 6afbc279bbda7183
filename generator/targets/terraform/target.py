"""Terraform: a root per cloud cluster, of fragments and of data as JSON, and the hand-written modules, verbatim."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.eks import EksCluster, KarpenterPlan
from generator.core.plan.clouds.rented import CreatedPlan, NodeGroup, RentedCluster, RentedNodes
from generator.render.emit import json_text
from generator.render.gitignore import gitignore
from generator.render.text import render_template
from generator.render.verbatim import verbatim
from generator.targets.terraform import aks, eks, gke


class TerraformTarget:
    """Writes `terraform/<cluster>/` for every cluster that Terraform adds nodes to, and the modules they share."""

    name = "terraform"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The root modules and, when there are any, `terraform/modules/`."""
        clusters = [(cluster, cluster.cloud) for cluster in plan.clusters if cluster.cloud]
        for cluster, cloud in clusters:
            yield from self._root(plan, cluster, cloud)
        for module in sorted({module for cluster, cloud in clusters for module in _modules(cluster, cloud)}):
            for name, content in verbatim(f"terraform/modules/{module}", "*.tf"):
                yield Artifact(f"{layout.module(module)}/{name}", content, self.name)

    def _root(self, plan: Plan, cluster: ClusterPlan, cloud: RentedCluster) -> Iterator[Artifact]:
        for fragment in _fragments(cloud):
            for name, content in verbatim(f"terraform/roots/{cluster.platform}", fragment):
                yield Artifact(f"{layout.root(cluster.name)}/{name}", content, self.name)
        backend = render_template("terraform/backend.tf.j2", state=cluster.state)
        yield Artifact(f"{layout.root(cluster.name)}/backend.tf", backend.encode(), self.name)
        yield Artifact(layout.ignore(layout.root(cluster.name)), gitignore().encode(), self.name)
        variables = json_text(_variables(plan, cluster, cloud))
        yield Artifact(layout.variables(cluster.name), variables.encode(), self.name)


def _karpenter(cloud: RentedCluster) -> KarpenterPlan | None:
    return cloud.karpenter if isinstance(cloud, EksCluster) else None


def _fragments(cloud: RentedCluster) -> Iterator[str]:
    """The files of a root: one for each choice. What one of them decides, the others read as `local`s."""
    yield "provider.tf"
    yield "created.tf" if cloud.created else "existing.tf"
    yield "karpenter.tf" if _karpenter(cloud) else "pools.tf"


def _modules(cluster: ClusterPlan, cloud: RentedCluster) -> Iterator[str]:
    """What the cluster's root calls."""
    yield "eks-karpenter" if _karpenter(cloud) else f"{cluster.platform}-gpu-pools"
    if cloud.created:
        yield f"{cluster.platform}-cluster"


def _variables(plan: Plan, cluster: ClusterPlan, cloud: RentedCluster) -> dict[str, Any]:
    created = _created(cloud.created) if cloud.created else {}
    names = _karpenter(cloud)
    if names:
        return _sorted({"cluster_name": cloud.name, **created, **eks.karpenter(plan, cluster, names)})
    root, group_of = _ROOTS[cluster.platform]
    groups = {
        group.key: _sorted({**_group(pool, pool.of(RentedNodes), group), **group_of(pool, group)})
        for pool in cluster.pools
        for group in pool.groups
    }
    return _sorted({"cluster_name": cloud.name, "node_groups": _sorted(groups), **created, **root(plan, cluster)})


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


def _group(pool: NodePool, nodes: RentedNodes, group: NodeGroup) -> dict[str, Any]:
    """What a node group is on any cloud."""
    return {
        "capacity": group.capacity,
        "compact": group.compact,
        "disk_gib": nodes.disk_gib,
        "disk_type": nodes.disk_type,
        "gpus_per_node": pool.gpus_per_node,
        "labels": dict(sorted(pool.labels.items())),
        "max_nodes": pool.max_nodes,
        "max_pods": nodes.max_pods,
        "max_unavailable": nodes.unavailable,
        "min_nodes": group.min_nodes,
        "name": group.name,
        "pool": pool.name,
        "taints": [{"effect": taint.effect, "key": taint.key, "value": taint.value} for taint in pool.taints],
    }


_Root = Callable[[Plan, ClusterPlan], dict[str, Any]]
_Group = Callable[[NodePool, NodeGroup], dict[str, Any]]
_ROOTS: dict[str, tuple[_Root, _Group]] = {
    "eks": (eks.root, eks.group),
    "gke": (gke.root, gke.group),
    "aks": (aks.root, aks.group),
}
"""What the fragments of a platform in templates/terraform/roots/ are told of the cluster, and of each node group."""

TERRAFORM = TerraformTarget()
