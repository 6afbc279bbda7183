"""What git takes of a folder that `gen init` made, and of one that `gen render` wrote."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli.init import init
from generator.cli.render import render


def test_git_takes_no_keys_and_no_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(init, []).exit_code == 0
    root = tmp_path / "outputs/fleet/default"
    kept = {"terraform/a/.terraform.lock.hcl", "terraform/a/main.tf", "compose/desk/.env.example", ".gen/manifest"}
    left_out = (
        *("compose/desk/.env", "compose/desk/.env.local", "terraform/a/terraform.tfstate"),
        *("terraform/a/terraform.tfstate.backup", "terraform/a/terraform.tfstate.1700000000.backup"),
        *("terraform/a/.terraform/providers/x", "terraform/a/.terraform.tfstate.lock.info", "terraform/a/go.tfplan"),
        *("terraform/a/crash.log", "terraform/a/crash.2026.log", ".gen/staged/0", ".gen/journal"),
    )
    for path in (*kept, *left_out):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x\n")
    assert set(_taken("outputs", "outputs/fleet/default/")) == kept


def test_git_takes_none_of_what_the_outputs_programs_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner()
    assert runner.invoke(init, [str(tmp_path / "spec"), "--from", "hybrid"]).exit_code == 0
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(render, ["spec/fleet.yaml", "--out", "deployed"], standalone_mode=False).return_value == 0
    deployed = tmp_path / "deployed/hybrid/default"
    rendered = {str(path.relative_to(deployed)) for path in deployed.rglob("*") if path.is_file()}
    for left in ("compose/desk/.env", "terraform/use1/terraform.tfstate", "terraform/use1/.terraform/modules.json"):
        (deployed / left).parent.mkdir(exist_ok=True)
        (deployed / left).write_text("x\n")
    assert set(_taken("deployed", "deployed/hybrid/default/")) == rendered


def test_a_gitignore_of_the_users_own_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert CliRunner().invoke(init, [str(tmp_path)]).exit_code == 0
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def _taken(folder: str, prefix: str) -> list[str]:
    """What git takes of a folder here, by its path below `prefix`."""
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "-A", folder], check=True)
    listed = subprocess.run(["git", "ls-files", folder], check=True, capture_output=True, text=True).stdout
    return [path.removeprefix(prefix) for path in listed.splitlines()]
