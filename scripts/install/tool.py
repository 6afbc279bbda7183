"""What a tool is to who installs it, and how a command of another program is run for that."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.install.environment import SetupError


@dataclass(frozen=True)
class Tool:
    """Where a tool stands, the files that pin it, and how it gets there; `install` returns the version."""

    place: Path
    pins: tuple[Path, ...]
    install: Callable[[Path], str]
    choice: object = ""
    """What decides besides the pins which part of it is installed."""


class UnavailableError(SetupError):
    """What a machine may lack: who needs it is skipped, and the rest goes on."""


def run(command: list[str], folder: Path, **environment: str) -> str:
    """The output of a command that must succeed.

    Raises:
        SetupError: it failed; the message ends with its last lines.
    """
    surroundings = {**os.environ, **environment}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise SetupError(f"`{' '.join(command[:4])} ...` ended with {done.returncode}:\n{tail}")
    return done.stdout
