"""Health checks that Docker runs in a container with a proxy in its environment ask the container itself."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from shutil import which

import pytest

from generator.core.plan import Plan
from generator.targets.compose.env import Variables
from generator.targets.compose.target import project
from tests.serving import gateway, placement, plan

# Nothing listens on port 9, so a check that goes through the proxy fails.
PROXIES = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"), "http://127.0.0.1:9")


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def checks() -> dict[str, list[str]]:
    """The health command of each program that asks over HTTP, by service."""
    models = placement(), placement("tgi", name="tgi", first_gpu=1)
    whole: Plan = plan(*models, gateways=(gateway(models),))
    services = project(whole, whole.clusters[0], Variables())["services"]
    return {name: service["healthcheck"]["test"] for name, service in services.items()}


@pytest.mark.parametrize("name", ["chat-desk", "chat-tgi", "edge.gateway"])
def test_a_check_does_not_go_through_the_proxy(name: str, port: int) -> None:
    kind, *command = checks()[name]
    assert kind == "CMD"
    own = next(word for number in ("8000", "8080", "4000") for word in command if f":{number}/" in word)
    number = next(number for number in ("8000", "8080", "4000") if f":{number}/" in own)
    command = [word.replace(f":{number}/", f":{port}/") for word in command]
    if command[0] == "python3":
        command[0] = sys.executable
    elif not which(command[0]):
        pytest.skip(f"no {command[0]} here")
    done = subprocess.run(command, env=PROXIES, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
