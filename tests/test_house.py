"""Holds the budgets and the layout of the house: small modules, short functions, registries that agree with files."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import generator
from generator.clouds import CLOUDS
from generator.core.accelerators import RESOURCE
from generator.core.lazy import load
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from generator.report import REPORTS
from generator.sizing.servers import SERVERS
from generator.targets import TARGETS

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 60
EXEMPT: dict[str, str] = {}
"""`path::function` to the reason why it is longer. Empty is the aim."""

REGISTRIES = {
    "engines": ENGINES,
    "sizing.servers": SERVERS,
    "clouds": CLOUDS,
    "gateways": GATEWAYS,
    "targets": TARGETS,
    "report": REPORTS,
}
SHOWN = ("engines", "clouds", "gateways", "targets")
"""The registries whose entries each have a case."""
REGISTERED = [(room, name) for room, registry in REGISTRIES.items() for name in registry]

# Split, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"/wo" r"rk/|/ro" r"ot/(?!\.ollama)|/tmp/[a-z]/|/opt/(?:wh" r"eels|tf-)|/Us" r"ers/\w")
INDEX_OPTIONS = re.compile(r"--(?:extra-)?index-u" r"rl|--find-l" r"inks|GOPR" r"OXY=http")


def tracked() -> list[Path]:
    """Files that are in the repository or would be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_modules_are_small() -> None:
    sizes = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: size for name, size in sizes.items() if size > MODULE_LINES} == {}


def test_functions_are_short() -> None:
    lengths = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{relative(path)}::{node.name}"] = (node.end_lineno or 0) - node.lineno + 1
    too_long = {name for name, length in lengths.items() if length > FUNCTION_LINES}
    assert too_long == set(EXEMPT), "functions over the cap, or exemptions that are no longer needed"


def test_every_module_says_why_it_exists() -> None:
    silent = [
        relative(path) for path in python_files() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_nothing_is_called_utils() -> None:
    assert [relative(path) for path in tracked() if path.stem in {"utils", "util", "helpers", "misc"}] == []


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, INDEX_OPTIONS], ids=["machine paths", "package indexes"])
def test_no_file_knows_a_machine(pattern: re.Pattern[str]) -> None:
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{relative(path)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_import_contracts_hold() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("room", "name"), REGISTERED, ids=str)
def test_a_registered_name_has_its_module(room: str, name: str) -> None:
    reference = REGISTRIES[room][name]
    assert reference.startswith(f"generator.{room}.")
    assert load(reference) is not None


@pytest.mark.parametrize("room", ["engines", "sizing.servers", "clouds", "gateways", "targets"])
def test_import_contracts_name_every_registered_module(room: str) -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [modules] = [
        set(contract["modules"])
        for contract in config["contracts"]
        if contract["type"] == "independence" and contract["modules"][0].startswith(f"generator.{room}.")
    ]
    depth = len(f"generator.{room}.".split("."))
    rooms = {".".join(reference.partition(":")[0].split(".")[:depth]) for reference in REGISTRIES[room].values()}
    assert rooms <= modules


@pytest.mark.parametrize(("room", "name"), REGISTERED, ids=str)
def test_a_registered_name_is_told_in_the_docs(room: str, name: str) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert re.search(rf"`{re.escape(name)}`", pages), f"no page of docs/ names the {room} entry {name}"


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_has_a_catalogue_entry(name: str) -> None:
    assert (ROOT / "generator" / "catalog" / "data" / "engines" / f"{name}.yaml").is_file()


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_has_a_catalogue_entry_and_owns_its_files(name: str) -> None:
    assert (ROOT / "generator" / "catalog" / "data" / "gateways" / f"{name}.yaml").is_file()
    assert name in TARGETS


@pytest.mark.parametrize(("room", "name"), [(room, name) for room, name in REGISTERED if room in SHOWN], ids=str)
def test_a_registered_name_has_a_case(room: str, name: str) -> None:
    cases = [path for path in (ROOT / "tests" / "cases").iterdir() if (path / "fleet.yaml").is_file()]
    if room == "targets":
        assert any(case.name.startswith(f"{name}-") for case in cases), f"no tests/cases/{name}-*"
        return
    key = {"engines": "name", "clouds": "platform", "gateways": "kind"}[room]
    specs = "".join((case / "fleet.yaml").read_text(encoding="utf-8") for case in cases)
    assert re.search(rf"\b{key}: {name}\b", specs), f"no case has {key}: {name}"


def test_one_module_spells_the_accelerators_resource() -> None:
    """The words that people read of findings are prose, and stand apart."""
    found = {
        relative(path)
        for path in python_files()
        if path.is_relative_to(ROOT / "generator") and RESOURCE in path.read_text(encoding="utf-8")
    }
    assert found == {"generator/core/accelerators.py", "generator/core/kinds/clouds.py"}


def test_the_version_agrees_with_the_changelog() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == generator.__version__


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "9. Accepting Warranty or Additional Liability." in text
