"""The steps of a route as Envoy walks them: its tiers by key, and backends by key with the times they have there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.core.lazy import kept
from generator.core.plan import Backend, GatewayPlan, RoutePlan, Tier


@dataclass(frozen=True, slots=True)
class Step:
    """A tier of a route, `last` when no other follows, `copied` when it gets copies of calls.

    `key` is `<route>/<number>`; of a tier in place of the first one it ends in `long`, `of/<tenant>` or `shadow`.
    """

    key: str
    route: RoutePlan
    tier: Tier
    last: bool
    copied: bool = False

    @property
    def shared(self) -> tuple[Backend, ...]:
        """The backends that share calls; all of them when none has a weight."""
        return tuple(item for item in self.tier.backends if item.weight) or self.tier.backends

    @property
    def spare(self) -> tuple[Backend, ...]:
        """The backends of weight 0, asked while all others are out."""
        weighted = any(item.weight for item in self.tier.backends)
        return tuple(item for item in self.tier.backends if weighted and not item.weight)

    def use(self, backend: Backend) -> str:
        """The key of a backend with the times it has here: tiers that agree about them share one."""
        times = self.route.timeouts
        ends = f"/{times.total_s:g}s" if self.copied else ""
        return f"{backend.id}@{self.silence_s:g}s{ends}"

    @property
    def silence_s(self) -> float:
        """How long a backend may be silent, seconds. Before the first token that is the tier's to judge."""
        return max(self.route.timeouts.idle_s, self.route.timeouts.first_token_s)


@dataclass(frozen=True, slots=True)
class Walk:
    """The tiers that some calls of a route are taken through: long prompts, those of a `tenant`, or all others."""

    key: str
    route: RoutePlan
    steps: tuple[Step, ...]
    long: bool = False
    tenant: str = ""


def walks(route: RoutePlan) -> Iterator[Walk]:
    """The ways of a route's calls, the narrowest first."""
    last = len(route.tiers)
    usual = tuple(
        Step(f"{route.name}/{number}", route, tier, number == last) for number, tier in enumerate(route.tiers, 1)
    )
    if route.context:
        key = f"{route.name}/long"
        yield Walk(key, route, (Step(key, route, route.context.tier, last=True),), long=True)
    for tenant, tier in sorted(route.overrides.items()):
        key = f"{route.name}/of/{tenant}"
        yield Walk(key, route, (Step(key, route, tier, last == 1), *usual[1:]), tenant=tenant)
    yield Walk(route.name, route, usual)


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
    found = {item.id: item for step in steps for item in step.tier.backends}
    return dict(sorted(found.items()))


def uses(gateway: GatewayPlan) -> dict[str, tuple[Step, Backend]]:
    """Every use of a backend once, by its key, with one of the tiers that have it."""
    found = {
        step.use(item): (step, item) for step in (*steps(gateway), *shadows(gateway)) for item in step.tier.backends
    }
    return dict(sorted(found.items()))


def limits(gateway: GatewayPlan) -> dict[str, int]:
    """The most calls at once of each backend, by id: the most of its tiers, 0 where one of them has no limit."""
    found: dict[str, list[int]] = {}
    for step in steps(gateway):
        for item in step.tier.backends:
            found.setdefault(item.id, []).append(item.max_parallel)
    return {id: max(each) if all(each) else 0 for id, each in found.items()}
