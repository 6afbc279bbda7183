"""What the Terraform roots of AKS are told: of the cluster, and of each pool."""

from typing import Any

from generator.core.plan import ClusterPlan, NodePool, Plan


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Subscription, resource group and subnet of the nodes."""
    # A created cluster brings its own subnet.
    network = {} if cluster.created else {"subnet_id": cluster.subnets[0] if cluster.subnets else None}
    return {
        **network,
        "location": cluster.region,
        "resource_group_name": cluster.resource_group,
        "subscription_id": cluster.subscription or None,
        # Azure's tags have no slashes.
        "tags": {"fleetgen-environment": plan.environment, "fleetgen-fleet": plan.fleet},
    }


def pool(nodes: NodePool) -> dict[str, Any]:
    """Machines, zones, and the reservation they come from."""
    return {
        "max_surge": nodes.surge,
        "reservation": nodes.reservation or None,
        "short_name": nodes.short_name,
        "vm_sizes": list(nodes.instance_types),
        "zones": list(nodes.zones),
    }
