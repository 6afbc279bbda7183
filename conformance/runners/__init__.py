"""Runners: the real gateways, started on what is rendered for them. A module a kind that can run here."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from generator.core.errors import BugError
from generator.core.lazy import load

RUNNERS = {
    "envoy": "conformance.runners.envoy:Envoy",
    "litellm": "conformance.runners.litellm:Litellm",
}


class Runner(Protocol):
    """Runs a gateway of a kind. One object runs once."""

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


def runner(kind: str) -> Runner:
    """A new runner.

    Raises:
        BugError: a kind that has none.
    """
    if kind not in RUNNERS:
        raise BugError(f"no runner for a gateway of kind {kind!r}")
    make: Callable[[], Runner] = load(RUNNERS[kind])
    return make()
