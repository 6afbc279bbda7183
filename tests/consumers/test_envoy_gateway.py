"""Envoy Gateway's objects, judged by the definitions of their projects in the API server's own code, CEL included."""

import base64
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline, resources
from tests.consumers.kubernetes import problems
from tests.consumers.tools import tool
from tests.trees import lay_out

FLEET = Path(__file__).parents[1] / "cases" / "envoy-gateway-tiers" / "fleet.yaml"
GATEWAYS = ("edge", "inside", "vectors")
CORE = {"networking.k8s.io/v1"}
ROUTE_KINDS = {"AIGatewayRoute": "HTTPRoute"}
"""What AI Gateway makes of its own objects, under the same name."""

Item = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateways of the case as they were last seen, and one as wide as the definitions let it be."""
    place = tmp_path_factory.mktemp("envoy-gateway")
    shutil.copytree(FLEET.parent / "expected" / "gateway", place / "gateway")
    spec = yaml.safe_load(FLEET.read_text())
    spec["tenants"] |= {f"t{number}": {"key": {"env": f"T{number}"}, "routes": ["wide"]} for number in range(300)}
    models = [{"provider": "azure", "model": f"m{number}", "weight": 7 + number * 62_500} for number in range(16)]
    spec["routes"]["wide"] = {
        "tiers": [models[:9], models[9:]],
        "aliases": [f"Wide/{number}:it" for number in range(200)],
        "context": {"over": 99, "use": [{"provider": "openai", "model": "gpt-5"}]},
        "timeouts": {"connect": "1ms", "firstToken": "61s", "total": "26h"},
        "retries": {"max": 0, "backoff": {"base": "1ms", "max": "1ms"}},
        "fallbackOn": [],
    }
    spec["providers"] |= {f"p{number}": {**spec["providers"]["azure"]} for number in range(20)}
    spec["routes"]["many"] = {"tiers": [[{"provider": f"p{number}", "model": "m"}] for number in range(10)]}
    spec["routes"]["more"] = {"tiers": [[{"provider": f"p{number}", "model": "m"}] for number in range(10, 20)]}
    spec["gateways"] = {"wide": {"kind": "envoy-gateway", "cluster": "dc1"}}
    (place / "fleet.yaml").write_text(yaml.safe_dump(spec))
    checked = pipeline.check(place / "fleet.yaml", "default")
    lay_out(pipeline.render(checked, ["envoy-gateway"]), place)
    return place


def objects(folder: Path, gateway: str) -> list[Item]:
    files = sorted((folder / "gateway" / gateway / "manifests").glob("*.yaml"))
    assert [path.stem for path in files] == ["backends", "gateway", "routes"]
    return [item for path in files for item in yaml.safe_load_all(path.read_text())]


def named(items: list[Item], kind: str) -> dict[str, Item]:
    return {item["metadata"]["name"]: item for item in items if item["kind"] == kind}


def judged(items: list[Item]) -> str:
    definitions = sorted(tool("crds").glob("*.yaml"))
    done = subprocess.run(
        [tool("objects"), *definitions], input=yaml.safe_dump_all(items), capture_output=True, text=True, check=True
    )
    assert done.stderr == f"{len(items)} objects\n"
    return done.stdout


def made(item: Item, backends: dict[str, Item]) -> Item:
    """The HTTPRoute that AI Gateway makes of a route of its own, as `newHTTPRoute` of its controller does."""
    name, rules = item["metadata"]["name"], []
    for rule in item["spec"]["rules"]:
        refs = [{**backends[ref["name"]]["spec"]["backendRef"], "weight": ref["weight"]} for ref in rule["backendRefs"]]
        matches = [{**match, "path": {"value": "/"}} for match in rule["matches"]]
        filters = [_filter(f"ai-eg-host-rewrite-{name}")]
        rules.append({"backendRefs": refs, "matches": matches, "filters": filters, "timeouts": rule["timeouts"]})
    missing = {"name": "route-not-found", "matches": [{"path": {"value": "/"}}], "filters": [_filter(f"x-{name}")]}
    spec = {"rules": [*rules, missing], "parentRefs": item["spec"]["parentRefs"]}
    return {**item, "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "spec": spec}


def _filter(name: str) -> Item:
    reference = {"group": "gateway.envoyproxy.io", "kind": "HTTPRouteFilter", "name": name}
    return {"type": "ExtensionRef", "extensionRef": reference}


@pytest.mark.consumer("objects", "kubernetes")
@pytest.mark.parametrize("gateway", [*GATEWAYS, "wide"])
def test_the_definitions_take_every_object(folder: Path, gateway: str) -> None:
    found = objects(folder, gateway)
    core = [item for item in found if item["apiVersion"] in CORE]
    assert core
    assert [problem for item in core for problem in problems(item)] == []
    assert judged([item for item in found if item["apiVersion"] not in CORE]) == ""


@pytest.mark.consumer("objects")
@pytest.mark.parametrize("gateway", [*GATEWAYS, "wide"])
def test_the_gateway_api_takes_what_ai_gateway_makes_of_routes(folder: Path, gateway: str) -> None:
    found = objects(folder, gateway)
    backends = named(found, "AIServiceBackend")
    assert judged([made(item, backends) for item in named(found, "AIGatewayRoute").values()]) == ""


@pytest.mark.consumer("objects")
@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("priority: 1", "priority: -1", "priority"),
        ("modelNameOverride: small", "modelNameOverwrite: small", "modelNameOverwrite"),
        ("baseInterval: 500ms", "baseInterval: 0.5s", "baseInterval"),
        ("kind: HTTPRoute", "kind: Service", "targetRefs[*].kind"),
        ("kind: Backend\n", "kind: Service\n", "must be a Backend resource"),
        ("type: APIKey", "type: AzureAPIKey", "only azureAPIKey field"),
        ("maxUnavailable: 1", "maxUnavailable: 1\n        minAvailable: 1", "only one of minAvailable"),
        ("fqdn:\n        hostname: small", "ip:\n        hostname: small", "ip"),
        ("wellKnownCACertificates: System", "caCertificateRefs: []", "must specify either CACertificateRefs"),
        ("mergeType: StrategicMerge", "mergeType: Replace", "Replace is not a valid"),
    ],
)
def test_the_definitions_refuse_what_is_wrong(folder: Path, old: str, new: str, word: str) -> None:
    files = sorted((folder / "gateway/edge/manifests").glob("*.yaml"))
    text = "---\n".join(path.read_text() for path in files)
    assert old in text
    wrong = [item for item in yaml.safe_load_all(text.replace(old, new)) if item["apiVersion"] not in CORE]
    assert word in judged(wrong)


@pytest.mark.parametrize("gateway", [*GATEWAYS, "wide"])
def test_every_name_leads_somewhere(folder: Path, gateway: str) -> None:
    found = objects(folder, gateway)
    there = {(item["kind"], item["metadata"]["name"]) for item in found}
    there |= {(ROUTE_KINDS[kind], name) for kind, name in there if kind in ROUTE_KINDS}
    there |= {("Secret", item["metadata"]["name"]) for item in laid_out(folder, gateway)}
    assert Counter((item["kind"], item["metadata"]["name"]) for item in found).most_common(1)[0][1] == 1
    assert {item["metadata"].get("namespace") for item in found if item["kind"] != "GatewayClass"} == {"llm"}
    wanted = {reference for item in found for reference in references(item["spec"])}
    assert {kind for kind, _ in wanted} == {
        "AIServiceBackend",
        "Backend",
        "EnvoyProxy",
        "Gateway",
        "HTTPRoute",
        "Secret",
    }
    # The Gateway that stands before it is not ours.
    assert wanted - there == ({("Gateway", "public")} if gateway == "vectors" else set())
    unused = there - wanted - {("HTTPRoute", gateway)}
    assert not {kind for kind, _ in unused} & {"AIServiceBackend", "Backend", "EnvoyProxy", "Secret"}


def references(part: Any) -> Iterator[tuple[str, str]]:
    """Kind and name of all that an object speaks of."""
    if isinstance(part, list):
        for each in part:
            yield from references(each)
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "backendRefs" and all("modelNameOverride" in ref for ref in value):
                yield from (("AIServiceBackend", ref["name"]) for ref in value)
            elif key in {"targetRefs", "parentRefs"}:
                yield from ((ref.get("kind", "Gateway"), ref["name"]) for ref in value)
            elif key in {"parametersRef", "backendRef"}:
                yield value["kind"], value["name"]
            elif key in {"credentialRefs", "secretRef"}:
                yield from (("Secret", ref["name"]) for ref in (value if isinstance(value, list) else [value]))
            else:
                yield from references(value)


KUBECTL = r"""#!/bin/sh
home=$(dirname "$0")
if [ "$1" = --context ]; then shift 2; fi
if [ "$1" = apply ]; then
  { echo ---; cat; } >>"$home/applied.yaml"
  exit
fi
for word; do path=$word; done
key=${path#"jsonpath={.data."}
file=$home/held/$3/$(printf '%s' "${key%"}"}" | sed 's/\\\././g')
if [ -f "$file" ]; then cat "$file"; fi
"""


def laid_out(folder: Path, gateway: str, missing: str = "", shell: str = "sh") -> list[Item]:
    """The secrets that the script hands to a kubectl which holds a value for everything but `missing`."""
    place = folder / "gateway" / gateway
    asked = [line.split() for line in (place / "secrets.sh").read_text().splitlines() if line.startswith("key ")]
    shutil.rmtree(place / "held", ignore_errors=True)
    for _, _, source, path in asked:
        key = path.strip("'").removeprefix("{.data.").removesuffix("}").replace("\\.", ".")
        (place / "held" / source).mkdir(parents=True, exist_ok=True)
        if f"{source}/{key}" != missing:
            (place / "held" / source / key).write_text(encoded(f"{source}/{key}"))
    (place / "applied.yaml").write_text("")
    (place / "kubectl").write_text(KUBECTL)
    (place / "kubectl").chmod(0o755)
    environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [shell, "secrets.sh"], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == (1 if missing else 0), done.stderr
    assert bool(missing) == ("has nothing at" in done.stderr)
    return [item for item in yaml.safe_load_all((place / "applied.yaml").read_text()) if item]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.consumer("kubernetes")
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_script_lays_out_keys(folder: Path, shell: str) -> None:
    found = laid_out(folder, "edge", shell=shell)
    assert [problem for item in found for problem in problems(item)] == []
    data = {item["metadata"]["name"]: item["data"] for item in found}
    assert data["edge-callers"]["gold"] == encoded("case-env/GOLD_KEY")
    assert data["edge-callers"]["_master"] == encoded("case-env/ENVOY_MASTER_KEY")
    assert data["edge-key-anthropic-api-key"] == {"apiKey": encoded("anthropic/api.key")}


def test_the_script_ends_at_a_key_that_is_missing(folder: Path) -> None:
    found = laid_out(folder, "edge", missing="anthropic/api.key")
    assert [item["metadata"]["name"] for item in found] == ["edge-callers"]


@pytest.mark.consumer("shellcheck")
@pytest.mark.parametrize("gateway", [*GATEWAYS, "wide"])
def test_shellcheck_has_nothing_to_say(folder: Path, gateway: str) -> None:
    command = [tool("shellcheck").with_name("shellcheck"), folder / "gateway" / gateway / "secrets.sh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_models_let_its_pods_in(folder: Path, gateway: str) -> None:
    values = yaml.safe_load((resources.templates() / "helm/model-server/values.yaml").read_text())
    [wanted] = [peer["podSelector"] for peer in values["networkPolicy"]["ingressFrom"] if "podSelector" in peer]
    [proxy] = named(objects(folder, gateway), "EnvoyProxy").values()
    pod = proxy["spec"]["provider"]["kubernetes"]["envoyDeployment"]["pod"]
    assert wanted["matchLabels"].items() <= pod["labels"].items()


def test_no_value_of_a_key_is_written(folder: Path) -> None:
    """Secrets come by reference: no object of ours holds one."""
    assert all(item["kind"] != "Secret" for gateway in GATEWAYS for item in objects(folder, gateway))
