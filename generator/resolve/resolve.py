"""From spec to plan: every open value decided, every fact asked."""

from collections.abc import Sequence

from generator.core.finding import Findings
from generator.core.plan import ClusterPlan, PlacementPlan, Plan
from generator.core.spec import Fleet, Route, Timeouts, walk
from generator.core.units import seconds
from generator.resolve import agreement, network, secrets
from generator.resolve.clusters import nodes, usage
from generator.resolve.clusters.decide import clusters
from generator.resolve.cost import decide as pricing
from generator.resolve.placements import checks, gpu_shares, patches, reach, scaling
from generator.resolve.placements.candidate import candidates
from generator.resolve.placements.decide import Together, decide
from generator.resolve.placements.described import describe
from generator.resolve.placements.descriptions import wrong_descriptions
from generator.resolve.placements.devices import devices
from generator.resolve.placements.sized import Sized
from generator.resolve.placements.trials import Trials
from generator.resolve.routes import decide as routing
from generator.resolve.routes import providers


def resolve(fleet: Fleet, environment: str, findings: Findings) -> Plan:
    """The plan of everything that is intact; `findings` says what is not."""
    # Facts about what was written; validation knows none.
    written = [
        *usage.unused_pools(fleet, findings.intact),
        *usage.twin_pools(fleet),
        *providers.unknown_models(fleet),
        *providers.without_keys(fleet),
        *wrong_descriptions(fleet),
        *network.check(fleet),
    ]
    findings.extend([finding for finding in written if findings.intact(finding.path)])
    places = clusters(fleet, environment, findings)
    keys = secrets.Secrets(fleet, findings.intact)
    decided = _placements(fleet, places, keys, findings)
    placements = tuple(placement for placement, _ in decided)
    findings.extend(nodes.check(places, placements))
    gateways = routing.gateways(fleet, placements, keys, findings)
    findings.extend(secrets.shared(keys))
    sizes = {item.id: sized for item, sized in decided if sized}
    findings.extend(agreement.check(fleet, gateways, placements, sizes))
    cost = pricing.costs(places, decided, {name: model.task for name, model in fleet.models.items()})
    findings.extend(pricing.unknown_prices(cost))
    return Plan(
        fleet=fleet.name,
        environment=environment,
        clusters=places,
        placements=placements,
        gateways=gateways,
        pull_secret=(fleet.images.pull_secret or "") if fleet.images else "",
        cost=cost,
        secrets=secrets.uses_of(keys, fleet),
    )


def _placements(
    fleet: Fleet, places: Sequence[ClusterPlan], keys: secrets.Secrets, findings: Findings
) -> tuple[tuple[PlacementPlan, Sized | None], ...]:
    """The placements that can run, each with its server as far as its memory is judged."""
    items = candidates(fleet, places, keys, findings.intact)
    described = describe(items)
    findings.extend(checks.check(described, findings.intact))
    findings.extend(reach.check(items, findings.intact))
    claimed = devices(items)
    together = Together(
        _longest_calls(fleet),
        scaling.rollouts(items),
        claimed.numbers,
        patches.patches(fleet, items, findings.intact),
        Trials(tuple(items)),
    )
    findings.extend(claimed.findings)
    findings.extend(patches.check(fleet, items, findings.intact))
    decided = []
    for item in decide(described, together, findings):
        # What was written wrong has its finding already.
        findings.extend([finding for finding in item.findings if findings.intact(finding.path)])
        if item.plan:
            decided.append((item.plan, item.sized))
    sizes = {plan.id: sized for plan, sized in decided if sized}
    held = [item for item in items if item.path in claimed.numbers and findings.intact(item.path)]
    findings.extend(gpu_shares.check(held, claimed.numbers, sizes))
    return tuple(decided)


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
