"""Which calls of a route go through which tiers: long prompts, a tenant with a first tier of its own, the others."""

from collections.abc import Iterator

from generator.core.frozen import frozen
from generator.core.plan.routes import RoutePlan, Tier


@frozen
class Stage:
    """A tier of a variant, `last` when no other follows.

    `number` counts the route's tiers from 1; it is 0 where only this variant has the tier.
    """

    tier: Tier
    number: int
    last: bool


@frozen
class Variant:
    """Calls of a route that are treated alike, and their tiers.

    They are those with prompts of more than `over` tokens, those of a `tenant`, or, where both are empty, all others.
    """

    stages: tuple[Stage, ...]
    over: int = 0
    tenant: str = ""

    @property
    def first(self) -> Stage:
        """Where its calls begin."""
        return self.stages[0]


@frozen
class Variants:
    """The variants of a route: `own` by tenant, `long` where a context rule takes long prompts out."""

    everybody: Variant
    own: tuple[Variant, ...]
    long: Variant | None

    def __iter__(self) -> Iterator[Variant]:
        """The narrowest first: a call belongs to the first one that it fits."""
        if self.long:
            yield self.long
        yield from self.own
        yield self.everybody


def variants(route: RoutePlan) -> Variants:
    """The variants of a route's calls. A tenant's own tier stands in place of the first one."""
    last = len(route.tiers)
    usual = tuple(Stage(tier, number, number == last) for number, tier in enumerate(route.tiers, 1))
    return Variants(
        everybody=Variant(usual),
        own=tuple(
            Variant((Stage(tier, 0, last == 1), *usual[1:]), tenant=tenant)
            for tenant, tier in sorted(route.overrides.items())
        ),
        long=Variant((Stage(route.context.tier, 0, last=True),), over=route.context.over) if route.context else None,
    )
