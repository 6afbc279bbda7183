"""Which facts of the catalogue decided something in a fleet, and how old they are. No figure changes with their age."""

from collections.abc import Iterator, Sequence
from datetime import date

from generator.catalog import reader
from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.plan import Plan
from generator.core.spec import Fleet, Source, walk

OLD_DAYS = 90


@frozen
class Use:
    """A fact that a fleet uses: its kind, its name, its date, and the value that asks for it."""

    shelf: str
    name: str
    as_of: str
    path: Path


def uses(fleet: Fleet, plan: Plan) -> tuple[Use, ...]:
    """The facts that decided something, each once, at the first line that asks for it; the oldest first."""
    first: dict[tuple[str, str], Use] = {}
    for use in _uses(fleet, plan):
        first.setdefault((use.shelf, use.name), use)
    return tuple(sorted(first.values(), key=lambda use: use.as_of))


def summary(used: Sequence[Use], today: date) -> str:
    """What there is to say of their age, in one line."""
    old = [use for use in used if _days(use, today) > OLD_DAYS]
    if not old:
        return f"none of the {len(used)} facts is older than {OLD_DAYS} days"
    which = f"{len(old)} of the {len(used)} facts"
    return f"{which} {'is' if len(old) == 1 else 'are'} older than {OLD_DAYS} days; compare them with their sources"


def _days(use: Use, today: date) -> int:
    return (today - date.fromisoformat(use.as_of)).days


def _uses(fleet: Fleet, plan: Plan) -> Iterator[Use]:
    yield from _pools(fleet, plan)
    for path, settings in walk.settings(fleet):
        if settings.source and (known := _model(settings.source)):
            yield Use("model", *known, (*path, "source"))
        engine = settings.engine
        if engine and engine.name:
            facts = reader.engine(engine.name)
            version = reader.release(engine.name, engine.version) if engine.version else facts.newest
            if version:
                yield Use(
                    "engine", f"{engine.name}-{version.like or version.version}", version.as_of, (*path, "engine")
                )
    yield from _provider_models(fleet)
    for name, gateway in fleet.gateways.items():
        yield Use("gateway", gateway.kind, reader.gateway(gateway.kind).as_of, ("gateways", name, "kind"))


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
            yield Use("provider model", facts.id, facts.as_of, (*path, "model"))


def _pools(fleet: Fleet, plan: Plan) -> Iterator[Use]:
    for cluster in plan.clusters:
        for pool in cluster.pools:
            gpu = reader.gpus().get(pool.gpu)
            if gpu:
                yield Use("GPU", gpu.id, gpu.as_of, (*pool.path, "gpu"))
            written = fleet.clusters[cluster.name].pools[pool.name].instance_types
            for index, type_ in enumerate(pool.instance_types):
                where: Path = ("instanceTypes", index) if written else ("gpu",)
                yield from _machine(type_, cluster.region, (*pool.path, *where))


def _machine(type_: str, region: str, path: Path) -> Iterator[Use]:
    for cloud in reader.clouds():
        if item := reader.instances(cloud).get(type_):
            yield Use("instance type", type_, item.as_of, path)
            here = [price.as_of for price in reader.prices(cloud).get(type_, ()) if price.region == region]
            if here:
                yield Use("price", type_, max(here), path)
