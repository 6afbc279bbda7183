"""An upstream of LiteLLM's tests, which does what its address says."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar


class Fake(BaseHTTPRequestHandler):
    """An upstream that answers with the status that its first path segment ends in, or well, and counts."""

    hits: ClassVar[Counter[str]] = Counter()
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a chat call."""
        role = self.path.split("/")[1]
        self.rfile.read(int(self.headers["Content-Length"]))
        Fake.hits[role] += 1
        what = role.partition("-")[2]
        if what:
            self.reply(int(what), {"error": {"message": "no", "code": int(what)}})
        else:
            message = {"role": "assistant", "content": role}
            self.reply(200, {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": message}]})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""
