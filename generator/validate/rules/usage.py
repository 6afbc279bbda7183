"""What is paid for but serves nobody."""

from collections.abc import Iterator

from generator.core.finding import Finding, Findings
from generator.core.kinds import routing as routing_kinds
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, walk


def models(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Every placement is reached by a route, where there are any. Silent while a route is broken or leads nowhere."""
    named = {name for gateway in fleet.gateways.values() for name in gateway.routes}
    named |= {name for tenant in fleet.tenants.values() for name in tenant.routes}
    lost = not named.issubset(fleet.routes) or not walk.all_lead_somewhere(fleet)
    if not fleet.routes or not findings.intact(("routes",)) or lost:
        return
    reached = {item for ref in walk.own_models(fleet) for item in walk.reached(fleet, ref)}
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
