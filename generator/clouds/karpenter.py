"""What Karpenter cannot do of what a pool of EKS may ask for."""

from collections.abc import Iterator

from generator.clouds.settings import nearest, without_effect
from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.spec import CloudCluster, Pool


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
