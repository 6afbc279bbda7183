"""AKS: what its clusters and their pools have beside what all clouds have."""

from generator.core.frozen import frozen
from generator.core.plan.clouds.rented import RentedCluster, RentedNodes


@frozen
class AksNodes(RentedNodes):
    """The node pools of a pool, in its `zones`, or in no zone in particular where none is named.

    An upgrade takes `surge` nodes above the number that runs.
    """

    zones: tuple[str, ...]
    surge: int


@frozen
class AksCluster(RentedCluster):
    """A cluster of AKS in a `resource_group`.

    `subscription` is that of whoever runs Terraform, and `subnet` that of AKS's own network, where they are None.
    """

    resource_group: str
    subscription: str | None
    subnet: str | None

    @property
    def account(self) -> str:
        """Its subscription."""
        return self.subscription or ""

    @property
    def owner(self) -> str:
        """Its resource group, in words."""
        return f"resource group {self.resource_group}"
