"""EKS: what its clusters and their pools have beside what all clouds have."""

from generator.core.frozen import frozen
from generator.core.plan.clouds.rented import RentedCluster, RentedNodes


@frozen
class EksNodes(RentedNodes):
    """The node groups of a pool. `capacity_block`: the reservation was bought for some days, and binds its type."""

    capacity_block: bool


@frozen
class KarpenterPlan:
    """Karpenter instead of node groups.

    `role` is the name of the IAM role of its nodes, `queue` that of the queue by which AWS tells it of nodes that will
    end, `image` the machine image as Karpenter calls it. `installed`: its controller is there already.
    """

    role: str
    queue: str
    image: str
    installed: bool


@frozen
class EksCluster(RentedCluster):
    """A cluster of EKS. Nodes live in its `subnets`, in the cluster's own where none is named.

    `node_role` is the ARN of the nodes' IAM role; one is created where it is None. With `karpenter` the pools are no
    node groups.
    """

    subnets: tuple[str, ...]
    node_role: str | None
    karpenter: KarpenterPlan | None

    @property
    def zoned_by_subnets(self) -> bool:
        """Whether the zones of its nodes follow from its subnets, as they do."""
        return True
