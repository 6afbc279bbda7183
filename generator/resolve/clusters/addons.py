"""Which charts a cluster lacks, for GPUs and gateways: what nobody has installed; and what Karpenter needs."""

import hashlib
from collections.abc import Collection

from generator.catalog import reader
from generator.core.plan import AddonPlan, KarpenterPlan
from generator.core.spec import Cluster

_AUTOSCALERS = ("cluster-autoscaler", "karpenter")
_ROLE, _QUEUE = 64, 80
"""Characters in the name of an IAM role, and of a queue."""


def addons(cluster: Cluster, gateways: Collection[str] = ()) -> tuple[AddonPlan, ...]:
    """The charts to install, by name: what GPUs need where there are any, and what its gateways, by kind, need."""
    other = _AUTOSCALERS[0] if cluster.autoscaler == _AUTOSCALERS[1] else _AUTOSCALERS[1]
    return tuple(
        AddonPlan(chart.name, chart.version, chart.repository, chart.namespace)
        for _, chart in sorted(reader.charts().items())
        if cluster.platform in chart.platforms
        and chart.name != other
        and not chart.unless & set(cluster.has)
        and (chart.gateways & set(gateways) if chart.gateways else cluster.pools)
    )


def karpenter(cluster: Cluster, cloud_name: str) -> KarpenterPlan | None:
    """Karpenter's names in the account, where the cluster has it start the nodes; `cloud_name` is the cluster's."""
    theirs = cluster.cluster
    if cluster.platform != "eks" or cluster.autoscaler != "karpenter" or theirs is None:
        return None
    given = (theirs.node_role or "").rpartition("/")[2]
    # Roles belong to the account, and clusters of two regions may share their name.
    name = f"{cloud_name}-{cluster.region or ''}"
    return KarpenterPlan(
        role=given or _name(name, "-karpenter-nodes", _ROLE),
        queue=_name(name, "-karpenter", _QUEUE),
        image=reader.charts()["karpenter"].image,
        installed="karpenter" in cluster.has,
    )


def _name(name: str, end: str, room: int) -> str:
    if len(name) + len(end) <= room:
        return f"{name}{end}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: room - len(end) - len(digest) - 1]}-{digest}{end}"
