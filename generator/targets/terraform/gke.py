"""What the Terraform roots of GKE are told: of the cluster, and of each node pool."""

from typing import Any

from generator.core.labels import plain_tags
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes
from generator.core.plan.clouds.rented import NodeGroup


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Project, place and identity of the nodes."""
    theirs = cluster.of(GkeCluster)
    return {
        "location": theirs.zone or cluster.region,
        "project": theirs.project,
        # Google's labels have neither dots nor slashes.
        "resource_labels": plain_tags(plan.fleet, plan.environment),
        "service_account": theirs.node_role,
    }


def group(pool: NodePool, group: NodeGroup) -> dict[str, Any]:
    """One type of machine with its accelerator, its zones, and the reservation it comes from."""
    nodes = pool.of(GkeNodes)
    [machine] = group.instance_types
    return {
        "accelerator": nodes.accelerators[machine],
        "local_ssds": nodes.local_ssds[machine],
        "machine_type": machine,
        "max_surge": nodes.surge,
        "reservation": group.reservation,
        "zones": list(nodes.zones),
    }
