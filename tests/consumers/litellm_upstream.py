"""An upstream of LiteLLM's tests, which does what its address says."""

import json
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar


class Fake(BaseHTTPRequestHandler):
    """An upstream that does what its first path segment says, and counts."""

    hits: ClassVar[Counter[str]] = Counter()
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a chat call."""
        role = self.path.split("/")[1]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Fake.hits[role] += 1
        what = role.partition("-")[2]
        if what == "stall":
            time.sleep(4)
        if what.isdigit():
            self.reply(int(what), {"error": {"message": "no", "code": int(what)}})
        elif body.get("stream"):
            self.stream(role, what)
        else:
            message = {"role": "assistant", "content": role}
            self.reply(200, {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": message}]})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("Retry-After", "20")
        self.end_headers()
        self.wfile.write(data)

    def stream(self, role: str, what: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        if what == "event":  # as TGI does when it is overloaded
            self.event({"error": {"message": "Model is overloaded", "http_status_code": 422}})
            return
        deltas = [{"content": role}] if what != "long" else [{"content": "."}] * 8
        for delta in deltas:
            chunk = {"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}
            self.event(chunk)
            time.sleep(0.4 if what == "long" else 0)
        self.event({"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def event(self, body: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(body)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""
