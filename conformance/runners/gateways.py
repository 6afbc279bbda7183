"""The real gateways: how each is started on rendered files, when it is ready, and how it is stopped."""

import asyncio
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml

from conformance.runners.envoy_process import EnvoyProcess, free_port, program
from generator.core.errors import BugError
from tools.places import PLACES

READY_S = 120
_STOP_S = 10


class Gateway(Protocol):
    """A kind of gateway. One object runs once."""

    kind: str

    async def start(self, rendered: Path, secrets: Mapping[str, str]) -> str:
        """Start on a folder of rendered files and wait until ready; its address without a path.

        Raises:
            RuntimeError: it ended or did not get ready; the message holds the end of its log.
        """
        ...

    async def stop(self) -> None:
        """Stop the process that was started."""
        ...

    def headers(self, route: str) -> Mapping[str, str]:
        """What callers must send beside OpenAI's own headers."""
        ...


@dataclass(slots=True)
class Litellm:
    """LiteLLM's proxy out of `.tools/litellm`, with the environment that the rendered Compose service gives it."""

    kind: str = "litellm"
    process: asyncio.subprocess.Process | None = None
    log: Path | None = None
    offline: Mapping[str, str] = field(
        default_factory=lambda: {"LITELLM_TELEMETRY": "False", "DISABLE_ADMIN_UI": "True", "NO_DOCS": "True"}
    )

    async def start(self, rendered: Path, secrets: Mapping[str, str]) -> str:
        """Start it, and wait for its own word that it lives."""
        program = PLACES["litellm"].with_name("litellm")
        config = rendered / "gateway" / self.kind / "config.yaml"
        port = free_port()
        self.log = rendered / "litellm.log"
        env = {**service_environment(rendered, self.kind), **self.offline, **secrets}
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(program, "--config", config, "--host", "127.0.0.1", "--port", str(port)),
                env={"PATH": os.environ["PATH"], "HOME": str(rendered), **env},
                cwd=rendered,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        base = f"http://127.0.0.1:{port}"
        await ready(f"{base}/health/liveliness", self.process, self.log)
        return base

    async def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            await ended(self.process)

    def headers(self, route: str) -> Mapping[str, str]:
        """It reads the model from the body."""
        return {}


@dataclass(slots=True)
class Envoy:
    """Envoy out of `.tools/envoy`, on a copy of the rendered files as its container would see them."""

    kind: str = "envoy"
    process: EnvoyProcess | None = None

    async def start(self, rendered: Path, secrets: Mapping[str, str]) -> str:
        """Start it, and wait for its administration's word that it is live."""
        folder, home = rendered / "gateway" / self.kind, rendered / "envoy"
        found = await asyncio.to_thread(program, PLACES["envoy"])
        self.process = EnvoyProcess(found, folder, home, secrets)
        judged = await asyncio.to_thread(self.process.validate)
        if judged.returncode:
            raise RuntimeError(f"envoy refuses the file: {judged.stderr[-3000:]}")
        await asyncio.to_thread(self.process.__enter__)
        return f"http://127.0.0.1:{self.process.port}"

    async def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            await asyncio.to_thread(self.process.stop)

    def headers(self, route: str) -> Mapping[str, str]:
        """Its filter reads the model from the body."""
        return {}


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


RUNNERS: Mapping[str, type[Litellm] | type[Envoy]] = {"envoy": Envoy, "litellm": Litellm}
"""The kinds that can run here."""


def runner(kind: str) -> Gateway:
    """A new runner.

    Raises:
        BugError: a kind that has none.
    """
    if kind not in RUNNERS:
        raise BugError(f"no runner for a gateway of kind {kind!r}")
    return RUNNERS[kind]()
