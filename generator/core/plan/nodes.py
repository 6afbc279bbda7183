"""Pools after all decisions: nodes of one kind, and what the cloud that rents them adds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from generator.core.errors import BugError
from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.plan.place import Decision

if TYPE_CHECKING:
    from generator.core.plan.clouds.any import AnyNodes
    from generator.core.plan.clouds.rented import NodeGroup

Half = TypeVar("Half")


@frozen
class TaintPlan:
    """A node taint with its Kubernetes effect (`NoSchedule`)."""

    key: str
    value: str
    effect: str


@frozen
class NodePool:
    """GPU nodes of one kind. `labels` find the nodes.

    `taints` are declared on the nodes; `platform_taints` the platform sets by itself, on all nodes or on those bought
    in one way. `hosts` are the nodes by name, where they exist already and somebody has named them. `cloud` is what the
    cloud that rents them adds; None where nothing is rented.
    """

    name: str
    path: Path
    gpu: str
    gpus_per_node: int
    min_nodes: int
    max_nodes: int
    labels: Mapping[str, str]
    taints: tuple[TaintPlan, ...]
    platform_taints: tuple[TaintPlan, ...]
    hosts: tuple[str, ...]
    decisions: tuple[Decision, ...]
    cloud: "AnyNodes | None"

    @property
    def capacity(self) -> tuple[str, ...]:
        """The ways in which its nodes are bought, first choice first; none where nothing is."""
        return self.cloud.capacity if self.cloud else ()

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The types of its machines, first choice first; none where nothing is rented."""
        return self.cloud.instance_types if self.cloud else ()

    @property
    def groups(self) -> "tuple[NodeGroup, ...]":
        """What it becomes in its cluster, first choice first; none where nothing is rented."""
        return self.cloud.groups if self.cloud else ()

    @property
    def reservation(self) -> str | None:
        """The cloud's id of the reservation of its reserved nodes, where they are told one."""
        return self.cloud.reservation if self.cloud else None

    def of(self, kind: type[Half]) -> Half:
        """Its cloud's half, for whoever serves that cloud alone.

        Raises:
            BugError: another cloud rents the nodes, or none.
        """
        return half(self.cloud, kind)


def half(cloud: object, kind: type[Half]) -> Half:
    """A cloud's half that is of this kind.

    Raises:
        BugError: it is of another.
    """
    if not isinstance(cloud, kind):
        raise BugError(f"{type(cloud).__name__} where {kind.__name__} is")
    return cloud
