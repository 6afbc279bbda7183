"""Karpenter instead of node groups: Terraform makes its identity, its definitions judge its objects, and pods fit."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from tests.consumers.roots import TESTS, Folder, rendered
from tests.consumers.tools import tool
from tests.trees import lay_out

SPEC = Path(__file__).parents[1] / "cases" / "cluster-karpenter" / "fleet.yaml"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("karpenter")
    lay_out(pipeline.render(pipeline.check(SPEC, "default")), folder)
    return folder


def objects(files: Path, kind: str) -> dict[str, dict[str, Any]]:
    text = (files / "cluster/use1/karpenter.yaml").read_text()
    return {item["metadata"]["name"]: item for item in yaml.safe_load_all(text) if item["kind"] == kind}


@pytest.mark.consumer("objects")
@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("weight: 20", "weight: 200", "weight"),
        ("expireAfter", "expiresAfter", "expiresAfter"),
        ("alias: al2023@", "alias: al2024@", "alias"),
        ("consolidationPolicy: WhenEmpty", "consolidationPolicy: Never", "consolidationPolicy"),
        ("role: platform-us-east-1-karpenter-nodes", "instanceStorePolicy: RAID0", "role"),
    ],
)
def test_karpenter_refuses_what_is_wrong(files: Path, old: str, new: str, word: str) -> None:
    """By the schema, and by rules over several fields: the last one is a class without an identity."""
    text = (files / "cluster/use1/karpenter.yaml").read_text()
    assert old in text
    done = subprocess.run([tool("objects")], input=text.replace(old, new), capture_output=True, text=True, check=True)
    assert word in done.stdout


def test_there_is_a_pool_for_each_way_in_the_order_of_the_spec(files: Path) -> None:
    pools, classes = objects(files, "NodePool"), objects(files, "EC2NodeClass")
    spec = yaml.safe_load(SPEC.read_text())["clusters"]["use1"]["pools"]
    assert (
        pools.keys() == classes.keys() == {f"{name}-{way}" for name, pool in spec.items() for way in pool["capacity"]}
    )
    for name, pool in spec.items():
        weights = [pools[f"{name}-{way}"]["spec"]["weight"] for way in pool["capacity"]]
        assert weights == sorted(set(weights), reverse=True)
        for way in pool["capacity"]:
            found = pools[f"{name}-{way}"]["spec"]
            assert found["limits"] == {"nvidia.com/gpu": pool["nodes"]["max"] * pool.get("gpusPerNode", 1)}
            asked = {item["key"]: item["values"] for item in found["template"]["spec"]["requirements"]}
            assert asked["karpenter.sh/capacity-type"] == [way]
            assert asked["node.kubernetes.io/instance-type"] == pool.get("instanceTypes", ["p5.48xlarge"])
            held = classes[f"{name}-{way}"]["spec"].get("capacityReservationSelectorTerms")
            assert held == ([{"id": pool["reservation"]["id"]}] if way == "reserved" else None)


def test_pods_select_and_tolerate_the_nodes(files: Path) -> None:
    pools = objects(files, "NodePool")
    releases = [yaml.safe_load(path.read_text()) for path in files.glob("helm/use1/*.values.yaml")]
    assert len(releases) == 2
    for values in releases:
        nodes = [pool["spec"]["template"] for pool in pools.values()]
        fitting = [node for node in nodes if values["nodeSelector"].items() <= node["metadata"]["labels"].items()]
        assert len(fitting) == 2
        tolerated = {(item["key"], item.get("effect")) for item in values["tolerations"]}
        assert {(taint["key"], taint["effect"]) for node in fitting for taint in node["spec"]["taints"]} <= tolerated


def test_names_agree_between_terraform_the_objects_and_the_chart(files: Path) -> None:
    data = json.loads((files / "terraform/use1/fleet.auto.tfvars.json").read_text())
    assert {item["spec"]["role"] for item in objects(files, "EC2NodeClass").values()} == {data["node_role_name"]}
    [values] = yaml.safe_load((files / "cluster/use1/addons/karpenter/values.yaml").read_text()).values()
    assert values["settings"] == {"clusterName": data["cluster_name"], "interruptionQueue": data["queue_name"]}
    module = (files / "terraform/modules/eks-karpenter/controller.tf").read_text()
    assert re.findall(r'service_account = "(.+)"', module) == [values["serviceAccount"]["name"]]
    header = (files / "cluster/use1/addons/karpenter/Chart.yaml").read_text().splitlines()[2]
    assert header.endswith("-n kube-system")
    assert not (files / "cluster/use1/addons/cluster-autoscaler").exists()
    assert not (files / "cluster/use1/priorities.yaml").exists()
    assert not (files / "terraform/modules/eks-gpu-pools").exists()


@pytest.mark.consumer("terraform")
def test_the_root_and_its_module(files: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(files / "terraform/use1", tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.run("fmt", "-check", "-diff", str(TESTS / "eks"))
    folder.add_tests("eks", "karpenter.tftest.hcl")
    folder.init()
    folder.run("validate")
    assert list(folder.providers()) == ["aws"]
    folder.test("karpenter.tftest.hcl")


@pytest.mark.consumer("terraform")
def test_a_created_cluster_and_karpenter_in_one_root(tmp_path: Path, settings: dict[str, str]) -> None:
    rendered(SPEC.parents[1] / "cluster-karpenter-created" / "fleet.yaml", tmp_path)
    written = tmp_path / "out"
    folder = Folder(written / "terraform/use1", tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests("eks", "karpenter-created.tftest.hcl")
    folder.init()
    folder.run("validate")
    planned = folder.planned("karpenter-created.tftest.hcl")
    subnets = [item for address, item in planned.items() if ".aws_subnet.nodes[" in address]
    documents = list(yaml.safe_load_all((written / "cluster/use1/karpenter.yaml").read_text()))
    classes = [item for item in documents if item["kind"] == "EC2NodeClass"]
    for item in classes:
        [asked] = item["spec"]["subnetSelectorTerms"]
        assert all(subnet["tags"].items() >= asked["tags"].items() for subnet in subnets)
        assert item["spec"]["role"] == planned["module.karpenter.aws_iam_role.nodes[0]"]["name"]
    assert len(subnets) == len(classes) == 2
