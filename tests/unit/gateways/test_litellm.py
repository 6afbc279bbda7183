"""config.yaml, tenants.json and routes.json say what the plan says; expectations are facts about LiteLLM."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import resources
from generator.catalog import reader
from generator.core.plan import SecretRef
from generator.gateways.litellm import router
from generator.gateways.litellm.deployments import NO_LIMIT
from generator.gateways.litellm.environment import OWN, variable
from generator.gateways.litellm.service import service
from generator.schemas import schema_files
from generator.targets.gateway.target import GATEWAY
from generator.targets.routes.target import ROUTES
from tests import serving
from tests.route_fleets import fleet, model, placements, plan

EDGE = {"kind": "litellm", "cluster": "cloud"}
OPENAI = {"provider": "openai", "model": "gpt-5-mini"}


def render(**parts: Any) -> dict[str, Any]:
    """The files of the only gateway, parsed, by name; `engines` names the engines of models."""
    engines = parts.pop("engines", {})
    spec = fleet(**{"models": {"m": model("cloud")}, "gateways": {"edge": EDGE}, **parts})
    made, _ = plan(spec, placements(spec, **engines))
    files = [*GATEWAY.render(made), *ROUTES.render(made)]
    return {item.path.rpartition("/")[2]: yaml.safe_load(item.content) for item in files}


def config(**parts: Any) -> dict[str, Any]:
    """The only gateway's config.yaml."""
    made: dict[str, Any] = render(**parts)["config.yaml"]
    return made


def params(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters of each deployment, by its id."""
    return {item["model_info"]["id"]: item["litellm_params"] for item in made["model_list"]}


def test_a_tier_is_a_group_and_fallbacks_follow_their_order() -> None:
    made = config(routes={"chat": {"tiers": [[{"model": "m"}], [OPENAI], [{"provider": "anthropic", "model": "c"}]]}})
    assert [item["model_name"] for item in made["model_list"]] == ["chat", "chat/tier-2", "chat/tier-3"]
    assert made["router_settings"]["fallbacks"] == [{"chat": ["chat/tier-2", "chat/tier-3"]}]
    assert made["router_settings"]["max_fallbacks"] > 2


def test_only_first_tiers_are_listed_and_a_tenants_key_opens_the_others() -> None:
    route = {"tiers": [[{"model": "m"}], [OPENAI]], "context": {"over": 8000, "use": [OPENAI]}}
    for database, inner in (({}, {"team_id": "fallbacks"}), ({"database": {"env": "DB"}}, {"discoverable": False})):
        made = config(routes={"r": route}, gateways={"edge": {**EDGE, **database}})
        marks = {item["model_name"]: item["model_info"] for item in made["model_list"]}
        assert {name: {key: marks[name].get(key) for key in ("team_id", "discoverable")} for name in marks} == {
            "r": {"team_id": None, "discoverable": None},
            **{name: {"team_id": None, "discoverable": None, **inner} for name in ("r/tier-2", "r/long")},
        }
        assert made["general_settings"].get("enforce_fallback_model_access", True) is not bool(database)


def test_a_tenants_own_weights_are_a_group_and_an_alias_of_its_key() -> None:
    route = {"tiers": [[{"model": "m"}], [OPENAI]], "aliases": ["nick"], "context": {"over": 8000, "use": [OPENAI]}}
    made = render(
        routes={"r": route, "s": {"tiers": [[OPENAI]]}},
        tenants={
            "beta": {"key": {"env": "B"}, "routes": ["r", "s"], "weights": {"r": [OPENAI]}},
            "gold": {"key": {"env": "G"}, "routes": ["r"], "budget": {"usd": 2.5, "per": "week"}},
        },
        gateways={"edge": {**EDGE, "database": {"env": "DB"}}},
    )
    settings, groups = made["config.yaml"]["router_settings"], made["config.yaml"]["model_list"]
    assert [item["model_info"]["id"] for item in groups if "beta" in item["model_name"]] == [
        "r/for-beta@openai:gpt-5-mini"
    ]
    assert {"r/for-beta": ["r/tier-2"]} in settings["fallbacks"]
    assert {"r/for-beta": ["r/long"]} in settings["context_window_fallbacks"]
    beta, gold = (item["request"] for item in made["tenants.json"])
    assert beta["aliases"] == {"r": "r/for-beta", "nick": "r/for-beta"}
    assert beta["models"] == ["r", "s", "nick", "r/for-beta"]
    assert "aliases" not in gold
    assert (gold["max_budget"], gold["budget_duration"]) == (2.5, "7d")


def test_copies_go_to_a_group_that_sends_a_share_of_them() -> None:
    tiers = [[{"model": "m"}, OPENAI], [{"provider": "groq", "model": "x"}]]
    route = {"tiers": tiers, "context": {"over": 8000, "use": [OPENAI]}, "shadow": {**OPENAI, "share": 25}}
    made = config(routes={"r": route})
    copied = {item["model_name"]: item["litellm_params"].get("silent_model") for item in made["model_list"]}
    assert copied == {"r": "r/shadow", "r/tier-2": None, "r/long": "r/shadow", "r/shadow": None}
    weights = {name: item["weight"] for name, item in params(made).items() if name.startswith("r/shadow")}
    assert weights == {"r/shadow@openai:gpt-5-mini": 25, "r/shadow@nobody": 75}
    assert params(made)["r/shadow@nobody"]["mock_response"]
    settings = made["router_settings"]
    assert {"r/shadow": []} in settings["fallbacks"]
    assert settings["model_group_retry_policy"]["r/shadow"] == {"DefaultRetries": 0}


def test_all_calls_are_copied_without_a_draw_and_only_chats_are() -> None:
    whole = config(routes={"r": {"tiers": [[{"model": "m"}]], "shadow": OPENAI}})
    assert [item["model_info"]["id"] for item in whole["model_list"]] == ["r@m/cloud", "r/shadow@openai:gpt-5-mini"]
    models = {"m": model("cloud", task="embed"), "other": model("cloud", task="embed")}
    made = config(models=models, routes={"r": {"tiers": [[{"model": "m"}]], "shadow": {"model": "other"}}})
    assert [item["model_name"] for item in made["model_list"]] == ["r"]
    assert "silent_model" not in params(made)["r@m/cloud"]


@pytest.mark.parametrize(
    ("sticky", "flags"),
    [
        ("tenant", ["deployment_affinity"]),
        ("user", None),
        ("x-session-id", ["session_affinity"]),
        ("X-Litellm-Trace-Id", ["session_affinity"]),
        ("x-chat-session-id", ["session_affinity"]),
        ("x-conversation-id", None),
    ],
)
def test_groups_of_several_backends_are_sticky_by_what_litellm_knows(sticky: str, flags: list[str] | None) -> None:
    tiers = [[{"model": "m"}, OPENAI], [{"provider": "groq", "model": "x"}]]
    settings = config(routes={"r": {"tiers": tiers, "sticky": sticky}})["router_settings"]
    assert settings.get("model_group_affinity_config") == ({"r": flags} if flags else None)


def test_groups_never_take_a_public_name() -> None:
    two = [[{"model": "m"}], [OPENAI]]
    made = config(routes={"chat": {"tiers": two}, "chat/tier-2": {"tiers": two}, "chat/tier-2+": {"tiers": two}})
    groups = [item["model_name"] for item in made["model_list"]]
    assert len(groups) == len(set(groups)) == 6
    assert {"chat": ["chat/tier-2++"]} in made["router_settings"]["fallbacks"]


@pytest.mark.parametrize(
    ("engine", "task", "upstream", "base"),
    [
        ("vllm", "chat", "hosted_vllm/m", "http://m-cloud.inference.svc:8000/v1"),
        ("vllm", "rerank", "hosted_vllm/m", "http://m-cloud.inference.svc:8000/v1"),
        ("tgi", "chat", "openai/m", "http://m-cloud.inference.svc:80/v1"),
        ("ollama", "chat", "ollama_chat/qwen3:0.6b", "http://m-cloud.inference.svc:11434"),
        ("ollama", "embed", "ollama/qwen3:0.6b", "http://m-cloud.inference.svc:11434"),
        ("ollama", "complete", "ollama/qwen3:0.6b", "http://m-cloud.inference.svc:11434"),
        ("vllm", "complete", "hosted_vllm/m", "http://m-cloud.inference.svc:8000/v1"),
    ],
)
def test_engines_have_the_prefix_that_litellm_knows(engine: str, task: str, upstream: str, base: str) -> None:
    made = config(
        models={"m": model("cloud", task=task)}, engines={"m": engine}, routes={"r": {"tiers": [[{"model": "m"}]]}}
    )
    [only] = params(made).values()
    assert (only["model"], only["api_base"], only["api_key"]) == (upstream, base, "os.environ/CLOUD_KEY")
    assert made["model_list"][0]["model_info"]["mode"] == {"embed": "embedding", "complete": "completion"}.get(
        task, task
    )


def test_a_backend_without_a_key_is_not_sent_that_of_openai() -> None:
    made = config(routes={"r": {"tiers": [[OPENAI, {"provider": "groq", "model": "x"}]]}})
    keys = {name: item.get("api_key") for name, item in params(made).items()}
    assert keys == {"r@openai:gpt-5-mini": "os.environ/OPENAI_API_KEY", "r@groq:x": "no-key"}


def test_the_containers_own_variables_are_no_secrets() -> None:
    key, database = SecretRef("DATABASE_URL", "acme-env", "DATABASE_URL"), SecretRef("PG", "acme-env", "PG")
    environment = reader.gateway("litellm").environment
    made = service(replace(serving.gateway([]), master_key=key, database=database, env=environment))
    assert made.env["DATABASE_URL"] == database
    assert made.env["SECRET__DATABASE_URL"] == key
    assert made.before
    scratch = {name for folder in made.scratch for name in folder.env}
    texts = {*made.before.env, *made.before.afterwards, *scratch, *environment}
    assert texts <= OWN


def test_the_catalogue_reserves_the_containers_own_variables() -> None:
    facts = reader.gateway("litellm")
    assert {*facts.environment, *facts.reserved} == OWN


@given(st.lists(st.sampled_from([*sorted(OWN), *(f"SECRET__{name}" for name in OWN), "KEY"]), unique=True))
def test_two_secrets_have_two_variables_of_the_container(names: list[str]) -> None:
    variables = {variable(SecretRef(name, "acme-env", name)) for name in names}
    assert len(variables) == len(names)
    assert variables.isdisjoint(OWN)


def test_weights_stand_on_all_backends_of_a_group_or_on_none() -> None:
    made = config(
        routes={"r": {"tiers": [[{"model": "m", "weight": 9}, OPENAI], [{"provider": "groq", "model": "x"}]]}}
    )
    assert {name: item.get("weight") for name, item in params(made).items()} == {
        "r@m/cloud": 9,
        "r@openai:gpt-5-mini": 1,
        "r/tier-2@groq:x": None,
    }


def test_timeouts_come_over_in_seconds_and_the_sdk_does_not_retry() -> None:
    for times in ({"firstToken": "90s", "idle": "500ms"}, {"firstToken": "500ms", "idle": "90s"}):
        [only] = params(config(routes={"r": {"tiers": [[OPENAI]], "timeouts": {**times, "total": "2m"}}})).values()
        assert (only["timeout"], only["stream_timeout"], only["max_retries"]) == (120, 90, 0)


def policies(**route: Any) -> dict[str, dict[str, int]]:
    """The retry policy of each group of one route."""
    made: dict[str, dict[str, int]] = config(routes={"r": route})["router_settings"]["model_group_retry_policy"]
    return made


def test_a_lone_backend_is_left_at_once_only_where_another_tier_follows() -> None:
    made = policies(tiers=[[{"model": "m"}], [{"provider": "groq", "model": "x"}]], retries={"max": 2})
    at_once = {"RateLimitErrorRetries", "ServiceUnavailableErrorRetries", "TimeoutErrorRetries"}
    assert {made["r"][name] for name in at_once} == {0}
    assert made["r"]["DefaultRetries"] == 2
    assert not at_once & set(made["r/tier-2"])
    assert not at_once & set(policies(tiers=[[OPENAI]])["r"])


def test_siblings_count_as_retries() -> None:
    two = [OPENAI, {"provider": "groq", "model": "x"}]
    assert policies(tiers=[two], retries={"max": 1}) == {"r": {"DefaultRetries": 0}}
    assert policies(tiers=[two], retries={"max": 3})["r"]["DefaultRetries"] == 2
    assert config(routes={"r": {"tiers": [two]}})["router_settings"]["enable_weighted_failover"] is True


def test_a_cause_that_does_not_move_on_is_retried() -> None:
    made = policies(tiers=[[{"model": "m"}], [OPENAI]], fallbackOn=["503"])
    assert made["r"]["ServiceUnavailableErrorRetries"] == 0
    assert "RateLimitErrorRetries" not in made["r"]


def test_no_retries_means_none() -> None:
    assert policies(tiers=[[{"model": "m"}, OPENAI]], retries={"max": 0}) == {"r": {"DefaultRetries": 0}}


def test_retries_do_not_run_into_the_cooldown() -> None:
    made = config(routes={"r": {"tiers": [[{"model": "m"}], [OPENAI]], "retries": {"max": 3}}})
    assert {item["model_info"]["allowed_fails"] for item in made["model_list"]} == {3}


def test_long_prompts_leave_the_first_tier() -> None:
    context = {"over": 8000, "use": [{"provider": "groq", "model": "gpt-5-mini"}]}
    made = config(routes={"r": {"tiers": [[{"model": "m"}], [OPENAI]], "context": context}, "s": {"tiers": [[OPENAI]]}})
    settings = made["router_settings"]
    assert settings["enable_pre_call_checks"] is True
    assert settings["context_window_fallbacks"] == [{"r": ["r/long"]}]
    limits = {item["model_info"]["id"]: item["model_info"].get("max_input_tokens") for item in made["model_list"]}
    assert limits["r@m/cloud"] == 8000
    assert limits["r/long@groq:gpt-5-mini"] is None


def test_a_limit_does_not_reach_another_deployment_of_the_same_name() -> None:
    context = {"over": 8000, "use": [{"provider": "groq", "model": "gpt-5-mini"}]}
    made = config(routes={"r": {"tiers": [[OPENAI]], "context": context}})
    limits = {item["model_info"]["id"]: item["model_info"]["max_input_tokens"] for item in made["model_list"]}
    assert limits == {"r@openai:gpt-5-mini": 8000, "r/long@groq:gpt-5-mini": NO_LIMIT}


def test_tokens_are_not_counted_without_a_context_rule() -> None:
    assert config(routes={"r": {"tiers": [[OPENAI]]}})["router_settings"]["enable_pre_call_checks"] is False


def test_secrets_are_names_only() -> None:
    made = config(
        routes={"r": {"tiers": [[OPENAI]]}},
        gateways={
            "edge": {**EDGE, "masterKey": {"secret": {"name": "gw", "key": "master"}}, "database": {"env": "DB"}}
        },
    )
    settings = made["general_settings"]
    assert (settings["master_key"], settings["database_url"]) == ("os.environ/GW_MASTER", "os.environ/DATABASE_URL")


def test_tenants_come_with_a_database() -> None:
    parts: dict[str, Any] = {
        "routes": {"r": {"tiers": [[OPENAI]]}, "s": {"tiers": [[OPENAI]]}},
        "tenants": {
            "gold": {
                "key": {"env": "GOLD"},
                "routes": ["s", "r"],
                "priority": "high",
                "limits": {"requestsPerMinute": 60, "maxParallel": 4},
            }
        },
    }
    assert "tenants.json" not in render(**parts)
    [gold] = render(**parts, gateways={"edge": {**EDGE, "database": {"env": "DB"}}})["tenants.json"]
    assert gold == {
        "key": {"env": "GOLD", "secret": "acme-env", "key": "GOLD"},
        "request": {
            "key_alias": "gold",
            "models": ["r", "s"],
            "rpm_limit": 60,
            "max_parallel_requests": 4,
            "metadata": {"priority": "high"},
        },
    }


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources.schemas() / "route-table.schema.json").read_text(encoding="utf-8"))
    return loaded


def test_the_route_tables_schema_is_fresh() -> None:
    committed = (resources.schemas() / "route-table.schema.json").read_text(encoding="utf-8")
    assert committed == schema_files()["route-table.schema.json"]


def test_the_route_table_is_as_its_schema_says(schema: dict[str, Any]) -> None:
    context = {"over": 8000, "use": [{"provider": "anthropic", "model": "c"}]}
    table = render(
        routes={
            "r": {"tiers": [[{"model": "m"}, OPENAI]], "context": context, "fallback": "s", "retries": {"max": 2}},
            "s": {"tiers": [[{"provider": "groq", "model": "x"}]]},
        },
        tenants={"t": {"key": {"env": "T"}, "routes": ["r"], "limits": {"maxParallel": 2}}},
        gateways={"edge": {**EDGE, "database": {"env": "DB"}}},
    )["routes.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(table)
    used = [share["backend"] for tier in table["routes"]["r"]["tiers"] for share in tier["backends"]]
    assert used == ["m/cloud", "openai:gpt-5-mini", "groq:x"]
    assert set(table["backends"]) == {*used, "anthropic:c"}
    assert table["routes"]["r"]["timeouts"] == {"connect": 3, "firstToken": 30, "idle": 60, "total": 900}
    for broken in ({**table, "version": 2}, {**table, "extra": 1}, {**table, "routes": {"r": {}}}):
        assert not validator.is_valid(broken)


def test_every_committed_route_table_is_as_its_schema_says(schema: dict[str, Any]) -> None:
    outputs = resources.stacks().parent / "outputs"
    for path in sorted(outputs.glob("*/*/gateway/*/routes.json")):
        jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text(encoding="utf-8")))


def test_the_catalogue_names_the_headers_that_are_rendered() -> None:
    assert router.SESSIONS.pattern == reader.gateway("litellm").sticky_headers
