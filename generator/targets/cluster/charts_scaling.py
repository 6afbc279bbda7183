"""Values of the charts that start and end nodes."""

from typing import Any

from generator.core.plan import ClusterPlan
from generator.core.plan.clouds.eks import EksCluster


def cluster_autoscaler(cluster: ClusterPlan) -> dict[str, Any]:
    """The cluster autoscaler of EKS: it finds the node groups by the tags that Terraform gives them."""
    return {
        "autoDiscovery": {"clusterName": cluster.of(EksCluster).name},
        "awsRegion": cluster.region,
        "cloudProvider": "aws",
        "extraArgs": {
            # Of the groups that could start a pod, the first by priorities.yaml; any of them where it names none.
            "expander": "priority",
            # A node is not worth keeping for the scratch space of a model server.
            "skip-nodes-with-local-storage": False,
        },
        # The name that a pod identity is associated with.
        "rbac": {"serviceAccount": {"create": True, "name": "cluster-autoscaler"}},
    }


def karpenter(cluster: ClusterPlan) -> dict[str, Any]:
    """Karpenter, by the names that Terraform gives what it needs in the account."""
    theirs = cluster.of(EksCluster)
    queue = {"interruptionQueue": theirs.karpenter.queue} if theirs.karpenter else {}
    # The names that a pod identity is associated with.
    account = {"create": True, "name": "karpenter"}
    return {"serviceAccount": account, "settings": {"clusterName": theirs.name, **queue}}
