"""Holds what a command loads: cloud libraries never for a render, and next to nothing for `gen version`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CLOUD_LIBRARIES = (
    "azure.identity", "boto3", "botocore", "google.api_core", "google.auth", "google.cloud.compute_v1",
    "google.cloud.container_v1", "google.protobuf", "grpc", "opentelemetry", "proto", "requests", "urllib3",
)  # fmt: skip
TOPS = {name.partition(".")[0] for name in CLOUD_LIBRARIES}
HEAVY = {"jinja2", "jsonschema", "jsonschema_rs", "pydantic", "yaml", "difflib", "asyncio"}

# Runs a command in this process and writes the names of all modules that it left behind.
PROBE = """
import json, sys
from generator.cli.main import main
target, sys.argv[:] = sys.argv[1], ["gen", *sys.argv[2:]]
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code
with open(target, "w") as stream:
    json.dump({"code": code, "modules": sorted(sys.modules)}, stream)
"""


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    """A folder in which the cloud libraries can be found, so that an import of one would succeed and show."""
    for name in CLOUD_LIBRARIES:
        package = tmp_path / "libraries" / name.replace(".", "/")
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("", encoding="utf-8")
    return tmp_path / "libraries"


def modules(folder: Path, libraries: Path, *arguments: str) -> set[str]:
    """Names of the modules that a gen command loads."""
    found = folder / "modules.json"
    environment = {**os.environ, "PYTHONPATH": str(libraries)}
    command = [sys.executable, "-c", PROBE, str(found), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert found.exists(), done.stderr
    result = json.loads(found.read_text(encoding="utf-8"))
    assert not result["code"], done.stderr
    return set(result["modules"])


def test_the_probe_sees_a_cloud_library(tmp_path: Path, libraries: Path) -> None:
    """The next test can fail: these libraries are importable where it looks."""
    code = f"import sys, {', '.join(CLOUD_LIBRARIES)}; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(libraries)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert set(CLOUD_LIBRARIES) <= set(done.stdout.split())


@pytest.mark.parametrize("stack", ["hybrid", "quickstart-local"])
def test_render_loads_no_cloud_library(tmp_path: Path, libraries: Path, stack: str) -> None:
    spec = ROOT / "stacks" / stack / "fleet.yaml"
    loaded = modules(tmp_path, libraries, "render", str(spec), "--all-envs", "--out", str(tmp_path / "out"))
    assert loaded & TOPS == set()
    # What compares plans is for `gen diff` alone.
    assert {name for name in loaded if name.startswith(("generator.render.plan", "generator.impact"))} == set()


@pytest.mark.parametrize(
    "words", [("preflight", "--help"), ("preflight", "SPEC"), ("catalog", "list"), ("validate", "SPEC")], ids=str
)
def test_no_other_verb_loads_a_cloud_library(tmp_path: Path, libraries: Path, words: tuple[str, ...]) -> None:
    """The fleet of this stack is one docker host, so even a preflight has no cloud to ask."""
    spec = str(ROOT / "stacks" / "quickstart-local" / "fleet.yaml")
    loaded = modules(tmp_path, libraries, *(spec if word == "SPEC" else word for word in words))
    assert loaded & {*TOPS, "ssl"} == set()


def test_version_loads_only_what_it_needs(tmp_path: Path, libraries: Path) -> None:
    assert modules(tmp_path, libraries, "version") & HEAVY == set()
