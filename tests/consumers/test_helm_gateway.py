"""Helm reads the values of every gateway with their chart, and the Kubernetes schemas read what comes out."""

import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from tests.consumers.gateways import CHART, OUTPUTS, ROOT, SHAPES, Objects, pod, server, template
from tests.consumers.kubernetes import OLDEST, problems
from tests.consumers.test_helm import helm, open_objects

SELECTING = ("PodDisruptionBudget", "PodMonitor", "NetworkPolicy")


FILES = [*(str(path.relative_to(ROOT)) for path in OUTPUTS), *SHAPES]
ENVOYS = ["quick", *(str(path.relative_to(ROOT)) for path in OUTPUTS if "envoyproxy/envoy" in path.read_text())]


def _file(name: str, folder: Path) -> Path:
    return folder / f"{name}.gateway.values.yaml" if name in SHAPES else ROOT / name


@pytest.fixture(params=FILES)
def values_file(request: pytest.FixtureRequest, gateways_folder: Path) -> Path:
    return _file(request.param, gateways_folder)


@pytest.fixture(params=[name for name in FILES if name not in ENVOYS])
def litellm(request: pytest.FixtureRequest, gateways_folder: Path) -> Objects:
    return template(_file(request.param, gateways_folder))


@pytest.fixture(params=ENVOYS)
def envoy(request: pytest.FixtureRequest, gateways_folder: Path) -> Objects:
    return template(_file(request.param, gateways_folder))


@pytest.fixture
def objects(values_file: Path) -> Objects:
    return template(values_file)


@pytest.mark.consumer("helm")
def test_lint(values_file: Path) -> None:
    arguments = ("lint", "--strict", "../charts/gateway", "-f", values_file.name, "--kube-version", OLDEST)
    done = helm("helm", *arguments, folder=values_file.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.consumer("helm", "kubernetes")
def test_objects_fit_their_schemas(objects: Objects) -> None:
    assert {kind: found for kind, item in objects.items() if (found := problems(item))} == {}
    needed = {"ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"}
    assert needed <= set(objects)


@pytest.mark.consumer("helm", "helm3")
def test_helm_3_writes_the_same(values_file: Path) -> None:
    assert template(values_file, "helm3") == template(values_file)


@pytest.mark.consumer("helm")
def test_everything_selects_the_pods_and_nothing_else(objects: Objects) -> None:
    labels = pod(objects)["metadata"]["labels"]
    selectors = [objects["Service"]["spec"]["selector"], objects["Deployment"]["spec"]["selector"]["matchLabels"]]
    for kind in SELECTING:
        spec = objects.get(kind, {}).get("spec", {})
        selectors += [spec[key]["matchLabels"] for key in ("selector", "podSelector") if key in spec]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert len(selector) == 2
    if "Job" in objects:
        job = objects["Job"]["spec"]["template"]["metadata"]["labels"]
        assert not selectors[0].items() <= job.items(), "the Service would send calls to the migration"
        assert "fleetgen.dev/gateway" not in job


@pytest.mark.consumer("helm")
def test_the_gateway_has_the_label_that_models_let_in(objects: Objects) -> None:
    policy = yaml.safe_load((CHART.parent / "model-server" / "values.yaml").read_text(encoding="utf-8"))
    [wanted] = [peer["podSelector"] for peer in policy["networkPolicy"]["ingressFrom"] if "podSelector" in peer]
    assert wanted["matchLabels"].items() <= pod(objects)["metadata"]["labels"].items()


@pytest.mark.consumer("helm")
def test_files_reach_the_program_as_they_are(objects: Objects, values_file: Path) -> None:
    """The argument names a mounted file, whose bytes are those that the gateway's own target wrote."""
    values = yaml.safe_load(values_file.read_text(encoding="utf-8"))
    data = objects["ConfigMap"]["data"]
    volume = next(item for item in pod(objects)["spec"]["volumes"] if item["name"] == "files")["configMap"]
    assert volume["name"] == objects["ConfigMap"]["metadata"]["name"]
    files = {**values["files"], **values.get("liveFiles", {})}
    assert {item["path"]: data[item["key"]] for item in volume["items"]} == files
    folder = next(item for item in server(objects)["volumeMounts"] if item["name"] == "files")["mountPath"]
    config = next(text for text in server(objects)["args"] if text.endswith(".yaml"))
    assert config.removeprefix(f"{folder}/") in values["files"]


@pytest.mark.consumer("helm")
def test_a_changed_file_rolls_the_pods_and_nothing_else_does(gateways_folder: Path) -> None:
    file = gateways_folder / "fixed.gateway.values.yaml"
    before, same = pod(template(file)), pod(template(file, "helm", "--set", "shutdown.graceSeconds=9999"))
    changed = pod(template(file, "helm", "--set", f"filesChecksum={'0' * 64}"))
    by_hand = pod(template(file, "helm", "--set", "filesChecksum="))
    more = pod(template(file, "helm", "--set", "filesChecksum=,files.more=x"))
    live = pod(template(file, "helm", "--set", "liveFiles.weights=x"))
    mark = "fleetgen.dev/config-sha256"
    assert re.fullmatch("[0-9a-f]{64}", before["metadata"]["annotations"][mark])
    assert before["metadata"] == same["metadata"] == live["metadata"]
    assert before["metadata"]["annotations"][mark] != changed["metadata"]["annotations"][mark]
    assert by_hand["metadata"]["annotations"][mark] != more["metadata"]["annotations"][mark]


@pytest.mark.consumer("helm")
def test_ports_agree(objects: Objects) -> None:
    """Callers see one port. That of the metrics, which asks for no key, is open to Prometheus alone."""
    ports = {port["name"]: port["containerPort"] for port in server(objects)["ports"]}
    arguments = server(objects)["args"]
    if "--port" in arguments:
        listening = [arguments[arguments.index(flag) + 1] for flag in ("--port", "--prometheus_metrics_port")]
    else:
        static = yaml.safe_load(objects["ConfigMap"]["data"]["envoy.yaml"])["static_resources"]["listeners"]
        places = {item["name"]: item["address"]["socket_address"] for item in static if "address" in item}
        listening = [str(places[name]["port_value"]) for name in ("tenants", "metrics")]
        assert {place["address"] for place in places.values()} == {"0.0.0.0"}
    assert [str(ports["http"]), str(ports["metrics"])] == listening
    [port] = objects["Service"]["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("http", ports["http"], "http")
    rules = defaultdict(list)
    for rule in objects["NetworkPolicy"]["spec"]["ingress"]:
        assert rule["from"], "an empty list would let everybody in"
        rules[rule["ports"][0]["port"]] += rule["from"]
    assert set(rules) == set(ports.values())
    assert [list(peer) for peer in rules[ports["metrics"]]] == [["namespaceSelector"]]
    assert rules[ports["metrics"]][0]["namespaceSelector"]["matchLabels"]
    if "PodMonitor" in objects:
        assert [end["port"] for end in objects["PodMonitor"]["spec"]["podMetricsEndpoints"]] == ["metrics"]


@pytest.mark.consumer("helm")
def test_pods_are_hardened(objects: Objects) -> None:
    specs = [pod(objects)["spec"], *([objects["Job"]["spec"]["template"]["spec"]] if "Job" in objects else [])]
    for spec in specs:
        assert spec["enableServiceLinks"] is False
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        [container] = spec["containers"]
        closed = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert container["securityContext"] == closed
        homes = {item["value"] for item in container.get("env", ()) if item["name"] == "HOME"}
        assert homes <= {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}


@pytest.mark.consumer("helm")
def test_secrets_come_by_reference_alone(litellm: Objects) -> None:
    config = "".join(litellm["ConfigMap"]["data"].values())
    asked = set(re.findall(r"os\.environ/(\w+)", config))
    given = {item["name"]: item.get("valueFrom", {}) for item in server(litellm)["env"]}
    assert asked
    assert all("secretKeyRef" in given[name] for name in asked)


@pytest.mark.consumer("helm")
def test_one_process_migrates_the_database(litellm: Objects) -> None:
    """Where there is one: a Job before the release, and no server that would try as well."""
    names = {item["name"]: item for item in server(litellm)["env"]}
    assert ("Job" in litellm) is ("DATABASE_URL" in names)
    if "Job" not in litellm:
        return
    assert names["DISABLE_SCHEMA_UPDATE"]["value"] == "True"
    [migration] = litellm["Job"]["spec"]["template"]["spec"]["containers"]
    env = {item["name"]: item for item in migration["env"]}
    assert env["DATABASE_URL"] == names["DATABASE_URL"]
    assert "DISABLE_SCHEMA_UPDATE" not in env
    assert migration["image"] == server(litellm)["image"]
    writable = [mount["mountPath"] for mount in migration["volumeMounts"] if not mount.get("readOnly")]
    assert any(env["LITELLM_MIGRATION_DIR"]["value"].startswith(f"{path}/") for path in writable)
    assert "pre-upgrade" in litellm["Job"]["metadata"]["annotations"]["helm.sh/hook"]
    # A hook runs before the release's own litellm are there.
    own = {item["metadata"]["name"] for kind, item in litellm.items() if kind != "Job"}
    spec = litellm["Job"]["spec"]["template"]["spec"]
    assert spec.get("serviceAccountName", "default") not in own
    assert not [volume for volume in spec["volumes"] if "configMap" in volume]


@pytest.mark.consumer("helm")
def test_no_call_is_cut_off(litellm: Objects) -> None:
    """Probes call no model; a rollout takes no pod away before its successor; the end waits for the longest call."""
    paths = {server(litellm)[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert paths == {"/health/readiness", "/health/liveliness"}
    assert litellm["Deployment"]["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    config = yaml.safe_load("".join(litellm["ConfigMap"]["data"].values()))
    longest = max(item["litellm_params"]["timeout"] for item in config["model_list"])
    sleep = server(litellm)["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = float(next(i["value"] for i in server(litellm)["env"] if i["name"] == "GRACEFUL_SHUTDOWN_TIMEOUT"))
    assert drain >= longest
    assert pod(litellm)["spec"]["terminationGracePeriodSeconds"] > sleep + drain


@pytest.mark.consumer("helm")
def test_the_autoscaler_has_the_replicas(objects: Objects) -> None:
    scaler = objects.get("HorizontalPodAutoscaler")
    assert ("replicas" in objects["Deployment"]["spec"]) is (scaler is None)
    if scaler:
        assert scaler["spec"]["scaleTargetRef"]["name"] == objects["Deployment"]["metadata"]["name"]
        assert 1 < scaler["spec"]["minReplicas"] < scaler["spec"]["maxReplicas"]
        assert server(objects)["resources"]["requests"]["cpu"], "the percent is of this"


@pytest.mark.consumer("helm")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("replicaCuont=2", "replicaCuont"),
        ("image.tag=latest", "image/tag"),
        ("image.tag=", "image.tag or image.digest"),
        ("security.runAsUser=0", "runAsUser"),
        ("ports.admin=1", "admin"),
        ("shutdown.graceSeconds=70", "running calls would be cut off"),
        ("autoscaling.enabled=true,autoscaling.minReplicas=9", "above maxReplicas"),
        ("exposure.ingress.enabled=true", "exposure.host is needed"),
        ("exposure.ingress.enabled=true,exposure.host=a.b", "exposure.paths is needed"),
        (
            "exposure.httpRoute.enabled=true,exposure.host=a.b,exposure.paths={/v1/models}",
            "exposure.httpRoute.gateway.name is needed",
        ),
        ("exposure.paths={/}", "exposure/paths"),
        ("exposure.host=Chat", "exposure/host"),
        ("podMonitor.enabled=true,metricsPath=", "podMonitor needs a metricsPath"),
        ("files.a/b=x,files.a__b=x", "two files have the key a__b"),
    ],
)
@pytest.mark.parametrize("program", ["helm", "helm3"])
def test_bad_values_are_refused(program: str, change: str, words: str, gateways_folder: Path) -> None:
    command = ("template", "fixed", "../charts/gateway", "--kube-version", OLDEST, "-f", "fixed.gateway.values.yaml")
    done = helm(program, *command, "--set", change, folder=gateways_folder)
    assert done.returncode != 0
    assert words in done.stderr


@pytest.mark.consumer("helm")
def test_files_beyond_a_config_map_are_refused(gateways_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "large").write_text("x" * 1_000_000)
    command = ("template", "fixed", "../charts/gateway", "--kube-version", OLDEST, "-f", "fixed.gateway.values.yaml")
    done = helm("helm", *command, "--set-file", f"files.large={tmp_path}/large", folder=gateways_folder)
    assert "a ConfigMap holds 1 MiB" in done.stderr


@pytest.mark.consumer("helm")
def test_secrets_can_be_files(gateways_folder: Path) -> None:
    """For programs that read their keys from files: in memory, read-only, by reference."""
    given = json.dumps({"openai": {"secret": "openai", "key": "api-key"}})
    file = gateways_folder / "fixed.gateway.values.yaml"
    objects = template(
        file, "helm", "--set-json", f"secretFiles={given}", "--set-json", 'liveFiles={"xds/cds.yaml":""}'
    )
    assert problems(objects["Deployment"]) == []
    volumes = {item["name"]: item for item in pod(objects)["spec"]["volumes"]}
    [source] = volumes["secrets"]["projected"]["sources"]
    assert source["secret"] == {"name": "openai", "items": [{"key": "api-key", "path": "openai"}]}
    assert {"name": "secrets", "mountPath": "/run/secrets/gateway", "readOnly": True} in server(objects)["volumeMounts"]
    assert {"key": "xds__cds.yaml", "path": "xds/cds.yaml"} in volumes["files"]["configMap"]["items"]
    assert "xds__cds.yaml" in objects["ConfigMap"]["data"]


@pytest.mark.consumer("kubernetes")
@pytest.mark.parametrize(
    ("template_file", "right", "wrong", "release"),
    [
        ("deployment.yaml", "terminationGracePeriodSeconds:", "terminationGracePeriod:", "open"),
        ("deployment.yaml", "matchLabelKeys:", "matchLabelsKeys:", "open"),
        ("configmap.yaml", "data:", "dta:", "open"),
        ("service.yaml", "targetPort:", "targetport:", "open"),
        ("networkpolicy.yaml", "policyTypes:", "policyType:", "open"),
        ("poddisruptionbudget.yaml", "unhealthyPodEvictionPolicy: AlwaysAllow", "unhealthy: AlwaysAllow", "open"),
        ("horizontalpodautoscaler.yaml", "averageUtilization:", "averageUtilisation:", "open"),
        ("horizontalpodautoscaler.yaml", "stabilizationWindowSeconds:", "stabilisationWindow:", "open"),
        ("ingress.yaml", "ingressClassName:", "className:", "open"),
        ("ingress.yaml", "pathType:", "pathtype:", "open"),
        ("migration.yaml", "activeDeadlineSeconds:", "activeDeadline:", "public"),
        ("httproute.yaml", "timeouts:", "timeout:", "public"),
        ("httproute.yaml", "request: 0s", "request: none", "public"),
        ("podmonitor.yaml", "podMetricsEndpoints:", "endpoints:", "open"),
    ],
)
def test_a_wrong_field_is_found(
    template_file: str, right: str, wrong: str, release: str, gateways_folder: Path, tmp_path: Path
) -> None:
    """The schema check itself can fail: a field misspelt in the chart is a problem of its object."""
    folder = shutil.copytree(gateways_folder.parent, tmp_path / "helm")
    file = folder / "charts" / "gateway" / "templates" / template_file
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    found = template(folder / "dc1" / f"{release}.gateway.values.yaml")
    kind = next(line.split()[1] for line in text.splitlines() if line.startswith("kind:"))
    assert [name for name, item in found.items() if problems(item)] == [kind]


def test_schema_is_closed_and_agrees_with_the_commented_defaults() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert list(open_objects(schema, "$")) == []
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(schema["properties"]) == set(defaults)


def test_the_chart_is_the_same_in_every_fleet() -> None:
    wanted = {path.relative_to(CHART): path.read_bytes() for path in CHART.rglob("*") if path.is_file()}
    for values in OUTPUTS:
        folder = values.parents[1] / "charts" / "gateway"
        assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == wanted


@pytest.mark.consumer("helm")
def test_envoy_reads_what_is_mounted(envoy: Objects) -> None:
    """Its tables lie where it watches for them, its keys where they name them, and running calls have time to end."""
    data = envoy["ConfigMap"]["data"]
    mounts = {item["mountPath"] for item in server(envoy)["volumeMounts"]}
    bootstrap = next(text for text in data.values() if "static_resources" in text)
    watched = set(re.findall(r"watched_directory:\s+path: (\S+)", bootstrap))
    assert watched <= mounts
    tables = set(re.findall(rf"path: ({re.escape(next(iter(watched)))}/\S+\.yaml)", "".join(data.values())))
    volumes = {item["name"]: item for item in pod(envoy)["spec"]["volumes"]}
    placed = {item["path"] for item in volumes["files"]["configMap"]["items"]}
    assert {path.rpartition("/")[2] for path in tables} <= placed
    keys = set(re.findall(r"/run/secrets/(\w+)", "".join(data.values())))
    given = {
        item["path"] for source in volumes["secrets"]["projected"]["sources"] for item in source["secret"]["items"]
    }
    assert keys == given
    longest = max(float(text) for text in re.findall(r"max_stream_duration: ([0-9.]+)s", "".join(data.values())))
    [_, script], [drain, _, bootstrap_path, *_] = server(envoy)["command"], server(envoy)["args"]
    assert {script, bootstrap_path} <= {f"{folder}/{path}" for folder in mounts for path in placed}
    assert float(drain) >= longest
    sleep = server(envoy)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod(envoy)["spec"]["terminationGracePeriodSeconds"] > sleep + float(drain)
    assert {server(envoy)[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")} == {
        "/health"
    }
