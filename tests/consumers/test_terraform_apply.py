"""EKS: Terraform makes and removes what a root says, in an AWS account that moto plays on the loopback.

moto is no AWS: what it keeps or adds wrongly stands in `ARTEFACTS`, and the second plan may differ in nothing else.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generator.core.plan import TaintPlan
from tests import plans
from tests.consumers.roots import Folder, write
from tests.consumers.tools import tool

pytestmark = [pytest.mark.consumer("terraform"), pytest.mark.consumer("moto")]

ACCOUNT = Path(__file__).with_name("moto_account.py")
TAGS = {"fleetgen.dev/fleet": "acme", "fleetgen.dev/environment": "default"}
MODULE = "module.gpu_pools."
UNKNOWN = "known after apply"

# The account is made up, and calls that go anywhere but to the loopback end at a port where nobody listens.
OVERRIDE = """provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  http_proxy                  = "http://127.0.0.1:9"
  https_proxy                 = "http://127.0.0.1:9"
}
"""

RENEWED = "AWS gives it anew to the node group that replaces the one with remote_access"
TAGGED = "the tag follows the autoscaling group of the node group that is replaced"
VERSIONED = "the launch template gets another version for its tag_specifications"
ARTEFACTS: dict[str, dict[str, str]] = {
    "aws_eks_node_group": {
        "remote_access": "moto gives each node group an SSH key that nobody asked for; it cannot be changed in place",
        "update_config": "moto keeps no update_config",
        "launch_template": "name and version: " + VERSIONED,
        "node_repair_config": "moto answers without it, and the provider leaves it to AWS in the new node group",
        "disk_size": "moto answers 20 GiB where AWS answers nothing; " + RENEWED,
        **dict.fromkeys(("arn", "id", "node_group_name", "release_version", "resources", "status", "version"), RENEWED),
    },
    "aws_launch_template": {
        "tag_specifications": "moto takes the template's own tags for one more entry",
        "default_version": VERSIONED,
        "latest_version": VERSIONED,
    },
    "aws_autoscaling_group_tag": {"autoscaling_group_name": TAGGED, "id": TAGGED},
}
"""The cause of each attribute that differs in the second plan, by the type of its resource."""

REPLACED_FOR = {"aws_eks_node_group": {"remote_access"}, "aws_autoscaling_group_tag": {"autoscaling_group_name"}}
"""The attributes that may force a replacement, by the type of the resource."""

KNOWN = {
    "remote_access": ([{"ec2_ssh_key": "eksKeypair", "source_security_group_ids": []}], []),
    "update_config": ([], [{"max_unavailable": 1, "max_unavailable_percentage": None}]),
}
"""What an artefact looks like before and after; one that is not here is not known before the apply."""


def differences(plan: dict[str, Any]) -> list[str]:
    """What a plan changes beyond the artefacts, one line each."""
    return [line for change in plan["resource_changes"] for line in _differences(change)]


def _differences(resource: dict[str, Any]) -> Iterator[str]:
    kind, change = resource["type"], resource["change"]
    if change["actions"] in (["no-op"], ["read"]):
        return
    if not (change["before"] and change["after"]):
        yield f"{resource['address']}: {change['actions']}"
        return
    forced = {path[0] for path in change.get("replace_paths", [])} - REPLACED_FOR.get(kind, set())
    yield from (f"{resource['address']}: replaced for {name}" for name in sorted(forced))
    for name in sorted(change["before"]):
        before, after = change["before"][name], change["after"].get(name, UNKNOWN)
        if before != after and not (name in ARTEFACTS.get(kind, {}) and _is_artefact(name, before, after)):
            yield f"{resource['address']}: {name}: {before} -> {after}"


def _seen(plan: dict[str, Any]) -> set[tuple[str, str]]:
    """The attributes that differ, each with the type of its resource; an artefact that is not among them is gone."""
    changes = [(item["type"], item["change"]) for item in plan["resource_changes"] if item["mode"] == "managed"]
    return {
        (kind, name)
        for kind, change in changes
        for name, value in change["before"].items()
        if value != change["after"].get(name, UNKNOWN)
    }


def _is_artefact(name: str, before: Any, after: Any) -> bool:
    if name == "tag_specifications":
        return bool(before == [*after, {"resource_type": "launch-template", "tags": TAGS}])
    if name == "launch_template":
        return [item["id"] for item in before] == [item["id"] for item in after]
    return bool((before, after) == KNOWN[name] if name in KNOWN else after == UNKNOWN)


@contextmanager
def account(place: Path, left: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    """A made-up account with an EKS cluster; what is in it at the end is written to `left`."""
    with (place / "moto.log").open("w") as log:
        server = subprocess.Popen(
            [tool("moto"), ACCOUNT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert server.stdout
        first = server.stdout.readline()
        assert first, (place / "moto.log").read_text()[-4000:]
        yield json.loads(first)
        left.update(json.loads(server.communicate(timeout=30)[0]))
    finally:
        server.kill()
        server.wait()


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
            reservation_kind="on-demand",
        ),
    )
    return write(plans.plan(plans.cluster("use1", "eks", existing="platform-use1", pools=pools)), place)


def _made(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What there is before the plan, as the account tells it, by address in the module."""
    [module] = plan["prior_state"]["values"]["root_module"]["child_modules"]
    found = {item["address"]: item["values"] for item in module["resources"] if item["mode"] == "managed"}
    return {address.removeprefix(MODULE): values for address, values in found.items()}


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
        **{f"{template}/label/{name}": value for name, value in group["labels"].items()},
        f"{template}/taint/{taint['key']}": f"{taint['value']}:{EFFECTS[taint['effect']]}",
    }


def test_a_root_is_applied_planned_again_and_destroyed(tmp_path: Path, settings: dict[str, str]) -> None:
    left: dict[str, list[str]] = {}
    with account(tmp_path, left) as before:
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "2"}
        mine = {name: value for name, value in settings.items() if not name.startswith("AWS_")}
        environment = {**mine, **credentials, "AWS_ENDPOINT_URL": before["endpoint"], "AWS_CONFIG_FILE": os.devnull}
        folder = Folder(_root(tmp_path / "written"), tmp_path, environment)
        (folder.root / "moto_override.tf").write_text(OVERRIDE)
        folder.run("init", "-input=false", "-no-color")
        folder.run("apply", "-auto-approve", "-input=false", "-no-color")
        folder.run("plan", "-out=second", "-input=false", "-no-color")
        second = json.loads(folder.run("show", "-json", "second"))
        folder.run("destroy", "-auto-approve", "-input=false", "-no-color", "-refresh=false")
        state = folder.run("state", "list")

    _check_state(_made(second), before["subnets"])
    assert differences(second) == []
    assert _seen(second) == {(kind, name) for kind, names in ARTEFACTS.items() for name in names}
    assert not state
    assert left == {name: before[name] for name in ("node_groups", "launch_templates", "roles")}


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
