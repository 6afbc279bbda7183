"""Installs the built wheel into an empty environment outside the repository and renders a stack from inside it."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import generator

ROOT = Path(__file__).resolve().parents[1]
STACK = "quickstart-local"
FLEET = "quickstart"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the locked hatchling and without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        folder,
        ROOT,
        cwd=folder,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def gen(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment that holds the wheel and its locked dependencies, and nothing else."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    python, lock = home / "bin" / "python", ROOT / "requirements" / "run.txt"
    run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock, cwd=home)
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    return home / "bin" / "gen"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that knows nothing of this repository; what it prints."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))
    }
    quiet = {**clean, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder by their relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_carries_its_data_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in ("schemas/fleet.schema.json", f"stacks/{STACK}/fleet.yaml", "templates/helm/model-server/Chart.yaml"):
        assert f"generator/_data/{wanted}" in names
    assert f"fleetgen-{generator.__version__}.dist-info/licenses/LICENSE" in names
    assert [name for name in names if name.startswith(("tests/", "scripts/", "bench/"))] == []


def test_a_stack_renders_from_the_wheel_alone(gen: Path, tmp_path: Path) -> None:
    assert generator.__version__ in run(gen, "version", cwd=tmp_path)
    run(gen, "init", "--from", STACK, cwd=tmp_path)
    run(gen, "render", "fleet.yaml", cwd=tmp_path)
    assert tree(tmp_path / "outputs" / FLEET) == tree(ROOT / "outputs" / FLEET)
    run(gen, "render", "fleet.yaml", "--check", cwd=tmp_path)
