"""How tiers, weights, causes and times become the words of Envoy Gateway, for shapes that the case does not have."""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from generator.core.plan import Backend, GatewayPlan, RoutePlan, TenantPlan, Tier
from generator.gateways.envoy_gateway.routes import over
from generator.gateways.envoy_gateway.words import names, span
from generator.targets.gateway.target import GATEWAY
from tests import plans, serving

CLOUD = plans.cluster("cloud", "eks")
Item = dict[str, Any]


def backends(*weights: int, first: int = 0) -> tuple[Backend, ...]:
    """Backends of a provider each, with these weights."""
    return tuple(plans.provider(f"p{number}", weight) for number, weight in enumerate(weights, first))


def route(*tiers: tuple[Backend, ...], **changes: Any) -> RoutePlan:
    """A route of these tiers."""
    [made] = serving.gateway(()).routes
    return replace(made, tiers=tuple(Tier("chat", tier) for tier in tiers), **changes)


def found(*routes: RoutePlan, **changes: Any) -> dict[tuple[str, str], Item]:
    """The objects of a gateway with these routes, by kind and name."""
    made: GatewayPlan = replace(
        serving.gateway((), cluster="cloud", host_port=0), kind="envoy-gateway", routes=routes, **changes
    )
    plan = plans.plan(CLOUD, gateways=(made,))
    texts = [item.content.decode() for item in GATEWAY.render(plan) if item.path.endswith(".yaml")]
    items = [item for text in texts for item in yaml.safe_load_all(text)]
    return {(item["kind"], item["metadata"]["name"]): item for item in items}


def retry(plan: RoutePlan) -> Item:
    [policy] = [item for (kind, _), item in found(plan).items() if kind == "BackendTrafficPolicy"]
    retries: Item = policy["spec"]["retry"]
    return retries


def priorities(plan: RoutePlan) -> list[tuple[int, int]]:
    """Priority and weight of each backend."""
    [item] = [item for (kind, _), item in found(plan).items() if kind == "AIGatewayRoute"]
    return [(ref["priority"], ref["weight"]) for ref in item["spec"]["rules"][0]["backendRefs"]]


def test_a_spare_backend_follows_its_siblings() -> None:
    plan = route(backends(3, 0, 1), backends(0, 0, first=3))
    assert priorities(plan) == [(0, 3), (0, 1), (1, 1), (2, 1), (2, 1)]


def test_weights_above_a_million_keep_their_proportions() -> None:
    assert priorities(route(backends(4_000_000, 1_000_000, 1))) == [(0, 1_000_000), (0, 250_000), (0, 1)]


@pytest.mark.parametrize(
    ("tiers", "retries", "count", "each"),
    [
        ([backends(1)], 1, 1, None),
        ([backends(1)], 0, 0, None),
        ([backends(1), backends(1, first=1)], 0, 1, 1),
        ([backends(1), backends(1, first=1)], 2, 3, 1),
        ([backends(1, 1, 1), backends(1, first=3)], 1, 3, 2),
        ([backends(1, 1, 1), backends(1, first=3)], 5, 8, 3),
    ],
)
def test_attempts_are_counted_over_all_tiers(
    tiers: list[tuple[Backend, ...]], retries: int, count: int, each: int | None
) -> None:
    made = retry(route(*tiers, max_retries=retries))
    assert (made["numRetries"], made.get("numAttemptsPerPriority")) == (count, each)


@pytest.mark.parametrize(
    ("causes", "triggers", "codes"),
    [
        (("connect",), ["connect-failure", "refused-stream"], None),
        (("first-token-timeout",), ["reset"], None),
        (("429",), ["retriable-status-codes"], [429]),
        (("connect", "503"), ["connect-failure", "refused-stream", "retriable-status-codes"], [503, 529]),
    ],
)
def test_only_what_the_route_names_moves_on(
    causes: tuple[str, ...], triggers: list[str], codes: list[int] | None
) -> None:
    made = retry(route(backends(1), backends(1, first=1), fallback_on=causes))
    assert made["retryOn"]["triggers"] == triggers
    assert made["retryOn"].get("httpStatusCodes") == codes


def test_a_route_that_never_moves_on_asks_once() -> None:
    made = retry(route(backends(1), backends(1, first=1), fallback_on=()))
    assert made["numRetries"] == 0
    assert "retryOn" not in made


def test_backends_are_limited_together_and_only_when_each_is() -> None:
    capped = tuple(replace(item, max_parallel=8) for item in backends(1, 1))
    for tier, limit in ((capped, 16), ((*capped, *backends(1, first=2)), 1_000_000)):
        policy = found(route(tier))["BackendTrafficPolicy", "edge-chat"]
        assert policy["spec"]["circuitBreaker"]["maxParallelRequests"] == limit


def test_a_tenant_is_let_in_to_its_routes_alone() -> None:
    key = serving.gateway(()).master_key
    tenant = TenantPlan("gold", (), key, ("chat",), "normal", 60, 0)
    other = route(backends(1), name="other")
    items = found(route(backends(1)), other, tenants=(tenant,))
    admitted = {
        name: items["SecurityPolicy", f"edge-{name}"]["spec"]["authorization"]["rules"][0]["principal"]["headers"]
        for name in ("chat", "other")
    }
    assert admitted["chat"] == [{"name": "x-fleet-tenant", "values": ["gold", "_master"]}]
    assert admitted["other"] == [{"name": "x-fleet-tenant", "values": ["_master"]}]
    assert "rateLimit" in items["BackendTrafficPolicy", "edge-chat"]["spec"]
    assert "rateLimit" not in items["BackendTrafficPolicy", "edge-other"]["spec"]


@pytest.mark.parametrize("border", [1, 9, 10, 89, 99, 100, 297, 1800, 8999, 9000])
def test_the_pattern_of_lengths_is_a_border(border: int) -> None:
    pattern = re.compile(over(border))
    assert [number for number in range(1, 12_000) if pattern.fullmatch(str(number))] == list(range(border, 12_000))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.25, "250ms"), (1.5, "1s500ms"), (90, "1m30s"), (93_600, "26h")]
)
def test_durations_are_whole_numbers(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_names_are_told_apart_and_short_enough() -> None:
    made = names("edge", ["a/b", "a-b", "plain", "x" * 80])
    assert made["plain"] == "edge-plain"
    assert len(set(made.values())) == 4
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])", name) for name in made.values())
    assert names("edge", ["a/b"])["a/b"] == "edge-a-b"
