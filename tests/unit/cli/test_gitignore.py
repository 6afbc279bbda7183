"""What git takes of a folder that `gen init` made."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli.init import init


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
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "-A"], check=True)
    listed = subprocess.run(["git", "ls-files", "outputs"], check=True, capture_output=True, text=True).stdout
    assert {path.removeprefix("outputs/fleet/default/") for path in listed.split()} == kept


def test_a_gitignore_of_the_users_own_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert CliRunner().invoke(init, [str(tmp_path)]).exit_code == 0
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
