"""The names that must agree, walked over the rendered files: nobody who wrote one file could see the others."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

OUTPUTS = Path(__file__).parents[1] / "outputs"
ENVIRONMENTS = sorted(path.parent.parent for path in OUTPUTS.glob("*/*/.gen/manifest"))
TP_FLAGS = ("--tensor-parallel-size", "--num-shard")
LITELLM_PREFIX = {
    "openai": {"hosted_vllm", "openai"},
    "tgi": {"huggingface", "openai"},
    "ollama": {"ollama_chat"},
    "anthropic": {"anthropic"},
}

pytestmark = pytest.mark.parametrize("folder", ENVIRONMENTS, ids=lambda path: "-".join(path.parts[-2:]))


def test_there_are_outputs(folder):
    assert any(folder.rglob("*.yaml"))


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def after(args: list[str], *flags: str) -> str | None:
    """The value that follows one of the flags."""
    return next((args[at + 1] for at, arg in enumerate(args) if arg in flags), None)


def releases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("helm/*/*.values.yaml")):
        if path.parent.name != "charts" and not path.name.endswith(".gateway.values.yaml"):
            yield path.parent.name, read(path)


def gateway_releases(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Cluster, gateway and values of every gateway's release."""
    for path in sorted(folder.glob("helm/*/*.gateway.values.yaml")):
        yield path.parent.name, path.name.removesuffix(".gateway.values.yaml"), read(path)


def services(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in sorted(folder.glob("compose/*/compose.yaml")):
        for name, service in read(path)["services"].items():
            yield path.parent.name, name, service


def tables(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("gateway/*/routes.json")):
        yield path.parent, json.loads(path.read_text())


def pools(folder: Path, cluster: str) -> dict[str, Any]:
    path = folder / "terraform" / cluster / "fleet.auto.tfvars.json"
    groups = json.loads(path.read_text()).get("node_groups", {}) if path.exists() else {}
    return {group["pool"]: group for group in groups.values()}


def gpus_of(service: dict[str, Any]) -> list[str]:
    devices = service.get("deploy", {}).get("resources", {}).get("reservations", {}).get("devices", [])
    return list(chain.from_iterable(device["device_ids"] for device in devices))


def test_tensor_parallel_is_what_the_container_gets(folder):
    for cluster, values in releases(folder):
        ranks = after(values.get("args", []), *TP_FLAGS)
        if ranks is not None:
            assert int(ranks) == values["gpus"], (cluster, values["fullnameOverride"])
    for cluster, name, service in services(folder):
        ranks = after(service.get("command", []), *TP_FLAGS)
        if ranks is not None:
            assert int(ranks) == len(gpus_of(service)), (cluster, name)


def test_replica_fits_into_a_node_of_its_pool(folder):
    for cluster, values in releases(folder):
        pool = pools(folder, cluster).get(values.get("nodeSelector", {}).get("fleetgen.dev/pool"))
        if pool:
            assert values["gpus"] <= pool["gpus_per_node"]


def test_every_taint_is_tolerated_and_every_label_exists(folder):
    for cluster, values in releases(folder):
        known = pools(folder, cluster)
        if not known or not values.get("gpus"):
            continue
        pool = known[values["nodeSelector"]["fleetgen.dev/pool"]]
        tolerated = {(t["key"], t.get("value", ""), t["effect"]) for t in values["tolerations"] if t.get("effect")}
        assert {(t["key"], t["value"], t["effect"]) for t in pool["taints"]} <= tolerated
        assert values["nodeSelector"].items() <= pool["labels"].items()


def test_gpus_of_a_host_are_claimed_once(folder):
    claims: dict[str, list[str]] = {}
    for cluster, _, service in services(folder):
        claims.setdefault(cluster, []).extend(gpus_of(service))
    for cluster, devices in claims.items():
        assert len(devices) == len(set(devices)), cluster


def test_served_name_and_port_are_what_the_route_asks_for(folder):
    served = {values["fullnameOverride"]: values for _, values in releases(folder)}
    for gateway, table in tables(folder):
        for key, backend in table["backends"].items():
            values = served.get(key.replace("/", "-")) if backend["kind"] == "placement" else None
            if values is None:
                continue
            name = after(values.get("args", []), "--served-model-name")
            assert name in (None, backend["model"]), (gateway, key)
            host = urlsplit(backend["url"])
            if host.hostname and host.hostname.endswith(".svc"):
                assert host.hostname.split(".")[0] == values["fullnameOverride"]
                assert host.port == values["ports"]["http"]
            port = after(values.get("args", []), "--port")
            assert port in (None, str(values["ports"]["http"]))


def test_compose_backends_exist_under_their_names(folder):
    running = {(cluster, name): service for cluster, name, service in services(folder)}
    for _, table in tables(folder):
        here = table["gateway"]["cluster"]
        for key, backend in table["backends"].items():
            host = urlsplit(backend["url"]).hostname or ""
            if (here, host) in running:
                assert host == key.replace("/", "-")


def test_litellm_calls_what_the_table_says(folder):
    for gateway, table in tables(folder):
        if table["gateway"]["kind"] != "litellm":
            continue
        entries = read(gateway / "config.yaml")["model_list"]
        for entry in entries:
            params = entry["litellm_params"]
            backend = table["backends"][entry["model_info"]["id"].split("@", 1)[1].split("#")[0]]
            prefix, _, model = params["model"].partition("/")
            assert prefix in LITELLM_PREFIX[backend["api"]]
            assert model == backend["model"]
            assert (params.get("api_base", "") or backend["url"]).startswith(backend["url"].removesuffix("/v1"))
            if backend["key"]:
                assert params["api_key"] == f"os.environ/{backend['key']['env']}"


def test_engine_and_gateway_mean_the_same_key(folder):
    served = {values["fullnameOverride"]: values for _, values in releases(folder)}
    for _, table in tables(folder):
        for key, backend in table["backends"].items():
            values = served.get(key.replace("/", "-"))
            if values is None or backend["kind"] != "placement" or not backend["key"]:
                continue
            asked = [ref for name, ref in values["secretEnv"].items() if name in ("VLLM_API_KEY", "API_KEY")]
            assert asked == [{"secret": backend["key"]["secret"], "key": backend["key"]["key"]}], key


def test_the_prometheus_that_keda_asks_may_scrape(folder):
    for _, values in releases(folder):
        host = urlsplit(values.get("autoscaling", {}).get("prometheus", {}).get("serverAddress", "")).hostname or ""
        _, *places = host.split(".")
        if len(places) == 1 or places[1:2] == ["svc"]:
            peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": places[0]}}}
            assert peer in values["networkPolicy"]["metricsFrom"]


def test_gateways_are_told_the_label_that_lets_them_in(folder):
    for gateway, table in tables(folder):
        if (folder / "helm" / table["gateway"]["cluster"]).exists():
            chart = read(folder / "helm" / "charts" / "model-server" / "values.yaml")
            [(key, value)] = chart["networkPolicy"]["ingressFrom"][0]["podSelector"]["matchLabels"].items()
            told = "".join(path.read_text() for path in gateway.glob("*.yaml"))
            assert f"{key}={value}" in told


def test_every_gateway_is_deployed_once(folder):
    deployed = [(cluster, name) for cluster, name, _ in gateway_releases(folder)]
    deployed += [
        (cluster, name.removesuffix(".gateway")) for cluster, name, _ in services(folder) if name.endswith(".gateway")
    ]
    wanted = [(table["gateway"]["cluster"], gateway.name) for gateway, table in tables(folder)]
    assert wanted
    assert sorted(deployed) == sorted(wanted)


def test_a_gateway_release_holds_the_bytes_of_its_files(folder):
    for _, name, values in gateway_releases(folder):
        assert values["files"]
        for path, text in values["files"].items():
            assert text.encode() == (folder / "gateway" / name / path).read_bytes(), path


def test_a_gateway_is_given_the_secrets_that_its_files_name(folder):
    """Each reference of the file is a variable of the pod, from the secret that the route table names."""
    found = {gateway.name: table for gateway, table in tables(folder)}
    for _, name, values in gateway_releases(folder):
        text = "".join([*values["files"].values(), *values.get("liveFiles", {}).values()])
        asked = set(re.findall(r"(?:os\.environ|/run/secrets)/([A-Za-z_][A-Za-z0-9_]*)", text))
        given = {**values.get("secretEnv", {}), **values.get("secretFiles", {})}
        assert asked <= given.keys()
        assert given.keys() - asked <= {"DATABASE_URL"}
        assert not asked & values.get("env", {}).keys()
        for backend in found[name]["backends"].values():
            if key := backend["key"]:
                assert given[key["env"]] == {"secret": key["secret"], "key": key["key"]}


def test_gateway_pods_may_reach_the_models_beside_them(folder):
    """The label that the gateway's chart puts on its pods is one that the models' chart lets in from one namespace."""
    for cluster, _, _ in gateway_releases(folder):
        charts = folder / "helm" / "charts"
        labels = re.findall(
            r'define "gateway.podLabels".*?dict "([^"]+)" "([^"]+)"',
            (charts / "gateway" / "templates" / "_helpers.tpl").read_text(),
            re.S,
        )
        models = charts / "model-server" / "values.yaml"
        if any(where == cluster for where, _ in releases(folder)):
            selectors = [peer.get("podSelector") for peer in read(models)["networkPolicy"]["ingressFrom"]]
            assert {"matchLabels": dict(labels)} in selectors
        commands = {
            re.search(r"-n (\S+)", path.read_text().splitlines()[1])[1]
            for path in folder.glob(f"helm/{cluster}/*.values.yaml")
        }
        assert len(commands) == 1


def test_shutdown_adds_up(folder):
    for _, name, values in gateway_releases(folder):
        end, table = values["shutdown"], json.loads((folder / "gateway" / name / "routes.json").read_text())
        assert end["drainSeconds"] >= max(route["timeouts"]["total"] for route in table["routes"].values())
        assert end["graceSeconds"] > end["preStopSeconds"] + end["drainSeconds"]
        # LiteLLM reads a variable; Envoy's script has it as its first argument.
        drain = values.get("env", {}).get("GRACEFUL_SHUTDOWN_TIMEOUT", values["args"][0])
        assert float(drain) == end["drainSeconds"]
    for _, name, service in services(folder):
        if name.endswith(".gateway"):
            drain = float(service.get("environment", {}).get("GRACEFUL_SHUTDOWN_TIMEOUT", service["command"][0]))
            assert drain < float(service["stop_grace_period"].removesuffix("s"))
    for _, values in releases(folder):
        end = values["shutdown"]
        drain = after(values.get("args", []), "--shutdown-timeout", "--graceful-termination-timeout")
        assert drain in (None, str(end["drainSeconds"]))
        assert end["graceSeconds"] >= end["preStopSeconds"] + end["drainSeconds"]


def test_env_example_lists_every_variable(folder):
    for path in folder.glob("compose/*/compose.yaml"):
        asked = set(re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_]*)", path.read_text().replace("$$", "")))
        example = path.parent / ".env.example"
        offered = (
            set(re.findall(r"^([A-Za-z_][A-Za-z0-9_]*)=", example.read_text(), re.M)) if example.exists() else set()
        )
        assert asked == offered


def test_no_service_is_called_vllm(folder):
    for _, values in releases(folder):
        assert values["fullnameOverride"] != "vllm"
