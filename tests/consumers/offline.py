"""A cloud that nobody can reach: real providers get credentials of no worth, and whom they ask is noted."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

CREDENTIALS = ("ARM_", "AWS_", "AZURE_", "CLOUDSDK_", "GCE_", "GOOGLE_", "IDENTITY_", "MSI_")
"""How variables begin that could give a provider real credentials."""

TENANT = "00000000-0000-0000-0000-0000000000aa"
TOKEN = "/token"


class Offline:
    """Every request that left a provider, as its method and address; the environment that leads all of them here."""

    def __init__(self, port: int, asked: list[str]) -> None:
        self.asked = asked
        self._here = f"http://127.0.0.1:{port}"

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """`settings` of Terraform, without the credentials of who runs the tests."""
        kept = {name: value for name, value in settings.items() if not name.upper().startswith(CREDENTIALS)}
        kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), self._here)
        return {
            **kept,
            **proxies,
            "GOOGLE_OAUTH_ACCESS_TOKEN": "dummy",
            # The managed identity of a machine is asked over plain HTTP, at an address that can be chosen.
            "ARM_USE_CLI": "false",
            "ARM_USE_MSI": "true",
            "ARM_MSI_ENDPOINT": f"{self._here}{TOKEN}",
            "ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
            "ARM_TENANT_ID": TENANT,
        }


class _Handler(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        self._note()

    def do_CONNECT(self) -> None:
        self._note()

    def do_POST(self) -> None:
        self._note()

    def _note(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        content = json.dumps(_token()).encode() if self.path.startswith(TOKEN) else b""
        self.send_response(200 if content else 403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """The requests are noted above."""


def _token() -> dict[str, str]:
    """What a machine's identity is answered; the token is signed by nobody."""
    expires = int(time.time()) + 86400
    claims = {"oid": TENANT, "tid": TENANT, "appid": TENANT, "exp": expires}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"typ": "JWT"}, claims)
    ]
    return {
        "access_token": ".".join([*parts, "none"]),
        "expires_in": "86400",
        "expires_on": str(expires),
        "resource": "https://management.azure.com/",
        "token_type": "Bearer",
    }


@contextmanager
def offline() -> Iterator[Offline]:
    """Listens on a free port of this machine until the block ends."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Offline(server.server_port, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
