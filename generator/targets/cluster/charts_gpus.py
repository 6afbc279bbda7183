"""Values of the charts that make GPUs known to Kubernetes: they have to reach every node of our pools."""

from typing import Any

from generator.core.accelerators import RESOURCE
from generator.core.labels import POOL
from generator.core.plan import ClusterPlan

_CONTROL_PLANE = {"key": "node-role.kubernetes.io/control-plane", "operator": "Exists", "effect": "NoSchedule"}


def device_plugin(cluster: ClusterPlan) -> dict[str, Any]:
    """The NVIDIA device plugin on the nodes of our pools; by itself it waits for labels of node feature discovery."""
    pools = [pool.name for pool in cluster.pools]
    ours = {"matchExpressions": [{"key": POOL, "operator": "In", "values": pools}]}
    return {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [ours]}}},
        "tolerations": _tolerations(cluster),
    }


def gpu_operator(cluster: ClusterPlan) -> dict[str, Any]:
    """The GPU operator: driver, container toolkit, device plugin and metrics on every node that has a GPU."""
    scraped = "prometheus-operator" in cluster.has
    labels = {"additionalLabels": dict(cluster.monitor_labels)} if scraped and cluster.monitor_labels else {}
    return {
        "daemonsets": {"tolerations": _tolerations(cluster)},
        "dcgmExporter": {"serviceMonitor": {"enabled": scraped, **labels}},
        "node-feature-discovery": {"worker": {"tolerations": [_CONTROL_PLANE, *_tolerations(cluster)]}},
    }


def _tolerations(cluster: ClusterPlan) -> list[dict[str, str]]:
    """Of every taint that a node of our pools may have, whatever its value and effect."""
    taints = [taint for pool in cluster.pools for taint in (*pool.taints, *pool.platform_taints)]
    return [{"key": key, "operator": "Exists"} for key in sorted({RESOURCE, *(taint.key for taint in taints)})]
