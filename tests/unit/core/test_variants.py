"""Every call of a route belongs to the first variant that it fits, and each variant knows where it ends."""

from dataclasses import replace
from typing import Any

import pytest

from generator.core.plan import ContextPlan, RoutePlan, Tier
from generator.core.plan.variants import variants
from tests import plans, serving


def tier(name: str, *weights: int) -> Tier:
    """A tier of providers with these weights."""
    return Tier("chat", tuple(plans.provider(f"{name}{number}", weight) for number, weight in enumerate(weights)))


ONE, TWO, OWN, LONG = tier("one", 1), tier("two", 1), tier("own", 1), tier("long", 1)


def route(*tiers: Tier, **changes: Any) -> RoutePlan:
    """A route of these tiers."""
    [made] = serving.gateway(()).routes
    return replace(made, tiers=tiers, **changes)


def test_the_narrowest_comes_first_and_a_tenants_own_tier_is_in_place_of_the_first() -> None:
    made = route(ONE, TWO, context=ContextPlan(8000, LONG), overrides={"gold": OWN, "beta": OWN})
    assert [
        (calls.over, calls.tenant, [(stage.tier, stage.number, stage.last) for stage in calls.stages])
        for calls in variants(made)
    ] == [
        (8000, "", [(LONG, 0, True)]),
        (0, "beta", [(OWN, 0, False), (TWO, 2, True)]),
        (0, "gold", [(OWN, 0, False), (TWO, 2, True)]),
        (0, "", [(ONE, 1, False), (TWO, 2, True)]),
    ]


def test_the_only_tier_is_the_last() -> None:
    assert [calls.first.last for calls in variants(route(ONE, overrides={"gold": OWN}))] == [True, True]


@pytest.mark.parametrize(
    ("weights", "sizes"), [((3, 1), [2]), ((0, 1, 0), [1, 2]), ((0, 0), [2])], ids=["shared", "spare", "no weight"]
)
def test_spare_backends_stand_behind_those_that_share_calls(weights: tuple[int, ...], sizes: list[int]) -> None:
    assert [len(group) for group in tier("x", *weights).groups] == sizes
