"""Karpenter's objects: for each pool and way of buying a NodePool, and an EC2NodeClass that describes its machines."""

from collections.abc import Iterator
from typing import Any

from generator.core.accelerators import RESOURCE
from generator.core.labels import part_of, tags
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.eks import EksCluster, EksNodes, KarpenterPlan
from generator.core.plan.clouds.rented import NodeGroup
from generator.render.emit import yaml_documents
from generator.render.header import header

IO2_IOPS = 3000
"""What an io2 disk has to be told, as modules/eks-gpu-pools has it."""


def files(plan: Plan, cluster: ClusterPlan) -> Iterator[tuple[str, str]]:
    """`karpenter.yaml`, where Karpenter starts the nodes."""
    theirs = cluster.cloud
    if not isinstance(theirs, EksCluster) or theirs.karpenter is None:
        return
    objects = []
    for pool in cluster.pools:
        for group in pool.groups:
            objects.append(_node_pool(plan, pool, group))
            objects.append(_node_class(plan, theirs, theirs.karpenter, pool, group))
    if objects:
        what = f"Nodes of cluster {cluster.name}, as Karpenter starts them"
        yield "karpenter.yaml", yaml_documents(objects, header(what, "kubectl apply -f karpenter.yaml"))


def _metadata(plan: Plan, group: NodeGroup) -> dict[str, Any]:
    return {"name": group.key, "labels": part_of(plan.fleet)}


def _node_pool(plan: Plan, pool: NodePool, group: NodeGroup) -> dict[str, Any]:
    taints = [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints]
    template = {
        "metadata": {"labels": dict(pool.labels)},
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": group.key},
            "requirements": [
                _among("node.kubernetes.io/instance-type", list(group.instance_types)),
                _among("karpenter.sh/capacity-type", [group.capacity]),
                _among("kubernetes.io/arch", ["amd64"]),
            ],
            "taints": [{key: value for key, value in taint.items() if value} for taint in taints],
            # A node that ends by its age takes its model server with it.
            "expireAfter": "Never",
        },
    }
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": _metadata(plan, group),
        "spec": {
            "weight": group.priority,
            "limits": {RESOURCE: pool.max_nodes * pool.gpus_per_node},
            # Only nodes without a pod go: to pack model servers closer means to restart them.
            "disruption": {
                "consolidationPolicy": "WhenEmpty",
                "consolidateAfter": "10m",
                "budgets": [{"nodes": "1"}],
            },
            "template": template,
        },
    }


def _among(key: str, values: list[str]) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": values}


def _subnets(cluster: EksCluster) -> list[dict[str, Any]]:
    """The subnets of the nodes; modules/eks-cluster puts the tag on those that it makes for nodes."""
    if cluster.created:
        return [{"tags": {"karpenter.sh/discovery": cluster.created.name}}]
    return [{"id": subnet} for subnet in cluster.subnets]


def _node_class(
    plan: Plan, cluster: EksCluster, karpenter: KarpenterPlan, pool: NodePool, group: NodeGroup
) -> dict[str, Any]:
    nodes = pool.of(EksNodes)
    root = {"volumeSize": f"{nodes.disk_gib}Gi", "volumeType": nodes.disk_type or "gp3", "encrypted": True}
    if nodes.disk_type == "io2":
        root["iops"] = IO2_IOPS
    held = {"capacityReservationSelectorTerms": [{"id": group.reservation}]} if group.reservation else {}
    return {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": _metadata(plan, group),
        "spec": {
            "amiSelectorTerms": [{"alias": karpenter.image}],
            "role": karpenter.role,
            "subnetSelectorTerms": _subnets(cluster),
            # EKS puts this tag on the security group that it makes for the cluster, and on no other.
            "securityGroupSelectorTerms": [{"tags": {"aws:eks:cluster-name": cluster.name}}],
            **held,
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {**root, "deleteOnTermination": True}}],
            "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
            **({"kubelet": {"maxPods": nodes.max_pods}} if nodes.max_pods else {}),
            "tags": tags(plan.fleet, plan.environment),
        },
    }
