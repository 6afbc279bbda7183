"""GKE: what its clusters and their pools have beside what all clouds have."""

from collections.abc import Mapping

from generator.core.frozen import frozen
from generator.core.plan.clouds.rented import RentedCluster, RentedNodes


@frozen
class GkeNodes(RentedNodes):
    """The node pools of a pool, in its `zones`, or in the cluster's own where none is named.

    By type of machine, `accelerators` are Google's words for the GPU, and `local_ssds` how many come with the machine.
    Where GKE has to choose between several node pools, `compute_class` is the name of the ComputeClass that tells it
    how: the nodes carry its label and taint, and pods ask for it by them. An upgrade takes `surge` nodes above the
    number that runs.
    """

    zones: tuple[str, ...]
    accelerators: Mapping[str, str]
    local_ssds: Mapping[str, int]
    compute_class: str | None
    surge: int


@frozen
class GkeCluster(RentedCluster):
    """A cluster of GKE in a `project`. A zonal one has a `zone`.

    `node_role` is the e-mail of the nodes' service account; one is created where it is None.
    """

    project: str
    zone: str | None
    node_role: str | None

    @property
    def account(self) -> str:
        """Its project."""
        return self.project

    @property
    def owner(self) -> str:
        """Its project, in words."""
        return f"project {self.project}"
