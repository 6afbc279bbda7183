"""What is paid for but serves nobody."""

from collections.abc import Iterator

from generator.catalog import engines, reader
from generator.core.finding import Finding, Findings
from generator.core.kinds import routing as routing_kinds
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, ModelRef, Placement, walk


def pools(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Every pool has a placement. Silent while one is broken, leads nowhere or lacks its pool: it may be this one."""
    used = {(placement.cluster, placement.pool) for _, _, _, placement in walk.placements(fleet)}
    lacking = {item.cluster for _, model, _, item in walk.placements(fleet) if _lacks_pool(fleet, model, item)}
    lost = any(cluster not in fleet.clusters for cluster, _ in used) or not _all_lead_somewhere(fleet)
    if not findings.intact(("models",)) or lost:
        return
    for cluster, spec in fleet.clusters.items():
        unknown = any(pool is not None and pool not in spec.pools for place, pool in used if place == cluster)
        if unknown or cluster in lacking:
            continue
        for name, pool in spec.pools.items():
            if (cluster, name) not in used:
                cost = f"{pool.nodes.min} of its nodes always run" if pool.nodes.min else "it is created"
                yield kinds.UNUSED_POOL.at(
                    ("clusters", cluster, "pools", name),
                    f"no placement uses pool `{name}` of {cluster}",
                    cause=f"{cost} for nothing",
                    help="place a model there, or remove the pool",
                    on_key=True,
                )


def _lacks_pool(fleet: Fleet, model: str, placement: Placement) -> bool:
    """Whether a placement names no pool although its engine runs on GPUs only."""
    layers = (placement, fleet.models[model], fleet.defaults)
    names = (layer.engine.name for layer in layers if layer and layer.engine and layer.engine.name)
    name = next(names, None)
    return placement.pool is None and name in engines.known() and reader.engine(name).needs_gpu


def models(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Every placement is reached by a route, where there are any. Silent while a route is broken or leads nowhere."""
    named = {name for gateway in fleet.gateways.values() for name in gateway.routes}
    named |= {name for tenant in fleet.tenants.values() for name in tenant.routes}
    lost = not named.issubset(fleet.routes) or not _all_lead_somewhere(fleet)
    if not fleet.routes or not findings.intact(("routes",)) or lost:
        return
    reached = {item for ref in _own_backends(fleet) for item in walk.reached(fleet, ref)}
    for model, spec in fleet.models.items():
        missing = [name for name in spec.placements if (model, name) not in reached]
        if len(missing) == len(spec.placements):
            yield kinds.UNROUTED.at(
                ("models", model),
                f"no route reaches model `{model}`",
                cause=f"{len(fleet.routes)} {'route leads' if len(fleet.routes) == 1 else 'routes lead'} elsewhere",
                help=f"add `{{model: {model}}}` to a tier, or remove the model",
                on_key=True,
            )
            continue
        for name in missing:
            yield kinds.UNROUTED.at(
                ("models", model, "placements", name),
                f"no route reaches placement `{name}` of {model}",
                cause="routes name other placements of this model",
                help=f"add `{{model: {model}, placement: {name}}}` to a tier, or leave `placement` out to use all",
                on_key=True,
            )


def weights(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A tenant's own weights are of a route that it may call, and that goes by weight."""
    for tenant, spec in fleet.tenants.items():
        for name in spec.weights:
            route, closed = fleet.routes.get(name), name not in spec.routes
            if route is not None and findings.intact(("tenants", tenant)) and (closed or route.choose == "cheapest"):
                yield routing_kinds.ROUTE_SETTING_IDLE.at(
                    ("tenants", tenant, "weights", name),
                    f"no call of tenant `{tenant}` follows these weights",
                    cause=f"it may not call `{name}`" if closed else f"`{name}` chooses the cheapest backend",
                    help=f"add `{name}` to the tenant's `routes`" if closed else "remove them, or `choose: cheapest`",
                    on_key=True,
                )


def _own_backends(fleet: Fleet) -> Iterator[ModelRef]:
    """The models of this fleet that routes and tenants name."""
    return (ref for _, ref in walk.references(fleet) if ref.provider is None)


def _all_lead_somewhere(fleet: Fleet) -> bool:
    return all(walk.reached(fleet, ref) for ref in _own_backends(fleet))


def routes(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Every route is served, or is the fallback of one that is. Silent while a gateway is broken or leads nowhere."""
    named = {name for gateway in fleet.gateways.values() for name in (gateway.routes or fleet.routes)}
    if not findings.intact(("gateways",)) or not named.issubset(fleet.routes):
        return
    served = {name for first in named for name in walk.chain(fleet, first)}
    for name in fleet.routes:
        if name not in served:
            yield kinds.UNSERVED_ROUTE.at(
                ("routes", name),
                f"no gateway serves route `{name}`",
                cause="there is no gateway" if not fleet.gateways else "every gateway lists other routes",
                help="add it to a gateway's `routes`"
                if fleet.gateways
                else "add a gateway: `edge: {kind: litellm, cluster: ...}`",
                on_key=True,
            )
