"""What the Terraform roots of GKE are told: of the cluster, and of each pool."""

from typing import Any

from generator.core.plan import ClusterPlan, NodePool, Plan


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Project, place and identity of the nodes."""
    return {
        "location": cluster.zone or cluster.region,
        "project": cluster.project,
        # Google's labels have neither dots nor slashes.
        "resource_labels": {"fleetgen-environment": plan.environment, "fleetgen-fleet": plan.fleet},
        "service_account": cluster.node_role or None,
    }


def pool(nodes: NodePool) -> dict[str, Any]:
    """Machines with their accelerators, zones, and the reservation they come from."""
    return {
        "machines": [
            {"accelerator": accelerator, "local_ssds": local_ssds, "type": type_}
            for type_, accelerator, local_ssds in zip(
                nodes.instance_types, nodes.accelerators, nodes.local_ssds, strict=True
            )
        ],
        "max_surge": nodes.surge,
        "reservation": nodes.reservation or None,
        "zones": list(nodes.zones),
    }
