"""A provider comes from the mirror with the newest, and one that cannot be had is said and stops nothing."""

import os
import zipfile
from pathlib import Path

import pytest

from scripts.install import terraform, tools
from scripts.install.mirrors import SETTING
from scripts.install.terraform import Pin, held, read_pin
from scripts.install.tool import Tool, UnavailableError

PLATFORM = "linux_amd64"
AWS = Pin("hashicorp/aws", (5, 100))
MODULES = Path(__file__).parents[3] / "templates" / "terraform" / "modules"


def _unpacked(mirror: Path, version: str, platform: str = PLATFORM) -> Path:
    folder = mirror / "registry.terraform.io/hashicorp/aws" / version / platform
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_v{version}").touch()
    return folder


def _packed(mirror: Path, version: str, platform: str = PLATFORM) -> Path:
    path = mirror / "registry.terraform.io/hashicorp/aws" / f"terraform-provider-aws_{version}_{platform}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"terraform-provider-aws_v{version}", "program")
    return path


@pytest.mark.parametrize("module", ["eks-gpu-pools", "gke-gpu-pools", "aks-gpu-pools"])
def test_the_pins_of_our_modules_are_read(module: str) -> None:
    pin = read_pin((MODULES / module / "versions.tf").read_text())
    assert pin.source.startswith("hashicorp/")
    assert len(pin.least) == 2


@pytest.mark.parametrize(
    ("least", "version", "well"),
    [
        ((5, 100), (5, 100, 0), True),
        ((5, 100), (5, 101, 3), True),
        ((5, 100), (5, 99, 9), False),
        ((5, 100), (6, 0, 0), False),
        ((5, 2, 1), (5, 2, 7), True),
        ((5, 2, 1), (5, 3, 0), False),
    ],
)
def test_a_version_is_allowed_as_terraform_would(least: tuple[int, ...], version: tuple[int, ...], well: bool) -> None:
    assert Pin("hashicorp/aws", least).allows(version) is well


def test_a_mirror_holds_what_has_the_version_and_the_platform(tmp_path: Path) -> None:
    wanted = {(5, 100, 0): _unpacked(tmp_path, "5.100.0"), (5, 102, 1): _packed(tmp_path, "5.102.1")}
    _unpacked(tmp_path, "5.103.0", "darwin_arm64")
    _packed(tmp_path, "5.104.0", "darwin_arm64")
    _unpacked(tmp_path, "4.9.0")
    _packed(tmp_path, "5.200.0-beta1")
    assert dict(held(tmp_path, AWS, PLATFORM)) == wanted
    assert dict(held(tmp_path / "nothing", AWS, PLATFORM)) == {}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a Terraform of linux_amd64 and two mirrors; the provider's place is returned."""
    folders = [tmp_path / "one", tmp_path / "two"]
    monkeypatch.setattr(terraform, "_terraform", lambda: {"platform": PLATFORM})
    monkeypatch.setattr(terraform, "_mirrors", lambda: folders)
    monkeypatch.setattr(terraform, "PROVIDERS", tmp_path / "tools" / "providers")
    return tmp_path / "tools" / "providers" / "registry.terraform.io/hashicorp/aws"


def test_the_newest_of_all_mirrors_is_linked_or_unpacked(tmp_path: Path, machine: Path) -> None:
    pins = MODULES / "eks-gpu-pools" / "versions.tf"
    old = _unpacked(tmp_path / "one", "5.100.0")
    assert terraform.install(pins, machine).startswith("hashicorp/aws 5.100.0 from ")
    assert (machine / "5.100.0" / PLATFORM).resolve() == old
    _packed(tmp_path / "two", "5.101.0")
    assert terraform.install(pins, machine).startswith("hashicorp/aws 5.101.0 from ")
    assert [path.name for path in machine.iterdir()] == ["5.101.0"]
    program = machine / "5.101.0" / PLATFORM / "terraform-provider-aws_v5.101.0"
    assert os.access(program, os.X_OK)


@pytest.mark.parametrize(
    ("script", "cause"),
    [("echo 'Error: closed' >&2; exit 1", "closed"), ("exec sleep 60", "did not get it"), ("exit 0", "of its own")],
)
def test_a_provider_that_cannot_be_had_names_itself_and_the_cure(
    script: str, cause: str, tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(terraform, "PLACES", {"terraform": program})
    monkeypatch.setattr(terraform, "_FETCH_S", 0.5)
    with pytest.raises(UnavailableError) as error:
        terraform.install(MODULES / "eks-gpu-pools" / "versions.tf", machine)
    assert cause in str(error.value)
    assert "hashicorp/aws ~> 5.100" in str(error.value)
    assert SETTING in str(error.value)


def test_what_a_machine_may_lack_fails_nothing_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(place: Path) -> str:
        raise UnavailableError(f"no {place.name} here")

    def make(place: Path) -> str:
        place.touch()
        return "tool 1.0"

    made = {name: Tool(tmp_path / name, (), install) for name, install in (("one", fail), ("two", make))}
    monkeypatch.setattr(tools, "ALL", made)
    monkeypatch.setattr(tools, "LANES", (made,))
    monkeypatch.setattr(tools, "HOME", tmp_path)
    monkeypatch.setattr(tools, "STAMPS", tmp_path / "versions.json")
    monkeypatch.setattr(tools, "stands", lambda name: (tmp_path / name).exists())
    assert tools.main(["one", "two"]) == 0
    assert set(tools.read_stamps()) == {"two"}
    assert "ONE IS MISSING: no one here" in capsys.readouterr().err
    assert tools.main(["two"]) == 0
    assert "tool 1.0 is there (0 s)" in capsys.readouterr().out
