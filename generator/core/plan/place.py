"""Pools and placements after all decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.core.finding import Path
from generator.core.plan.workload import Workload


@dataclass(frozen=True, slots=True)
class Decision:
    """A decided value and its why, for `gen explain`. `field` is a setting's name as the spec spells it."""

    field: str
    value: str
    why: str
    path: Path


@dataclass(frozen=True, slots=True)
class TaintPlan:
    """A node taint with its Kubernetes effect (`NoSchedule`)."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class TolerationPlan:
    """A pod toleration; an empty effect tolerates all of them."""

    key: str
    operator: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """One node group of a pool in its cloud: nodes bought in one way, of one type or of several equal ones.

    `key` is its address in Terraform (`l4-spot`). `pattern` is a regular expression that finds the name by which the
    cluster autoscaler knows it: EKS's autoscaling group, AKS's scale set, GKE's node pool. Of two groups that could
    start the same pod, the one of the higher `priority` is asked first. `min_nodes` always run.
    """

    key: str
    pattern: str
    capacity: str
    instance_types: tuple[str, ...]
    min_nodes: int
    priority: int


@dataclass(frozen=True, slots=True)
class NodePool:
    """GPU nodes of one kind. `labels` find the nodes; `capacity` and `instance_types` are in order of preference.

    `groups` are what the pool becomes in a cloud, first choice first; none where the nodes exist already. Where GKE has
    to choose between several, `compute_class` is the name of the ComputeClass that tells it how: the nodes carry its
    label and taint, and pods ask for it by them.

    `reservation_kind` is `on-demand` or `capacity-block`, and empty without a reservation. `memory_gib` and `vcpus` are
    those of the smallest machine of its types, 0 where they are not known; `spot_notice_s` is what a spot node has left
    when it is told to end, 0 without one.

    `taints` are declared on the nodes; `platform_taints` the platform sets by itself, on all nodes or on those bought
    in one way. `zones` are empty where the cluster's own will do. `accelerators` are the cloud's words for the GPU,
    one for each type, and `short_name` is the pool's name as far as the cloud has room for it; both are empty where it
    asks for none.

    `disk_type` and `max_pods` are empty and 0 where the platform's own will do; `local_ssds` are those that come with
    the machine of each type, where a node pool has to be told. An upgrade takes `surge` nodes above the number that
    runs, and `unavailable` below it. `hosts` are the nodes by name where they exist
    already and somebody has named them.
    """

    name: str
    path: Path
    gpu: str
    gpus_per_node: int
    min_nodes: int
    max_nodes: int
    capacity: tuple[str, ...]
    instance_types: tuple[str, ...]
    labels: Mapping[str, str]
    taints: tuple[TaintPlan, ...]
    disk_gib: int
    reservation: str
    decisions: tuple[Decision, ...] = ()
    reservation_kind: str = ""
    memory_gib: float = 0.0
    vcpus: int = 0
    spot_notice_s: int = 0
    platform_taints: tuple[TaintPlan, ...] = ()
    zones: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    short_name: str = ""
    groups: tuple[NodeGroup, ...] = ()
    compute_class: str = ""
    disk_type: str = ""
    local_ssds: tuple[int, ...] = ()
    max_pods: int = 0
    compact: bool = False
    surge: int = 0
    unavailable: int = 1
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """KEDA's work: scale on the sum of waiting requests. `threshold` is per replica; times in seconds."""

    server: str
    query: str
    threshold: int
    polling_s: int
    cooldown_s: int


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a new version replaces the old: at most `surge` pods more, `unavailable` pods fewer.

    `recreate`: no new pod is made before the old one has ended.
    """

    surge: int
    unavailable: int
    recreate: bool = False


@dataclass(frozen=True, slots=True)
class Disruption:
    """The PodDisruptionBudget: how many pods a drain may take at once."""

    max_unavailable: int


@dataclass(frozen=True, slots=True)
class PatchPlan:
    """A merge patch for one emitted object."""

    path: Path
    target: str
    merge: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlacementPlan:
    """One placement, decided. `service` is its DNS name in the cluster and the name of its Helm release or service.

    `pool` is empty on CPU. `device_ids` are GPUs of a docker host, one tuple a replica. `storage_class` is empty when
    the cache dies with the pod. `autoscaling` is None when the replicas are fixed; `disruption` is None where a budget
    would block every drain. `host_port` is 0 when the port is not published.
    """

    path: Path
    model: str
    name: str
    cluster: str
    pool: str
    service: str
    workload: Workload
    min_replicas: int
    max_replicas: int
    rollout: Rollout
    disruption: Disruption | None
    autoscaling: Autoscaling | None
    node_selector: Mapping[str, str]
    tolerations: tuple[TolerationPlan, ...]
    priority_class: str
    service_account: str
    storage_class: str
    host_port: int
    device_ids: tuple[tuple[str, ...], ...]
    context: int
    concurrency: int
    patches: tuple[PatchPlan, ...]
    decisions: tuple[Decision, ...]

    @property
    def id(self) -> str:
        """`model/placement`, as patches and backends name it."""
        return f"{self.model}/{self.name}"
