"""Helm reads every values file with its chart, and the Kubernetes schemas read every object that comes out."""

import json
import shutil
import subprocess
from base64 import b64decode
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import resources
from generator.resolve.placements.shipped import with_files
from generator.targets.helm.target import HELM
from tests.consumers.kubernetes import CRD_FILES, OLDEST, crd_validator, problems
from tests.consumers.tools import tool
from tests.helm_plans import FILES, placement, plan, shapes, workload
from tests.trees import lay_out

ROOT = Path(__file__).resolve().parents[2]
GATEWAYS = ".gateway.values.yaml"
OUTPUTS = [path for path in sorted((ROOT / "outputs").glob("*/*/helm/*/*.values.yaml")) if GATEWAYS not in path.name]
SHAPES = sorted(artifact.path for artifact in HELM.render(shapes()) if artifact.path.endswith(".values.yaml"))
DRAIN_ARGUMENTS = ("--shutdown-timeout", "--graceful-termination-timeout")
MATCHING = ("PodDisruptionBudget", "PodMonitor")
OWN_NAMES = ("Job", "PersistentVolumeClaim")
"""What another size, or other work, makes another object of."""
PARALLEL_ARGUMENTS = ("--tensor-parallel-size", "--num-shard")

Objects = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def shapes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes")
    lay_out(HELM.render(shapes()), folder)
    return folder


@pytest.fixture(params=[*(str(path.relative_to(ROOT)) for path in OUTPUTS), *(f"shapes/{path}" for path in SHAPES)])
def values_file(request: pytest.FixtureRequest, shapes_folder: Path) -> Path:
    kind, _, rest = request.param.partition("/")
    return shapes_folder / rest if kind == "shapes" else ROOT / request.param


@pytest.fixture
def objects(values_file: Path) -> Objects:
    return template(values_file)


@cache
def template(values_file: Path, program: str = "helm") -> Objects:
    """The release's objects by kind, rendered with the arguments that the file's own header gives."""
    command = values_file.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ").split()
    assert command[:3] == ["helm", "upgrade", "--install"]
    done = helm(program, "template", *command[3:], "--kube-version", OLDEST, folder=values_file.parent)
    assert done.returncode == 0, done.stderr
    found = [item for item in yaml.safe_load_all(done.stdout) if item]
    kinds = [item["kind"] for item in found]
    assert len(set(kinds)) == len(kinds)
    return dict(zip(kinds, found, strict=True))


def helm(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool(program), *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.consumer("helm")
def test_lint(values_file: Path) -> None:
    chart = str(values_file.parents[1] / "charts" / "model-server")
    arguments = ("lint", "--strict", chart, "-f", values_file.name, "--kube-version", OLDEST)
    done = helm("helm", *arguments, folder=values_file.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.consumer("helm", "kubernetes")
def test_objects_fit_their_schemas(objects: Objects) -> None:
    assert {kind: found for kind, item in objects.items() if (found := problems(item))} == {}
    assert {"Deployment", "Service", "NetworkPolicy"} <= set(objects)


@pytest.mark.consumer("helm")
def test_everything_selects_the_pods(objects: Objects) -> None:
    labels = pod(objects, spec=False)["metadata"]["labels"]
    selectors = [
        objects["Deployment"]["spec"]["selector"]["matchLabels"],
        objects["Service"]["spec"]["selector"],
        objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        *(objects[kind]["spec"]["selector"]["matchLabels"] for kind in MATCHING if kind in objects),
    ]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert len(selector) == 2
    names = {item["metadata"]["name"] for kind, item in objects.items() if kind not in OWN_NAMES}
    assert names == {labels["app.kubernetes.io/instance"]}
    assert "vllm" not in names


@pytest.mark.consumer("helm")
def test_ports_agree(objects: Objects) -> None:
    ports = {port["name"]: port["containerPort"] for port in server(objects)["ports"]}
    for port in objects["Service"]["spec"]["ports"]:
        assert (port["name"], port["port"]) == (port["targetPort"], ports[port["targetPort"]])
    for rule in objects["NetworkPolicy"]["spec"]["ingress"]:
        assert [port["port"] for port in rule["ports"]] == [ports["http"]]
        assert rule["from"], "an empty list would let everybody in"
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert server(objects)[name].get("httpGet", {}).get("port", "http") in ports
    if "PodMonitor" in objects:
        assert [each["port"] for each in objects["PodMonitor"]["spec"]["podMetricsEndpoints"]] == ["http"]


@pytest.mark.consumer("helm")
def test_pods_are_hardened(objects: Objects) -> None:
    """Facts C2: user 2000, group 0 for vLLM; only TGI and Ollama start as root; no token, no service links."""
    spec = pod(objects)
    assert spec["enableServiceLinks"] is False
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        assert not container["image"].endswith(":latest")
    root = any(name in server(objects)["image"] for name in ("text-generation-inference", "ollama"))
    assert spec["securityContext"]["runAsNonRoot"] is not root
    if not root:
        assert spec["securityContext"]["runAsGroup"] == spec["securityContext"]["fsGroup"] == 0


@pytest.mark.consumer("helm")
def test_end_of_a_pod_adds_up(objects: Objects) -> None:
    """Facts C2: the grace period holds the sleep before SIGTERM and the engine's own drain time."""
    spec = pod(objects)
    sleep = server(objects)["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = max((int(value) for name in DRAIN_ARGUMENTS for value in after(name, objects)), default=0)
    assert sleep > 0
    assert spec["terminationGracePeriodSeconds"] >= sleep + drain


@pytest.mark.consumer("helm")
def test_slow_start_is_not_a_failure(objects: Objects) -> None:
    startup, liveness = server(objects)["startupProbe"], server(objects)["livenessProbe"]
    budget = startup["periodSeconds"] * startup["failureThreshold"]
    assert budget >= 300
    assert objects["Deployment"]["spec"]["progressDeadlineSeconds"] > budget
    assert liveness["failureThreshold"] >= 5, "a restart loads the model again"


@pytest.mark.consumer("helm")
def test_gpus_agree(objects: Objects) -> None:
    """Facts C3: limits equal requests; the taint key that GPU charts tolerate is tolerated here too."""
    resources = server(objects)["resources"]
    gpus = resources["requests"].get("nvidia.com/gpu", 0)
    assert resources["limits"].get("nvidia.com/gpu", 0) == gpus
    assert {int(value) for name in PARALLEL_ARGUMENTS for value in after(name, objects)} <= {gpus}
    tolerated = {toleration.get("key") for toleration in pod(objects).get("tolerations", [])}
    assert ("nvidia.com/gpu" in tolerated) is (gpus > 0)
    assert bool(pod(objects).get("nodeSelector")) is (gpus > 0)
    for container in pod(objects).get("initContainers", []):
        assert "nvidia.com/gpu" not in container["resources"]["limits"]


@pytest.mark.consumer("helm")
def test_rollout_can_end(objects: Objects) -> None:
    """No claim that one node holds is wanted on two, and a rollout may always begin."""
    spec = objects["Deployment"]["spec"]
    update = spec["strategy"].get("rollingUpdate", {"maxSurge": 0, "maxUnavailable": 1})
    assert (spec["strategy"]["type"] == "RollingUpdate") is ("rollingUpdate" in spec["strategy"])
    assert update["maxSurge"] + update["maxUnavailable"] > 0
    if "PersistentVolumeClaim" in objects:
        most = objects["ScaledObject"]["spec"]["maxReplicaCount"] if "ScaledObject" in objects else spec["replicas"]
        shared = objects["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
        assert shared or most + update["maxSurge"] == 1
    if "PodDisruptionBudget" in objects:
        assert objects["PodDisruptionBudget"]["spec"]["maxUnavailable"] > 0


@pytest.mark.consumer("helm")
def test_volumes_agree(objects: Objects) -> None:
    volumes = {volume["name"]: volume for volume in pod(objects).get("volumes", [])}
    for container in [server(objects), *pod(objects).get("initContainers", [])]:
        for mount in container.get("volumeMounts", []):
            assert mount["name"] in volumes
            assert mount["mountPath"] != "/dev/shm" or volumes[mount["name"]]["emptyDir"]["medium"] == "Memory"
    for volume in volumes.values():
        if volume.get("emptyDir", {}).get("medium"):
            assert volume["emptyDir"]["sizeLimit"]
        if claim := volume.get("persistentVolumeClaim"):
            own = objects.get("PersistentVolumeClaim", {}).get("metadata", {}).get("name")
            assert claim.get("readOnly") or claim["claimName"] == own


@pytest.mark.consumer("helm")
def test_keda_scales_what_is_there(objects: Objects) -> None:
    """Facts C6: KEDA owns the replicas, fails on a query with several results, and reads text only."""
    scaled = objects.get("ScaledObject")
    assert ("replicas" in objects["Deployment"]["spec"]) is (scaled is None)
    if scaled is None:
        return
    spec = scaled["spec"]
    assert spec["scaleTargetRef"]["name"] == objects["Deployment"]["metadata"]["name"]
    assert 0 <= spec["minReplicaCount"] <= spec["maxReplicaCount"]
    [trigger] = spec["triggers"]
    assert trigger["metadata"]["query"].startswith("sum(")
    assert set(trigger["metadata"]) <= {"serverAddress", "query", "threshold", "ignoreNullValues"}
    assert int(trigger["metadata"]["threshold"]) > 0


@pytest.mark.consumer("helm3")
def test_helm_3_writes_the_same(shapes_folder: Path) -> None:
    stack = [path for path in OUTPUTS if path.relative_to(ROOT).parts[1] == "aws-chat"]
    for path in [*stack, *(shapes_folder / path for path in SHAPES)]:
        assert template(path, "helm3") == template(path)


@pytest.mark.consumer("helm", "helm3")
@pytest.mark.parametrize("program", ["helm", "helm3"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("replicaCuont=2", "replicaCuont"),
        ("image.tga=x", "tga"),
        ("gpus=-1", "gpus"),
        ("fullnameOverride=vllm", "fullnameOverride"),
        ("image.tag=latest", "image/tag"),
        ("resources.limits.nvidia\\.com/gpu=2", "nvidia.com/gpu"),
        ("autoscaling.enabled=true", "serverAddress"),
        ("volumes.cache.type=disk", "volumes/cache/type"),
        ("shutdown.graceSeconds=70", "preStopSeconds and drainSeconds need 75"),
        ("strategy.type=OnDelete", "strategy/type"),
        ("strategy.maxUnavailable=0", "no rollout could ever begin"),
        ("volumes.cache.type=persistent,strategy.maxSurge=1", "up to 2 pods could run"),
        ("volumeMounts[0].name=nowhere", "names volume nowhere"),
        ("podMonitor.enabled=true,metricsPath=", "podMonitor needs a metricsPath"),
        ("image.tag=", "image.tag or image.digest"),
    ],
)
def test_bad_values_are_refused(program: str, change: str, words: str, shapes_folder: Path) -> None:
    values = "chat-alone.values.yaml"
    command = ("template", "chat-alone", "../charts/model-server", "--kube-version", OLDEST, "-f", values)
    done = helm(program, *command, "--set", change, folder=shapes_folder / "helm" / "use1")
    assert done.returncode != 0
    assert words in done.stderr


@pytest.mark.consumer("helm")
def test_a_release_may_not_be_called_vllm(shapes_folder: Path) -> None:
    command = ("template", "vllm", "../charts/model-server", "--kube-version", OLDEST, "-f", "chat-alone.values.yaml")
    done = helm("helm", *command, "--set", "fullnameOverride=", folder=shapes_folder / "helm" / "use1")
    assert "VLLM_PORT" in done.stderr


@pytest.mark.consumer("helm")
@pytest.mark.parametrize(("release", "peers"), [("chat-alone", ["kubernetes.io/metadata.name"]), ("chat-cpu", [])])
def test_nobody_named_is_nobody_let_in(release: str, peers: list[str], shapes_folder: Path) -> None:
    """A NetworkPolicy rule with an empty `from` admits everybody; Prometheus is let in only where it has metrics."""
    command = ("template", release, "../charts/model-server", "--kube-version", OLDEST, "-f", f"{release}.values.yaml")
    limit = ("--show-only", "templates/networkpolicy.yaml", "--set-json", "networkPolicy.ingressFrom=[]")
    done = helm("helm", *command, *limit, folder=shapes_folder / "helm" / "use1")
    rules = yaml.safe_load(done.stdout)["spec"]["ingress"]
    assert len(rules) == len(peers)
    found = [label for rule in rules for peer in rule["from"] for label in peer["namespaceSelector"]["matchLabels"]]
    assert found == peers


@pytest.mark.consumer("kubernetes")
@pytest.mark.parametrize(
    ("template_file", "right", "wrong"),
    [
        ("deployment.yaml", "enableServiceLinks:", "enableServiceLink:"),
        ("deployment.yaml", "sleep:", "slep:"),
        ("deployment.yaml", "matchLabelKeys:", "matchLabelsKeys:"),
        ("service.yaml", "targetPort:", "targetport:"),
        ("networkpolicy.yaml", "policyTypes:", "policyType:"),
        ("poddisruptionbudget.yaml", "unhealthyPodEvictionPolicy: AlwaysAllow", "unhealthyPodEviction: AlwaysAllow"),
        ("scaledobject.yaml", "cooldownPeriod:", "cooldownperiod:"),
        ("scaledobject.yaml", "stabilizationWindowSeconds:", "stabilisationWindowSeconds:"),
        ("scaledobject.yaml", ".prometheus.threshold | quote", ".prometheus.threshold"),
        ("podmonitor.yaml", "podMetricsEndpoints:", "endpoints:"),
        ("podmonitor.yaml", "interval: {{", "intervall: {{"),
    ],
)
def test_a_wrong_field_is_found(
    template_file: str, right: str, wrong: str, shapes_folder: Path, tmp_path: Path
) -> None:
    """The schema check itself can fail: a field misspelt in the chart is a problem of its object."""
    folder = shutil.copytree(shapes_folder / "helm", tmp_path / "helm")
    file = folder / "charts" / "model-server" / "templates" / template_file
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    found = template(folder / "use1" / "chat-scaled.values.yaml")
    assert [kind for kind, item in found.items() if problems(item)] == [
        next(line.split()[1] for line in text.splitlines() if line.startswith("kind:"))
    ]


@pytest.mark.consumer("helm")
def test_text_reaches_the_container_as_it_is(shapes_folder: Path) -> None:
    """Kubernetes replaces `$(NAME)` and halves `$$`; undoing that gives the planned text."""
    container = server(template(shapes_folder / "helm" / "use1" / "chat-alone.values.yaml"))
    env = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert env["A"] == "$$(B)$$$$"
    assert env["LEVEL"] == "on"


@pytest.mark.consumer("helm")
def test_files_arrive_byte_for_byte(shapes_folder: Path) -> None:
    objects = template(shapes_folder / "helm" / "use1" / "chat-files.values.yaml")
    held = objects["ConfigMap"]
    texts = {name: text.encode() for name, text in held["data"].items()}
    assert texts | {name: b64decode(text) for name, text in held["binaryData"].items()} == FILES
    volume = next(volume for volume in pod(objects)["volumes"] if volume["name"] == "files")
    assert volume["configMap"]["name"] == held["metadata"]["name"]
    mount = next(mount for mount in server(objects)["volumeMounts"] if mount["name"] == "files")
    assert mount == {"name": "files", "mountPath": "/files", "readOnly": True}


@pytest.mark.consumer("helm")
def test_a_changed_file_restarts_the_pods_and_nothing_else_changes(tmp_path: Path) -> None:
    pods = []
    for number, changed in enumerate((FILES, {**FILES, "no.text": b"\x00"}, {**FILES, "empty": b"x"}, FILES)):
        folder = tmp_path / str(number)
        lay_out(HELM.render(plan(placement(workload=with_files(workload(), changed)))), folder)
        pods.append(pod(template(folder / "helm" / "use1" / "chat-l4.values.yaml"), spec=False))
    sums = [each["metadata"].pop("annotations")["checksum/files"] for each in pods]
    assert sums[0] == sums[3]
    assert len(set(sums)) == 3
    assert all(each == pods[0] for each in pods)


@pytest.mark.consumer("kubernetes")
@pytest.mark.parametrize(("api_version", "kind"), CRD_FILES)
def test_custom_resource_schemas_are_schemas(api_version: str, kind: str) -> None:
    validator = crd_validator(api_version, kind)
    validator.check_schema(validator.schema)


def test_schema_is_closed_everywhere() -> None:
    """An object of the values either lists its keys or says what any value must be."""
    schema = json.loads((resources.templates() / "helm/model-server/values.schema.json").read_text(encoding="utf-8"))
    assert list(open_objects(schema, "$")) == []


def open_objects(schema: Any, path: str) -> Any:
    if isinstance(schema, list):
        for index, entry in enumerate(schema):
            yield from open_objects(entry, f"{path}[{index}]")
    elif isinstance(schema, dict):
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            yield path
        for key, value in schema.items():
            yield from open_objects(value, f"{path}.{key}")


def pod(objects: Objects, *, spec: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = objects["Deployment"]["spec"]["template"]
    return found["spec"] if spec else found


def server(objects: Objects) -> dict[str, Any]:
    [container] = pod(objects)["containers"]
    return container


def after(name: str, objects: Objects) -> list[str]:
    """The values that follow an argument."""
    arguments = server(objects).get("args", [])
    return [value for flag, value in pairwise(arguments) if flag == name]
