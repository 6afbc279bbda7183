"""EKS: Terraform reads what we write: formatted, valid, planned as the spec says, with no provider but AWS."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from generator.core.plan import NodePool, Plan, TaintPlan
from generator.core.plan.state import S3State
from tests import plans
from tests.consumers.roots import ROOT, TESTS, Folder, spec_of, write, written

pytestmark = pytest.mark.consumer("terraform")

# What the cloud's own names say about the GPU, independent of our catalogue.
FAMILIES = {"l4": "g6|gr6", "l40s": "g6e", "a10g": "g5", "t4": "g4dn", "h100-sxm": "p5", "h200-sxm": "p5en|p5e"}
EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
RESOURCES = {
    "aws_autoscaling_group_tag",
    "aws_eks_node_group",
    "aws_eks_pod_identity_association",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_launch_template",
}
DEFAULT_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}


def _pools() -> tuple[NodePool, ...]:
    """The pools that tests/consumers/terraform/eks/pools.tftest.hcl speaks of."""
    return (
        plans.pool(
            "l4",
            min_nodes=1,
            max_nodes=6,
            capacity=("spot", "on-demand"),
            labels={"fleetgen.dev/pool": "l4", "note": "${path.module}"},
        ),
        plans.pool(
            "h100",
            gpu="H100 80 GB",
            gpus_per_node=8,
            max_nodes=2,
            capacity=("reserved",),
            instance_types=("p5.48xlarge",),
            taints=(TaintPlan("team", "", "NoExecute"),),
            disk_gib=500,
            reservation="cr-1",
        ),
        plans.pool(
            "block",
            max_nodes=1,
            capacity=("reserved",),
            instance_types=("p5e.48xlarge",),
            taints=(TaintPlan("nvidia.com/gpu", "present", "PreferNoSchedule"),),
            reservation="cr-2",
            capacity_block=True,
        ),
        plans.pool("open", min_nodes=2, max_nodes=3, capacity=("reserved",), taints=()),
    )


def _plan(*pools: NodePool, state: S3State | None = None) -> Plan:
    return plans.plan(plans.cluster("use1", "eks", existing="platform-use1", state=state, pools=pools))


@pytest.mark.parametrize("source", written("eks"), ids=lambda path: "-".join(path.relative_to(ROOT / "outputs").parts))
def test_every_root_is_planned_as_its_spec_says(source: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(source, tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests("eks", "root.tftest.hcl")
    folder.init()
    folder.run("validate")
    [(provider, version)] = folder.providers().items()
    assert (provider, version[0], version[1] >= 100) == ("aws", 5, True)

    planned = folder.planned("root.tftest.hcl")
    pools = [address for address in planned if address.startswith("module.gpu_pools.")]
    assert {address.split(".")[2].partition("[")[0] for address in pools} <= RESOURCES
    groups = {
        address.partition('"')[2].removesuffix('"]'): after
        for address, after in planned.items()
        if address.startswith("module.gpu_pools.aws_eks_node_group.this[")
    }
    cluster = spec_of(source)
    expected = {
        f"{name}-{capacity}": (pool, capacity, index == 0)
        for name, pool in cluster["pools"].items()
        for index, capacity in enumerate(pool.get("capacity", ["on-demand"]))
    }
    assert groups.keys() == expected.keys()
    for key, (pool, capacity, first) in expected.items():
        _check_group(groups[key], key, pool, capacity, first=first)
        if "existing" in cluster["cluster"]:
            assert groups[key]["cluster_name"] == cluster["cluster"]["existing"]
        if cluster["cluster"].get("subnets"):
            assert sorted(groups[key]["subnet_ids"]) == sorted(cluster["cluster"]["subnets"])


def _check_group(group: dict[str, Any], key: str, pool: dict[str, Any], capacity: str, *, first: bool) -> None:
    nodes = pool["nodes"] if isinstance(pool["nodes"], dict) else {"min": pool["nodes"], "max": pool["nodes"]}
    least = nodes["min"] if first else 0
    assert group["scaling_config"] == [{"min_size": least, "max_size": nodes["max"], "desired_size": least}]
    assert group["capacity_type"] == ("SPOT" if capacity == "spot" else "ON_DEMAND")
    assert group["ami_type"] == "AL2023_x86_64_NVIDIA"
    [machine] = group["instance_types"]
    assert re.fullmatch(rf"({FAMILIES[pool['gpu']]})\..+", machine), f"{machine} carries no {pool['gpu']}"
    taints = [{**DEFAULT_TAINT, **taint} for taint in pool.get("taints", [DEFAULT_TAINT])]
    assert group["taint"] == [{**taint, "effect": EFFECTS[taint["effect"]]} for taint in taints]
    assert group["labels"].items() >= {"fleetgen.dev/pool": key.removesuffix(f"-{capacity}")}.items()
    assert group["labels"].items() >= pool.get("nodeSelector", {}).items()


def test_each_way_of_buying_nodes(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(write(_plan(*_pools()), tmp_path / "written"), tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests("eks", "pools.tftest.hcl")
    folder.init()
    folder.test("pools.tftest.hcl")


def test_the_test_files_are_formatted(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(write(_plan(), tmp_path / "written"), tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", str(TESTS))


NASTY = ['a"b', "${path.module}", "$${x}", "%{ if true }", "%%{x}", "back\\slash", "line\nbreak\t", "}\nresource", "ü€"]


def test_no_value_breaks_out_of_the_backend(tmp_path: Path, settings: dict[str, str]) -> None:
    """Terraform itself reads the quoted values back, as locals, where no bucket is asked."""
    for number, value in enumerate(NASTY):
        root = write(_plan(state=S3State(value, value, value)), tmp_path / f"written{number}")
        folder = Folder(root, tmp_path / f"copy{number}", settings)
        backend = (folder.root / "backend.tf").read_text()
        assert 'backend "s3" {' in backend
        folder.run("fmt", "-check", "-diff", str(folder.root / "backend.tf"))
        alone = tmp_path / f"alone{number}"
        alone.mkdir()
        body = backend.replace('terraform {\n  backend "s3" {', "locals {").rstrip().removesuffix("}")
        (alone / "main.tf").write_text(
            body + 'output "bucket" {\n  value = [local.bucket, local.key, local.region]\n}\n'
        )
        folder.run("apply", "-auto-approve", "-no-color", folder=alone)
        read = json.loads(folder.run("output", "-json", folder=alone))
        assert read["bucket"]["value"] == [value] * 3
