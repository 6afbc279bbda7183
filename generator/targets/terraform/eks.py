"""What the Terraform roots of EKS are told: of the cluster, and of each pool."""

from typing import Any

from generator.core.plan import ClusterPlan, KarpenterPlan, NodePool, Plan


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Region, network and identity of the nodes."""
    # A created cluster brings its own subnets.
    network = {} if cluster.created else {"subnet_ids": list(cluster.subnets)}
    return {
        **network,
        # That of the chart which cluster/<cluster>/addons installs.
        "autoscaler_identity": any(addon.chart == "cluster-autoscaler" for addon in cluster.addons),
        "node_role_arn": cluster.node_role or None,
        "region": cluster.region,
        "tags": {"fleetgen.dev/environment": plan.environment, "fleetgen.dev/fleet": plan.fleet},
    }


def pool(nodes: NodePool) -> dict[str, Any]:
    """Machines of a GPU, and the reservation they come from."""
    reservation = {"id": nodes.reservation, "kind": nodes.reservation_kind or "on-demand"}
    return {
        "gpu": nodes.gpu,
        "instance_types": list(nodes.instance_types),
        "reservation": reservation if nodes.reservation else None,
    }


def karpenter(plan: Plan, cluster: ClusterPlan, names: KarpenterPlan) -> dict[str, Any]:
    """What Karpenter needs in the account: an identity of its nodes, and one and a queue of its controller."""
    return {
        "controller": not names.installed,
        "node_role_arn": cluster.node_role or None,
        "node_role_name": names.role,
        "queue_name": names.queue,
        "region": cluster.region,
        "tags": {"fleetgen.dev/environment": plan.environment, "fleetgen.dev/fleet": plan.fleet},
    }
