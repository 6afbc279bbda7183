"""A gateway's program as a process here: its environment, when it is ready, how it ends."""

import asyncio
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

READY_S = 120
_STOP_S = 10


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def service_environment(rendered: Path, gateway: str) -> dict[str, str]:
    """The literal variables of the gateway's Compose service; those that come from outside are left out."""
    compose = yaml.safe_load((rendered / "compose" / "here" / "compose.yaml").read_text(encoding="utf-8"))
    given = compose["services"][f"{gateway}.gateway"]["environment"]
    return {name: str(value) for name, value in given.items() if not re.match(r"\$\{", str(value))}


async def ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    """Wait until the address answers 200.

    Raises:
        RuntimeError: the process ended, or took too long.
    """
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.returncode is None:
        if await asyncio.to_thread(_answers, url):
            return
        await asyncio.sleep(0.2)
    await ended(process)
    raise RuntimeError(f"not ready: {log.read_text(errors='replace')[-3000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ask the process to end, and end it when it does not."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
