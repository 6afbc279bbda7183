"""LiteLLM's proxy, started on its rendered configuration."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.runners.process import ended, free_port, ready, service_environment
from tools.places import PLACES


@dataclass(slots=True)
class Litellm:
    """LiteLLM's proxy out of `.tools/litellm`, with the environment that the rendered Compose service gives it."""

    kind: str = "litellm"
    process: asyncio.subprocess.Process | None = None
    log: Path | None = None
    offline: Mapping[str, str] = field(default_factory=lambda: {"LITELLM_TELEMETRY": "False"})

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
