"""EKS: Terraform makes and removes the GPU pools of a cluster that stands already, in an account that moto plays."""

from pathlib import Path
from typing import Any

import pytest

from generator.core.plan import TaintPlan
from tests import plans
from tests.consumers.applied import ARTEFACTS, applied, differences, seen
from tests.consumers.roots import write

pytestmark = [pytest.mark.consumer("terraform"), pytest.mark.consumer("moto")]

MODULE = "module.gpu_pools."


def _root(place: Path) -> Path:
    pools = (
        plans.pool("l4", min_nodes=1, max_nodes=6, capacity=("spot", "on-demand")),
        plans.pool(
            "h100",
            gpu="H100 80 GB",
            gpus_per_node=8,
            max_nodes=2,
            capacity=("reserved",),
            instance_types=("p5.48xlarge",),
            taints=(TaintPlan("team", "", "NoExecute"),),
            disk_gib=500,
            reservation="cr-0123456789abcdef0",
        ),
    )
    return write(plans.plan(plans.cluster("use1", "eks", existing="platform-use1", pools=pools)), place)


GROUPS = {
    "l4-spot": ("SPOT", "g6.2xlarge", {"min_size": 1, "max_size": 6, "desired_size": 1}),
    "l4-on-demand": ("ON_DEMAND", "g6.2xlarge", {"min_size": 0, "max_size": 6, "desired_size": 0}),
    "h100-reserved": ("ON_DEMAND", "p5.48xlarge", {"min_size": 0, "max_size": 2, "desired_size": 0}),
}
TAINTS = {
    "l4": {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"},
    "h100": {"key": "team", "value": "", "effect": "NO_EXECUTE"},
}
EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}
POLICIES = {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"}


def _check_state(made: dict[str, dict[str, Any]], subnets: list[str]) -> None:
    kinds = {address.partition(".")[0] for address in made}
    assert kinds == {*ARTEFACTS, "aws_iam_role", "aws_iam_role_policy_attachment"}
    role = made["aws_iam_role.nodes[0]"]
    attached = {name.split('"')[1]: item for name, item in made.items() if name.startswith("aws_iam_role_policy_")}
    assert attached.keys() == POLICIES
    assert {item["role"] for item in attached.values()} == {role["name"]}
    for kind in ("aws_eks_node_group", "aws_launch_template"):
        assert {name.split('"')[1] for name in made if name.startswith(kind)} == GROUPS.keys()
    for key, (capacity_type, machine, scaling) in GROUPS.items():
        group, template = (made[f'{kind}.this["{key}"]'] for kind in ("aws_eks_node_group", "aws_launch_template"))
        assert (group["capacity_type"], group["instance_types"]) == (capacity_type, [machine])
        assert group["scaling_config"] == [scaling]
        assert group["taint"] == [TAINTS[key.partition("-")[0]]]
        assert (group["ami_type"], group["node_role_arn"]) == ("AL2023_x86_64_NVIDIA", role["arn"])
        assert sorted(group["subnet_ids"]) == sorted(subnets)
        assert [item["id"] for item in group["launch_template"]] == [template["id"]]
        _check_template(template, key)
        _check_machines(made, key, group)


def _check_template(template: dict[str, Any], key: str) -> None:
    [device] = template["block_device_mappings"]
    [disk] = device["ebs"]
    size = 500 if key.startswith("h100") else 200
    assert (device["device_name"], disk["volume_type"], disk["volume_size"]) == ("/dev/xvda", "gp3", size)
    assert disk["encrypted"] == "true"
    assert template["metadata_options"][0]["http_tokens"] == "required"
    reserved = [
        target["capacity_reservation_id"]
        for specification in template["capacity_reservation_specification"]
        for target in specification["capacity_reservation_target"]
    ]
    assert reserved == (["cr-0123456789abcdef0"] if key == "h100-reserved" else [])


def _check_machines(made: dict[str, dict[str, Any]], key: str, group: dict[str, Any]) -> None:
    """The autoscaler's tags are on the autoscaling group of their node group."""
    prefix = f'aws_autoscaling_group_tag.this["{key}/'
    tags = [item for name, item in made.items() if name.startswith(prefix)]
    assert {item["autoscaling_group_name"] for item in tags} == {group["resources"][0]["autoscaling_groups"][0]["name"]}
    values = {tag["key"]: tag["value"] for item in tags for tag in item["tag"]}
    template = "k8s.io/cluster-autoscaler/node-template"
    taint = TAINTS[key.partition("-")[0]]
    assert values == {
        "k8s.io/cluster-autoscaler/enabled": "true",
        "k8s.io/cluster-autoscaler/platform-use1": "owned",
        f"{template}/resources/nvidia.com/gpu": "8" if key.startswith("h100") else "1",
        f"{template}/resources/ephemeral-storage": "446Gi" if key.startswith("h100") else "178Gi",
        **{f"{template}/label/{name}": value for name, value in group["labels"].items()},
        f"{template}/taint/{taint['key']}": f"{taint['value']}:{EFFECTS[taint['effect']]}",
    }


def test_a_root_is_applied_planned_again_and_destroyed(tmp_path: Path, settings: dict[str, str]) -> None:
    run = applied(_root(tmp_path / "written"), tmp_path, settings)
    _check_state(
        {address.removeprefix(MODULE): item for address, item in run.made.items()}, run.before["cluster_subnets"]
    )
    assert differences(run.second) == []
    assert seen(run.second) == {(kind, name) for kind, names in ARTEFACTS.items() for name in names}
    assert not run.state
    assert run.left == {name: run.before[name] for name in run.left}


@pytest.mark.parametrize(
    ("kind", "before", "after", "paths"),
    [
        ("aws_eks_node_group", {"labels": {"a": "1"}}, {"labels": {"a": "2"}}, []),
        ("aws_eks_node_group", {"update_config": []}, {"update_config": [{"max_unavailable": 2}]}, []),
        ("aws_eks_node_group", {"status": "ACTIVE"}, {}, [["subnet_ids"]]),
        ("aws_launch_template", {"tag_specifications": []}, {"tag_specifications": [{}]}, []),
        ("aws_iam_role", {"arn": "a"}, {}, []),
        ("aws_iam_role", {"arn": "a"}, None, []),
    ],
)
def test_another_difference_is_told(kind: str, before: Any, after: Any, paths: list[list[str]]) -> None:
    change = {"actions": ["update"], "before": before, "after": after, "replace_paths": paths}
    assert len(differences({"resource_changes": [{"address": "a", "type": kind, "change": change}]})) == 1
