"""The API server's schemas read the objects of cluster/, and the pods of our chart are held to what namespaces ask."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.plan import Plan
from generator.targets.cluster.target import CLUSTER
from generator.targets.helm.target import HELM
from tests import helm_plans, plans
from tests.consumers.kubernetes import problems
from tests.consumers.test_helm import template
from tests.consumers.tools import tool
from tests.trees import lay_out

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted(
    path for folder in ("outputs/*/*", "tests/cases/*/expected") for path in ROOT.glob(f"{folder}/cluster/*/*.yaml")
)
NAMESPACES = sorted(ROOT.glob("outputs/*/*/cluster/*/namespace.yaml"))
JUDGED_BY_PROJECTS = {"nfd.k8s-sigs.io/v1alpha1", "karpenter.sh/v1", "karpenter.k8s.aws/v1"}
SAFE_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def objects(path: Path) -> list[dict[str, Any]]:
    return [item for item in yaml.safe_load_all(path.read_text()) if item]


def judged(text: str) -> tuple[str, str]:
    """What the projects of custom resources say of them, and how many they were asked about."""
    done = subprocess.run([tool("objects")], input=text, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def name(path: Path) -> str:
    return "-".join(path.relative_to(ROOT).parts[1:])


@pytest.mark.parametrize("path", WRITTEN, ids=name)
@pytest.mark.consumer("kubernetes", "objects")
def test_objects_fit_their_schemas(path: Path) -> None:
    found = objects(path)
    found = [item for item in found if item["kind"] != "ComputeClass"]  # Google publishes no definition of it
    custom = [item for item in found if item["apiVersion"] in JUDGED_BY_PROJECTS]
    assert {item["metadata"]["name"]: problems(item) for item in found if item not in custom and problems(item)} == {}
    if custom:
        assert judged(path.read_text()) == ("", f"{len(found)} objects\n")


@pytest.mark.consumer("objects")
def test_a_rule_of_another_form_is_refused() -> None:
    [path] = ROOT.glob("tests/cases/cluster-onprem-nodes/expected/cluster/*/node-labels.yaml")
    said, _ = judged(path.read_text().replace("matchFeatures", "matchFeature"))
    assert "matchFeature" in said


def security(pod: dict[str, Any]) -> str:
    """The strictest Pod Security Standard that a pod meets, by the fields that its page lists and pods of ours have."""
    containers = [*pod["containers"], *pod.get("initContainers", [])]
    contexts = [container.get("securityContext", {}) for container in containers]
    host = any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
    ports = any(port.get("hostPort") for container in containers for port in container.get("ports", []))
    volumes = {key for volume in pod.get("volumes", []) for key in volume if key != "name"}
    if host or ports or "hostPath" in volumes or any(context.get("privileged") for context in contexts):
        return "privileged"
    whole = pod.get("securityContext", {})
    bare = all(
        context.get("allowPrivilegeEscalation") is False
        and context.get("capabilities", {}).get("drop") == ["ALL"]
        and not context["capabilities"].get("add")
        and {**whole, **context}.get("runAsNonRoot") is True
        and {**whole, **context}.get("runAsUser") != 0
        and {**whole, **context}.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost")
        for context in contexts
    )
    return "restricted" if bare and volumes <= SAFE_VOLUMES else "baseline"


LEVELS = ("restricted", "baseline", "privileged")


def enforced(found: list[dict[str, Any]], namespace: str) -> str:
    [labels] = [item["metadata"]["labels"] for item in found if item["metadata"]["name"] == namespace]
    level: str = labels["pod-security.kubernetes.io/enforce"]
    return level


@pytest.mark.consumer("helm")
@pytest.mark.parametrize("path", NAMESPACES, ids=name)
def test_every_pod_may_run_in_its_namespace(path: Path) -> None:
    releases = sorted((path.parents[2] / "helm" / path.parent.name).glob("*.values.yaml"))
    assert releases
    for release in releases:
        header = release.read_text().splitlines()[1].split()
        pod = template(release)["Deployment"]["spec"]["template"]["spec"]
        asked = enforced(objects(path), header[header.index("-n") + 1])
        assert LEVELS.index(security(pod)) <= LEVELS.index(asked), release


def written(fleet: Plan) -> list[dict[str, Any]]:
    [item] = [item for item in CLUSTER.render(fleet) if item.path.endswith("namespace.yaml")]
    return [each for each in yaml.safe_load_all(item.content) if each]


@pytest.mark.consumer("helm")
def test_a_namespace_is_as_strict_as_its_pods_allow(tmp_path: Path) -> None:
    """One shape at a time: the namespace of a single placement asks exactly for what its pod meets."""
    seen = set()
    for shape in helm_plans.shapes().placements:
        alone = helm_plans.plan(shape, pull_secret="regcred")
        lay_out(HELM.render(alone), tmp_path / shape.service)
        release = template(tmp_path / shape.service / "helm" / "use1" / f"{shape.service}.values.yaml")
        level = security(release["Deployment"]["spec"]["template"]["spec"])
        assert enforced(written(alone), "inference") == level, shape.service
        seen.add(level)
    assert seen == set(LEVELS)


def test_a_cluster_that_runs_nothing_and_lacks_nothing_has_no_file() -> None:
    assert list(CLUSTER.render(plans.plan(plans.cluster("use1", "eks"), plans.cluster("desk", "docker")))) == []
