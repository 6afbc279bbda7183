"""The steps of a route as Envoy walks them: its tiers by key, and every use of a backend by key."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.core.lazy import kept
from generator.core.plan import Backend, GatewayPlan, RoutePlan, Tier


@dataclass(frozen=True, slots=True)
class Step:
    """A tier of a route, `last` when no other follows. `key` is `<route>/<number>`, `<route>/long` for long prompts."""

    key: str
    route: RoutePlan
    tier: Tier
    last: bool

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
        """The key of this tier's use of a backend."""
        return f"{self.key}/{backend.id}"


def tiers(route: RoutePlan) -> list[Step]:
    """The tiers of a route, in the order they are tried."""
    last = len(route.tiers)
    return [Step(f"{route.name}/{number}", route, tier, number == last) for number, tier in enumerate(route.tiers, 1)]


def long(route: RoutePlan) -> list[Step]:
    """The tier of long prompts; none where the route has no rule for them."""
    return [Step(f"{route.name}/long", route, route.context.tier, last=True)] if route.context else []


@kept
def steps(gateway: GatewayPlan) -> Iterator[Step]:
    """Every tier of every route."""
    for route in gateway.routes:
        yield from (*tiers(route), *long(route))


def backends(gateway: GatewayPlan) -> dict[str, Backend]:
    """Every backend once, by id."""
    return {item.id: item for item in sorted(gateway.backends, key=lambda item: item.id)}


def limits(gateway: GatewayPlan) -> dict[str, int]:
    """The most calls at once of each backend, by id: the most of its tiers, 0 where one of them has no limit."""
    found: dict[str, list[int]] = {}
    for item in gateway.backends:
        found.setdefault(item.id, []).append(item.max_parallel)
    return {id: max(each) if all(each) else 0 for id, each in found.items()}
