"""The whole plan: what targets see."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.core.finding import Path
from generator.core.plan.cost import CostPlan
from generator.core.plan.place import NodePool, PlacementPlan
from generator.core.plan.routes import GatewayPlan


@dataclass(frozen=True, slots=True)
class TerraformState:
    """Where the state lies. What a backend does not have is empty.

    `s3` has bucket, region and key; `gcs` a bucket and a prefix as `key`; `azurerm` a container as `bucket` in an
    `account`, and a key.
    """

    bucket: str
    region: str
    key: str
    backend: str = "s3"
    account: str = ""


@dataclass(frozen=True, slots=True)
class AddonPlan:
    """A chart that the cluster lacks: its name, the version that is pinned, where it is had, and where it goes."""

    chart: str
    version: str
    repository: str
    namespace: str


@dataclass(frozen=True, slots=True)
class KarpenterPlan:
    """Karpenter instead of node groups (EKS).

    `role` is the name of the IAM role of its nodes, `queue` that of the queue by which AWS tells it of nodes that will
    end, `image` the machine image as Karpenter calls it. `installed`: its controller is there already.
    """

    role: str
    queue: str
    image: str
    installed: bool


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """One cluster, decided. Text fields are empty where the platform has no such thing.

    `kubernetes` is false for a docker host. `existing` is the name of the cloud's cluster that stands already;
    `created` is the one that Terraform creates instead. `subnets` and `node_role` speak of either, as do `project` and
    `zone` (GKE), `resource_group` and `subscription` (AKS).
    `monitor_labels` are what the cluster's Prometheus selects PodMonitors by; it runs in `monitor_namespace`, which is
    empty when its URL does not say. `addons` are the charts without which its nodes or pods do not work, by name.
    With `karpenter` its pools are not node groups.
    """

    name: str
    path: Path
    platform: str
    kubernetes: bool
    region: str
    namespace: str
    existing: str
    subnets: tuple[str, ...]
    node_role: str
    has: frozenset[str]
    storage_class: str
    monitor_labels: Mapping[str, str]
    state: TerraformState | None
    bind: str
    pools: tuple[NodePool, ...]
    monitor_namespace: str = ""
    project: str = ""
    zone: str = ""
    resource_group: str = ""
    subscription: str = ""
    addons: tuple[AddonPlan, ...] = ()
    karpenter: KarpenterPlan | None = None
    created: CreatedPlan | None = None

    @property
    def cloud_name(self) -> str:
        """The cluster's name in the cloud; empty for one that no cloud runs."""
        return self.created.name if self.created else self.existing


@dataclass(frozen=True, slots=True)
class Plan:
    """A fleet in one environment. Clusters and gateways by name, placements by cluster, model, name: all sorted."""

    fleet: str
    environment: str
    clusters: tuple[ClusterPlan, ...]
    placements: tuple[PlacementPlan, ...]
    gateways: tuple[GatewayPlan, ...]
    pull_secret: str
    cost: CostPlan = field(default_factory=CostPlan)

    def placements_in(self, cluster: str) -> tuple[PlacementPlan, ...]:
        """The placements of one cluster."""
        return tuple(placement for placement in self.placements if placement.cluster == cluster)

    def cluster(self, name: str) -> ClusterPlan:
        """A cluster by name."""
        return next(cluster for cluster in self.clusters if cluster.name == name)
