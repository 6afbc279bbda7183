"""What the Terraform roots of EKS are told: of the cluster, and of each node group."""

from typing import Any

from generator.core.labels import tags
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.clouds.eks import EksCluster, EksNodes, KarpenterPlan
from generator.core.plan.clouds.rented import NodeGroup


def root(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    """Region, network and identity of the nodes."""
    theirs = cluster.of(EksCluster)
    # A created cluster brings its own subnets.
    network = {} if theirs.created else {"subnet_ids": list(theirs.subnets)}
    return {
        **network,
        # That of the chart which cluster/<cluster>/addons installs.
        "autoscaler_identity": any(addon.chart == "cluster-autoscaler" for addon in cluster.addons),
        "node_role_arn": theirs.node_role,
        "region": cluster.region,
        "tags": tags(plan.fleet, plan.environment),
    }


def group(pool: NodePool, group: NodeGroup) -> dict[str, Any]:
    """Machines of a GPU, and the reservation they come from."""
    kind = "capacity-block" if pool.of(EksNodes).capacity_block else "on-demand"
    return {
        "gpu": pool.gpu,
        "instance_types": list(group.instance_types),
        "reservation": {"id": group.reservation, "kind": kind} if group.reservation else None,
    }


def karpenter(plan: Plan, cluster: ClusterPlan, names: KarpenterPlan) -> dict[str, Any]:
    """What Karpenter needs in the account: an identity of its nodes, and one and a queue of its controller."""
    return {
        "controller": not names.installed,
        "node_role_arn": cluster.of(EksCluster).node_role,
        "node_role_name": names.role,
        "queue_name": names.queue,
        "region": cluster.region,
        "tags": tags(plan.fleet, plan.environment),
    }
