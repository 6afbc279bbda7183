"""Makes `.venv` what a lock file says, and does nothing when it is that already.

Two states: `run` holds what `gen` needs, `dev` what the tests and checks need as well.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path

from scripts.install import uv as uv_tool

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
STAMPS = HOME / "installed.json"
LOCKS = {"run": ("run.txt", "build.txt"), "dev": ("uv.txt", "dev.txt")}
"""What each state is made of, in this order. `dev` is large, and so it begins with what installs the rest."""
PIP = ("--disable-pip-version-check", "--no-input", "--quiet")


class SetupError(Exception):
    """The environment cannot be made; the message names the cure."""


def create(home: Path) -> None:
    """An empty virtual environment with pip."""
    try:
        venv.create(home, with_pip=True, symlinks=sys.platform != "win32")
    except (subprocess.CalledProcessError, OSError) as error:
        cure = "On Debian and Ubuntu: apt install python3-venv"
        raise SetupError(f"no virtual environment at {home.name}: {error}. {cure}") from error


def pip(*arguments: str) -> None:
    """Install with the environment's pip, which is there from the start."""
    _run([str(PYTHON), "-m", "pip", "install", *PIP, *arguments], {})


def uv(*arguments: str) -> None:
    """Install with the environment's uv."""
    _run(uv_tool.command(PYTHON, *arguments, program=PYTHON.with_name("uv")), uv_tool.environment(PYTHON))


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    """Run an installer; its own words are the error's."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode:
        raise SetupError(f"`{' '.join(command[:4])} ...` ended with {done.returncode}; is a package index reachable?")


def fingerprint(state: str) -> str:
    """A sum over everything that decides what is installed."""
    digest = hashlib.sha256(sys.version.encode())
    for name in LOCKS[state]:
        digest.update((ROOT / "requirements" / name).read_bytes())
    digest.update((ROOT / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def installed() -> dict[str, str]:
    """The fingerprints of the states that the environment holds."""
    try:
        stamps = json.loads(STAMPS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if PYTHON.exists() and isinstance(stamps, dict) else {}


def ensure(state: str) -> None:
    """Bring the environment to a state. `dev` holds all of `run`."""
    stamps = installed()
    if any(stamps.get(name) == fingerprint(name) for name in {state, "dev"}):
        return
    started = time.monotonic()
    print(f"Setting up {HOME.name} ({state}) ...", flush=True)
    if not PYTHON.exists():
        create(HOME)
    first, rest = LOCKS[state]
    pip("--require-hashes", "-r", f"requirements/{first}")
    install = uv if state == "dev" else pip
    install("--require-hashes", "-r", f"requirements/{rest}")
    install("--no-deps", "--no-build-isolation", "--editable", ".")
    stamps[state] = fingerprint(state)
    STAMPS.write_text(json.dumps(stamps, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"Ready in {time.monotonic() - started:.0f} s", flush=True)


def main() -> int:
    """Read the one argument and do it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("state", choices=LOCKS)
    try:
        ensure(parser.parse_args().state)
    except SetupError as error:
        print(f"environment: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
