"""A real Envoy refuses calls and connections before it has taken all of its container's memory."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from conformance.runners.envoy_process import EnvoyProcess, program
from generator.gateways.envoy.overload import CONNECTIONS
from generator.gateways.envoy.service import MEMORY_LIMIT_GIB
from tests.consumers.envoy_calls import KEYS, ask
from tests.consumers.envoy_fleet import VALUES, write
from tests.consumers.patience import wait_until
from tests.consumers.tools import tool

PROMPT = 30 * 2**20
FEW = 5
pytestmark = pytest.mark.consumer("envoy")


@pytest.fixture
def gateway(tmp_path: Path) -> EnvoyProcess:
    """One that is not started."""
    values = {name: KEYS[who] for name, who in VALUES.items()}
    return EnvoyProcess(program(tool("envoy")), write(tmp_path / "files", 9), tmp_path / "home", values)


def most_mib(process: EnvoyProcess) -> int:
    """The most memory that it has had."""
    assert process.process is not None
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


def test_prompts_beyond_its_memory_are_refused_and_it_lives(gateway: EnvoyProcess) -> None:
    """60 uploads of 30 MiB whose last byte never comes: 1.8 GiB. More follow where some were too slow."""
    with gateway, ExitStack() as opened:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\nauthorization: Bearer {KEYS['gold']}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {PROMPT + 1}\r\n\r\n"

        def stalled(_: int) -> None:
            with suppress(OSError):
                caller = opened.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=2))
                caller.sendall(head.encode() + b"x" * PROMPT)
                caller.settimeout(1)
                caller.recv(12)

        def refuses() -> bool:
            with ThreadPoolExecutor(6) as pool:
                list(pool.map(stalled, range(60)))
            # Callers that are still sending may lose the answer, 503, to the end of their connection.
            return sum(gateway.stats("downstream_rq_overload_close").values()) > 0

        wait_until(refuses, "calls are refused")
        assert most_mib(gateway) < MEMORY_LIMIT_GIB * 1024
        opened.close()
        wait_until(lambda: ask(gateway, "GET", "/v1/models", key="gold").status == 200, "it takes calls again")


def test_a_connection_beyond_the_limit_is_closed(gateway: EnvoyProcess) -> None:
    text = gateway.bootstrap.read_text()
    assert text.count(f"connections: {CONNECTIONS}\n") == 1
    gateway.bootstrap.write_text(text.replace(f"connections: {CONNECTIONS}\n", f"connections: {FEW}\n"))
    with gateway, ExitStack() as opened:

        def answers() -> Iterator[bytes]:
            for _ in range(FEW + 1):
                caller = opened.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=8))
                caller.sendall(b"GET /health HTTP/1.1\r\nhost: g\r\n\r\n")
                try:
                    yield caller.recv(12)
                except ConnectionError:
                    yield b""

        assert list(answers()) == [b"HTTP/1.1 200"] * FEW + [b""]
