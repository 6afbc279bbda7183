"""From spec to plan: every open value decided, every fact asked."""

from generator.core.finding import Findings
from generator.core.plan import PlacementPlan, Plan
from generator.core.spec import Fleet, Route, Timeouts, walk
from generator.core.units import seconds
from generator.resolve import agreement
from generator.resolve.clusters import nodes
from generator.resolve.clusters.decide import clusters
from generator.resolve.cost import decide as pricing
from generator.resolve.placements import checks, scaling
from generator.resolve.placements.candidate import Candidate, candidates
from generator.resolve.placements.decide import decide
from generator.resolve.placements.devices import devices
from generator.resolve.placements.patches import patches
from generator.resolve.placements.sized import Sized
from generator.resolve.routes import decide as routing


def resolve(fleet: Fleet, environment: str, findings: Findings) -> Plan:
    """The plan of everything that is intact; `findings` says what is not."""
    places = clusters(fleet, environment, findings)
    items = candidates(fleet, places, findings)
    checks.check(items, findings)
    decided = _placements(fleet, items, findings)
    placements = tuple(placement for placement, _ in decided)
    findings.extend(list(nodes.check(places, placements)))
    gateways = routing.gateways(fleet, placements, findings)
    agreement.check(fleet, gateways, placements, {item.id: sized for item, sized in decided if sized}, findings)
    cost = pricing.costs(places, decided, {name: model.task for name, model in fleet.models.items()})
    findings.extend(list(pricing.unknown_prices(cost)))
    return Plan(
        fleet=fleet.name,
        environment=environment,
        clusters=places,
        placements=placements,
        gateways=gateways,
        pull_secret=(fleet.images.pull_secret or "") if fleet.images else "",
        cost=cost,
    )


def _placements(
    fleet: Fleet, items: list[Candidate], findings: Findings
) -> tuple[tuple[PlacementPlan, Sized | None], ...]:
    calls = _longest_calls(fleet)
    rollouts = scaling.rollouts(items)
    device_ids = devices(items, findings)
    merges = patches(fleet, items, findings)
    decided = (
        decide(
            item,
            calls.get(item.model_name, 0.0),
            rollouts[item.path],
            device_ids.get(item.path, ()),
            merges.get(item.id, ()),
            findings,
        )
        for item in items
        if findings.intact(item.path)
    )
    return tuple(found for found in decided if found is not None)


def _longest_calls(fleet: Fleet) -> dict[str, float]:
    """The largest total timeout, in seconds, of the routes that reach each model."""
    longest: dict[str, float] = {}
    for name, route in fleet.routes.items():
        total = seconds((route.timeouts or Timeouts()).total)
        for model in _models(fleet, name, route):
            longest[model] = max(total, longest.get(model, 0.0))
    return longest


def _models(fleet: Fleet, name: str, route: Route) -> set[str]:
    refs = [ref for _, ref in walk.backends(name, route)]
    refs += [ref for _, override in walk.overrides(fleet, name) for ref in override]
    return {ref.model for ref in refs if ref.provider is None}
