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
SUFFIX = {"on-demand": "od", "spot": "sp", "reserved": "rs"}
CONFIG = "cluster-autoscaler-priority-expander"


def files(spec: Path) -> dict[str, str]:
    checked = pipeline.check(spec, "default")
    return {item.path: item.content.decode() for item in pipeline.render(checked, ["cluster", "terraform"])}


def names(data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The cloud's names of each pool's node groups in the order of the spec, made as the modules make them."""
    for pool, told in data["pools"].items():
        if "vm_sizes" in told:
            yield (
                pool,
                [
                    f"aks-{told['short_name']}{SUFFIX[way]}{index or ''}-{AKS}"
                    for way in told["capacity"]
                    for index in range(1 if way == "reserved" else len(told["vm_sizes"]))
                ],
            )
        else:
            yield pool, [f"eks-{f'{pool}-{way}'[:36]}-{TERRAFORM}-{EKS}" for way in told["capacity"]]


def cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, priorities and Terraform's data of every cluster whose autoscaler reads a ConfigMap."""
    for spec in SPECS:
        found = files(spec)
        for path, text in found.items():
            if path.endswith("/priorities.yaml") and CONFIG in text:
                cluster = path.split("/")[1]
                data = json.loads(found[f"terraform/{cluster}/fleet.auto.tfvars.json"])
                yield f"{spec.parent.name}-{cluster}", yaml.safe_load(text)["data"]["priorities"], data


CASES = list(cases())


def test_both_clouds_are_there() -> None:
    assert {"subscription_id" in data for _, _, data in CASES} == {True, False}


@pytest.mark.parametrize(("text", "data"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_group_matches_its_own_line_alone(text: str, data: dict[str, Any]) -> None:
    """As the autoscaler reads it: a map from whole numbers to lists of patterns, of which one must be found."""
    lines = [(number, pattern) for number, patterns in yaml.safe_load(text).items() for pattern in patterns]
    assert all(type(number) is int for number, _ in lines)
    every = [name for _, found in names(data) for name in found]
    assert every
    assert len(every) == len(set(every)) == len(lines)
    for name in every:
        assert len([pattern for _, pattern in lines if re.search(pattern, name)]) == 1, name
    for _, found in names(data):
        order = [number for name in found for number, pattern in lines if re.search(pattern, name)]
        assert order == sorted(set(order), reverse=True)


def test_a_class_lists_the_node_pools_of_its_label() -> None:
    """Rules against what Terraform makes: machine, way and GPUs in the order of the spec; pods ask by the same name."""
    found = files(ROOT / "tests/cases/cluster-priorities/fleet.yaml")
    [wanted] = yaml.safe_load_all(found["cluster/euw4/priorities.yaml"])
    pools = json.loads(found["terraform/euw4/fleet.auto.tfvars.json"])["pools"]
    pool = pools["l4"]
    label = "cloud.google.com/compute-class"
    assert pool["labels"][label] == wanted["metadata"]["name"]
    assert {"key": label, "value": wanted["metadata"]["name"], "effect": "NoSchedule"} in pool["taints"]
    machines = [machine["type"] for machine in pool["machines"]]
    expected = [
        (machine, way)
        for way in ["reserved", "spot", "flex-start", "on-demand"]
        for machine in (machines[:1] if way == "reserved" else machines)
    ]
    assert [(rule["machineType"], bought(rule)) for rule in wanted["spec"]["priorities"]] == expected
    assert {(rule["gpu"]["type"], rule["gpu"]["count"]) for rule in wanted["spec"]["priorities"]} == {("nvidia-l4", 1)}
    assert wanted["spec"]["nodePoolAutoCreation"] == {"enabled": False}
    assert label not in pools["one"]["labels"]


def bought(rule: dict[str, Any]) -> str:
    if rule.get("flexStart", {}).get("enabled"):
        return "flex-start"
    if "reservations" in rule:
        assert rule["reservations"]["specific"] == [{"project": "acme", "name": "l4"}]
        return "reserved"
    return "spot" if rule["spot"] else "on-demand"
