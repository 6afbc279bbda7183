"""What the clouds that rent machines share: node groups, the rented half of a pool and of a cluster."""

from generator.core.frozen import frozen


@frozen
class NodeGroup:
    """One node group of a pool in its cloud: nodes bought in one way, of one type or of several equal ones.

    `key` is its address in Terraform (`l4-spot`), `name` what the cloud calls it, or the beginning of that. `pattern`
    is a regular expression that finds the name by which the cluster autoscaler knows it: EKS's autoscaling group, AKS's
    scale set, GKE's node pool. Of two groups that could start the same pod, the one of the higher `priority` is asked
    first. `min_nodes` always run. `reservation` is the cloud's id of the one that serves it, where it is told one; the
    nodes of a `compact` group stand close together.
    """

    key: str
    name: str
    pattern: str
    capacity: str
    instance_types: tuple[str, ...]
    min_nodes: int
    priority: int
    reservation: str | None
    compact: bool


@frozen
class RentedNodes:
    """What every cloud rents for a pool. `capacity` and `instance_types` are in order of preference.

    `groups` are what the pool becomes in the cluster, first choice first. `memory_gib` and `vcpus` are those of the
    smallest machine of its types, 0 where they are not known; `spot_notice_s` is what a spot node has left when it is
    told to end, 0 where none is bought. The platform decides the `disk_type` and `max_pods` that are None. An upgrade
    takes `unavailable` nodes below the number that runs.
    """

    capacity: tuple[str, ...]
    instance_types: tuple[str, ...]
    groups: tuple[NodeGroup, ...]
    memory_gib: float
    vcpus: int
    spot_notice_s: int
    disk_gib: int
    disk_type: str | None
    max_pods: int | None
    unavailable: int

    @property
    def reservation(self) -> str | None:
        """The cloud's id of the reservation that serves the reserved nodes, where they are told one."""
        return next((group.reservation for group in self.groups if group.reservation), None)


@frozen
class CreatedPlan:
    """A cluster that Terraform creates: its name in the cloud, address ranges (CIDR), and its system pool.

    `zones` are empty where the cloud chooses them, `pods` where pods take addresses of the nodes' range, and
    `public_access` where the control plane is private.
    """

    name: str
    version: str
    zones: tuple[str, ...]
    nodes: str
    pods: str
    services: str
    public_access: tuple[str, ...]
    machine: str
    min_nodes: int
    max_nodes: int


@frozen
class RentedCluster:
    """A cluster of a cloud by its `name` there. It stands already, or Terraform creates it as `created` says."""

    name: str
    created: CreatedPlan | None

    @property
    def account(self) -> str:
        """The account that whoever asks of it signs in to, as far as the spec says so."""
        return ""

    @property
    def zoned_by_subnets(self) -> bool:
        """Whether the zones of its nodes follow from its subnets; a pool's `zones` decide them otherwise."""
        return False

    @property
    def owner(self) -> str:
        """What its name is unique in beside its region, in words; empty where it is nothing."""
        return ""
