"""Installs pinned Python packages, an environment each, and reads the few files that we want of vLLM."""

import shutil
import subprocess
import sys
import tempfile
import venv
from functools import partial
from pathlib import Path

from scripts.facts import read_vllm
from scripts.install import uv
from scripts.install.environment import ROOT, SetupError
from scripts.install.tool import Tool, run
from tools.places import HOME, PLACES


def python_tool(name: str, package: str = "") -> Tool:
    """A package in an environment of its own, which is called as its lock in `requirements/`.

    `package` is its name in the lock, where that is another.
    """
    lock = ROOT / "requirements" / f"{PLACES[name].parents[1].name}.txt"
    return Tool(PLACES[name], (lock,), partial(_install, package or lock.stem, lock))


def vllm(name: str) -> Tool:
    """The sources of each pinned vLLM's command line, a folder a version."""
    return Tool(PLACES[name], (read_vllm.RECORDS,), _unpack_vllm, choice=read_vllm.FILES)


def _install(package: str, lock: Path, place: Path) -> str:
    """Make the environment that a program of the package stands in."""
    home = place.parents[1]
    shutil.rmtree(home, ignore_errors=True)
    try:
        venv.create(home, symlinks=sys.platform != "win32")
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupError(f"no virtual environment at {home.name}: {error}") from error
    install = uv.command(home / "bin" / "python", "--no-deps", "--require-hashes", "-r", str(lock))
    run(install, ROOT, **uv.environment())
    pin = next(line for line in lock.read_text(encoding="utf-8").splitlines() if line.startswith(f"{package}=="))
    return pin.split(" ")[0].replace("==", " ")


def _unpack_vllm(place: Path) -> str:
    """Fetch what is read of the wheels; their rest is not asked for."""
    shutil.rmtree(place, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        made = Path(folder) / "vllm"
        for line in read_vllm.RECORDS.read_text(encoding="utf-8").splitlines():
            pin, version = line.split()
            if (record := read_vllm.fetch(version, made / version)) != pin:
                raise SetupError(f"the wheel of vllm {version} has a RECORD of {record[:12]}, and {pin[:12]} is pinned")
        made.rename(place)
    return f"vllm {','.join(sorted(path.name for path in place.iterdir()))}"
