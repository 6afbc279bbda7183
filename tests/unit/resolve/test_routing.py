"""Gateways see backends from where they run, share weights by what placements can hold, and say what they cannot do."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from generator.catalog import reader
from generator.core.finding import Findings
from generator.core.plan import Backend, BudgetPlan, GatewayPlan, SecretRef
from generator.gateways import GATEWAYS
from generator.pipeline import check
from generator.resolve.routes.backends import whole_weights
from tests.route_fleets import CLUSTERS, by_id, fleet, found, gateway, model, placement, placements, plan

EDGE = {"edge": {"kind": "litellm", "cluster": "cloud"}}


def tiers(route: str, **parts: Any) -> list[list[Backend]]:
    """The backends of a route of the only gateway, tier by tier."""
    items = parts.pop("items", None)
    served = next(item for item in gateway(fleet(**parts), items).routes if item.name == route)
    return [list(tier.backends) for tier in served.tiers]


@pytest.mark.parametrize(
    ("runs_in", "called_in", "url"),
    [
        ("cloud", "cloud", "http://qwen-a.inference.svc:8000/v1"),
        ("desk", "desk", "http://qwen-a:8000/v1"),
        ("desk", "cloud", "https://qwen-a.cloud.example.com/v1"),
        ("cloud", "desk", "http://desk.example.com:8001/v1"),
    ],
)
def test_a_backends_address_depends_on_where_the_gateway_runs(runs_in: str, called_in: str, url: str) -> None:
    [[backend]] = tiers(
        "chat",
        models={"qwen": model(f"{called_in}:a")},
        routes={"chat": {"tiers": [[{"model": "qwen"}]]}},
        gateways={"edge": {"kind": "litellm", "cluster": runs_in}},
        items=[placement("qwen", "a", called_in, host_port=8001)],
    )
    assert backend.url == url
    assert backend.key == (SecretRef("CLOUD_KEY", "acme-env", "CLOUD_KEY") if called_in == "cloud" else None)


@pytest.mark.parametrize(
    ("engine", "url"),
    [("vllm", "https://ai.example.com/m-cloud/v1"), ("tgi", "https://ai.example.com/m-cloud")],
)
@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_an_endpoint_may_name_the_version(engine: str, url: str, end: str) -> None:
    clusters = {
        **CLUSTERS,
        "cloud": {"platform": "eks", "endpoint": {"url": f"https://ai.example.com/{{service}}{end}"}},
    }
    spec = fleet(
        clusters=clusters,
        models={"m": model("cloud")},
        routes={"chat": {"tiers": [[{"model": "m"}]]}},
        gateways={"edge": {"kind": "litellm", "cluster": "desk"}},
    )
    [route] = gateway(spec, placements(spec, m=engine)).routes
    assert route.tiers[0].backends[0].url == url


@pytest.mark.parametrize(
    ("engine", "api", "url", "name"),
    [
        ("vllm", "openai", "http://m-cloud.inference.svc:8000/v1", "m"),
        ("tgi", "tgi", "http://m-cloud.inference.svc:80", "m"),
        ("ollama", "ollama", "http://m-cloud.inference.svc:11434", "qwen3:0.6b"),
    ],
)
def test_each_engine_has_its_api(engine: str, api: str, url: str, name: str) -> None:
    spec = fleet(models={"m": model("cloud")}, routes={"chat": {"tiers": [[{"model": "m"}]]}}, gateways=EDGE)
    [tier] = gateway(spec, placements(spec, m=engine)).routes[0].tiers
    assert [(item.api, item.url, item.model) for item in tier.backends] == [(api, url, name)]


def test_providers_keep_their_own_address() -> None:
    refs = [{"provider": name, "model": "m"} for name in ("openai", "anthropic", "groq")]
    [backends] = tiers("chat", models={"m": model("cloud")}, routes={"chat": {"tiers": [refs]}}, gateways=EDGE)
    assert [(item.id, item.api, item.url) for item in backends] == [
        ("openai:m", "openai", ""),
        ("anthropic:m", "anthropic", ""),
        ("groq:m", "openai", "https://api.example.com/openai/v1"),
    ]


@pytest.mark.parametrize("end", ["", "/v1", "/v1/"])
def test_clients_of_anthropic_add_the_version_themselves(end: str) -> None:
    """LiteLLM appends `/v1/messages` to the address as it is."""
    key = {"env": "ANTHROPIC_API_KEY"}
    provider = {"api": "anthropic", "url": f"https://claude.example.com{end}", "key": key}
    [[backend]] = tiers(
        "chat",
        providers={"claude": provider},
        models={"m": model("cloud")},
        routes={"chat": {"tiers": [[{"provider": "claude", "model": "m"}]]}},
        gateways=EDGE,
    )
    assert backend.url == "https://claude.example.com"


def test_placements_share_a_weight_by_the_requests_they_can_hold() -> None:
    [backends] = tiers(
        "chat",
        models={"m": model("cloud:a", "cloud:b")},
        routes={
            "chat": {"tiers": [[{"model": "m", "weight": 90}, {"provider": "openai", "model": "o", "weight": 10}]]}
        },
        gateways=EDGE,
        items=[
            placement("m", "a", "cloud", replicas=4, concurrency=8),
            placement("m", "b", "cloud", replicas=1, concurrency=4),
        ],
    )
    # 32 and 4 requests at once share 90: 80 and 10.
    assert {item.id: item.weight for item in backends} == {"m/a": 80, "m/b": 10, "openai:o": 10}


def test_whole_weights_keep_proportions() -> None:
    shares = {"a": Fraction(1, 3), "b": Fraction(1, 2), "c": Fraction(0)}
    assert whole_weights(shares) == {"a": 2, "b": 3, "c": 0}
    assert whole_weights({"a": Fraction(100)}) == {"a": 100}


def test_a_named_placement_stands_alone() -> None:
    [backends] = tiers(
        "chat",
        models={"m": model("cloud:a", "cloud:b")},
        routes={"chat": {"tiers": [[{"model": "m", "placement": "b", "weight": 7}]]}},
        gateways=EDGE,
    )
    assert [(item.id, item.weight) for item in backends] == [("m/b", 7)]


def test_a_fallback_appends_the_other_routes_tiers_and_a_circle_ends() -> None:
    spec = fleet(
        models={name: model("cloud") for name in ("a", "b", "c")},
        routes={
            "one": {"tiers": [[{"model": "a"}], [{"model": "b"}]], "fallback": "two"},
            "two": {"tiers": [[{"model": "c"}]], "fallback": "one"},
        },
        gateways=EDGE,
    )
    one, two = gateway(spec).routes
    assert [(tier.route, tier.backends[0].id) for tier in one.tiers] == [
        ("one", "a/cloud"),
        ("one", "b/cloud"),
        ("two", "c/cloud"),
    ]
    assert [tier.backends[0].id for tier in two.tiers] == ["c/cloud", "a/cloud", "b/cloud"]


def test_a_gateway_serves_what_it_names_and_otherwise_all() -> None:
    parts: dict[str, Any] = {
        "models": {"m": model("cloud")},
        "routes": {name: {"tiers": [[{"model": "m"}]]} for name in ("b", "a", "c")},
        "tenants": {
            "t": {"key": {"env": "T"}, "routes": ["a", "b"]},
            "u": {"key": {"env": "U"}, "routes": ["c"], "limits": {"maxParallel": 3}},
        },
    }
    served = gateway(fleet(**parts, gateways={"g": {**EDGE["edge"], "routes": ["b"]}}))
    assert [route.name for route in served.routes] == ["b"]
    assert [(tenant.name, tenant.routes) for tenant in served.tenants] == [("t", ("b",))]
    everything = gateway(fleet(**parts, gateways=EDGE))
    assert [route.name for route in everything.routes] == ["a", "b", "c"]
    assert [(tenant.name, tenant.max_parallel) for tenant in everything.tenants] == [("t", 0), ("u", 3)]


def test_gateways_on_a_docker_host_get_free_ports() -> None:
    spec = fleet(
        models={"m": {"placements": {"desk": {"cluster": "desk", "hostPort": 4001}}}},
        gateways={
            **{name: {"kind": "litellm", "cluster": "desk"} for name in ("a", "b")},
            "c": {"kind": "litellm", "cluster": "desk", "hostPort": 4000},
            "far": {"kind": "litellm", "cluster": "cloud"},
        },
    )
    ports = {item.name: item.host_port for item in plan(spec)[0].gateways}
    assert ports == {"a": 4002, "b": 4003, "c": 4000, "far": 0}


def test_the_version_is_the_catalogues_unless_written() -> None:
    facts = reader.gateway("litellm")
    plain = gateway(fleet(models={"m": model("cloud")}, gateways=EDGE))
    assert (plain.version, plain.image.reference) == (facts.version, f"ghcr.io/berriai/litellm:v{facts.version}")
    older = gateway(fleet(models={"m": model("cloud")}, gateways={"g": {**EDGE["edge"], "version": "1.108.3"}}))
    assert older.image.reference == "ghcr.io/berriai/litellm:v1.108.3"


def test_the_mirror_stands_once_before_the_gateways_image(tmp_path: Path) -> None:
    base = Path(__file__).parents[2] / "rules" / "base.yaml"
    spec = tmp_path / "fleet.yaml"
    spec.write_text(base.read_text(encoding="utf-8") + "images: {registry: mirror.example.com/all}\n", encoding="utf-8")
    checked = check(spec, "default")
    assert checked.plan is not None
    version = reader.gateway("litellm").version
    expected = f"mirror.example.com/all/ghcr.io/berriai/litellm:v{version}"
    assert {item.image.reference for item in checked.plan.gateways} == {expected}


def test_the_backoff_of_a_gateway_is_the_longest_of_its_routes() -> None:
    spec = fleet(
        models={"m": model("cloud")},
        routes={
            "a": {"tiers": [[{"model": "m"}]], "retries": {"backoff": {"base": "2s", "max": "3s"}}},
            "b": {"tiers": [[{"model": "m"}]]},
        },
        gateways=EDGE,
    )
    env = gateway(spec).env
    assert (env["INITIAL_RETRY_DELAY"], env["MAX_RETRY_DELAY"]) == ("2", "4")


def test_broken_parts_are_left_out_and_said_once() -> None:
    spec = fleet(
        models={"m": model("desk")},
        routes={"chat": {"tiers": [[{"model": "m"}], [{"provider": "openai", "model": "o"}]]}},
        gateways={**EDGE, "other": {"kind": "litellm", "cluster": "cloud"}},
    )
    made, findings = plan(spec, [placement("m", "desk", "desk")])
    assert [item for item in found(findings) if item[0] == "GEN345"] == [
        ("GEN345", ("models", "m", "placements", "desk"))
    ]
    assert [tier.backends[0].id for tier in made.gateways[0].routes[0].tiers] == ["openai:o"]


def test_defaults_share_one_info_and_written_values_have_their_own_line() -> None:
    parts: dict[str, Any] = {"models": {"m": model("cloud")}, "gateways": EDGE}
    refs = [[{"model": "m"}], [{"provider": "openai", "model": "o"}]]
    quiet = fleet(**parts, routes={name: {"tiers": refs} for name in ("a", "b", "c")})
    assert found(plan(quiet)[1]) == [("GEN344", ("gateways", "edge"))]
    timeouts = {"connect": "3s", "firstToken": "90s", "idle": "90s", "total": "15m"}
    loud = fleet(**parts, routes={"a": {"tiers": refs, "timeouts": timeouts, "fallbackOn": ["503"]}})
    findings = plan(loud)[1]
    assert sorted(found(findings)) == [
        ("GEN343", ("routes", "a", "fallbackOn")),
        ("GEN343", ("routes", "a", "timeouts", "connect")),
        ("GEN344", ("gateways", "edge")),
        ("GEN344", ("routes", "a", "timeouts", "total")),
    ]


@pytest.mark.parametrize("database", [None, {"env": "DATABASE_URL"}])
def test_tenants_need_a_database(database: dict[str, str] | None) -> None:
    spec = fleet(
        models={"m": model("cloud")},
        routes={"a": {"tiers": [[{"model": "m"}]]}},
        tenants={"t": {"key": {"env": "T"}, "routes": ["a"]}},
        gateways={"edge": {**EDGE["edge"], "database": database}},
    )
    assert ("GEN342" in by_id(plan(spec)[1])) == (database is None)


@pytest.mark.parametrize("kind", sorted(GATEWAYS))
def test_capability_tables_say_how(kind: str) -> None:
    facts = reader.gateway(kind)
    assert {item.level for item in facts.capabilities.values()} <= {"exact", "approximated", "not-possible", "not-run"}
    for behaviour, capability in facts.capabilities.items():
        assert capability.how.strip().rstrip(".") == capability.how, behaviour
    assert facts.source
    assert facts.version not in facts.refused


TENANT = {"key": {"env": "T"}, "routes": ["chat"]}


def of_tenants(tenants: dict[str, Any], **route: Any) -> tuple[GatewayPlan, Findings]:
    """The gateway of a fleet with two models on one route, and those tenants."""
    tiers = [[{"model": "m"}], [{"model": "n"}], [{"provider": "openai", "model": "o"}]]
    spec = fleet(
        models={"m": model("cloud"), "n": model("cloud"), "new": model("cloud")},
        routes={"chat": {"tiers": tiers, **route}},
        tenants=tenants,
        gateways={"edge": {**EDGE["edge"], "database": {"env": "DATABASE_URL"}}},
    )
    made, findings = plan(spec, [placement(name, "cloud", "cloud") for name in ("m", "n", "new")])
    return made.gateways[0], findings


def test_a_tenants_weights_take_the_place_of_the_first_tier_with_its_limits() -> None:
    refs = [{"model": "m", "weight": 9}, {"model": "new"}]
    made, findings = of_tenants({"beta": {**TENANT, "weights": {"chat": refs}}, "gold": TENANT})
    [route] = made.routes
    assert list(route.overrides) == ["beta"]
    assert [(item.id, item.weight) for item in route.overrides["beta"].backends] == [("m/cloud", 9), ("new/cloud", 1)]
    assert all(item.max_parallel == item.concurrency for item in route.overrides["beta"].backends)
    assert "new/cloud" in {item.id for item in made.backends}
    assert "GEN359" not in by_id(findings)


def test_where_the_cheapest_answers_a_tenant_has_no_weights() -> None:
    spec = {"beta": {**TENANT, "weights": {"chat": [{"model": "new"}]}}, "gold": TENANT}
    cheapest, _ = of_tenants(spec, choose="cheapest")
    assert cheapest.routes[0].overrides == {}


def test_a_shadow_is_reached_and_its_placements_share_the_copies() -> None:
    made, _ = of_tenants({}, shadow={"model": "new", "share": 5})
    rule = made.routes[0].shadow
    assert rule is not None
    assert (rule.percent, [item.id for item in rule.tier.backends]) == (5, ["new/cloud"])
    assert "new/cloud" in {item.id for item in made.backends}


def test_a_shadow_of_another_task_is_told() -> None:
    spec = fleet(
        models={"m": model("cloud"), "e": {**model("cloud"), "task": "embed"}},
        routes={"chat": {"tiers": [[{"model": "m"}]], "shadow": {"model": "e"}}},
        gateways=EDGE,
    )
    _, findings = plan(spec, [placement("m", "cloud", "cloud"), placement("e", "cloud", "cloud")])
    assert ("GEN348", ("routes", "chat", "shadow")) in found(findings)


def test_a_budget_counts_what_has_a_price() -> None:
    budget = {**TENANT, "budget": {"usd": 20, "per": "week"}}
    made, findings = of_tenants({"gold": budget})
    assert made.tenants[0].budget == BudgetPlan(20, "week")
    assert ("GEN354", ("tenants", "gold", "budget")) in found(findings)
    assert "openai:o" in by_id(findings)["GEN354"]


def test_a_budget_is_judged_by_what_its_own_tenant_can_reach() -> None:
    unpriced = {**TENANT, "weights": {"chat": [{"provider": "groq", "model": "g"}]}}
    _, findings = of_tenants({"gold": {**TENANT, "budget": {"usd": 20}}, "beta": unpriced})
    assert "groq:g" not in by_id(findings).get("GEN354", "")
    _, findings = of_tenants({"beta": {**unpriced, "budget": {"usd": 20}}})
    assert "groq:g" in by_id(findings)["GEN354"]
