"""The caller: OpenAI's own client without retries, and what it was given, down to the bytes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2
import openai

_LONGEST_S = 90
_DRAIN_S = 3.0
_LOOK_S = 0.05

Arrived = Callable[[], bool]
Api = Literal["chat", "completions", "embeddings", "models"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, made `times` times, one after another or `together`, each after `wait_s` seconds.

    After each chunk the caller waits for `gap_s` seconds. `leave_after` closes the connection after so many chunks, or
    when 0 after `leave_s` seconds without one, from when an upstream has the call. `key` and `model` replace the
    caller's key and the route's name. `more` goes into the body, `headers` among the headers.
    """

    api: Api = "chat"
    stream: bool = True
    prompt: str = "hello"
    times: int = 1
    together: bool = False
    wait_s: float = 0
    gap_s: float = 0
    leave_after: int | None = None
    leave_s: float = 0
    key: str = ""
    model: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Got:
    """What came of a call. `status` is 0 where there was no answer at all, `error` the class the client raised.

    `first_s` is the time to the first content, `seconds` that of the whole call, `left` the moment the caller left.
    """

    status: int = 0
    text: str = ""
    error: str = ""
    message: str = ""
    first_s: float = 0
    seconds: float = 0
    left: float = 0
    chunks: list[dict[str, Any]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytearray = field(default_factory=bytearray)

    @property
    def finish(self) -> str:
        """The finish reason of the answer, empty when it has none."""
        reasons = [choice.get("finish_reason") for chunk in self.chunks for choice in chunk.get("choices", ())]
        return next((reason for reason in reversed(reasons) if reason), "")

    @property
    def error_events(self) -> int:
        """Errors told inside the stream."""
        lines = bytes(self.raw).replace(b"\r\n", b"\n").split(b"\n")
        return sum(line.startswith(b"data:") and b'"error"' in line for line in lines)


class _Heard(httpx2.AsyncBaseTransport):
    """Keeps every byte of the answers. What comes after an error that the client raised is read as well."""

    def __init__(self, got: Got) -> None:
        self.inner = httpx2.AsyncHTTPTransport(verify=False)  # reading certificates takes longer than a call
        self.got = got

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self.inner.handle_async_request(request)
        self.got.status, self.got.headers = response.status_code, dict(response.headers)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Tee(response.stream, self.got)
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


class _Tee(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, got: Got) -> None:
        self.inner, self.got = inner, got
        self.parts = self._heard()

    async def _heard(self) -> AsyncIterator[bytes]:
        async for part in self.inner:
            self.got.raw += part
            yield part

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.parts

    async def aclose(self) -> None:
        if not self.got.left:
            with suppress(Exception):
                async with asyncio.timeout(_DRAIN_S):
                    async for _ in self.parts:
                        pass
        await self.inner.aclose()


async def ask(
    base: str, key: str, model: str, call: Call, headers: Mapping[str, str], arrived: Arrived = lambda: True
) -> list[Got]:
    """Make the call as often as it says, at the gateway's address; what came of each.

    `arrived` says whether an upstream has it, for a caller who leaves after that.
    """
    if call.together:
        await asyncio.sleep(call.wait_s)
        return await asyncio.gather(*(_once(base, key, model, call, headers, arrived) for _ in range(call.times)))
    answers = []
    for _ in range(call.times):
        await asyncio.sleep(call.wait_s)
        answers.append(await _once(base, key, model, call, headers, arrived))
    return answers


async def _once(base: str, key: str, model: str, call: Call, headers: Mapping[str, str], arrived: Arrived) -> Got:
    got, started = Got(), time.monotonic()
    async with (
        httpx2.AsyncClient(transport=_Heard(got), timeout=_LONGEST_S) as transport,
        openai.AsyncOpenAI(
            base_url=f"{base}/v1",
            api_key=call.key or key,
            max_retries=0,
            timeout=_LONGEST_S,
            http_client=transport,
            default_headers={**headers, **call.headers},
        ) as client,
    ):
        try:
            await _answered(client, call.model or model, call, got, started, arrived)
        except (openai.APIError, httpx2.HTTPError, ValueError) as error:
            got.error, got.message = type(error).__name__, str(error)
    got.seconds = (got.left or time.monotonic()) - started
    return got


async def _answered(
    client: openai.AsyncOpenAI, model: str, call: Call, got: Got, started: float, arrived: Arrived
) -> None:
    if call.api == "models":
        names = [entry.id async for entry in await client.models.list()]
        got.text = " ".join(sorted(names))
    elif call.api == "embeddings":
        answer = await client.embeddings.create(model=model, input=call.prompt, encoding_format="float")
        got.text = "".join(chr(round(value)) for value in answer.data[0].embedding)
    elif call.leave_after is None:
        await _read(await _create(client, model, call), call, got, started)
    else:
        await _leave(client, model, call, got, started, arrived)


async def _leave(
    client: openai.AsyncOpenAI, model: str, call: Call, got: Got, started: float, arrived: Arrived
) -> None:
    """Read as far as the call says, then close the connection."""
    if call.leave_after:
        stream = await _create(client, model, call)
        await _read(stream, call, got, started)
        got.left = time.monotonic()
        await stream.close()
        return
    waiting = asyncio.create_task(_create(client, model, call))
    while not arrived() and time.monotonic() - started < _LONGEST_S:
        await asyncio.sleep(_LOOK_S)
    await asyncio.sleep(call.leave_s)
    got.left = time.monotonic()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting


async def _create(client: openai.AsyncOpenAI, model: str, call: Call) -> Any:
    if call.api == "completions":
        return await client.completions.create(model=model, prompt=call.prompt, stream=call.stream, **call.more)
    messages: Any = [{"role": "user", "content": call.prompt}]
    return await client.chat.completions.create(model=model, messages=messages, stream=call.stream, **call.more)


async def _read(answer: Any, call: Call, got: Got, started: float) -> None:
    if not call.stream:
        got.chunks.append(answer.model_dump())
        got.text = _text(got.chunks[0])
        return
    async for chunk in answer:
        got.chunks.append(chunk.model_dump())
        text = _text(got.chunks[-1])
        if text and not got.first_s:
            got.first_s = time.monotonic() - started
        got.text += text
        await asyncio.sleep(call.gap_s)
        if call.leave_after and len(got.chunks) >= call.leave_after:
            return


def _text(chunk: Mapping[str, Any]) -> str:
    """The content of a chunk or of a whole answer, of either API."""
    parts = []
    for choice in chunk.get("choices") or ():
        said = choice.get("delta") or choice.get("message") or {}
        parts.append(choice.get("text") or said.get("content") or "")
    return "".join(parts)
