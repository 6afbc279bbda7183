"""EKS: from the tags of a group without nodes the cluster autoscaler knows all that our pods ask of one.

Both sides are read from rendered files: the tags from a plan of the root, the pods from Helm. CPUs and memory are
those of the type of the machine, of which the autoscaler asks EC2.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.consumers.roots import ROOT, Folder, written
from tests.consumers.test_helm import template
from tests.consumers.test_terraform_clouds import planned

pytestmark = [pytest.mark.consumer("terraform"), pytest.mark.consumer("helm")]

TEMPLATE = "k8s.io/cluster-autoscaler/node-template/"
OF_THE_TYPE = {"cpu", "memory"}
UNITS = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def resized() -> list[Path]:
    """The roots whose groups the cluster autoscaler resizes."""
    roots = written("eks")
    return [root for root in roots if json.loads((root / "fleet.auto.tfvars.json").read_text())["autoscaler_identity"]]


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


@pytest.mark.parametrize("root", resized(), ids=lambda root: str(root.relative_to(ROOT / "outputs")))
def test_a_group_without_nodes_grows_for_every_pod(root: Path, tmp_path: Path, settings: dict[str, str]) -> None:
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
