"""Ways of a call that look right in each part and go wrong as a whole."""

import math
from collections.abc import Iterator, Sequence

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.finding import Finding
from generator.core.kinds import routing as kinds
from generator.core.plan import Backend, GatewayPlan, RoutePlan, TenantPlan, Tier
from generator.core.spec import Fleet, Timeouts
from generator.core.units import duration
from generator.resolve.routes.backends import PAID

SAME_TOKENIZER = 0.02
"""Vocabularies whose sizes differ by no more than this share may be one, padded for other numbers of GPUs."""


def check(fleet: Fleet, plan: RoutePlan) -> Iterator[Finding]:
    """Tiers that no call reaches, tiers of unlike models, a rule of cost without a price."""
    yield from _unreachable(plan)
    yield from _too_slow(fleet, plan)
    yield from _unlike(fleet, plan)
    yield from _without_price(fleet, plan)
    yield from _sticks_to_one(plan)


def check_tenants(gateway: GatewayPlan) -> Iterator[Finding]:
    """Budgets that some calls of their tenants do not count in."""
    routes = {route.name: route for route in gateway.routes}
    for tenant in gateway.tenants:
        if tenant.budget:
            yield from _budget(tenant, [routes[name] for name in tenant.routes])


def worst_case_s(plan: RoutePlan) -> float:
    """Seconds until the last backend has been asked in vain, each of them silent until the first token is due.

    Each tier has `attempts` x `firstToken`, and between calls of the same backend the longest wait.
    """
    times = plan.timeouts
    waits = sum(min(plan.backoff_base_s * 2**step, plan.backoff_max_s) for step in range(plan.max_retries))
    last = len(plan.tiers) - 1
    return sum(
        attempts(plan, tier, last=index == last) * times.first_token_s + (waits if index == last else 0.0)
        for index, tier in enumerate(plan.tiers)
    )


def attempts(plan: RoutePlan, tier: Tier, *, last: bool) -> int:
    """How many calls a tier gets when all fail: its only backend is not asked again while another tier follows."""
    backends = len(tier.backends)
    return max(backends, 1 + plan.max_retries) if last or backends > 1 else 1


def _unreachable(plan: RoutePlan) -> Iterator[Finding]:
    if len(plan.tiers) > 1 and not plan.fallback_on:
        yield kinds.TIER_UNREACHABLE.at(
            (*plan.path, "fallbackOn"),
            f"nothing moves a call of {plan.name!r} to its second tier",
            cause="fallbackOn is empty",
            help="name what moves a call on, or keep one tier",
        )


def _sticks_to_one(plan: RoutePlan) -> Iterator[Finding]:
    tiers = [*plan.tiers, *plan.overrides.values()]
    if plan.sticky and all(len(tier.backends) == 1 for tier in tiers):
        yield kinds.ROUTE_SETTING_IDLE.at(
            (*plan.path, "sticky"),
            f"every tier of {plan.name!r} has one backend, so all calls stay there",
            cause=f"`sticky: {plan.sticky_key}` chooses among the backends of a tier",
            help="remove `sticky`",
            on_key=True,
        )


def _budget(tenant: TenantPlan, routes: Sequence[RoutePlan]) -> Iterator[Finding]:
    backends = {item.id: item for route in routes for tier in route.reached_by(tenant.name) for item in tier.backends}
    unknown = sorted(key for key, item in backends.items() if item.price is None)
    if unknown:
        yield kinds.BUDGET_WITHOUT_PRICE.at(
            (*tenant.path, "budget"),
            f"calls of {tenant.name!r} to {', '.join(unknown)} do not count in its budget",
            cause="the catalogue has no price of "
            + ("this model" if len(unknown) == 1 else f"these {len(unknown)} models"),
            help="take them off the tenant's routes, or bound them by `limits`",
            on_key=True,
        )
    elif all(item.price == PAID for item in backends.values()):
        yield kinds.ROUTE_SETTING_IDLE.at(
            (*tenant.path, "budget"),
            f"no call of {tenant.name!r} costs anything, so its budget is never spent",
            cause="its routes reach models of this fleet only, whose nodes are paid already",
            help="use `limits` to bound what it may ask",
            on_key=True,
        )


def _too_slow(fleet: Fleet, plan: RoutePlan) -> Iterator[Finding]:
    worst, total = worst_case_s(plan), plan.timeouts.total_s
    if worst <= total or "first-token-timeout" not in plan.fallback_on:
        return
    given = fleet.routes[plan.name].timeouts or Timeouts()
    written = [field for field in ("total", "first_token") if field in given.model_fields_set]
    where = (*plan.path, "timeouts", Timeouts.spelled(written[0])) if written else plan.path
    last = len(plan.tiers) - 1
    calls = " + ".join(str(attempts(plan, tier, last=index == last)) for index, tier in enumerate(plan.tiers))
    first, needed = duration(plan.timeouts.first_token_s), duration(math.ceil(worst))
    yield kinds.TOTAL_TOO_SHORT.at(
        where,
        f"a call of {plan.name!r} can end before its last backend is asked",
        cause=f"{calls} times {first} until the first token, and the waits, make {needed}; total is {duration(total)}",
        help=f"set total above {needed}, or lower firstToken or retries.max",
    )


def _unlike(fleet: Fleet, plan: RoutePlan) -> Iterator[Finding]:
    for tier in (*plan.tiers, *plan.overrides.values()):
        known = [(item, facts) for item in tier.backends if (facts := _facts(fleet, item)) is not None]
        for backend, facts in known[1:]:
            difference = _difference(known[0][1], facts)
            if difference:
                yield kinds.UNLIKE_BACKENDS.at(
                    backend.path,
                    f"{known[0][0].id} and {backend.id} answer the same calls and are unlike",
                    cause=difference,
                    help="put them into tiers of their own, or let the same model answer under one name",
                )
                break


def _difference(one: ModelFacts, other: ModelFacts) -> str:
    """Why two models are no substitutes for each other; empty where nothing speaks against it."""
    if one.architecture is None or other.architecture is None:
        return ""
    sizes = one.architecture.vocab, other.architecture.vocab
    if min(sizes) > 0 and max(sizes) > min(sizes) * (1 + SAME_TOKENIZER):
        return f"{one.id} has {sizes[0]} tokens in its vocabulary, {other.id} has {sizes[1]}: they count differently"
    images = one.architecture.vision_params_b > 0, other.architecture.vision_params_b > 0
    if images[0] != images[1]:
        reads, blind = (one, other) if images[0] else (other, one)
        return f"{reads.id} reads images, {blind.id} does not"
    return ""


def _facts(fleet: Fleet, backend: Backend) -> ModelFacts | None:
    """What the catalogue knows of a placement's model; None of a provider's."""
    if backend.kind != "placement":
        return None
    model = fleet.models[backend.fleet_model]
    source = model.placements[backend.placement].source or model.source
    id = (source.base or source.huggingface) if source else None
    return reader.model(id) if id else None


def _without_price(fleet: Fleet, plan: RoutePlan) -> Iterator[Finding]:
    if fleet.routes[plan.name].choose != "cheapest":
        return
    own = [backend for tier in plan.tiers if tier.route == plan.name for backend in tier.backends]
    for backend in own:
        if backend.price is None:
            yield kinds.PRICE_MISSING.at(
                (*backend.path, "model"),
                f"{backend.id} has no price to compare",
                cause=f"route {plan.name!r} chooses the cheapest, and the catalogue has no price of this model",
                help="put it into a tier of its own; as it stands it is asked last",
            )
