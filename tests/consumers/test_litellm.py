"""LiteLLM's own loader reads every rendered configuration; what its router does beyond the rows of conformance/."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.artifact import Artifact
from generator.core.plan import PlacementPlan
from generator.core.spec import Fleet
from generator.targets.gateway.target import GATEWAY
from generator.targets.routes.target import ROUTES
from tests import route_fleets
from tests.consumers.litellm_upstream import Fake
from tests.consumers.patience import PATIENCE_S
from tests.consumers.tools import tool

OUTPUTS = Path(__file__).resolve().parents[2] / "outputs"
PROBE = Path(__file__).with_name("litellm_probe.py")
pytestmark = pytest.mark.consumer("litellm")


def probe(configs: list[Path], calls: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Load the configurations, make the calls, and say what came of it. Every secret is set to a made-up value."""
    texts = "".join(path.read_text() for path in configs)
    names = {word.removeprefix("os.environ/") for word in texts.split() if word.startswith("os.environ/")}
    secrets = {name: f"sk-made-up-{name.lower()}-0123456789" for name in names}
    if "DATABASE_URL" in secrets:
        secrets["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    quick = {"INITIAL_RETRY_DELAY": "0.1", "MAX_RETRY_DELAY": "0.2", "JITTER": "0", "LITELLM_MODE": "PRODUCTION"}
    done = subprocess.run(
        [tool("litellm"), PROBE],
        input=json.dumps({"configs": [str(path) for path in configs], "calls": calls or []}),
        env={"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True", **quick, **secrets},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def write(folder: Path, spec: Fleet, items: list[PlacementPlan] | None = None) -> Path:
    """Render the fleet's only gateway into a folder; the path of its config.yaml."""
    plan, _ = route_fleets.plan(spec, items)
    artifacts: list[Artifact] = [*GATEWAY.render(plan), *ROUTES.render(plan)]
    folder.mkdir()
    for artifact in artifacts:
        (folder / Path(artifact.path).name).write_bytes(artifact.content)
    return folder / "config.yaml"


def everything(folder: Path) -> Path:
    """A gateway with every engine, API, task and feature."""
    spec = route_fleets.fleet(
        models={
            "qwen": route_fleets.model("cloud", "desk"),
            "tgi-model": route_fleets.model("cloud"),
            "tiny": route_fleets.model("cloud"),
            "embedder": route_fleets.model("cloud", task="embed"),
            "nomic": route_fleets.model("cloud", task="embed"),
            "ranker": route_fleets.model("cloud", task="rerank"),
            "base": route_fleets.model("cloud", task="complete"),
        },
        routes={
            "chat": {
                "tiers": [[{"model": "qwen", "weight": 9}, {"model": "tgi-model"}], [{"model": "tiny"}]],
                "context": {"over": 8000, "use": [{"provider": "anthropic", "model": "claude-haiku-4-5"}]},
                "fallback": "spare",
                "shadow": {"model": "tgi-model", "share": 25},
                "sticky": "tenant",
            },
            "spare": {
                "sticky": "x-session-id",
                "tiers": [[{"provider": "openai", "model": "gpt-5-mini"}], [{"provider": "groq", "model": "m"}]],
            },
            "embeddings": {"tiers": [[{"model": "embedder"}], [{"model": "nomic"}]], "retries": {"max": 0}},
            "rerank": {"tiers": [[{"model": "ranker"}], [{"provider": "groq", "model": "theirs"}]]},
            "vectors": {"tiers": [[{"provider": "openai", "model": "text-embedding-3-small"}]]},
            "order": {"task": "rerank", "tiers": [[{"provider": "groq", "model": "ours"}]]},
            "text": {"tiers": [[{"model": "base"}]]},
        },
        tenants={
            "gold": {
                "key": {"env": "GOLD"},
                "routes": ["chat"],
                "limits": {"maxParallel": 4},
                "budget": {"usd": 200, "per": "week"},
                "weights": {"chat": [{"model": "qwen"}]},
            }
        },
        gateways={"edge": {"kind": "litellm", "cluster": "cloud", "database": {"env": "DATABASE_URL"}}},
    )
    items = route_fleets.placements(spec, tgi_model="tgi", tiny="ollama", nomic="ollama")
    desk = next(index for index, item in enumerate(items) if item.cluster == "desk")
    items[desk] = route_fleets.placement("qwen", "desk", "desk", host_port=8001)
    return write(folder, spec, items)


def test_loads_every_backend_without_a_warning(configs: list[Path], answer: dict[str, Any]) -> None:
    for path in configs:
        loaded = answer["loaded"][str(path)]
        table = json.loads(path.with_name("routes.json").read_text())
        # Its list shows the first tier's backends once more for each alias.
        again = sum(len(route["aliases"]) * len(route["tiers"][0]["backends"]) for route in table["routes"].values())
        assert loaded["models"] == len(loaded["deployments"]) == len(places(table)) + again, path
        assert len(set(loaded["deployments"])) == len(places(table)), path
        # The login page of its admin UI wants to know of proxies in front; that is for whoever exposes it.
        assert [line for line in loaded["warnings"] if not line.startswith("trusted_proxy_ranges ")] == [], path


def test_lists_the_names_of_the_route_table_and_no_others(configs: list[Path], answer: dict[str, Any]) -> None:
    for path in configs:
        loaded = answer["loaded"][str(path)]
        table = json.loads(path.with_name("routes.json").read_text())
        public = {*table["routes"], *(name for route in table["routes"].values() for name in route["aliases"])}
        inner = {item["model_name"] for item in yaml.safe_load(path.read_text())["model_list"]} - public
        assert sorted(loaded["listed"]["key"]) == sorted(public), path
        for name, tenant in table["tenants"].items():
            aliases = [alias for route in tenant["routes"] for alias in table["routes"][route]["aliases"]]
            assert sorted(loaded["listed"]["tenants"].get(name, [])) == sorted([*tenant["routes"], *aliases]), path
        # With a database LiteLLM shows an administrator everything there is.
        database = "database_url" in loaded["general"]
        assert sorted(loaded["listed"]["master"]) == sorted(public | inner if database else public), path


def test_takes_each_backend_for_what_it_is(configs: list[Path], answer: dict[str, Any]) -> None:
    for path in configs:
        table = json.loads(path.with_name("routes.json").read_text())
        for deployment, (model, provider) in answer["loaded"][str(path)]["providers"].items():
            if deployment.endswith("@nobody"):
                continue
            backend = table["backends"][deployment.partition("@")[2]]
            assert model == backend["model"]
            assert provider in {
                "openai": ("openai", "hosted_vllm"),
                "tgi": ("openai",),
                "anthropic": ("anthropic",),
            }.get(backend["api"], ("ollama", "ollama_chat"))


def test_falls_back_in_the_order_of_the_tiers(configs: list[Path], answer: dict[str, Any]) -> None:
    for path in configs:
        loaded = answer["loaded"][str(path)]
        table = json.loads(path.with_name("routes.json").read_text())
        following = {name: groups for entry in loaded["fallbacks"] or [] for name, groups in entry.items()}
        for name, route in table["routes"].items():
            assert len(following.get(name, [])) == len(route["tiers"]) - 1
            for group in following.get(name, []):
                assert group in loaded["groups"]


def test_knows_every_key(configs: list[Path], answer: dict[str, Any]) -> None:
    known = {section: set(names) for section, names in answer["keys"].items()}
    for path in configs:
        config = yaml.safe_load(path.read_text())
        for deployment in config["model_list"]:
            assert set(deployment) == {"model_name", "litellm_params", "model_info"}
            assert set(deployment["litellm_params"]) <= known["litellm_params"]
            assert set(deployment["model_info"]) <= known["model_info"]
        for section in ("router_settings", "litellm_settings", "general_settings"):
            assert set(config[section]) <= known[section], path
        for flags in config["router_settings"].get("model_group_affinity_config", {}).values():
            assert set(flags) <= known["affinity"]
        for policy in config["router_settings"]["model_group_retry_policy"].values():
            assert set(policy) <= known["retry_policy"]
        tenants = path.with_name("tenants.json")
        for tenant in json.loads(tenants.read_text()) if tenants.exists() else []:
            assert set(tenant["request"]) <= known["key_request"]


def places(table: dict[str, Any]) -> list[str]:
    """Every use of a backend in a route table, and nobody where a share of calls is not copied."""
    routes = table["routes"].values()
    lists = [tier["backends"] for route in routes for tier in route["tiers"]]
    lists += [shares for route in routes for shares in route["overrides"].values()]
    lists += [rule["backends"] for route in routes for rule in (route["context"], route["shadow"]) if rule]
    nobody = ["nobody" for route in routes if route["shadow"] and route["shadow"]["percent"] < 100]
    return [share["backend"] for shares in lists for share in shares] + nobody


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The address of the fake upstreams."""
    Fake.hits.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def routes() -> dict[str, Any]:
    """A route for each behaviour that conformance/ has no row for. A backend is called `<route>-<what it does>`."""

    def tier(*providers: str) -> list[dict[str, str]]:
        return [{"provider": name, "model": "m"} for name in providers]

    return {
        "last": {"tiers": [tier("last1-503"), tier("last2-503", "last3-503"), tier("last4-500", "end")]},
        "end": {"tiers": [tier("end1-503"), tier("end2-503")], "retries": {"max": 0}},
        "prompts": {"tiers": [tier("prompts")], "context": {"over": 100, "use": tier("long")}, "aliases": ["texts"]},
    }


def keyed(base: str, folder: Path) -> Path:
    """A gateway with a database, and a tenant with weights of its own."""
    tiers = [[{"provider": name, "model": "m"}] for name in ("keyed-503", "spare14")]
    route = {"tiers": tiers, "context": {"over": 100, "use": [{"provider": "long", "model": "m"}]}}
    tenants: dict[str, Any] = {name: {"key": {"env": name.upper()}, "routes": ["keyed"]} for name in ("beta", "gold")}
    tenants["beta"]["weights"] = {"keyed": [{"provider": "own-503", "model": "m"}]}
    return calling(base, folder, {"keyed": route, "closed": route}, tenants, database={"env": "DATABASE_URL"})


def calling(
    base: str, folder: Path, table: dict[str, Any], tenants: dict[str, Any] | None = None, **gateway: Any
) -> Path:
    """A gateway with these routes, all of them to the fakes."""
    names = {ref["provider"] for route in table.values() for tier in route["tiers"] for ref in tier} | {
        "long",
        "own-503",
    }
    spec = route_fleets.fleet(
        providers={name: {"api": "openai-compatible", "url": f"{base}/{name}/v1"} for name in names},
        models={"unused": route_fleets.model("cloud")},
        routes=table,
        tenants=tenants or {},
        gateways={"edge": {"kind": "litellm", "cluster": "cloud", **gateway}},
    )
    return write(folder, spec)


CALLS: list[dict[str, Any]] = [
    {"model": "last"},
    *({"model": "end"} for _ in range(6)),
    {"model": "texts", "prompt": "word " * 400},
    {"model": "keyed", "tenant": "gold"},
    {"model": "keyed", "tenant": "gold", "prompt": "word " * 400},
    {"model": "keyed", "tenant": "beta"},
    *({"model": name, "tenant": "gold"} for name in ("keyed/tier-2", "keyed/for-beta", "closed")),
]


@pytest.fixture(scope="module")
def asked(base: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], dict[str, Any]]:
    """Every committed configuration, one with everything and one for calls; and what LiteLLM answered."""
    folder = tmp_path_factory.mktemp("litellm")
    committed = sorted(OUTPUTS.glob("*/*/gateway/*/config.yaml"))
    config = calling(base, folder / "calls", routes())
    tenants = keyed(base, folder / "keyed")
    paths = [*committed, everything(folder / "everything"), config, tenants]
    return paths, probe(paths, [{"config": str(tenants if "tenant" in call else config), **call} for call in CALLS])


@pytest.fixture(scope="module")
def configs(asked: tuple[list[Path], dict[str, Any]]) -> list[Path]:
    return asked[0]


@pytest.fixture(scope="module")
def answer(asked: tuple[list[Path], dict[str, Any]]) -> dict[str, Any]:
    return asked[1]


@pytest.fixture(scope="module")
def calls(answer: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The results of the calls, by route."""
    results: dict[str, list[dict[str, Any]]] = {}
    for call, result in zip(CALLS, answer["calls"], strict=True):
        results.setdefault(call["model"], []).append(result)
    return results


def test_the_only_backend_of_the_last_tier_is_never_left_out(calls: dict[str, list[dict[str, Any]]]) -> None:
    assert all(call["error"] for call in calls["end"])
    assert Fake.hits["end2-503"] == 6


def test_every_sibling_of_every_tier_is_asked(calls: dict[str, list[dict[str, Any]]]) -> None:
    assert calls["last"][0]["text"] == "end"


def test_a_long_prompt_under_another_name_takes_the_same_way(calls: dict[str, list[dict[str, Any]]]) -> None:
    assert calls["texts"][0].get("text", calls["texts"][0]) == "long"


def test_a_key_opens_all_tiers_of_its_routes_and_nothing_else(calls: dict[str, list[dict[str, Any]]]) -> None:
    assert [call.get("text", call) for call in calls["keyed"][:2]] == ["spare14", "long"]
    for name in ("keyed/tier-2", "keyed/for-beta", "closed"):
        assert calls[name][0]["error"] == "ModelAccessDeniedProxyException"


def test_a_tenants_own_first_tier_is_followed_by_the_others(calls: dict[str, list[dict[str, Any]]]) -> None:
    assert calls["keyed"][2].get("text", calls["keyed"][2]) == "spare14"
    assert Fake.hits["own-503"] == 1
    assert Fake.hits["keyed-503"] == 1
