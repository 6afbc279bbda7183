"""The wire formats of upstreams: what OpenAI, vLLM, TGI, Ollama and Anthropic send, event by event."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.script import Script

Json = Mapping[str, Any]
_CREATED = 1_750_000_000
_USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@dataclass(frozen=True, slots=True)
class Answer:
    """A stream in parts, and the same answer in one piece. `failure` is how an error in the stream is told."""

    type: str
    opening: Sequence[str]
    tokens: Sequence[str]
    closing: Sequence[str]
    failure: Sequence[str]
    whole: Json
    streamed: bool


def answer(path: str, engine: str, role: str, script: Script, asked: Json) -> Answer | None:
    """What the upstream answers at this path; None where it has nothing there."""
    build = _PATHS.get(path)
    return build(engine, script.words or (role, " ", "answers"), script, asked) if build else None


def error(engine: str, script: Script) -> Json:
    """The body of an error status."""
    kind = script.code or "upstream_error"
    if engine == "ollama":
        return {"error": script.message}
    if engine == "anthropic":
        return {"type": "error", "error": {"type": kind, "message": script.message}}
    return {"error": {"message": script.message, "type": kind, "param": None, "code": script.code or script.status}}


def _sse(body: Json | str, event: str = "") -> str:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return (f"event: {event}\n" if event else "") + f"data: {text}\n\n"


def _failure(engine: str, script: Script) -> list[str]:
    """TGI says 422 whatever happened; TGI and vLLM end the failed stream as if it were whole."""
    if engine == "tgi":
        return [_sse({"error": {"message": script.message, "http_status_code": 422}}), _sse("[DONE]")]
    body = {"error": {"message": script.message, "type": "server_error", "param": None, "code": 500}}
    return [_sse(body), *([_sse("[DONE]")] if engine == "vllm" else [])]


def _chat(engine: str, words: Sequence[str], script: Script, asked: Json) -> Answer:
    def chunk(delta: Json, finish: str | None = None) -> str:
        return _sse({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": _CREATED, "model": asked.get("model")}
    called = any("tool_calls" in delta for delta in script.deltas)
    finish = "tool_calls" if called else "stop"
    usage = [_sse({**head, "choices": [], "usage": _USAGE})] if _wants_usage(asked) else []
    message = {"role": "assistant", "content": "".join(words)}
    return Answer(
        type="text/event-stream",
        opening=[chunk({"role": "assistant", "content": ""})],
        tokens=[chunk(delta) for delta in script.deltas or [{"content": word} for word in words]],
        closing=[chunk({}, finish), *usage, _sse("[DONE]")],
        failure=_failure(engine, script),
        whole={
            **head,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": _USAGE,
        },
        streamed=bool(asked.get("stream")),
    )


def _wants_usage(asked: Json) -> bool:
    return bool((asked.get("stream_options") or {}).get("include_usage"))


def _completions(engine: str, words: Sequence[str], script: Script, asked: Json) -> Answer:
    def chunk(text: str, finish: str | None = None) -> Json:
        return {**head, "choices": [{"index": 0, "text": text, "finish_reason": finish, "logprobs": None}]}

    head = {"id": "cmpl-1", "object": "text_completion", "created": _CREATED, "model": asked.get("model")}
    return Answer(
        type="text/event-stream",
        opening=[],
        tokens=[_sse(chunk(word)) for word in words],
        closing=[_sse(chunk("", "stop")), _sse("[DONE]")],
        failure=_failure(engine, script),
        whole={**chunk("".join(words), "stop"), "usage": _USAGE},
        streamed=bool(asked.get("stream")),
    )


def _embeddings(engine: str, words: Sequence[str], script: Script, asked: Json) -> Answer:
    """The vector spells the answer, so that callers see who gave it."""
    inputs = asked.get("input")
    count = len(inputs) if isinstance(inputs, list) else 1
    vector = [float(ord(letter)) for letter in "".join(words)]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)]
    whole = {"object": "list", "data": data, "model": asked.get("model"), "usage": _USAGE}
    return Answer("", (), (), (), (), whole, streamed=False)


def _generate(engine: str, words: Sequence[str], script: Script, asked: Json) -> Answer:
    """TGI's own API: no [DONE], and no space after the colon."""

    def event(index: int, word: str, text: str | None = None) -> str:
        token = {"id": index, "text": word, "logprob": -0.1, "special": False}
        details = {"finish_reason": "eos_token", "generated_tokens": len(words), "input_length": 7}
        body = {"index": index, "token": token, "generated_text": text, "details": details if text else None}
        return f"data:{json.dumps(body)}\n\n"

    return Answer(
        type="text/event-stream",
        opening=[],
        tokens=[event(index, word) for index, word in enumerate(words)],
        closing=[event(len(words), "</s>", "".join(words))],
        failure=[f"data:{json.dumps({'error': script.message, 'error_type': 'overloaded'})}\n\n"],
        whole={"generated_text": "".join(words)},
        streamed=True,
    )


def _ollama(engine: str, words: Sequence[str], script: Script, asked: Json) -> Answer:
    def line(text: str, **more: Any) -> Json:
        message = {"role": "assistant", "content": text}
        stamp = "2026-01-01T00:00:00Z"
        return {"model": asked.get("model"), "created_at": stamp, "message": message, "done": False, **more}

    counts = {"prompt_eval_count": 7, "eval_count": 3, "total_duration": 9, "load_duration": 1, "eval_duration": 5}
    end = {"done": True, "done_reason": "stop", **counts}
    return Answer(
        type="application/x-ndjson",
        opening=[],
        tokens=[json.dumps(line(word)) + "\n" for word in words],
        closing=[json.dumps(line("", **end)) + "\n"],
        failure=[json.dumps({"error": script.message}) + "\n"],
        whole=line("".join(words), **end),
        streamed=bool(asked.get("stream", True)),
    )


def _anthropic(engine: str, words: Sequence[str], script: Script, asked: Json) -> Answer:
    def event(kind: str, **body: Any) -> str:
        return _sse({"type": kind, **body}, kind)

    usage = {"input_tokens": 7, "output_tokens": 3}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked.get("model")}
    begun: Json = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    overloaded = {"type": "overloaded_error", "message": script.message}
    text = {"type": "text", "text": "".join(words)}
    return Answer(
        type="text/event-stream",
        opening=[
            event("message_start", message=begun),
            event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
            event("ping"),
        ],
        tokens=[event("content_block_delta", index=0, delta={"type": "text_delta", "text": word}) for word in words],
        closing=[
            event("content_block_stop", index=0),
            event("message_delta", delta=ended, usage={"output_tokens": 3}),
            event("message_stop"),
        ],
        failure=[event("error", error=overloaded)],
        whole={**message, **ended, "content": [text], "usage": usage},
        streamed=bool(asked.get("stream")),
    )


_PATHS: Mapping[str, Callable[[str, Sequence[str], Script, Json], Answer]] = {
    "/v1/chat/completions": _chat,
    "/v1/completions": _completions,
    "/v1/embeddings": _embeddings,
    "/generate_stream": _generate,
    "/api/chat": _ollama,
    "/v1/messages": _anthropic,
}
