"""Terraform as the tests run it: where providers come from, and a root module copied to where it may be written to."""

import copy
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import yaml

from generator import pipeline
from generator.core.plan import Plan
from generator.targets.terraform.target import TERRAFORM
from tests.consumers.tools import tool
from tests.trees import lay_out
from tools.places import PROVIDERS

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parent / "terraform"
_PROVIDERS = re.compile(r'"?source"?\s*[=:]\s*"hashicorp/(\w+)"')


def settings(place: Path) -> dict[str, str]:
    """Terraform's environment, in which providers come from `make tools` alone. `place` is a folder to write in."""
    config = place / "cli.tfrc"
    mirror = json.dumps(str(PROVIDERS))
    config.write_text(f"provider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n")
    return {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(config)}


class Folder:
    """One root module, copied beside the modules it uses, so that nothing is written into the outputs."""

    def __init__(self, source: Path, place: Path, environment: dict[str, str]) -> None:
        shutil.copytree(source.parent, place / "terraform")
        self.tree = place / "terraform"
        self.root = self.tree / source.name
        self._environment = environment

    def add_tests(self, platform: str, *names: str) -> None:
        """Put test files of a platform and the mocks they share where `terraform test` looks."""
        shutil.copytree(TESTS / platform / "mocks", self.root / "tests" / "mocks")
        for name in names:
            shutil.copy(TESTS / platform / name, self.root / "tests" / name)

    def within(self, environment: Mapping[str, str]) -> Self:
        """The same folder, with another environment of Terraform."""
        other = copy.copy(self)
        other._environment = dict(environment)
        return other

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """The output of a Terraform command that must succeed."""
        done = self._done(*arguments, folder=folder or self.root)
        assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def init(self, *, backend: bool = False) -> None:
        """Install the providers, without which the test is skipped; no backend is asked unless told."""
        texts = (path.read_text() for kind in ("*.tf", "*.tf.json") for path in self.root.glob(kind))
        names = {name for text in texts for name in _PROVIDERS.findall(text)}
        assert names, f"{self.root.name} names no provider"
        for name in sorted(names):
            tool(f"terraform-{name}")
        self.run("init", f"-backend={str(backend).lower()}", "-input=false", "-no-color")

    def test(self, name: str) -> None:
        """Run one test file; every assertion of it must hold."""
        self._tested(name)

    def planned(self, name: str) -> dict[str, dict[str, Any]]:
        """Run one test file; what its only run would create, by address."""
        [plan] = self.plans(name)
        return {change["address"]: change["change"]["after"] for change in plan["resource_changes"]}

    def plans(self, name: str) -> list[dict[str, Any]]:
        """Run one test file; the plans of its runs that only plan, in their order."""
        return [line["test_plan"] for line in self._tested(name, "-verbose") if line["type"] == "test_plan"]

    def providers(self) -> dict[str, tuple[int, ...]]:
        """What `init` installed, with its version."""
        lock = (self.root / ".terraform.lock.hcl").read_text()
        found = re.findall(r'provider "([^"]+)" {\s+version\s+= "([0-9.]+)"', lock)
        return {name.rpartition("/")[2]: tuple(map(int, version.split("."))) for name, version in found}

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


def write(plan: Plan, place: Path) -> Path:
    """The root module of a plan's first cluster, written below `place` beside its module."""
    lay_out(TERRAFORM.render(plan), place)
    return place / "terraform" / plan.clusters[0].name


def rendered(spec: Path, place: Path) -> None:
    """Write what a spec renders to for Terraform and Kubernetes below `place/out`."""
    checked = pipeline.check(spec, "default")
    assert not checked.has_errors, [f"{finding.id} {finding.message} {finding.help}" for finding in checked.findings]
    lay_out(pipeline.render(checked, ["terraform", "helm", "cluster"]), place / "out")


def written(platform: str) -> list[Path]:
    """The root modules of a platform in the outputs of all stacks."""
    paths = sorted(path.parent for path in ROOT.glob("outputs/*/*/terraform/*/pools.tf"))
    return [path for path in paths if f"modules/{platform}-gpu-pools" in (path / "pools.tf").read_text()]


def spec_of(root: Path) -> dict[str, Any]:
    """The spec of a written root's cluster, its overlay merged here: maps merge, lists replace, null removes."""
    fleet, environment = root.parts[-4], root.parts[-3]
    specs = {path: yaml.safe_load(path.read_text()) for path in ROOT.glob("stacks/*/fleet.yaml")}
    [path] = [path for path, spec in specs.items() if spec["name"] == fleet]
    overlay = path.with_name(f"fleet.{environment}.yaml")
    merged = _merge(specs[path], yaml.safe_load(overlay.read_text()) if overlay.exists() else {})
    cluster: dict[str, Any] = merged["clusters"][root.name]
    return cluster


def _merge(base: Any, over: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    merged = {key: _merge(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return {key: value for key, value in merged.items() if value is not None}
