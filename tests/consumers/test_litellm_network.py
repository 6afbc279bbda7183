"""LiteLLM itself, with the rendered environment: what is outside goes through the proxy, what is near does not."""

import asyncio
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from conformance.runners.litellm import Litellm
from generator.pipeline import check, render
from tests.consumers.tools import tool
from tests.trees import lay_out

KEY = "sk-made-up-master-of-this-test"


class Answering(BaseHTTPRequestHandler):
    """Answers every chat with its server's name, and keeps the addresses that it was asked for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        assert isinstance(server, Named)
        server.asked.append(self.path)
        message = {"role": "assistant", "content": server.name}
        data = json.dumps({"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": message}]})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


class Named(ThreadingHTTPServer):
    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.name, self.asked = name, list[str]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def served(name: str) -> Iterator[Named]:
    server = Named(name)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def rendered(folder: Path, proxy: str, near: str) -> Path:
    spec = {
        "apiVersion": "fleetgen/v1",
        "name": "acme",
        "network": {"proxy": {"http": proxy, "https": proxy}},
        "clusters": {"here": {"platform": "docker"}},
        "providers": {
            # Nobody resolves a name under `.test`: only the proxy is asked for it.
            "outside": {"api": "openai-compatible", "url": "http://api.outside.test/v1"},
            "near": {"api": "openai-compatible", "url": f"{near}/v1"},
        },
        "models": {
            "m": {
                "source": {"ollama": "qwen3:0.6b"},
                "engine": {"name": "ollama"},
                "context": 4096,
                "placements": {"here": {"cluster": "here"}},
            }
        },
        "routes": {name: {"tiers": [[{"provider": name, "model": "x"}]]} for name in ("outside", "near")},
        "gateways": {"litellm": {"kind": "litellm", "cluster": "here"}},
    }
    (folder / "fleet.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    lay_out(render(check(folder / "fleet.yaml", "default")), folder)
    return folder


def ask(base: str, route: str) -> str:
    body = json.dumps({"model": route, "messages": [{"role": "user", "content": "?"}]}).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    call = urllib.request.Request(f"{base}/v1/chat/completions", body, headers)
    with urllib.request.urlopen(call, timeout=60) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])


async def asked(folder: Path) -> dict[str, str]:
    gateway = Litellm()
    base = await gateway.start(folder, {"LITELLM_MASTER_KEY": KEY})
    try:
        return {route: await asyncio.to_thread(ask, base, route) for route in ("outside", "near")}
    finally:
        await gateway.stop()


@pytest.mark.consumer("litellm")
def test_the_proxy_is_used_for_what_is_outside_and_for_nothing_else(tmp_path: Path) -> None:
    tool("litellm")
    with served("proxy") as proxy, served("near") as near:
        answers = asyncio.run(asked(rendered(tmp_path, proxy.url, near.url)))
        assert answers == {"outside": "proxy", "near": "near"}
        assert set(proxy.asked) == {"http://api.outside.test/v1/chat/completions"}
        assert set(near.asked) == {"/v1/chat/completions"}
