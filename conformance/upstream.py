"""Upstreams on loopback: one port each, misbehaving as their scripts say, and keeping what they were sent."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from conformance import wire
from conformance.script import BEFORE_ANYTHING, REFUSED, SILENT, Script

_FOREVER_S = 600
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)
_GETS: Mapping[str, wire.Json] = {
    "/health": {},
    "/v1/models": {"object": "list", "data": []},
    "/api/tags": {"models": []},
}


@dataclass(slots=True)
class Received:
    """A call as an upstream saw it; times of `time.monotonic()`, `gone` when the caller left before the end."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    ended: float | None = None
    gone: float | None = None


@dataclass(slots=True)
class Upstream:
    """One backend: what speaks there, its scripts call by call (the last one stays), and what came in.

    `peak` is the largest number of calls it had at once.
    """

    role: str
    engine: str
    scripts: Sequence[Script]
    port: int = 0
    calls: list[Received] = field(default_factory=list)
    probes: list[Received] = field(default_factory=list)
    running: int = 0
    peak: int = 0


class BrokenOffError(Exception):
    """The connection is to be broken now."""


@asynccontextmanager
async def serving(upstreams: Sequence[Upstream]) -> AsyncIterator[None]:
    """Open a port for each upstream, and close all at the end."""
    held: list[socket.socket] = []
    servers = []
    for upstream in upstreams:
        place = _bound()
        upstream.port = place.getsockname()[1]
        if upstream.scripts[0] == REFUSED:
            held.append(place)
        elif upstream.scripts[0] == SILENT:
            held += [place, *_filled(place)]
        else:
            servers.append(await asyncio.start_server(_Connection(upstream).serve, sock=place, backlog=256))
    try:
        yield
    finally:
        for server in servers:
            server.close()
        for place in held:
            place.close()


def _bound() -> socket.socket:
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    place.bind(("127.0.0.1", 0))
    return place


def _filled(place: socket.socket) -> list[socket.socket]:
    """Listen, and take up the whole queue of connections, so that the system drops further ones without a word."""
    place.listen(0)
    callers = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(4)]
    for caller in callers:
        caller.settimeout(0)
        caller.connect_ex(place.getsockname())
    return callers


@dataclass(slots=True)
class _Connection:
    upstream: Upstream

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one call after another until the caller leaves or the script breaks off."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, BrokenOffError, asyncio.CancelledError):
            try:
                while call := await _read(reader):
                    await self._call(call, reader, writer)
            finally:
                writer.close()

    async def _call(self, call: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = self.upstream
        if call.method == "GET":
            upstream.probes.append(call)
            found = _GETS.get(call.path)
            return await _whole(writer, 404 if found is None else 200, {}, found or {})
        script = upstream.scripts[min(len(upstream.calls), len(upstream.scripts) - 1)]
        upstream.calls.append(call)
        upstream.running += 1
        upstream.peak = max(upstream.peak, upstream.running)
        play = asyncio.create_task(_play(upstream, script, call, writer))
        left = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({play, left}, return_when=asyncio.FIRST_COMPLETED)
            if not play.done():
                call.gone = time.monotonic()
                raise BrokenOffError
            await play
            call.ended = time.monotonic()
            if script.hangs_up:
                raise BrokenOffError
        finally:
            upstream.running -= 1
            for task in (play, left):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task


async def _read(reader: asyncio.StreamReader) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines) if key}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        data = await _chunks(reader)
    else:
        data = await reader.readexactly(int(headers.get("content-length", 0)))
    body = json.loads(data) if data else {}
    return Received(time.monotonic(), method, target.partition("?")[0], headers, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    data = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        data += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return data


async def _play(upstream: Upstream, script: Script, call: Received, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(script.before_s)
    if script.end == "reset" and script.tokens == BEFORE_ANYTHING:
        _break(writer)
    if script.status != 200:
        return await _whole(writer, script.status, script.headers, wire.error(upstream.engine, script))
    answer = wire.answer(call.path, upstream.engine, upstream.role, script, call.body)
    if answer is None:
        missing = Script(status=404, message=f"no {call.path} here")
        return await _whole(writer, 404, {}, wire.error(upstream.engine, missing))
    if script.body is not None or not answer.streamed:
        if script.end == "stall":
            await asyncio.sleep(_FOREVER_S)
        await asyncio.sleep(script.first_s + script.gap_s * len(answer.tokens))
        return await _whole(writer, 200, script.headers, answer.whole if script.body is None else script.body)
    return await _stream(writer, script, answer)


async def _whole(writer: asyncio.StreamWriter, code: int, headers: Mapping[str, str], body: wire.Json) -> None:
    data = json.dumps(body).encode()
    _head(writer, code, {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers})
    writer.write(data)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter, script: Script, answer: wire.Answer) -> None:
    _head(writer, 200, {"Content-Type": answer.type, "Transfer-Encoding": "chunked", **script.headers})
    if script.tokens != 0:
        for event in answer.opening:
            await _event(writer, script, event)
    await asyncio.sleep(script.first_s)
    for event in answer.tokens[: script.tokens]:
        await _event(writer, script, event)
        await asyncio.sleep(script.gap_s)
    if script.end == "reset":
        _break(writer)
    if script.end == "stall":
        await writer.drain()
        await asyncio.sleep(_FOREVER_S)
    for event in {"done": answer.closing, "error": answer.failure}.get(script.end, ()):
        await _event(writer, script, event)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _head(writer: asyncio.StreamWriter, code: int, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {code} Scripted", *(f"{key}: {_dated(value)}" for key, value in headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1"))


def _dated(value: str) -> str:
    """The value; `date+20` is the HTTP date in 20 seconds."""
    return formatdate(time.time() + int(value[5:]), usegmt=True) if value.startswith("date+") else value


async def _event(writer: asyncio.StreamWriter, script: Script, event: str) -> None:
    if script.wire == "crlf":
        event = event.replace("\n", "\r\n")
    if script.wire == "comments":
        event = f": still here\n\n{event}"
    data = event.encode()
    step = 1 if script.wire == "bytes" else len(data)
    for start in range(0, len(data), step):
        part = data[start : start + step]
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await writer.drain()
        if script.wire == "bytes":
            await asyncio.sleep(0)


def _break(writer: asyncio.StreamWriter) -> None:
    """Close with a reset, as a process that is killed does, and not with a proper end."""
    place: socket.socket = writer.get_extra_info("socket")
    place.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    writer.transport.abort()
    raise BrokenOffError
