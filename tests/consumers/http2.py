"""An HTTP/2 server that says GOAWAY with each answer, as providers' front ends do when they are replaced."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING, GOAWAY = 0, 1, 4, 6, 7
LAST, ACKNOWLEDGED, WHOLE = 1, 1, 4
EVENTS = (b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', b"data: [DONE]\n\n")
TYPE = b"text/event-stream"
# `:status: 200` and the name `content-type` out of HPACK's static table, then the value as it is.
ANSWER = bytes([0x88, 0x0F, 0x10, len(TYPE)]) + TYPE


class GoingAway:
    """Counts connections and the calls on them."""

    connections: ClassVar[int] = 0
    calls: ClassVar[int] = 0

    def __init__(self, link: ssl.SSLSocket) -> None:
        assert link.selected_alpn_protocol() == "h2"
        GoingAway.connections += 1
        self.link = link
        self.gone = False

    def send(self, kind: int, flags: int, stream: int, payload: bytes = b"") -> None:
        self.link.sendall(struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.link.recv(size - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data

    def serve(self) -> None:
        """Answer until the caller closes the connection."""
        assert self.read(len(PREFACE)) == PREFACE
        self.send(SETTINGS, 0, 0)
        while True:
            head = self.read(9)
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            payload = self.read(int.from_bytes(head[:3], "big"))
            if kind in {SETTINGS, PING} and not flags & ACKNOWLEDGED:
                self.send(kind, ACKNOWLEDGED, 0, payload if kind == PING else b"")
            elif kind in {HEADERS, DATA} and flags & LAST:
                self.answer(stream)

    def answer(self, stream: int) -> None:
        """Go away in the middle of the stream, which is the last of this connection."""
        assert not self.gone, "a call after GOAWAY"
        GoingAway.calls += 1
        self.send(HEADERS, WHOLE, stream, ANSWER)
        self.send(DATA, 0, stream, EVENTS[0])
        self.send(GOAWAY, 0, 0, struct.pack(">II", stream, 0))
        self.gone = True
        time.sleep(0.1)
        self.send(DATA, LAST, stream, EVENTS[1])


@contextmanager
def going_away(pem: Path) -> Iterator[int]:
    """Serve with the key and certificate of the file; the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.set_alpn_protocols(["h2"])

    def one(link: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(link, server_side=True) as secure:
            GoingAway(secure).serve()

    def accept(place: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(place.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as place:
        threading.Thread(target=accept, args=(place,), daemon=True).start()
        yield place.getsockname()[1]
