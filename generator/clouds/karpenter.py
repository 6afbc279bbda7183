"""Karpenter on EKS: its names in the account, and what it cannot do of what a pool may ask for."""

from collections.abc import Iterator

from generator.catalog import reader
from generator.clouds.settings import nearest, without_effect
from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.plan.clouds.eks import KarpenterPlan
from generator.core.spec import CloudCluster, Cluster, Pool

_ROLE, _QUEUE = 64, 80
"""Characters in the name of an IAM role, and of a queue."""


def karpenter(cluster: Cluster, cloud_name: str) -> KarpenterPlan | None:
    """Karpenter's names in the account, where the cluster has it start the nodes; `cloud_name` is the cluster's."""
    theirs = cluster.cluster
    if cluster.autoscaler != "karpenter" or theirs is None:
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


def karpenter_subnets(cluster: CloudCluster, path: Path) -> Iterator[Finding]:
    """A finding where the subnets of the nodes are not named."""
    if not cluster.subnets and cluster.create is None:
        yield kinds.KARPENTER_CANNOT.at(
            path,
            "Karpenter has to be told the subnets of its nodes",
            cause="`subnets` is missing, and Karpenter asks no cluster for its own",
            help="add `subnets: [subnet-...]`",
            on_key=True,
        )


def karpenter_findings(pool: Pool, path: Path) -> Iterator[Finding]:
    """The settings of a pool that node groups have and Karpenter has not."""
    if pool.nodes.min:
        yield kinds.KARPENTER_CANNOT.at(
            nearest(pool, path, "nodes")[0],
            "Karpenter keeps no minimum of nodes",
            cause=f"nodes.min is {pool.nodes.min}",
            help=f"write `nodes: {{min: 0, max: {pool.nodes.max}}}`; replicas that always run keep their nodes",
        )
    if "reserved" in pool.capacity and pool.reservation is None:
        yield kinds.KARPENTER_CANNOT.at(
            nearest(pool, path, "capacity")[0],
            "Karpenter takes reserved nodes only from a reservation that it is told",
            cause="capacity lists `reserved`, and `reservation` is missing",
            help="add `reservation: {id: cr-...}`",
        )
    if pool.compact:
        yield kinds.KARPENTER_CANNOT.at(
            (*path, "compact"),
            "Karpenter makes no placement group",
            cause="`compact` asks for one",
            help="remove `compact`, or keep to `autoscaler: cluster-autoscaler`",
        )
    if pool.upgrade is not None:
        reason = "Karpenter replaces one node at a time"
        yield from without_effect(pool, path, {"upgrade": reason})


def _name(name: str, end: str, room: int) -> str:
    if len(name) + len(end) <= room:
        return f"{name}{end}"
    import hashlib  # brings OpenSSL, for names that are too long

    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: room - len(end) - len(digest) - 1]}-{digest}{end}"
