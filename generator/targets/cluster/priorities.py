"""Which node group is tried first: what autoscalers are told of the order of a pool's groups."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from generator.core.labels import part_of
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.aks import AksCluster
from generator.core.plan.clouds.eks import EksCluster
from generator.core.plan.clouds.gke import GkeNodes
from generator.core.plan.clouds.rented import NodeGroup
from generator.render.emit import yaml_documents, yaml_text
from generator.render.header import header

_AKS = (
    "AKS reads it only where the autoscaler's profile says so:"
    " az aks update --cluster-autoscaler-profile expander=priority"
)
_EKS = "The cluster autoscaler reads it with --expander=priority, as the add-on has it."
_GKE = "GKE tries the node pools of a class in this order."
_EXPANDED = {EksCluster: _EKS, AksCluster: _AKS}
"""Clusters whose autoscaler reads a ConfigMap, and when it does; GKE's has classes instead."""


def files(plan: Plan, cluster: ClusterPlan) -> Iterator[tuple[str, str]]:
    """`priorities.yaml`, where there is a group to be preferred to another."""
    expanded = _EXPANDED.get(type(cluster.cloud))
    if expanded and not _karpenter(cluster) and any(pool.groups for pool in cluster.pools):
        yield "priorities.yaml", yaml_text(_config_map(plan, cluster), _header(cluster, expanded))
    rented = [(pool, pool.cloud) for pool in cluster.pools]
    classes = [
        _compute_class(plan, pool, nodes)
        for pool, nodes in rented
        if isinstance(nodes, GkeNodes) and nodes.compute_class
    ]
    if classes:
        yield "priorities.yaml", yaml_documents(classes, _header(cluster, _GKE))


def _karpenter(cluster: ClusterPlan) -> bool:
    return isinstance(cluster.cloud, EksCluster) and cluster.cloud.karpenter is not None


def _header(cluster: ClusterPlan, read: str) -> str:
    return header(f"Order of the node groups of cluster {cluster.name}", "kubectl apply -f priorities.yaml", read)


def _config_map(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    labels = part_of(plan.fleet)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cluster-autoscaler-priority-expander", "namespace": "kube-system", "labels": labels},
        "data": {"priorities": _priorities(cluster)},
    }


def _priorities(cluster: ClusterPlan) -> str:
    """A map from numbers to patterns. The autoscaler takes no number in quotes, so this text is made here."""
    patterns: dict[int, list[str]] = defaultdict(list)
    for pool in cluster.pools:
        for group in pool.groups:
            patterns[group.priority].append(group.pattern)
    lines = []
    for priority in sorted(patterns, reverse=True):
        lines.append(f"{priority}:")
        lines += ["  - '{}'".format(pattern.replace("'", "''")) for pattern in patterns[priority]]
    return "\n".join(lines) + "\n"


def _compute_class(plan: Plan, pool: NodePool, nodes: GkeNodes) -> dict[str, Any]:
    """The class of a pool. Node pools have generated names, so its rules tell them by machine and way of buying."""
    return {
        "apiVersion": "cloud.google.com/v1",
        "kind": "ComputeClass",
        "metadata": {"name": nodes.compute_class, "labels": part_of(plan.fleet)},
        "spec": {
            "priorities": [_rule(pool, nodes, group) for group in sorted(nodes.groups, key=_last_first)],
            "whenUnsatisfiable": "DoNotScaleUp",
            "nodePoolAutoCreation": {"enabled": False},
            # A model server that moves to a better node is a model server that restarts.
            "activeMigration": {"optimizeRulePriority": False},
        },
    }


def _last_first(group: NodeGroup) -> int:
    return -group.priority


def _rule(pool: NodePool, nodes: GkeNodes, group: NodeGroup) -> dict[str, Any]:
    [machine] = group.instance_types
    bought: dict[str, Any] = {"spot": group.capacity == "spot"}
    if group.capacity == "flex-start":
        bought = {"flexStart": {"enabled": True}}
    if group.capacity == "reserved":
        bought["reservations"] = _reservations(group.reservation)
    return {"machineType": machine, **bought, "gpu": {"type": nodes.accelerators[machine], "count": pool.gpus_per_node}}


def _reservations(reservation: str | None) -> dict[str, Any]:
    """The reservation of the node pool: of this project by its name, of another by its path; any open one without."""
    if not reservation:
        return {"affinity": "AnyBestEffort"}
    parts = reservation.split("/")
    named = {"name": parts[0]} if len(parts) < 3 or parts[0] != "projects" else {"project": parts[1], "name": parts[3]}
    return {"affinity": "Specific", "specific": [named]}
