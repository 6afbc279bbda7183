"""Envoy, started on its rendered files."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.runners.envoy_process import EnvoyProcess, program
from tools.places import PLACES


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
