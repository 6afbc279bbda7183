"""What the Terraform roots of AKS are told: of the cluster, and of each pool."""

from typing import Any

from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.aks import AksCluster, AksNodes


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
        "tags": {"fleetgen-environment": plan.environment, "fleetgen-fleet": plan.fleet},
    }


def pool(pool: NodePool) -> dict[str, Any]:
    """Machines, zones, and the reservation they come from."""
    nodes = pool.of(AksNodes)
    return {
        "max_surge": nodes.surge,
        "reservation": nodes.reservation,
        "short_name": nodes.short_name,
        "vm_sizes": list(nodes.instance_types),
        "zones": list(nodes.zones),
    }
