"""What the Terraform roots of GKE are told: of the cluster, and of each pool."""

from typing import Any

from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Project, place and identity of the nodes."""
    theirs = cluster.of(GkeCluster)
    return {
        "location": theirs.zone or cluster.region,
        "project": theirs.project,
        # Google's labels have neither dots nor slashes.
        "resource_labels": {"fleetgen-environment": plan.environment, "fleetgen-fleet": plan.fleet},
        "service_account": theirs.node_role,
    }


def pool(pool: NodePool) -> dict[str, Any]:
    """Machines with their accelerators, zones, and the reservation they come from."""
    nodes = pool.of(GkeNodes)
    return {
        "machines": [
            {"accelerator": nodes.accelerators[type_], "local_ssds": nodes.local_ssds[type_], "type": type_}
            for type_ in nodes.instance_types
        ],
        "max_surge": nodes.surge,
        "reservation": nodes.reservation,
        "zones": list(nodes.zones),
    }
