"""EKS: from the tags of a group without nodes the cluster autoscaler knows all that our pods ask of one.

Both sides are read from rendered files, of all stacks and cases: the tags from a plan of the root, the pods from Helm.
CPUs and memory are those of the type of the machine, of which the autoscaler asks EC2. On GKE and AKS it reads all of
that from the node pool itself.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from tests.consumers.roots import ROOT, Folder, written
from tests.consumers.test_helm import template
from tests.consumers.test_terraform_clouds import groups_of, planned
from tests.trees import lay_out

pytestmark = [pytest.mark.consumer("terraform"), pytest.mark.consumer("helm")]

TEMPLATE = "k8s.io/cluster-autoscaler/node-template/"
CASES = [
    path
    for path in sorted(ROOT.glob("tests/cases/*/fleet.yaml"))
    if "platform: eks" in (text := path.read_text()) and "autoscaler: karpenter" not in text
]
OF_THE_TYPE = {"cpu", "memory"}
UNITS = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def resized(roots: Iterable[Path]) -> list[Path]:
    """The roots whose groups the cluster autoscaler resizes."""
    told = ((root, root / "fleet.auto.tfvars.json") for root in roots)
    return [root for root, file in told if json.loads(file.read_text()).get("autoscaler_identity")]


def amount(quantity: Any) -> float:
    match = re.fullmatch(r"([0-9.]+)([KMGT]i)?", str(quantity))
    assert match, quantity
    return float(match[1]) * UNITS[match[2] or ""]


def tags_of(changes: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The tags of each group, without what they all begin with."""
    tags: dict[str, dict[str, str]] = defaultdict(dict)
    for address, resource in changes.items():
        if match := re.search(r'aws_autoscaling_group_tag\.this\["([^/]+)/', address):
            [tag] = resource["tag"]
            if tag["key"].startswith(TEMPLATE):
                tags[match[1]][tag["key"].removeprefix(TEMPLATE)] = tag["value"]
    return tags


def lacking(pod: dict[str, Any], tags: dict[str, str]) -> list[str]:
    """What a pod asks for that nobody would know of a node of the group."""
    wrong = [f"label {key}" for key, value in pod["nodeSelector"].items() if tags.get(f"label/{key}") != value]
    containers = [*pod.get("initContainers", ()), *pod["containers"]]
    for resource in {name for item in containers for name in item["resources"].get("requests", {})} - OF_THE_TYPE:
        asked = [amount(item["resources"].get("requests", {}).get(resource, 0)) for item in containers]
        if amount(tags.get(f"resources/{resource}", 0)) < sum(asked):
            wrong.append(f"resource {resource}")
    tolerated = {item.get("key") for item in pod.get("tolerations", ())}
    taints = {key.removeprefix("taint/") for key in tags if key.startswith("taint/")}
    return wrong + [f"taint {key}" for key in taints - tolerated]


@pytest.mark.parametrize("root", resized(written("eks")), ids=lambda root: str(root.relative_to(ROOT / "outputs")))
def test_a_group_without_nodes_grows_for_every_pod(root: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    grows(root, tmp_path, settings)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_cases_grow_from_none(case: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    lay_out(pipeline.render(pipeline.check(case, "default")), tmp_path / "outputs")
    roots = resized(path.parent for path in sorted(tmp_path.glob("outputs/terraform/*/pools.tf")))
    assert roots
    for root in roots:
        (tmp_path / root.name).mkdir()
        grows(root, tmp_path / root.name, settings)


def grows(root: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    groups = tags_of(planned(Folder(root, tmp_path, settings), "eks"))
    assert groups
    asked = 0
    for values in sorted((root.parents[1] / "helm" / root.name).glob("*.values.yaml")):
        pod = template(values)["Deployment"]["spec"]["template"]["spec"]
        pool = pod.get("nodeSelector", {}).get("fleetgen.dev/pool")
        for name, tags in groups.items():
            if pool and tags["label/fleetgen.dev/pool"] == pool:
                asked += 1
                assert lacking(pod, tags) == [], f"{values.name} on {name}"
    assert asked


@pytest.mark.parametrize(
    ("root", "platform"),
    [(root, platform) for platform in ("gke", "aks") for root in written(platform)],
    ids=lambda value: value if isinstance(value, str) else str(value.relative_to(ROOT / "outputs")),
)
def test_nodes_of_other_clouds_are_what_pods_ask_for(
    root: Path, platform: str, tmp_path: Path, settings: dict[str, str]
) -> None:
    """Their autoscalers read labels and taints where Terraform writes them: from the node pool itself."""
    groups = groups_of(planned(Folder(root, tmp_path, settings), platform), platform)
    asked = 0
    for values in sorted((root.parents[1] / "helm" / root.name).glob("*.values.yaml")):
        pod = template(values)["Deployment"]["spec"]["template"]["spec"]
        wanted = pod.get("nodeSelector", {})
        tolerated = {item.get("key") for item in pod.get("tolerations", ())}
        for nodes in groups.values() if "fleetgen.dev/pool" in wanted else ():
            if nodes.labels["fleetgen.dev/pool"] == wanted["fleetgen.dev/pool"]:
                asked += 1
                assert wanted.items() <= nodes.labels.items()
                assert {taint.partition("=")[0] for taint in nodes.taints} <= tolerated
    assert asked
