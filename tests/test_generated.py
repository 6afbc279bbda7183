"""Holds all that is generated and committed fresh: schemas, pages and the outputs of every stack."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.generate.generated import generated

ROOT = Path(__file__).resolve().parents[1]
FILES = dict(generated())
STACKS = sorted(path.parent for path in (ROOT / "stacks").glob("*/fleet.yaml"))


@pytest.mark.parametrize("name", FILES)
def test_a_generated_file_is_fresh(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == FILES[name], f"{name} is not what its source says: make update"


@pytest.mark.parametrize("page", ["accuracy", "errors", "gateways", "spec"])
def test_each_generated_page_has_its_script(page: str) -> None:
    assert f"docs/{page}.md" in FILES


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_the_outputs_of_a_stack_are_fresh(stack: Path) -> None:
    gen = Path(sys.executable).with_name("gen")
    command = [gen, "render", stack.relative_to(ROOT), "--check", "--all-envs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stacks_are_these_and_no_outputs_are_of_others() -> None:
    assert [stack.name for stack in STACKS] == ["aws-chat", "hybrid", "multi-cloud", "quickstart-local"]
    assert sorted(path.name for path in (ROOT / "outputs").iterdir()) == [
        "aws-chat",
        "hybrid",
        "multi-cloud",
        "quickstart",
    ]
