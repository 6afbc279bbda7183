"""Envoy's files say what the plan says; expectations are facts about Envoy, which reads them in tests/consumers."""

from typing import Any

import pytest
import yaml

from generator.targets.gateway.target import GATEWAY
from tests import route_fleets
from tests.route_fleets import found, model, plan

EDGE = {"kind": "envoy", "cluster": "cloud"}
OPENAI = {"provider": "openai", "model": "gpt-5-mini"}

Files = dict[str, Any]


def render(items: list[Any] | None = None, **parts: Any) -> Files:
    """The files of the only gateway by name; of a table its resources."""
    spec = route_fleets.fleet(**{"models": {"m": model("cloud")}, "gateways": {"edge": EDGE}, **parts})
    made, _ = plan(spec, items)
    written = {item.path.rpartition("/")[2]: item.content for item in GATEWAY.render(made)}
    files = {name.removesuffix(".yaml"): yaml.safe_load(text) for name, text in written.items() if name != "run.sh"}
    return {name: content if name == "envoy" else content["resources"] for name, content in files.items()}


def chat(*tiers: list[dict[str, Any]], **more: Any) -> Files:
    """The files of one route."""
    return render(routes={"chat": {"tiers": list(tiers), **more}})


def clusters(made: Files) -> dict[str, Any]:
    """The clusters by name."""
    return {item["name"]: item for item in made["clusters"]}


def actions(made: Files, table: str) -> list[dict[str, Any]]:
    """What a table does, but for its last line, which finds nothing."""
    routes = made[table][0]["virtual_hosts"][0]["routes"]
    return [item["route"] for item in routes if "route" in item]


def test_an_engine_of_the_same_cluster_is_watched_and_not_overrun() -> None:
    item = route_fleets.placement("m", "cloud", "cloud", concurrency=16, replicas=3)
    made = render([item], routes={"chat": {"tiers": [[{"model": "m"}], [OPENAI]]}})
    engine, provider = clusters(made)["backend/m/cloud"], clusters(made)["backend/openai:gpt-5-mini"]
    assert engine["circuit_breakers"]["thresholds"][0]["max_requests"] == 48
    [check] = engine["health_checks"]
    assert check["http_health_check"]["path"] == item.workload.probe.path == "/health"
    assert "transport_socket" not in engine
    assert "health_checks" not in provider
    assert provider["circuit_breakers"]["thresholds"][0]["max_requests"] == 1_000_000


def test_a_provider_is_known_by_its_certificate() -> None:
    provider = clusters(chat([OPENAI]))["backend/openai:gpt-5-mini"]
    [endpoint] = provider["load_assignment"]["endpoints"][0]["lb_endpoints"]
    assert endpoint["endpoint"]["address"]["socket_address"] == {"address": "api.openai.com", "port_value": 443}
    tls = provider["transport_socket"]["typed_config"]
    trust = tls["common_tls_context"]["validation_context"]
    assert tls["sni"] == "api.openai.com"
    assert trust["trusted_ca"] == {"filename": "/etc/ssl/certs/ca-certificates.crt"}
    assert trust["match_typed_subject_alt_names"] == [{"san_type": "DNS", "matcher": {"exact": "api.openai.com"}}]


def test_a_key_is_a_file_by_reference() -> None:
    made = chat([OPENAI])
    [route, *_] = made["backends"][0]["virtual_hosts"][0]["routes"]
    context = route["typed_per_filter_config"]["fleet.backend"]["filter_context"]
    assert context == {"key": "/run/secrets/OPENAI_API_KEY"}


@pytest.mark.parametrize("engine", ["vllm", "tgi", "ollama"])
def test_every_engine_is_asked_at_its_openai_paths(engine: str) -> None:
    made = render(
        [route_fleets.placement("m", "cloud", "cloud", engine)], routes={"chat": {"tiers": [[{"model": "m"}]]}}
    )
    [action] = actions(made, "backends")
    assert action["prefix_rewrite"] == "/v1/"
    assert action["host_rewrite_literal"] == f"m-cloud.inference.svc:{route_fleets.PORTS[engine]}"


def test_a_providers_own_path_stays() -> None:
    [action] = actions(chat([{"provider": "groq", "model": "m"}]), "backends")
    assert (action["host_rewrite_literal"], action["prefix_rewrite"]) == ("api.example.com", "/openai/v1/")
    [action] = actions(chat([{"provider": "anthropic", "model": "m"}]), "backends")
    assert (action["host_rewrite_literal"], action["prefix_rewrite"]) == ("api.anthropic.com", "/v1/")


def test_each_limit_of_time_stands_at_its_step() -> None:
    times = {"connect": "2s", "firstToken": "20s", "idle": "40s", "total": "10m"}
    made = chat([OPENAI], timeouts=times)
    [route] = actions(made, "routes")
    [tier] = actions(made, "tiers")
    [backend] = actions(made, "backends")
    assert (route["timeout"], route["max_stream_duration"]) == ("0s", {"max_stream_duration": "600s"})
    assert tier["retry_policy"]["per_try_timeout"] == "20s"
    assert "per_try_idle_timeout" not in tier["retry_policy"], "it would end with per_try_timeout"
    assert backend["retry_policy"]["per_try_idle_timeout"] == "40s"
    assert clusters(made)["backend/openai:gpt-5-mini"]["connect_timeout"] == "2s"


def test_a_shared_backend_has_the_longest_connect() -> None:
    routes = {
        name: {"tiers": [[OPENAI]], "timeouts": {"connect": time}} for name, time in (("a", "2s"), ("b", "500ms"))
    }
    assert clusters(render(routes=routes))["backend/openai:gpt-5-mini"]["connect_timeout"] == "2s"


def test_the_cooldown_of_a_tier_that_others_follow_may_empty_it() -> None:
    made = clusters(chat([OPENAI], [{"provider": "groq", "model": "m"}]))
    for key, least in (("tier/chat/1", 0), ("tier/chat/2", 1)):
        outlier = made[key]["outlier_detection"]
        assert outlier["enforcing_consecutive_gateway_failure"] == outlier["enforcing_consecutive_5xx"] == 100
        assert outlier["max_ejection_percent"] == 100
        assert outlier["base_ejection_time"] == outlier["max_ejection_time"] == "30s"
        assert made[key]["common_lb_config"] == {"healthy_panic_threshold": {"value": least}}


def test_names_with_a_percent_sign_are_no_commands() -> None:
    made = chat([{"provider": "groq", "model": "100%REQ(authorization)%"}])
    [route, *_] = made["backends"][0]["virtual_hosts"][0]["routes"]
    rename = route["typed_per_filter_config"]["envoy.filters.http.transform"]["request_transformation"]
    assert rename["body_transformation"]["body_format"]["json_format"] == {"model": "100%%REQ(authorization)%%"}
    assert route["response_headers_to_add"][0]["header"]["value"] == "groq:100%%REQ(authorization)%%"


@pytest.mark.parametrize(
    ("engine", "task", "expected"),
    [("tgi", "chat", []), ("ollama", "embed", []), ("vllm", "rerank", []), ("tgi", "embed", ["GEN351"])],
)
def test_only_what_openai_words_can_ask(engine: str, task: str, expected: list[str]) -> None:
    spec = route_fleets.fleet(
        models={"m": model("cloud", task=task)},
        routes={"chat": {"tiers": [[{"model": "m"}]]}},
        gateways={"edge": EDGE},
    )
    _, findings = plan(spec, [route_fleets.placement("m", "cloud", "cloud", engine)])
    assert [(key, path) for key, path in found(findings) if key == "GEN351"] == [
        (key, ("routes", "chat", "tiers", 0, 0)) for key in expected
    ]


def test_the_master_key_has_a_name_of_its_own() -> None:
    context = chat([OPENAI])["tenants"][0]["typed_per_filter_config"]["fleet.tenant"]["filter_context"]
    assert context["keys"] == {"*": "/run/secrets/ENVOY_MASTER_KEY"}


GROQ = {"provider": "groq", "model": "m"}


@pytest.mark.parametrize(
    ("by", "header"), [("tenant", "x-fleet-tenant"), ("user", "x-fleet-user"), ("x-session-id", "x-session-id")]
)
def test_calls_stick_by_a_header_and_by_weight(by: str, header: str) -> None:
    made = chat([{**OPENAI, "weight": 9}, GROQ], sticky=by)
    [action] = actions(made, "tiers")
    assert action["hash_policy"] == [{"header": {"header_name": header}}]
    tier = clusters(made)["tier/chat/1"]
    assert tier["lb_policy"] == "MAGLEV"
    [endpoints] = tier["load_assignment"]["endpoints"]
    assert [item["load_balancing_weight"] for item in endpoints["lb_endpoints"]] == [9, 1]


def test_a_copy_takes_no_room_from_calls() -> None:
    item = route_fleets.placement("m", "cloud", "cloud", concurrency=16)
    shadow = {"model": "m", "share": 7}
    made = render([item], routes={"chat": {"tiers": [[{"model": "m"}], [OPENAI]], "shadow": shadow}})
    found = clusters(made)
    [mirror] = actions(made, "routes")[0]["request_mirror_policies"]
    assert mirror["runtime_fraction"] == {"default_value": {"numerator": 7, "denominator": "HUNDRED"}}
    [hop] = found[mirror["cluster"]]["load_assignment"]["endpoints"][0]["lb_endpoints"]
    key = hop["metadata"]["filter_metadata"]["fleet"]["backend"]
    by_key = {
        route["match"]["headers"][0]["string_match"]["exact"]: route["route"]
        for route in made["backends"][0]["virtual_hosts"][0]["routes"]
        if "route" in route
    }
    limits = {
        name: found[name]["circuit_breakers"]["thresholds"][0]["max_requests"]
        for name in (by_key[key]["cluster"], "backend/m/cloud")
    }
    assert limits == {"copy/m/cloud": 1_000_000, "backend/m/cloud": 16}
    assert "max_stream_duration" in by_key[key], "nobody else would end it"


def test_a_tenant_has_a_first_tier_of_its_own() -> None:
    made = render(
        routes={"chat": {"tiers": [[OPENAI], [{"provider": "anthropic", "model": "claude-haiku-4-5"}]]}},
        tenants={"beta": {"key": {"env": "BETA_KEY"}, "routes": ["chat"], "weights": {"chat": [GROQ]}}},
    )
    routes = [item for item in made["routes"][0]["virtual_hosts"][0]["routes"] if "route" in item]
    assert [item["route"]["cluster"] for item in routes[:2]] == ["route/chat/of/beta", "route/chat"]
    assert routes[0]["match"]["headers"][1] == {"name": "x-fleet-tenant", "string_match": {"exact": "beta"}}
    walks = {
        name: [
            hop["metadata"]["filter_metadata"]["fleet"]["tier"]
            for priority in clusters(made)[name]["load_assignment"]["endpoints"]
            for hop in priority["lb_endpoints"]
        ]
        for name in ("route/chat/of/beta", "route/chat")
    }
    assert walks == {"route/chat/of/beta": ["chat/of/beta", "chat/2"], "route/chat": ["chat/1", "chat/2"]}


def test_models_that_complete_text_are_asked_nothing_else() -> None:
    made = render(models={"m": model("cloud", task="complete")}, routes={"chat": {"tiers": [[{"model": "m"}]]}})
    paths = [item["match"].get("path") for item in made["routes"][0]["virtual_hosts"][0]["routes"]]
    assert paths == ["/v1/completions", None]
