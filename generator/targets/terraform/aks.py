"""What the Terraform roots of AKS are told: of the cluster, and of each node pool."""

from typing import Any

from generator.core.labels import plain_tags
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.aks import AksCluster, AksNodes
from generator.core.plan.clouds.rented import NodeGroup


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Subscription, resource group and subnet of the nodes."""
    # A created cluster brings its own subnet.
    theirs = cluster.of(AksCluster)
    network = {} if theirs.created else {"subnet_id": theirs.subnet}
    return {
        **network,
        "location": cluster.region,
        "resource_group_name": theirs.resource_group,
        "subscription_id": theirs.subscription,
        # Azure's tags have no slashes.
        "tags": plain_tags(plan.fleet, plan.environment),
    }


def group(pool: NodePool, group: NodeGroup) -> dict[str, Any]:
    """One size of machine, its zones, and the reservation it comes from."""
    nodes = pool.of(AksNodes)
    [size] = group.instance_types
    return {
        "max_surge": nodes.surge,
        "reservation": group.reservation,
        "vm_size": size,
        "zones": list(nodes.zones),
    }
