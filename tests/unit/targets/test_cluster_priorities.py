"""Autoscalers find each node group by its own line alone, and in the order of the spec."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline

ROOT = Path(__file__).parents[3]
SPECS = sorted([*ROOT.glob("tests/cases/*/fleet.yaml"), *ROOT.glob("stacks/*/fleet.yaml")])
# What Terraform adds to a prefix, and what EKS and AKS add to the name of a node group.
TERRAFORM, EKS, AKS = "20261122101112131400000001", "e8c9a1f2-0b3d-4c5e-8f7a-112233445566", "12345678-vmss"
CONFIG = "cluster-autoscaler-priority-expander"


def files(spec: Path) -> dict[str, str]:
    checked = pipeline.check(spec, "default")
    return {item.path: item.content.decode() for item in pipeline.render(checked, ["cluster", "terraform"])}


def names(data: dict[str, Any], said: dict[str, Any]) -> Iterator[list[str]]:
    """The cloud's names of each pool's node groups in the order of its spec, as the cloud forms them."""
    for pool, spec in said["pools"].items():
        groups = [group for group in data["node_groups"].values() if group["pool"] == pool]
        ways, types = spec.get("capacity", ["on-demand"]), spec.get("instanceTypes", [])
        groups.sort(key=lambda group: (ways.index(group["capacity"]), _place(group.get("vm_size"), types)))
        yield [_called(group) for group in groups]


def _place(size: str | None, types: list[str]) -> int:
    return types.index(size) if size in types else 0


def _called(group: dict[str, Any]) -> str:
    return f"aks-{group['name']}-{AKS}" if "vm_size" in group else f"eks-{group['name']}-{TERRAFORM}-{EKS}"


def cases() -> Iterator[tuple[str, str, list[list[str]]]]:
    """Name, priorities and the names of groups, pool by pool, of every cluster whose autoscaler reads a ConfigMap."""
    for spec in SPECS:
        found = files(spec)
        for path, text in found.items():
            if path.endswith("/priorities.yaml") and CONFIG in text:
                cluster = path.split("/")[1]
                data = json.loads(found[f"terraform/{cluster}/fleet.auto.tfvars.json"])
                said = yaml.safe_load(spec.read_text())["clusters"][cluster]
                yield (
                    f"{spec.parent.name}-{cluster}",
                    yaml.safe_load(text)["data"]["priorities"],
                    list(names(data, said)),
                )


CASES = list(cases())


def test_both_clouds_are_there() -> None:
    assert {name[:3] for _, _, pools in CASES for found in pools for name in found} == {"eks", "aks"}


@pytest.mark.parametrize(("text", "pools"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_group_matches_its_own_line_alone(text: str, pools: list[list[str]]) -> None:
    """As the autoscaler reads it: a map from whole numbers to lists of patterns, of which one must be found."""
    lines = [(number, pattern) for number, patterns in yaml.safe_load(text).items() for pattern in patterns]
    assert all(type(number) is int for number, _ in lines)
    every = [name for found in pools for name in found]
    assert every
    assert len(every) == len(set(every)) == len(lines)
    for name in every:
        assert len([pattern for _, pattern in lines if re.search(pattern, name)]) == 1, name
    for found in pools:
        order = [number for name in found for number, pattern in lines if re.search(pattern, name)]
        assert order == sorted(set(order), reverse=True)


def test_a_class_lists_the_node_pools_of_its_label() -> None:
    """Rules against what Terraform makes: machine, way and GPUs in the order of the spec; pods ask by the same name."""
    spec = ROOT / "tests/cases/cluster-priorities/fleet.yaml"
    found = files(spec)
    said = yaml.safe_load(spec.read_text())["clusters"]["euw4"]["pools"]["l4"]
    [wanted] = yaml.safe_load_all(found["cluster/euw4/priorities.yaml"])
    groups = json.loads(found["terraform/euw4/fleet.auto.tfvars.json"])["node_groups"].values()
    pool = [group for group in groups if group["pool"] == "l4"]
    label = "cloud.google.com/compute-class"
    for group in pool:
        assert group["labels"][label] == wanted["metadata"]["name"]
        assert {"key": label, "value": wanted["metadata"]["name"], "effect": "NoSchedule"} in group["taints"]
    expected = [
        (machine, way)
        for way in said["capacity"]
        for machine in (said["instanceTypes"][:1] if way == "reserved" else said["instanceTypes"])
    ]
    rules = [(rule["machineType"], bought(rule)) for rule in wanted["spec"]["priorities"]]
    assert rules == expected
    assert sorted(rules) == sorted((group["machine_type"], group["capacity"]) for group in pool)
    assert {(rule["gpu"]["type"], rule["gpu"]["count"]) for rule in wanted["spec"]["priorities"]} == {("nvidia-l4", 1)}
    assert wanted["spec"]["nodePoolAutoCreation"] == {"enabled": False}
    assert not any(label in group["labels"] for group in groups if group["pool"] == "one")


def bought(rule: dict[str, Any]) -> str:
    if rule.get("flexStart", {}).get("enabled"):
        return "flex-start"
    if "reservations" in rule:
        assert rule["reservations"]["specific"] == [{"project": "acme", "name": "l4"}]
        return "reserved"
    return "spot" if rule["spot"] else "on-demand"
