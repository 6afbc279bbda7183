"""What a fleet costs, against figures that were worked out by hand."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.catalog import reader
from generator.catalog.facts import Price
from generator.core.plan import Bill, ClusterPlan, CostPlan, PlacementPlan, ResourcePlan, Usd
from generator.resolve.cost.decide import costs, unknown_prices
from generator.resolve.placements.sized import Sized
from generator.sizing.estimate import Estimate
from tests import plans

HERE, ELSEWHERE = "us-east-1", "eu-west-1"
LISTS = {
    "g1": (
        Price(HERE, "onDemand", 2.0, "newest list", "2026-07-20"),
        Price(HERE, "onDemand", 3.0, "older list", "2025-12-22"),
        Price(HERE, "spot", 0.5, "spot list", "2025-12-22"),
    ),
    "g8": (Price(HERE, "onDemand", 40.0, "newest list", "2026-07-20"),),
    "away": (Price(ELSEWHERE, "onDemand", 1.0, "newest list", "2026-07-20"),),
}


@pytest.fixture(autouse=True)
def prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "prices", lambda cloud: {"aws": LISTS}[cloud])


def pool(name: str, type_: str = "g1", **changes: Any) -> Any:
    return plans.pool(name, instance_types=(type_,), **changes)


def placed(pool: str, model: str, replicas: tuple[int, int], gpus: int = 1, cluster: str = "use1") -> PlacementPlan:
    work = plans.workload(model, resources=ResourcePlan(gpus=gpus))
    least, most = replicas
    return plans.placement(cluster, model, pool or "cpu", work, pool=pool, min_replicas=least, max_replicas=most)


def costed(pools: Sequence[Any], *placements: PlacementPlan, platform: str = "eks") -> CostPlan:
    clusters: list[ClusterPlan] = [plans.cluster("use1", platform, pools=tuple(pools))]
    return costs(clusters, [(item, None) for item in placements], {item.model: "chat" for item in placements})


def flat(least: float, most: float) -> Bill:
    return Bill(Usd(least, least, least), Usd(most, most, most))


def test_nodes_in_use_are_those_that_replicas_need_between_the_pools_limits() -> None:
    """1 to 3 of 0 to 4 nodes at 2 USD."""
    cost = costed([pool("a")], placed("a", "m", (1, 3)))
    assert cost.pools[0].bill == cost.fleet.bill == cost.clusters["use1"].bill == cost.models["m"].bill == flat(2, 6)
    assert (cost.pools[0].least_nodes, cost.pools[0].most_nodes) == (1, 3)


@pytest.mark.parametrize(
    ("nodes", "replicas", "bill"),
    [
        ((0, 4), (0, 2), flat(0, 4)),
        ((2, 4), (0, 1), flat(4, 4)),  # nodes.min run, needed or not
        ((1, 4), (2, 4), flat(4, 8)),
        ((3, 3), (1, 1), flat(6, 6)),
    ],
)
def test_scales(nodes: tuple[int, int], replicas: tuple[int, int], bill: Bill) -> None:
    assert costed([pool("a", min_nodes=nodes[0], max_nodes=nodes[1])], placed("a", "m", replicas)).fleet.bill == bill


def test_a_pool_without_placements_costs_its_smallest_number_of_nodes() -> None:
    cost = costed([pool("a", min_nodes=2)])
    assert cost.fleet.bill == flat(4, 4)
    assert cost.models == {}


def test_replicas_share_a_node_by_gpus_and_its_idle_ones_too() -> None:
    """8 GPUs at 40 USD. At least 2 + 1 GPUs on a node: 2/3 and 1/3 of 40. At most 8 + 4 on two: 2/3 and 1/3 of 80."""
    cost = costed(
        [pool("a", "g8", gpus_per_node=8)], placed("a", "large", (1, 4), gpus=2), placed("a", "small", (1, 4))
    )
    assert cost.fleet.bill == flat(40, 80)
    shares = {name: total.bill for name, total in cost.models.items()}
    assert shares["large"] == flat(pytest.approx(80 / 3), pytest.approx(160 / 3))
    assert shares["small"] == flat(pytest.approx(40 / 3), pytest.approx(80 / 3))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_the_parts_of_all_models_add_up(groups: list[tuple[int, int, int]], least_nodes: int) -> None:
    placements = [
        placed("a", f"m{number}", (min(least, most), most), gpus=gpus)
        for number, (gpus, least, most) in enumerate(groups)
    ]
    cost = costed([pool("a", "g8", gpus_per_node=8, min_nodes=least_nodes, max_nodes=12)], *placements)
    bills = [total.bill for total in cost.models.values() if total.bill]
    assert cost.fleet.bill is not None
    assert len(bills) == len(groups)
    assert sum(bill.least.value for bill in bills) == pytest.approx(cost.fleet.bill.least.value)
    assert sum(bill.most.value for bill in bills) == pytest.approx(cost.fleet.bill.most.value)
    assert cost.fleet.bill.least.value <= cost.fleet.bill.most.value


def test_nodes_that_wait_for_sleeping_replicas_are_theirs() -> None:
    cost = costed([pool("a", min_nodes=1)], placed("a", "one", (0, 1)), placed("a", "three", (0, 3)))
    shares = {name: total.bill for name, total in cost.models.items()}
    assert shares == {"one": flat(0.5, 2), "three": flat(1.5, 6)}
    assert cost.fleet.bill == flat(2, 8)


def test_the_first_choice_is_the_figure_and_the_others_are_its_range() -> None:
    spot_first = costed([pool("a", capacity=("spot", "on-demand"))], placed("a", "m", (1, 2)))
    assert spot_first.fleet.bill == Bill(Usd(0.5, 0.5, 2.0), Usd(1.0, 1.0, 4.0))
    assert spot_first.fleet.instead == {}
    demand_first = costed([pool("a", capacity=("on-demand", "spot"))], placed("a", "m", (1, 2)))
    assert demand_first.fleet.bill == Bill(Usd(2.0, 0.5, 2.0), Usd(4.0, 1.0, 4.0))


def test_every_price_has_its_source_and_date() -> None:
    """The newest list that has the price; spot has another one."""
    rates = costed([pool("a", capacity=("spot", "on-demand"))]).pools[0].rates
    assert [(rate.capacity, rate.usd_per_hour, rate.source, rate.as_of) for rate in rates] == [
        ("spot", 0.5, "spot list", "2025-12-22"),
        ("on-demand", 2.0, "newest list", "2026-07-20"),
    ]


def test_a_missing_price_is_no_zero_and_no_other_regions() -> None:
    cost = costed([pool("a"), pool("b", "away"), pool("c", "none")], placed("a", "m", (1, 1)), placed("b", "n", (1, 1)))
    assert cost.fleet.bill == flat(2, 2)
    assert cost.fleet.without == {"use1/b": "price not known", "use1/c": "price not known"}
    assert cost.models["n"].bill is None
    assert cost.models["n"].without == {"n/b": "price not known"}
    assert cost.pools[1].rates[0].why == "no on-demand price of away in us-east-1 is known, only in eu-west-1"
    [finding] = unknown_prices(cost)
    assert (finding.id, finding.path) == ("GEN316", ("clusters", "use1", "pools", "b"))
    assert "use1/b and of 1 other pool " in finding.message


def test_a_known_choice_counts_in_place_of_one_that_is_not_and_this_is_said() -> None:
    cost = costed([pool("a", "g8", capacity=("spot", "on-demand"))], placed("a", "m", (1, 1)))
    said = "counted as on-demand g8, since spot g8 has no known price"
    assert cost.fleet.bill == flat(40, 40)
    assert cost.fleet.instead == {"use1/a": said}
    assert cost.models["m"].instead == {"m/a": said}
    assert [finding.help.partition(";")[0] for finding in unknown_prices(cost)] == [said]


@pytest.mark.parametrize("capacity", [("reserved",), ("reserved", "on-demand")])
def test_a_contract_has_no_list_price(capacity: tuple[str, ...]) -> None:
    cost = costed([pool("a", capacity=capacity)], placed("a", "m", (1, 1)))
    assert cost.fleet.bill is None
    assert cost.fleet.without == {"use1/a": "reserved"}
    assert list(unknown_prices(cost)) == []


@pytest.mark.parametrize("platform", ["kubernetes", "docker"])
def test_own_machines_are_not_priced(platform: str) -> None:
    cost = costed([plans.pool("a", platform)], placed("a", "m", (1, 1)), platform=platform)
    assert not cost.rented
    assert cost.fleet.bill is None
    assert cost.fleet.without == {"use1/a": "own machines"}
    assert list(unknown_prices(cost)) == []


def test_cpus_of_a_cloud_are_left_out_and_named() -> None:
    cost = costed([pool("a", min_nodes=1)], placed("", "m", (1, 1), gpus=0))
    assert cost.fleet.bill == flat(2, 2)
    assert cost.fleet.without == {"m/cpu": "on CPUs"}


def test_a_platform_without_prices_has_none() -> None:
    cost = costed([pool("a")], platform="elsewhere")
    assert cost.fleet.without == {"use1/a": "price not known"}


def test_the_first_of_several_types_counts() -> None:
    cost = costed([plans.pool("a", instance_types=("g1", "g8"), min_nodes=1)])
    assert cost.fleet.bill == Bill(Usd(2, 2, 40), Usd(2, 2, 40))


def test_a_reservation_is_of_the_first_type() -> None:
    """The second type is bought on demand alone, so it has one rate where the first has two."""
    cost = costed([plans.pool("a", instance_types=("g1", "g8"), capacity=("reserved", "on-demand"))])
    assert [(rate.capacity, rate.instance_type) for rate in cost.pools[0].rates] == [
        ("reserved", "g1"),
        ("on-demand", "g1"),
        ("on-demand", "g8"),
    ]


def test_tokens_of_a_busy_replica() -> None:
    """2 USD an hour at 1,000 tokens a second: 2 / 3.6 = 0.5556 USD a million; 500 to 2,000 give its ends."""
    fast = cast(
        "Sized",
        SimpleNamespace(loaded=SimpleNamespace(output_tokens_per_s=Estimate(1000, 500, 2000), why="as measured")),
    )
    work = placed("a", "m", (1, 4))
    clusters = [plans.cluster("use1", "eks", pools=(pool("a"),))]
    [item] = costs(clusters, [(work, fast)], {"m": "chat"}).placements
    assert item.per_million is not None
    assert (item.per_million.value, item.per_million.low, item.per_million.high) == pytest.approx(
        (0.555556, 0.277778, 1.111111), rel=1e-5
    )
    [item] = costs(clusters, [(work, fast)], {"m": "embed"}).placements
    assert (item.per_million, item.million_why) == (None, "a model for `embed` makes no tokens")
    [item] = costs(clusters, [(work, None)], {"m": "chat"}).placements
    assert (item.per_million, item.million_why) == (None, "its speed cannot be predicted")


def test_a_replica_larger_than_a_node_is_another_findings_business() -> None:
    cost = costed([pool("a")], placed("a", "m", (1, 1), gpus=4))
    assert cost.placements == ()
    assert cost.fleet.bill == flat(0, 0)
