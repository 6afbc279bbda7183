"""Every name that refers to something must be the name of something."""

from collections.abc import Collection, Iterator

from generator.core.finding import Finding, Findings, Kind, Path
from generator.core.kinds import rules as kinds
from generator.core.kinds import schema as schema_kinds
from generator.core.spec import Fleet, ModelRef, walk
from generator.core.words import suggestion
from generator.validate.words import shown


def clusters(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Placements and gateways name clusters, placements also a pool of theirs."""
    for path, _, _, placement in walk.placements(fleet):
        cluster = fleet.clusters.get(placement.cluster)
        if cluster is None:
            yield from _unknown(
                kinds.UNKNOWN_CLUSTER, (*path, "cluster"), ("clusters", placement.cluster), fleet.clusters, findings
            )
        elif placement.pool is not None and placement.pool not in cluster.pools:
            where: Path = ("clusters", placement.cluster, "pools", placement.pool)
            yield from _unknown(kinds.UNKNOWN_POOL, (*path, "pool"), where, cluster.pools, findings)
    for name, gateway in fleet.gateways.items():
        if gateway.cluster not in fleet.clusters:
            where = ("clusters", gateway.cluster)
            yield from _unknown(kinds.UNKNOWN_CLUSTER, ("gateways", name, "cluster"), where, fleet.clusters, findings)


def backends(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Routes and tenants name providers, models and placements."""
    for path, ref in walk.references(fleet):
        yield from _backend(fleet, path, ref, findings)


def _backend(fleet: Fleet, path: Path, ref: ModelRef, findings: Findings) -> Iterator[Finding]:
    if not findings.intact((*path, "provider")):
        return
    if ref.provider is not None:
        if ref.provider not in fleet.providers:
            where: Path = ("providers", ref.provider)
            yield from _unknown(kinds.UNKNOWN_PROVIDER, (*path, "provider"), where, fleet.providers, findings)
    elif ref.model not in fleet.models:
        yield from _unknown(kinds.UNKNOWN_MODEL, (*path, "model"), ("models", ref.model), fleet.models, findings)
    elif ref.placement is not None:
        known = fleet.models[ref.model].placements
        where = ("models", ref.model, "placements", ref.placement)
        if ref.placement not in known:
            yield from _unknown(kinds.UNKNOWN_PLACEMENT, (*path, "placement"), where, known, findings)


def routes(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Routes, tenants and gateways name routes; gateways also tenants."""
    for name, route in fleet.routes.items():
        if route.fallback is not None and route.fallback not in fleet.routes:
            where = ("routes", route.fallback)
            yield from _unknown(kinds.UNKNOWN_ROUTE, ("routes", name, "fallback"), where, fleet.routes, findings)
    lists = [(("tenants", name, "routes"), tenant.routes) for name, tenant in fleet.tenants.items()]
    lists += [(("gateways", name, "routes"), gateway.routes) for name, gateway in fleet.gateways.items()]
    for path, names in lists:
        yield from _unknown_items(kinds.UNKNOWN_ROUTE, path, names, fleet.routes, findings)
    for name, tenant in fleet.tenants.items():
        for route_name in tenant.weights:
            if route_name not in fleet.routes:
                place = ("tenants", name, "weights", route_name)
                yield from _unknown(kinds.UNKNOWN_ROUTE, place, ("routes", route_name), fleet.routes, findings)
    for name, gateway in fleet.gateways.items():
        path = ("gateways", name, "tenants")
        yield from _unknown_items(kinds.UNKNOWN_TENANT, path, gateway.tenants, fleet.tenants, findings)


def patches(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A patch names `model/placement`."""
    for number, patch in enumerate(fleet.patches):
        model, _, name = patch.placement.partition("/")
        path: Path = ("patches", number, "placement")
        if model not in fleet.models:
            yield from _unknown(kinds.UNKNOWN_MODEL, path, ("models", model), fleet.models, findings)
        elif name not in fleet.models[model].placements:
            where = ("models", model, "placements", name)
            yield from _unknown(kinds.UNKNOWN_PLACEMENT, path, where, fleet.models[model].placements, findings)


def _unknown_items(
    kind: Kind, path: Path, names: list[str], known: Collection[str], findings: Findings
) -> Iterator[Finding]:
    """The items of a list, which is named like the group of the spec that it refers to."""
    for number, name in enumerate(names):
        if name not in known:
            yield from _unknown(kind, (*path, number), (path[-1], name), known, findings)


def _unknown(kind: Kind, path: Path, target: Path, known: Collection[str], findings: Findings) -> Iterator[Finding]:
    """The finding, unless what is meant stands in the spec but is broken."""
    if findings.intact(target) and not _overwritten(target[:-1], findings):
        what = str(target[-2])
        yield kind.at(
            path,
            f"there is no {what.removesuffix('s')} {shown(target[-1])}",
            cause=f"{len(known)} {'is' if len(known) == 1 else 'are'} defined{_within(target)}",
            help=suggestion(str(target[-1]), known, what),
        )


def _overwritten(group: Path, findings: Findings) -> bool:
    """Whether an entry of the group is given twice: one of the two was probably meant to bear another name."""
    return any(item.kind is schema_kinds.DUPLICATE_KEY and item.path[:-1] == group for item in findings)


def _within(target: Path) -> str:
    return f" in {target[0][:-1] if isinstance(target[0], str) else ''} `{target[1]}`" if len(target) > 2 else ""
