"""What there is to decide: the placements whose cluster, pool and settings are intact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.core.finding import Findings, Path
from generator.core.plan import ClusterPlan, NodePool
from generator.core.spec import Fleet, Model, Placement
from generator.resolve.placements.settings import Settings, layered


@dataclass(frozen=True, slots=True)
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

    @property
    def path(self) -> Path:
        """The placement's spec path."""
        return ("models", self.model_name, "placements", self.name)

    @property
    def id(self) -> str:
        """`model/placement`, as patches name it."""
        return f"{self.model_name}/{self.name}"

    @property
    def service(self) -> str:
        """The name of its service, release or container."""
        return f"{self.model_name}-{self.name}"

    @property
    def engine(self) -> str:
        """The engine's name."""
        return str(self.settings["engine"].name)

    @property
    def tensor_parallel(self) -> int:
        """GPUs of one replica; 1 rank on CPU as well."""
        return int(self.settings["tensor_parallel"] or 1)

    @property
    def gpus(self) -> int:
        """GPUs of one replica; 0 on CPU."""
        return self.tensor_parallel if self.pool else 0


def candidates(fleet: Fleet, clusters: Sequence[ClusterPlan], findings: Findings) -> list[Candidate]:
    """Every placement whose cluster, pool and settings are intact, by cluster, model and name."""
    plans = {cluster.name: cluster for cluster in clusters}
    pools = {(cluster.name, pool.name): pool for cluster in clusters for pool in cluster.pools}
    found = [
        Candidate(
            fleet,
            model_name,
            model,
            name,
            placement,
            layered(fleet, model_name, model, name, placement),
            plans[placement.cluster],
            pools.get((placement.cluster, placement.pool or "")),
        )
        for model_name, model in fleet.models.items()
        for name, placement in model.placements.items()
        if _decidable(("models", model_name, "placements", name), placement, plans, pools, findings)
    ]
    usable = [item for item in found if _runs_something(item.settings)]
    return sorted(usable, key=lambda item: (item.cluster.name, item.model_name, item.name))


def _decidable(
    path: Path,
    placement: Placement,
    clusters: Mapping[str, ClusterPlan],
    pools: Mapping[tuple[str, str], NodePool],
    findings: Findings,
) -> bool:
    if not findings.intact(path) or placement.cluster not in clusters:
        return False
    return placement.pool is None or (placement.cluster, placement.pool) in pools


def _runs_something(settings: Settings) -> bool:
    """Whether an engine and weights are named; validate has said so where they are not."""
    engine, source = settings["engine"], settings["source"]
    return bool(engine and engine.name and source and source.places)
