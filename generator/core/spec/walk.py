"""Ways through a fleet that several rules take."""

from collections.abc import Iterator, Sequence

from generator.core.finding import Path
from generator.core.secret_role import SecretRole
from generator.core.spec import BackendRef, Fleet, ModelRef, ModelSettings, Network, Placement, Route, Secret


def placements(fleet: Fleet) -> Iterator[tuple[Path, str, str, Placement]]:
    """Every placement: its path, its model's name, its own name."""
    for model_name, model in fleet.models.items():
        for name, placement in model.placements.items():
            yield ("models", model_name, "placements", name), model_name, name, placement


def settings(fleet: Fleet) -> Iterator[tuple[Path, ModelSettings]]:
    """Every place where settings of models stand."""
    if fleet.defaults:
        yield ("defaults",), fleet.defaults
    for name, model in fleet.models.items():
        yield ("models", name), model
    for path, _, _, placement in placements(fleet):
        yield path, placement


def secrets(fleet: Fleet) -> Iterator[tuple[Path, SecretRole, Secret]]:
    """Every reference to a secret, and what it is for."""
    for path, spec in settings(fleet):
        yield from _present((*path, "source", "token"), "token", spec.source.token if spec.source else None)
        for name, secret in spec.secret_env.items():
            yield (*path, "secretEnv", name), "variable", secret
    for name, provider in fleet.providers.items():
        yield from _present(("providers", name, "key"), "provider", provider.key)
    for name, cluster in fleet.clusters.items():
        key = cluster.endpoint.key if cluster.endpoint else None
        yield from _present(("clusters", name, "endpoint", "key"), "endpoint", key)
    for name, tenant in fleet.tenants.items():
        yield ("tenants", name, "key"), "tenant", tenant.key
    for name, gateway in fleet.gateways.items():
        yield from _present(("gateways", name, "masterKey"), "administrator", gateway.master_key)
        yield from _present(("gateways", name, "database"), "database", gateway.database)
        for variable, secret in gateway.secret_env.items():
            yield ("gateways", name, "secretEnv", variable), "variable", secret
    for path, network in networks(fleet):
        yield from _present((*path, "proxy", "secret"), "proxy", network.proxy.secret if network.proxy else None)


def networks(fleet: Fleet) -> Iterator[tuple[Path, Network]]:
    """Every place where a proxy or authorities can be named."""
    if fleet.network:
        yield ("network",), fleet.network
    for name, cluster in fleet.clusters.items():
        if cluster.network:
            yield ("clusters", name, "network"), cluster.network


def _present(path: Path, role: SecretRole, secret: Secret | None) -> Iterator[tuple[Path, SecretRole, Secret]]:
    if secret is not None:
        yield path, role, secret


def tiers(name: str, route: Route) -> Iterator[tuple[Path, BackendRef]]:
    """The backends of a route's own tiers, in the order they are tried."""
    for number, tier in enumerate(route.tiers):
        for position, ref in enumerate(tier):
            yield ("routes", name, "tiers", number, position), ref


def backends(name: str, route: Route) -> Iterator[tuple[Path, ModelRef]]:
    """What a route's own calls reach: its tiers, its context rule, and what gets copies of them."""
    yield from tiers(name, route)
    yield from uses(name, route)
    if route.shadow:
        yield ("routes", name, "shadow"), route.shadow


def overrides(fleet: Fleet, route: str) -> Iterator[tuple[Path, Sequence[BackendRef]]]:
    """The lists that tenants have in place of a route's first tier."""
    for tenant, spec in fleet.tenants.items():
        if route in spec.weights and route in spec.routes:
            yield ("tenants", tenant, "weights", route), spec.weights[route]


def references(fleet: Fleet) -> Iterator[tuple[Path, ModelRef]]:
    """Every place of routes and tenants that names a model."""
    for name, route in fleet.routes.items():
        yield from backends(name, route)
    for tenant, spec in fleet.tenants.items():
        for route_name, refs in spec.weights.items():
            for position, ref in enumerate(refs):
                yield ("tenants", tenant, "weights", route_name, position), ref


def uses(name: str, route: Route) -> Iterator[tuple[Path, BackendRef]]:
    """The backends of a route's context rule."""
    for position, ref in enumerate(route.context.use if route.context else ()):
        yield ("routes", name, "context", "use", position), ref


def chain(fleet: Fleet, name: str) -> list[str]:
    """A route and those it falls back to, in order; a loop or an unknown name ends it."""
    names: list[str] = []
    following: str | None = name
    while following is not None and following in fleet.routes and following not in names:
        names.append(following)
        following = fleet.routes[following].fallback
    return names


def reached(fleet: Fleet, ref: ModelRef) -> list[tuple[str, str]]:
    """The placements (model, name) that a backend of this fleet stands for; none for a provider."""
    if ref.provider is not None or ref.model not in fleet.models:
        return []
    names = fleet.models[ref.model].placements
    return [(ref.model, name) for name in names if ref.placement in (None, name)]


def own_models(fleet: Fleet) -> Iterator[ModelRef]:
    """The models of this fleet that routes and tenants name."""
    return (ref for _, ref in references(fleet) if ref.provider is None)


def all_lead_somewhere(fleet: Fleet) -> bool:
    """Whether each of these has a placement."""
    return all(reached(fleet, ref) for ref in own_models(fleet))
