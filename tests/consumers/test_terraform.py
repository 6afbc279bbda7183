"""Terraform reads what we write: formatted, valid, and planned as the spec says, with no provider but AWS."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.plan import NodePool, Plan, TaintPlan, TerraformState
from generator.targets.terraform import TERRAFORM
from tests import plans
from tests.consumers.tools import tool

pytestmark = pytest.mark.consumer("terraform")

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parent / "terraform"
MIRRORS = "GEN_TF_MIRRORS"
"""Folders, separated as in PATH, that hold a `registry.terraform.io/` with unpacked or packed providers."""

REGISTRY = "registry.terraform.io"
AWS = f"{REGISTRY}/hashicorp/aws"

# What the cloud's own names say about the GPU, independent of our catalogue.
FAMILIES = {"l4": "g6|gr6", "l40s": "g6e", "a10g": "g5", "t4": "g4dn", "h100-sxm": "p5", "h200-sxm": "p5en|p5e"}
EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
RESOURCES = {
    "aws_autoscaling_group_tag",
    "aws_eks_node_group",
    "aws_iam_role",
    "aws_iam_role_policy_attachment",
    "aws_launch_template",
}
DEFAULT_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}

ROOTS = sorted(path.parent for path in ROOT.glob("outputs/*/*/terraform/*/fleet.auto.tfvars.json"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's environment: the mirrors of `GEN_TF_MIRRORS`, else its own ways with one cache for all roots."""
    folders = [Path(item) for item in os.environ.get(MIRRORS, "").split(os.pathsep) if item]
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    if folders:
        config = tmp_path_factory.mktemp("terraform") / "cli.tfrc"
        config.write_text(_cli_config(folders))
        return {**environment, "TF_CLI_CONFIG_FILE": str(config)}
    cache = ROOT / ".tools" / "terraform-providers"
    cache.mkdir(parents=True, exist_ok=True)
    return {**environment, "TF_PLUGIN_CACHE_DIR": str(cache), "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1"}


def _cli_config(folders: list[Path]) -> str:
    """Providers that a mirror holds come from there and from nowhere else; the network is asked for the rest."""
    providers = {path for folder in folders for path in (folder / REGISTRY).glob("*/*")}
    held = sorted({f"{REGISTRY}/{path.parent.name}/{path.name}" for path in providers})
    mirrors = "".join(f"  filesystem_mirror {{\n    path = {json.dumps(str(folder))}\n  }}\n" for folder in folders)
    return f"provider_installation {{\n{mirrors}  direct {{\n    exclude = {json.dumps(held)}\n  }}\n}}\n"


class Folder:
    """One root module, copied beside the modules it uses, so that nothing is written into the outputs."""

    def __init__(self, source: Path, place: Path, environment: dict[str, str]) -> None:
        shutil.copytree(source.parent, place / "terraform")
        self.tree = place / "terraform"
        self.root = self.tree / source.name
        self._environment = environment

    def add_tests(self, *names: str) -> None:
        """Put test files and the mocks they share where `terraform test` looks."""
        shutil.copytree(TESTS / "mocks", self.root / "tests" / "mocks")
        for name in names:
            shutil.copy(TESTS / name, self.root / "tests" / name)

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """The output of a Terraform command that must succeed."""
        done = self._done(*arguments, folder=folder or self.root)
        assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def init(self) -> None:
        """Install the provider; no backend is asked."""
        self.run("init", "-backend=false", "-input=false", "-no-color")

    def test(self, name: str) -> None:
        """Run one test file; every assertion of it must hold."""
        self._tested(name)

    def planned(self, name: str) -> dict[str, dict[str, Any]]:
        """Run one test file; what its only run would create, by address."""
        [plan] = [line["test_plan"] for line in self._tested(name, "-verbose") if line["type"] == "test_plan"]
        return {change["address"]: change["change"]["after"] for change in plan["resource_changes"]}

    def _tested(self, name: str, *flags: str) -> list[dict[str, Any]]:
        done = self._done("test", "-json", f"-filter=tests/{name}", *flags, folder=self.root)
        lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
        wrong = [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]
        assert not wrong, "\n".join(f"{item['summary']}: {item['detail']}" for item in wrong)
        assert done.returncode == 0, done.stderr
        assert sum(line["test_summary"]["passed"] for line in lines if line["type"] == "test_summary") > 0
        return lines

    def _done(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        command = [str(tool("terraform")), *arguments]
        return subprocess.run(command, cwd=folder, env=self._environment, capture_output=True, text=True, check=False)


def _pools() -> tuple[NodePool, ...]:
    """The pools that tests/consumers/terraform/pools.tftest.hcl speaks of."""
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
            reservation_kind="on-demand",
        ),
        plans.pool(
            "block",
            max_nodes=1,
            capacity=("reserved",),
            instance_types=("p5e.48xlarge",),
            taints=(TaintPlan("nvidia.com/gpu", "present", "PreferNoSchedule"),),
            reservation="cr-2",
            reservation_kind="capacity-block",
        ),
        plans.pool("open", min_nodes=2, max_nodes=3, capacity=("reserved",), taints=()),
    )


def _plan(*pools: NodePool, state: TerraformState | None = None) -> Plan:
    return plans.plan(plans.cluster("use1", "eks", existing="platform-use1", state=state, pools=pools))


def _write(plan: Plan, place: Path) -> Path:
    for artifact in TERRAFORM.render(plan):
        path = place / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)
    return place / "terraform" / plan.clusters[0].name


@pytest.mark.parametrize("source", ROOTS, ids=lambda path: "-".join(path.relative_to(ROOT / "outputs").parts))
def test_every_root_is_planned_as_its_spec_says(source: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(source, tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests("root.tftest.hcl")
    folder.init()
    folder.run("validate")
    _only_aws(folder.root)

    planned = folder.planned("root.tftest.hcl")
    assert {address.split(".")[2].partition("[")[0] for address in planned} <= RESOURCES
    groups = {
        address.partition('"')[2].removesuffix('"]'): after
        for address, after in planned.items()
        if address.startswith("module.gpu_pools.aws_eks_node_group.this[")
    }
    fleet, environment = source.parts[-4], source.parts[-3]
    cluster = _merged_spec(fleet, environment)["clusters"][source.name]
    expected = {
        f"{name}-{capacity}": (pool, capacity, index == 0)
        for name, pool in cluster["pools"].items()
        for index, capacity in enumerate(pool.get("capacity", ["on-demand"]))
    }
    assert groups.keys() == expected.keys()
    for key, (pool, capacity, first) in expected.items():
        _check_group(groups[key], key, pool, capacity, first=first)
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


def _merged_spec(fleet: str, environment: str) -> dict[str, Any]:
    """The spec with its overlay, merged by this test itself: maps merge, lists replace, null removes."""
    specs = {path: yaml.safe_load(path.read_text()) for path in ROOT.glob("stacks/*/fleet.yaml")}
    [path] = [path for path, spec in specs.items() if spec["name"] == fleet]
    overlay = path.with_name(f"fleet.{environment}.yaml")
    merged: dict[str, Any] = _merge(specs[path], yaml.safe_load(overlay.read_text()) if overlay.exists() else {})
    return merged


def _merge(base: Any, over: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    merged = {key: _merge(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return {key: value for key, value in merged.items() if value is not None}


def _only_aws(root: Path) -> None:
    lock = (root / ".terraform.lock.hcl").read_text()
    assert re.findall(r'provider "([^"]+)"', lock) == [AWS]
    [version] = re.findall(r'version\s+= "(\d+)\.(\d+)\.\d+"', lock)
    assert int(version[0]) == 5
    assert int(version[1]) >= 100


def test_each_way_of_buying_nodes(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(_write(_plan(*_pools()), tmp_path / "written"), tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests("pools.tftest.hcl")
    folder.init()
    folder.test("pools.tftest.hcl")


def test_the_test_files_are_formatted(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(_write(_plan(), tmp_path / "written"), tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", str(TESTS))


NASTY = ['a"b', "${path.module}", "$${x}", "%{ if true }", "%%{x}", "back\\slash", "line\nbreak\t", "}\nresource", "ü€"]


def test_no_value_breaks_out_of_the_backend(tmp_path: Path, settings: dict[str, str]) -> None:
    """Terraform itself reads the quoted values back, as locals, where no bucket is asked."""
    for number, value in enumerate(NASTY):
        root = _write(_plan(state=TerraformState(value, value, value)), tmp_path / f"written{number}")
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
