"""What there is to decide: the placements whose cluster, pool and settings are intact."""

from collections.abc import Callable, Sequence

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.lazy import lazy
from generator.core.plan import ClusterPlan, NodePool
from generator.core.spec import Cluster, Fleet, Model, Placement, Pool
from generator.resolve.placements.settings import Settings, layered
from generator.resolve.secrets import Secrets

Intact = Callable[[Path], bool]
"""Whether nothing at, above or below a spec path is broken."""


@frozen
class Candidate:
    """A placement with its surroundings, before anything is decided."""

    fleet: Fleet
    model_name: str
    model: Model
    name: str
    placement: Placement
    settings: Settings
    cluster: ClusterPlan
    pool: NodePool | None
    secrets: Secrets

    @lazy
    def path(self) -> Path:
        """The placement's spec path."""
        return ("models", self.model_name, "placements", self.name)

    @lazy
    def id(self) -> str:
        """`model/placement`, as patches name it."""
        return f"{self.model_name}/{self.name}"

    @lazy
    def service(self) -> str:
        """The name of its service, release or container."""
        return f"{self.model_name}-{self.name}"

    @lazy
    def gpus(self) -> int:
        """GPUs of one replica; 0 on CPU."""
        return self.settings.tensor_parallel if self.pool else 0

    @property
    def cluster_spec(self) -> Cluster:
        """Its cluster, as written."""
        return self.fleet.clusters[self.cluster.name]

    @property
    def pool_spec(self) -> Pool | None:
        """Its pool, as written; none on CPUs."""
        return self.cluster_spec.pools[self.pool.name] if self.pool else None

    def at(self, setting: str) -> Path:
        """Where a setting is written, by its attribute name; the placement where no layer set it."""
        return self.settings.written.get(setting, self.path)


def candidates(fleet: Fleet, clusters: Sequence[ClusterPlan], secrets: Secrets, intact: Intact) -> list[Candidate]:
    """Every placement whose cluster, pool and settings are intact, by cluster, model and name."""
    plans = {cluster.name: cluster for cluster in clusters}
    pools = {(cluster.name, pool.name): pool for cluster in clusters for pool in cluster.pools}
    usable = []
    for model_name, model in fleet.models.items():
        for name, placement, settings in layered(fleet, model_name, model):
            cluster = plans.get(placement.cluster)
            pool = pools.get((placement.cluster, placement.pool or ""))
            lost = cluster is None or (pool is None and placement.pool is not None)
            if settings and cluster and not lost and intact(("models", model_name, "placements", name)):
                usable.append(Candidate(fleet, model_name, model, name, placement, settings, cluster, pool, secrets))
    return sorted(usable, key=lambda item: (item.cluster.name, item.model_name, item.name))
