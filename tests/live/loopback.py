"""A server on the loopback that plays a cloud: it answers what a test recorded, fails as told, or asks moto."""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.consumers.patience import PATIENCE_S


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def operation(self) -> str:
        """The operation of AWS, `GET /path` for everything else."""
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        if found := re.search(r"(?:^|&)Action=(\w+)", self.body):
            return found[1]
        if found := re.search(r"/operation/(\w+)", self.path):
            return found[1]
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


Answer = Reply | Callable[[Asked], Reply]


def reply(data: Any, status: int = 200, **headers: str) -> Reply:
    """JSON, in a form that AWS's JSON protocols take too."""
    return Reply(status, json.dumps(data).encode(), "application/x-amz-json-1.1", headers)


def aws_error(code: str, status: int = 400) -> Callable[[Asked], Reply]:
    """An error in the form of the protocol that was asked in."""

    def answer(asked: Asked) -> Reply:
        if asked.method == "HEAD":
            return Reply(status, b"")
        if "Action=" in asked.body:
            sort = "Sender" if status < 500 else "Receiver"
            error = f"<Code>{code}</Code><Message>told by the test</Message>"
            ec2 = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>1</RequestID></Response>"
            query = f"<ErrorResponse><Error><Type>{sort}</Type>{error}</Error><RequestId>1</RequestId></ErrorResponse>"
            return Reply(status, (query if "2011-06-15" in asked.body else ec2).encode(), "text/xml")
        if "x-amz-target" in asked.headers or asked.path.startswith("/clusters"):
            body = json.dumps({"__type": code, "message": "told by the test"}).encode()
            return Reply(status, body, "application/x-amz-json-1.1", {"x-amzn-errortype": code})
        return Reply(status, f"<Error><Code>{code}</Code><Message>told</Message></Error>".encode(), "application/xml")

    return answer


def hang(seconds: float) -> Callable[[Asked], Reply]:
    """No answer for a while."""

    def answer(_: Asked) -> Reply:
        time.sleep(seconds)
        return Reply(200, b"{}")

    return answer


class Cloud:
    """The running server: `answers` by operation, tried as patterns; everything else goes to `behind`."""

    def __init__(self, behind: str = "") -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.dribbles: set[str] = set()
        self.url = ""
        self._behind = behind

    @property
    def operations(self) -> set[str]:
        return {asked.operation for asked in self.asked}

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        for pattern, answer in self.answers.items():
            if re.fullmatch(pattern, asked.operation):
                return answer(asked) if callable(answer) else answer
        if self._behind:
            return self._pass_on(asked)
        error = {"error": {"code": 404, "message": f"nothing recorded for {asked.operation}", "status": "NOT_FOUND"}}
        return reply(error, 404)

    def _pass_on(self, asked: Asked) -> Reply:
        line = http.client.HTTPConnection(urlsplit(self._behind).netloc, timeout=PATIENCE_S)
        drop = {"connection", "transfer-encoding", "expect", "content-length"}
        headers = {name: value for name, value in asked.headers.items() if name not in drop}
        query = "&".join(f"{name}={value}" if value else name for name, value in asked.query.items())
        line.request(asked.method, f"{asked.path}{'?' if query else ''}{query}", asked.body.encode("latin-1"), headers)
        answer = line.getresponse()
        body = answer.read()
        own = {"content-length", "content-type", "transfer-encoding", "connection", "date", "server"}
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in own}
        line.close()
        return Reply(answer.status, body, answer.getheader("content-type", ""), kept)


@contextmanager
def serving(behind: str = "") -> Iterator[Cloud]:
    """A cloud on a free port until the end of the block."""
    cloud = Cloud(behind)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            url = urlsplit(self.path)
            size = int(self.headers.get("content-length", 0))
            body = self.rfile.read(size).decode("latin-1")
            query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, url.path, query, headers, body)
            found = cloud.answer(asked)
            try:
                self._send(found, slow=asked.operation in cloud.dribbles)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _send(self, found: Reply, *, slow: bool) -> None:
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", found.kind)
            self.send_header("content-length", str(1_000_000 if slow else len(found.body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            while slow:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
            self.wfile.write(found.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *_: Any) -> None:
            """Nothing: stderr is what tests read."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    cloud.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
