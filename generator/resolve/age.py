"""Facts of the catalogue that a fleet uses and that nobody has looked up for long. No figure changes with their age."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from generator.catalog import reader
from generator.core.finding import Finding, Path
from generator.core.frozen import frozen
from generator.core.kinds import rules as kinds
from generator.core.plan import Plan
from generator.core.spec import Fleet, Source, walk

OLD_DAYS = 90


@frozen
class Use:
    """A fact that a fleet uses: its kind in the plural, its name, its date, and the line that asks for it."""

    shelf: str
    name: str
    as_of: str
    path: Path


def old_facts(fleet: Fleet, plan: Plan, today: date) -> Iterator[Finding]:
    """One finding for each kind of fact of which some are old, at the line that uses the oldest."""
    shelves: dict[str, dict[str, Use]] = defaultdict(dict)
    for use in _uses(fleet, plan):
        shelves[use.shelf].setdefault(use.name, use)
    for shelf, uses in shelves.items():
        old = [use for use in uses.values() if _days(use, today) > OLD_DAYS]
        if old:
            yield _finding(shelf, min(old, key=lambda use: use.as_of), len(old), len(uses), today)


def _finding(shelf: str, oldest: Use, old: int, used: int, today: date) -> Finding:
    which = f"{old} of the {used} {shelf}" if old < used else f"all {used} {shelf}"
    which = which if used > 1 else f"the {shelf.removesuffix('s')}"
    return kinds.OLD_FACTS.at(
        oldest.path,
        f"facts about {which} of this fleet are older than {OLD_DAYS} days",
        cause=f"{'the oldest, ' if old > 1 else ''}`{oldest.name}` was looked up on {oldest.as_of}, "
        f"{_days(oldest, today)} days ago",
        help=f"`gen catalog show {oldest.name}` names the source to compare with; a newer gen has newer facts",
    )


def _days(use: Use, today: date) -> int:
    return (today - date.fromisoformat(use.as_of)).days


def _uses(fleet: Fleet, plan: Plan) -> Iterator[Use]:
    yield from _pools(fleet, plan)
    for path, settings in walk.settings(fleet):
        if settings.source and (known := _model(settings.source)):
            yield Use("models", *known, (*path, "source"))
        engine = settings.engine
        if engine and engine.name:
            facts = reader.engine(engine.name)
            version = facts.versions.get(engine.version) if engine.version else facts.newest
            if version:
                yield Use("engines", engine.name, version.as_of, (*path, "engine"))
    yield from _provider_models(fleet)
    for name, gateway in fleet.gateways.items():
        yield Use("gateways", gateway.kind, reader.gateway(gateway.kind).as_of, ("gateways", name, "kind"))


def _model(source: Source) -> tuple[str, str] | None:
    """Name and date of the catalogue's model behind a source; none where a configuration describes it."""
    if source.config or not source.places:
        return None
    kind = source.places[0]
    ref = getattr(source, kind)
    facts = reader.model(source.base or (ref if kind == "huggingface" else f"{kind}:{ref}"))
    return (facts.id, facts.as_of) if facts else None


def _provider_models(fleet: Fleet) -> Iterator[Use]:
    for path, ref in walk.references(fleet):
        provider = fleet.providers.get(ref.provider or "")
        facts = reader.provider_model(provider.api, ref.model) if provider else None
        if facts:
            yield Use("provider models", facts.id, facts.as_of, (*path, "model"))


def _pools(fleet: Fleet, plan: Plan) -> Iterator[Use]:
    for cluster in plan.clusters:
        for pool in cluster.pools:
            gpu = reader.gpus().get(pool.gpu)
            if gpu:
                yield Use("GPUs", gpu.id, gpu.as_of, (*pool.path, "gpu"))
            written = fleet.clusters[cluster.name].pools[pool.name].instance_types
            for index, type_ in enumerate(pool.instance_types):
                where: Path = ("instanceTypes", index) if written else ("gpu",)
                yield from _machine(type_, cluster.region, (*pool.path, *where))


def _machine(type_: str, region: str, path: Path) -> Iterator[Use]:
    for cloud in reader.clouds():
        if item := reader.instances(cloud).get(type_):
            yield Use("instance types", type_, item.as_of, path)
            here = [price.as_of for price in reader.prices(cloud).get(type_, ()) if price.region == region]
            if here:
                yield Use("prices", type_, max(here), path)
