"""The steps of a route as Envoy walks them: its tiers by key, and backends by key with the times they have there."""

from collections.abc import Iterable, Iterator

from generator.core.frozen import frozen
from generator.core.lazy import kept
from generator.core.plan import Backend, GatewayPlan, RoutePlan, Tier
from generator.core.plan.variants import Variant, variants


@frozen
class Step:
    """A tier of a route, `last` when no other follows, `copied` when it gets copies of calls.

    `key` is `<route>/<number>`; of a tier in place of the first one it ends in `long`, `of/<tenant>` or `shadow`.
    """

    key: str
    route: RoutePlan
    tier: Tier
    last: bool
    copied: bool = False

    def use(self, backend: Backend) -> str:
        """The key of a backend with the times it has here: tiers that agree about them share one."""
        times = self.route.timeouts
        ends = f"/{times.total_s:g}s" if self.copied else ""
        return f"{backend.id}@{self.silence_s:g}s{ends}"

    @property
    def silence_s(self) -> float:
        """How long a backend may be silent, seconds. Before the first token that is the tier's to judge."""
        return max(self.route.timeouts.idle_s, self.route.timeouts.first_token_s)


@frozen
class Walk:
    """A variant of a route's calls, and the tiers that they are taken through."""

    key: str
    route: RoutePlan
    variant: Variant
    steps: tuple[Step, ...]


def walks(route: RoutePlan) -> Iterator[Walk]:
    """The variants of a route's calls, the narrowest first."""
    for variant in variants(route):
        key = _key(route, variant)
        steps = tuple(
            Step(f"{route.name}/{stage.number}" if stage.number else key, route, stage.tier, stage.last)
            for stage in variant.stages
        )
        yield Walk(key, route, variant, steps)


def _key(route: RoutePlan, variant: Variant) -> str:
    if variant.over:
        return f"{route.name}/long"
    return f"{route.name}/of/{variant.tenant}" if variant.tenant else route.name


@kept
def steps(gateway: GatewayPlan) -> Iterator[Step]:
    """Every tier of every route once."""
    for route in gateway.routes:
        yield from {step.key: step for walk in reversed([*walks(route)]) for step in walk.steps}.values()


@kept
def shadows(gateway: GatewayPlan) -> Iterator[Step]:
    """The tiers that copies of calls go to."""
    for route in gateway.routes:
        if route.shadow:
            yield Step(f"{route.name}/shadow", route, route.shadow.tier, last=True, copied=True)


def backends(steps: Iterable[Step]) -> dict[str, Backend]:
    """Every backend once, by id."""
    by_id = {item.id: item for step in steps for item in step.tier.backends}
    return dict(sorted(by_id.items()))


def uses(gateway: GatewayPlan) -> dict[str, tuple[Step, Backend]]:
    """Every use of a backend once, by its key, with one of the tiers that have it."""
    by_key = {
        step.use(item): (step, item) for step in (*steps(gateway), *shadows(gateway)) for item in step.tier.backends
    }
    return dict(sorted(by_key.items()))


def limits(gateway: GatewayPlan) -> dict[str, int]:
    """The most calls at once of each backend, by id: the most of its tiers, 0 where one of them has no limit."""
    by_id: dict[str, list[int]] = {}
    for step in steps(gateway):
        for item in step.tier.backends:
            by_id.setdefault(item.id, []).append(item.max_parallel)
    return {id: max(each) if all(each) else 0 for id, each in by_id.items()}
