"""Placements whose surroundings lost a part: to decide them with defaults in its place would give further findings."""

from collections.abc import Iterator

from generator.core.finding import Findings, Path
from generator.core.spec import Cluster, Fleet, ModelSettings, SpecModel
from generator.core.spec.walk import placements


def dependents(fleet: Fleet, findings: Findings) -> Iterator[Path]:
    """The paths of placements with something broken in their model's settings, in `defaults`, their cluster or pool."""
    if not findings.intact(("defaults",)):
        yield from (path for path, *_ in placements(fleet))
        return
    models = {name for name in fleet.models if _broken(("models", name), ModelSettings, findings)}
    clusters = {name for name in fleet.clusters if _broken(("clusters", name), Cluster, findings, without="pools")}
    for path, model, _, placement in placements(fleet):
        pool = ("clusters", placement.cluster, "pools", placement.pool or "")
        if model in models or placement.cluster in clusters or not findings.intact(pool):
            yield path


def _broken(path: Path, kind: type[SpecModel], findings: Findings, without: str = "") -> bool:
    """Whether one of the fields of a type is broken at this path."""
    fields = map(kind.spelled, kind.model_fields)
    return any(not findings.intact((*path, field)) for field in fields if field != without)
