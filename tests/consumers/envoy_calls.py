"""Calls to a running Envoy, and upstreams that misbehave on command and note what they got."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from conformance.runners.envoy_process import EnvoyProcess
from tests.consumers.patience import PATIENCE_S

LONG_S = 30
"""How long an upstream takes that is too slow; much longer than a gateway waits, much shorter than PATIENCE_S."""

FLOOD = 128 << 20
"""Bytes of the longest answer."""

KEYS = {name: f"sk-made-up-{name}" for name in ("gold", "slow", "narrow", "root")}


class Answer:
    """What a caller saw. `whole` is false when the body was cut."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes, seconds: float, *, whole: bool) -> None:
        self.status, self.headers, self.body, self.seconds, self.whole = status, headers, body, seconds, whole

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def backend(self) -> str:
        """The role of the fake that answered."""
        return self.headers.get("x-fleet-backend", "").partition(":")[0]


def headers(key: str) -> dict[str, str]:
    """What every call sends."""
    return {"Authorization": f"Bearer {KEYS[key]}", "Content-Type": "application/json"}


def ask(process: EnvoyProcess, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Answer:
    """Call the gateway; header names have `_` for `-`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        sent["Authorization"] = f"Bearer {KEYS.get(key, key)}"
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    if data is not None:
        sent.setdefault("Content-Type", "application/json")
    started = time.monotonic()
    connection = HTTPConnection("127.0.0.1", process.port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        seen = {name.lower(): value for name, value in response.getheaders()}
        try:
            content, whole = response.read(), True
        except IncompleteRead as cut:
            content, whole = cut.partial, False
        return Answer(response.status, seen, content, time.monotonic() - started, whole=whole)
    finally:
        connection.close()


def chat(process: EnvoyProcess, model: str, *, key: str = "gold", prompt: str = "hi", **headers: str) -> Answer:
    """A streamed chat call."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": prompt}]}
    return ask(process, "POST", "/v1/chat/completions", body, key=key, **headers)


class Fake(BaseHTTPRequestHandler):
    """An upstream that does what its first path segment says after a dash, and notes what it got."""

    calls: ClassVar[list[tuple[str, dict[str, str], Any]]] = []
    hold: ClassVar[threading.Event] = threading.Event()
    well: ClassVar[bool] = True
    flooded: ClassVar[int] = 0
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """A health check."""
        self.reply(200 if Fake.well else 503, {})

    def do_POST(self) -> None:
        """A call."""
        role = self.path.split("/")[1]
        what = role.partition("-")[2]
        Fake.calls.append((role, {"path": self.path, **{k.lower(): v for k, v in self.headers.items()}}, self.read()))
        if what.isdigit():
            self.reply(int(what), {"error": {"message": "no"}}, {"Retry-After": "1"})
        elif what == "reset":
            self.connection.close()
            self.close_connection = True
        elif what == "wait":
            Fake.hold.wait(PATIENCE_S)
            self.reply(200, {"role": role})
        elif what == "flood":
            self.flood()
        elif what == "mute":
            time.sleep(LONG_S)
            self.reply(200, {})
        else:
            self.stream(role, what)

    def read(self) -> Any:
        if "content-length" in self.headers:
            return json.loads(self.rfile.read(int(self.headers["content-length"])))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return json.loads(data)

    def reply(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, body: dict[str, Any]) -> None:
        self.chunk(f"data: {json.dumps(body)}\n\n".encode())

    def flood(self) -> None:
        """As fast as it is taken."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(FLOOD))
        self.end_headers()
        Fake.flooded = 0
        part = b"data: [DONE]" + b" " * 65_522 + b"\n\n"
        while Fake.flooded < FLOOD:
            self.wfile.write(part)
            Fake.flooded += len(part)

    def stream(self, role: str, what: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if what == "pings":  # headers and comments, but no token in time
            for _ in range(LONG_S * 2):
                self.chunk(b": ping\n\n")
                time.sleep(0.5)
        if what == "event":  # as TGI does when it is overloaded
            for byte in b'data:{"error":{"message":"Model is overloaded"}}\n\n':
                self.chunk(bytes([byte]))
            self.chunk(b"")
            return
        self.tokens(role, what)

    def tokens(self, role: str, what: str) -> None:
        """Five tokens, and what is to go wrong after the second; then the end."""
        for number in range(5):
            self.event({"choices": [{"index": 0, "delta": {"content": role}}]})
            if what == "cut" and number == 1:
                self.wfile.flush()
                self.connection.close()
                self.close_connection = True
                return
            if what == "silent" and number == 1:
                time.sleep(LONG_S)
            if what == "pause" and number == 1:
                Fake.hold.wait(PATIENCE_S)
            time.sleep({"long": 0.4, "longer": LONG_S / 5}.get(what, 0))
        if what == "finish":
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]})
        elif what != "unended":
            self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def handle(self) -> None:
        """Calls that the gateway gives up end in a broken pipe here."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@contextmanager
def fakes() -> Iterator[int]:
    """Serve the fakes; their port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    Fake.hold.set()
    server.shutdown()


def got(role: str) -> list[tuple[dict[str, str], Any]]:
    """The headers and bodies that a fake got, its path among the headers."""
    return [(headers, body) for name, headers, body in Fake.calls if name == role]
