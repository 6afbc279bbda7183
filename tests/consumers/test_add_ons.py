"""Helm reads our charts around those of others, whose values it holds to what these know."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.consumers import add_ons
from tests.consumers.kubernetes import OLDEST, problems
from tests.consumers.tools import tool

ROOT = Path(__file__).resolve().parents[2]
ADD_ONS = sorted(
    path.parent
    for folder in ("outputs/*/*", "tests/cases/*/expected")
    for path in ROOT.glob(f"{folder}/cluster/*/addons/*/Chart.yaml")
)
DAEMON = {"nvidia-device-plugin": ("tolerations",), "gpu-operator": ("daemonsets", "tolerations")}


DAEMONS = [path for path in ADD_ONS if path.name in DAEMON]
ROOTS = sorted(ROOT.glob("outputs/*/*/terraform/*/fleet.auto.tfvars.json"))
PLUGINS = [
    (source, root)
    for root in ROOTS
    if (source := root.parents[2] / "cluster" / root.parent.name / "addons" / "nvidia-device-plugin").exists()
]
CORE = ("v1", "apps/v1", "rbac.authorization.k8s.io/v1", "policy/v1")


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return "-".join((*parts[1:3], *parts[-3:])) if parts[0] == "outputs" else "-".join((parts[2], *parts[-3:]))


@pytest.fixture(params=ADD_ONS, ids=name)
def source(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def helm(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool("helm"), *arguments], cwd=folder, capture_output=True, text=True, check=False)


def rendered(folder: Path, namespace: str) -> list[dict[str, Any]]:
    done = helm("template", folder.name, ".", "-n", namespace, "--kube-version", OLDEST, folder=folder)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.safe_load_all(done.stdout) if item]


def namespace(source: Path) -> str:
    """The namespace that the chart's own header gives."""
    command = (source / "Chart.yaml").read_text().splitlines()[2].split()
    assert command[1:] == ["helm", "upgrade", "--install", source.name, ".", "-n", command[-1]]
    return command[-1]


def values(source: Path, place: Path) -> dict[str, Any]:
    """What reaches the dependency: our values, as Helm hands them on."""
    [item] = rendered(add_ons.complete(source, place, with_real=False), namespace(source))
    found: dict[str, Any] = json.loads(item["data"]["values"])
    return found


def test_there_are_add_ons() -> None:
    assert {path.name for path in ADD_ONS} >= set(DAEMON)


@pytest.mark.consumer("helm")
def test_helm_finds_one_pinned_dependency_in_its_version(source: Path, tmp_path: Path) -> None:
    folder = add_ons.complete(source, tmp_path, with_real=False)
    listed = helm("dependency", "list", ".", folder=folder).stdout.splitlines()[1].split()
    [wanted] = yaml.safe_load((source / "Chart.yaml").read_text())["dependencies"]
    assert listed == [source.name, add_ons.known(source.name)["version"], wanted["repository"], "unpacked"]
    (folder / "templates").mkdir()
    done = helm("lint", "--strict", ".", "--kube-version", OLDEST, "-n", namespace(source), folder=folder)
    assert done.returncode == 0, done.stdout


@pytest.mark.consumer("helm")
def test_a_value_that_the_chart_does_not_know_is_refused(source: Path, tmp_path: Path) -> None:
    folder = add_ons.complete(source, tmp_path, with_real=False)
    given = yaml.safe_load((folder / "values.yaml").read_text())
    given[source.name]["tolerationz"] = []
    (folder / "values.yaml").write_text(yaml.safe_dump(given))
    done = helm("template", ".", folder=folder)
    assert done.returncode != 0
    assert "tolerationz" in done.stderr


@pytest.mark.consumer("helm")
def test_values_are_more_than_none(source: Path, tmp_path: Path) -> None:
    own = yaml.safe_load((source / "values.yaml").read_text())
    assert bool(own[source.name]) == bool(add_ons.known(source.name)["values"])
    assert values(source, tmp_path).items() >= own[source.name].items()


@pytest.mark.consumer("helm")
@pytest.mark.parametrize("source", DAEMONS, ids=name)
def test_daemons_tolerate_every_taint_of_the_cluster(source: Path, tmp_path: Path) -> None:
    """Taints are read from where the nodes get them: the script, or Terraform's data and what the platform adds."""
    found: Any = values(source, tmp_path)
    for key in DAEMON[source.name]:
        found = found[key]
    tolerated = {each["key"] for each in found if each["operator"] == "Exists" and "effect" not in each}
    assert taints(source.parents[1]) <= tolerated


def taints(cluster: Path) -> set[str]:
    """The key of every taint that the other files of the fleet put on nodes of this cluster."""
    lines = [line.split() for path in cluster.glob("label-nodes.sh") for line in path.read_text().splitlines()]
    found = {words[2] for words in lines if words[:1] == ["taint"]}
    data = cluster.parents[1] / "terraform" / cluster.name / "fleet.auto.tfvars.json"
    if data.exists():
        told = json.loads(data.read_text())
        groups = told["node_groups"].values()
        found |= {taint["key"] for group in groups for taint in group["taints"]}
        if "resource_group_name" in told and any(group["capacity"] == "spot" for group in groups):
            found.add("kubernetes.azure.com/scalesetpriority")
    return found


@pytest.mark.consumer("helm")
@pytest.mark.parametrize(("source", "data"), PLUGINS, ids=[name(source) for source, _ in PLUGINS])
def test_the_device_plugin_runs_on_every_pool(source: Path, data: Path, tmp_path: Path) -> None:
    rule = values(source, tmp_path)["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    [term] = rule["nodeSelectorTerms"]
    [wanted] = term["matchExpressions"]
    groups = json.loads(data.read_text())["node_groups"].values()
    assert groups
    assert all(group["labels"][wanted["key"]] in wanted["values"] for group in groups)


if os.environ.get(add_ons.REAL):

    @pytest.mark.parametrize("source", ADD_ONS, ids=name)
    def test_the_real_chart_takes_the_values(source: Path, tmp_path: Path) -> None:
        """The real charts come from no registry of packages: docs/unverified.md says which were asked, and when."""
        folder = add_ons.complete(source, tmp_path, with_real=True)
        everything = rendered(folder, namespace(source))
        assert everything
        objects = [item for item in everything if item["apiVersion"] in CORE]
        assert {
            f"{item['kind']} {item['metadata']['name']}": problems(item) for item in objects if problems(item)
        } == {}
        for item in objects:
            if item["kind"] == "DaemonSet" and source.name == "nvidia-device-plugin":
                spec = item["spec"]["template"]["spec"]
                assert taints(source.parents[1]) <= {each["key"] for each in spec["tolerations"]}
                assert "runtimeClassName" not in spec
