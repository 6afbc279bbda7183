"""The whole plan: what targets see."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.plan.cost import CostPlan
from generator.core.plan.network import AuthoritiesPlan
from generator.core.plan.nodes import Half, NodePool, half
from generator.core.plan.place import PlacementPlan
from generator.core.plan.routes import GatewayPlan
from generator.core.plan.workload import SecretRef, SecretUse

if TYPE_CHECKING:
    from generator.core.plan.clouds.any import AnyCluster
    from generator.core.plan.state import TerraformState


@frozen
class AddonPlan:
    """A chart that the cluster lacks: its name, the version that is pinned, where it is had, and where it goes.

    `images` are those of a mirror, by the path of the value that names each; empty where the chart's own are pulled.
    `pull_secrets` are the values that name the secret which the mirror asks for: a list of a `name`, or of an `object`.
    """

    chart: str
    version: str
    repository: str
    namespace: str
    images: Mapping[str, str] = field(default_factory=dict)
    pull_secrets: Mapping[str, str] = field(default_factory=dict)


@frozen
class ClusterPlan:
    """One cluster, decided. Text fields are empty where the platform has no such thing.

    `kubernetes` is false for a docker host. `monitor_labels` are what the cluster's Prometheus selects PodMonitors by;
    it runs in `monitor_namespace`, which is empty when its URL does not say. `addons` are the charts without which its
    nodes or pods do not work, by name. Terraform's `state` is local where it is None. `cloud` is what the cloud that
    runs the cluster adds; None where none does. All containers trust the `authorities`, or those of their images.
    """

    name: str
    path: Path
    platform: str
    kubernetes: bool
    region: str
    namespace: str
    has: frozenset[str]
    storage_class: str
    monitor_labels: Mapping[str, str]
    monitor_namespace: str
    state: "TerraformState | None"
    bind: str
    pools: tuple[NodePool, ...]
    addons: tuple[AddonPlan, ...]
    cloud: "AnyCluster | None"
    authorities: AuthoritiesPlan | None = None

    @property
    def existing(self) -> str:
        """The name of the cloud's cluster that stands already; empty where there is none."""
        return self.cloud.name if self.cloud and not self.cloud.created else ""

    def of(self, kind: type[Half]) -> Half:
        """Its cloud's half, for whoever serves that cloud alone.

        Raises:
            BugError: another cloud runs the cluster, or none.
        """
        return half(self.cloud, kind)


@frozen
class Plan:
    """A fleet in one environment. Clusters and gateways by name, placements by cluster, model, name: all sorted.

    `secrets` has what is told of each secret to whoever creates it.
    """

    fleet: str
    environment: str
    clusters: tuple[ClusterPlan, ...]
    placements: tuple[PlacementPlan, ...]
    gateways: tuple[GatewayPlan, ...]
    pull_secret: str
    cost: CostPlan = field(default_factory=CostPlan)
    secrets: Mapping[SecretRef, tuple[SecretUse, ...]] = field(default_factory=dict)

    def placements_in(self, cluster: str) -> tuple[PlacementPlan, ...]:
        """The placements of one cluster."""
        return tuple(placement for placement in self.placements if placement.cluster == cluster)

    def cluster(self, name: str) -> ClusterPlan:
        """A cluster by name."""
        return next(cluster for cluster in self.clusters if cluster.name == name)
