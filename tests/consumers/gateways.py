"""Gateways as Helm renders them: those of the stacks, and those of a case that has one of every shape."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from generator import resources
from tests.consumers.kubernetes import OLDEST
from tests.consumers.test_helm import helm

ROOT = Path(__file__).resolve().parents[2]
OUTPUTS = sorted((ROOT / "outputs").glob("*/*/helm/*/*.gateway.values.yaml"))
FLEET = ROOT / "tests" / "cases" / "helm-gateway-exposed" / "fleet.yaml"
SHAPES = ("alb", "fixed", "open", "program", "public", "quick")
CHART = resources.templates() / "helm" / "gateway"

Objects = dict[str, dict[str, Any]]


@cache
def template(values_file: Path, program: str = "helm", *more: str) -> Objects:
    """The release's objects by kind, rendered with the arguments that the file's own header gives."""
    command = values_file.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ").split()
    assert command[:3] == ["helm", "upgrade", "--install"]
    done = helm(program, "template", *command[3:], "--kube-version", OLDEST, *more, folder=values_file.parent)
    assert done.returncode == 0, done.stderr
    found = [item for item in yaml.safe_load_all(done.stdout) if item]
    kinds = [item["kind"] for item in found]
    assert len(set(kinds)) == len(kinds)
    return dict(zip(kinds, found, strict=True))


def pod(objects: Objects) -> dict[str, Any]:
    found: dict[str, Any] = objects["Deployment"]["spec"]["template"]
    return found


def server(objects: Objects) -> dict[str, Any]:
    [container] = pod(objects)["spec"]["containers"]
    return dict(container)
