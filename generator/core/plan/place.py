"""Placements after all decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.plan.workload import Workload


@frozen
class Decision:
    """A decided value and its why, for `gen explain`. `field` is a setting's name as the spec spells it."""

    field: str
    value: str
    why: str
    path: Path


@frozen
class TolerationPlan:
    """A pod toleration; an empty effect tolerates all of them."""

    key: str
    operator: str
    value: str
    effect: str


@frozen
class Autoscaling:
    """KEDA's work: scale on the sum of waiting requests. `threshold` is per replica; times in seconds."""

    server: str
    query: str
    threshold: int
    polling_s: int
    cooldown_s: int


@frozen
class Rollout:
    """How a new version replaces the old: at most `surge` pods more, `unavailable` pods fewer.

    `recreate`: no new pod is made before the old one has ended.
    """

    surge: int
    unavailable: int
    recreate: bool = False


@frozen
class Disruption:
    """The PodDisruptionBudget: how many pods a drain may take at once."""

    max_unavailable: int


@frozen
class PatchPlan:
    """A merge patch for one emitted object."""

    path: Path
    target: str
    merge: Mapping[str, Any]


@frozen
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
    decisions: Sequence[Decision]

    @property
    def id(self) -> str:
        """`model/placement`, as patches and backends name it."""
        return f"{self.model}/{self.name}"
