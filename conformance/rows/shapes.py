"""Rows of what passes through: bytes and events to the caller, names and credentials to the upstream, other APIs."""

from collections.abc import Mapping
from typing import Any

from conformance.client import Call, Got
from conformance.expect import answered_by, hits, holds, says, sent, served, within
from conformance.fleet import variable
from conformance.keys import ENGINE_KEY, MASTER_KEY, secret
from conformance.row import Peer, Row
from conformance.rows.tiers import FINE, NO_RETRY, PAIR
from conformance.script import OK, Script, overflow, status
from conformance.upstream import Received

ALONE = ({"only": 1},)
_TELLING = dict.fromkeys(
    (
        *("x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization", "x-amz-security-token"),
        *("openai-organization", "openai-project", "anthropic-beta", "helicone-auth", "x-litellm-tags", "x-real-ip"),
        *("x-forwarded-host", "forwarded", "origin", "referer", "x-session-token", "x-fleet-tenant"),
    ),
    "of-the-caller",
)
_GLYPHS = ("Grüße", " 世界", " 🚀", " é")
_MANY = tuple(f"{number:08}" * 1000 for number in range(300))
_ASKED: Mapping[str, Any] = {"user": "someone", "seed": 7, "logit_bias": {"5": -100}}
_ASKED_OF_VLLM: Mapping[str, Any] = {"top_k": 5, "chat_template_kwargs": {"enable_thinking": False}}
_TOOL_DELTAS: tuple[dict[str, Any], ...] = (
    {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": ""}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": '{"place": '}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": '"here"}'}}]},
)
_TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def _clean(call: Received) -> bool:
    return "of-the-caller" not in str(call.headers) + str(call.body)


def _tool_deltas(got: Got) -> list[tuple[int, str, str, str]]:
    """Index, id, name and arguments of every tool-call delta."""
    deltas = [choice["delta"] for chunk in got.chunks for choice in chunk.get("choices", ())]
    calls = [call for delta in deltas for call in delta.get("tool_calls") or ()]
    return [
        (call["index"], call.get("id") or "", call["function"].get("name") or "", call["function"]["arguments"] or "")
        for call in calls
    ]


_WANTED_DELTAS = [(0, "call_1", "look", ""), (0, "", "", '{"place": '), (0, "", "", '"here"}')]


def _usage(got: Got) -> list[tuple[int, int]]:
    found = [chunk["usage"] for chunk in got.chunks if chunk.get("usage")]
    return [(usage["prompt_tokens"], usage["completion_tokens"]) for usage in found]


def wire(name: str, says_: str, kind: Any) -> Row:
    """A stream in an odd but lawful form on the wire."""
    return Row(
        name=f"wire-{name}",
        behaviour="passThrough",
        says=says_,
        peers={"only": Peer((Script(words=_GLYPHS, wire=kind),))},
        tiers=ALONE,
        calls=(Call(),),
        expect=(says("".join(_GLYPHS)), holds("no finish", lambda seen: seen.calls[0].finish == "stop")),
    )


def speaks(engine: str, path: str, says_: str, key: str) -> Row:
    """An upstream with an API of its own, reached at that API with its key."""
    field = "x-api-key" if engine == "anthropic" else "authorization"
    return Row(
        name=f"speaks-{engine}",
        behaviour="api.anthropic" if engine == "anthropic" else "upstreams",
        says=says_,
        peers={"only": Peer((OK,), engine)},
        tiers=ALONE,
        calls=(Call(), Call(stream=False)),
        expect=(
            answered_by("only"),
            sent("only", path, lambda call: call.path == path),
            sent("only", "its key", lambda call: call.headers.get(field, "").removeprefix("Bearer ") == key),
        ),
    )


def _own(role: str) -> Any:
    def judge(call: Received) -> bool:
        bearer = f"Bearer {secret(variable(role))}"
        return call.body.get("model") == f"{role}-model" and call.headers.get("authorization") == bearer

    return judge


def _host(seen: Any) -> bool:
    return all(
        call.headers.get("host") == f"127.0.0.1:{upstream.port}"
        for upstream in seen.upstreams.values()
        for call in upstream.calls
    )


_PASSES = (
    Row(
        name="tool-calls",
        behaviour="passThrough",
        says="tool-call deltas arrive piece by piece as they were sent",
        peers={"only": Peer((Script(deltas=_TOOL_DELTAS),))},
        tiers=ALONE,
        calls=(Call(more={"tools": [_TOOL]}),),
        expect=(
            holds("the deltas differ", lambda seen: _tool_deltas(seen.calls[0]) == _WANTED_DELTAS),
            holds("no finish", lambda seen: seen.calls[0].finish == "tool_calls"),
            sent("only", "the tools", lambda call: call.body.get("tools") == [_TOOL]),
        ),
    ),
    Row(
        name="usage-counts",
        behaviour="passThrough",
        says="the usage asked for arrives once, with the upstream's numbers",
        peers={"only": FINE},
        tiers=ALONE,
        calls=(Call(more={"stream_options": {"include_usage": True}}),),
        expect=(holds("the usage differs", lambda seen: _usage(seen.calls[0]) == [(7, 3)]),),
    ),
    Row(
        name="usage-chunk",
        behaviour="passThrough",
        says="the chunk with the usage has no choices, as OpenAI sends it",
        peers={"only": FINE},
        tiers=ALONE,
        calls=(Call(more={"stream_options": {"include_usage": True}}),),
        expect=(
            holds(
                "choices beside the usage",
                lambda seen: [chunk["choices"] for chunk in seen.calls[0].chunks if chunk.get("usage")] == [[]],
            ),
        ),
    ),
    Row(
        name="call-parameters",
        behaviour="passThrough",
        says="what a call asks for beside its messages arrives as it was sent, also what the engine alone knows",
        peers={"only": Peer((OK,), "vllm")},
        tiers=ALONE,
        calls=(Call(stream=False, more={**_ASKED, "extra_body": _ASKED_OF_VLLM}),),
        expect=(
            answered_by("only"),
            sent("only", "the parameters", lambda call: call.body == {**call.body, **_ASKED, **_ASKED_OF_VLLM}),
        ),
    ),
    wire("bytes", "a stream that comes byte by byte arrives whole, split letters included", "bytes"),
    wire("crlf", "lines that end in CR LF are read", "crlf"),
    wire("comments", "comments between events are skipped", "comments"),
)

_CONNECTIONS = (
    Row(
        name="hangs-up",
        behaviour="passThrough",
        says="a backend that closes its connection after an answer, with a word or without, costs no call",
        peers={"only": Peer((Script(hangs_up=True), Script(hangs_up=True, headers={"Connection": "close"})) * 6)},
        tiers=ALONE,
        calls=(Call(times=6, wait_s=0.1), Call(times=6, wait_s=0.1, stream=False)),
        expect=(served(), answered_by("only", 11), hits(only=12)),
        settings=NO_RETRY,
    ),
    Row(
        name="reads-slowly",
        behaviour="passThrough",
        says="a caller who reads far more slowly than the backend sends gets every token",
        peers={"only": Peer((Script(words=_MANY),))},
        tiers=ALONE,
        calls=(Call(gap_s=0.01),),
        expect=(says("".join(_MANY)), within(2, 60)),
        settings={"timeouts": {"firstToken": "2s", "idle": "2s", "total": "60s"}, **NO_RETRY},
    ),
)

_UPSTREAMS = (
    Row(
        name="own-model-and-key",
        behaviour="upstreams",
        says="each backend gets its own model name and its own key, in every attempt",
        peers={"first": Peer((status(503),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(
            answered_by("second"),
            sent("first", "its model and key", _own("first")),
            sent("second", "its model and key", _own("second")),
        ),
        settings={"retries": {"max": 0}},
    ),
    Row(
        name="own-host",
        behaviour="upstreams",
        says="each backend is called by its own host name",
        peers={"first": Peer((status(503),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(answered_by("second"), hits(first=1, second=1), holds("a foreign host", _host)),
        settings={"retries": {"max": 0}},
    ),
    Row(
        name="callers-key-stays",
        behaviour="upstreams",
        says="the caller's key is not sent to any backend",
        peers={"only": FINE},
        tiers=ALONE,
        calls=(Call(), Call(stream=False)),
        expect=(
            answered_by("only"),
            sent("only", "a clean call", lambda call: MASTER_KEY not in str(call.headers) + str(call.body)),
        ),
    ),
    *(
        Row(
            name=f"callers-headers-stay-{engine}",
            behaviour="upstreams",
            says=f"{title} gets no key, account, cookie or place of the caller's, and no order to the gateway",
            peers={"only": Peer((OK,), engine)},
            tiers=ALONE,
            calls=(Call(headers=_TELLING), Call(stream=False, headers=_TELLING)),
            expect=(answered_by("only"), sent("only", "a clean call", _clean)),
        )
        for engine, title in (("openai", "a provider of OpenAI's API"), ("anthropic", "Anthropic"), ("vllm", "vLLM"))
    ),
    speaks("vllm", "/v1/chat/completions", "vLLM is spoken to in OpenAI's API", ENGINE_KEY),
    speaks("tgi", "/v1/chat/completions", "TGI is spoken to in OpenAI's API", ENGINE_KEY),
    speaks("ollama", "/api/chat", "Ollama is spoken to in its own API, and its lines come out as OpenAI's", ENGINE_KEY),
    speaks(
        "anthropic",
        "/v1/messages",
        "Anthropic is spoken to in its own API, and its events come out as OpenAI's",
        secret(variable("only")),
    ),
)

_APIS = (
    Row(
        name="embeddings",
        behaviour="apis",
        says="an embeddings route answers, and its next tier when the first cannot",
        peers={"first": Peer((status(503),), "vllm"), "second": Peer((OK,), "vllm")},
        tiers=PAIR,
        calls=(Call(api="embeddings"),),
        expect=(answered_by("second"), sent("second", "/v1/embeddings", lambda call: call.path == "/v1/embeddings")),
        settings={"retries": {"max": 0}, "task": "embed"},
    ),
    Row(
        name="completions",
        behaviour="apis",
        says="the older completions API is answered, in one piece and as a stream",
        peers={"only": Peer((OK,), "vllm")},
        tiers=ALONE,
        calls=(Call(api="completions", stream=False), Call(api="completions")),
        expect=(answered_by("only"), sent("only", "/v1/completions", lambda call: call.path == "/v1/completions")),
    ),
    Row(
        name="long-prompts",
        behaviour="context",
        says="prompts over context.over go to its backends, shorter ones to the tiers",
        peers={"short": FINE, "long": FINE},
        tiers=({"short": 1},),
        calls=(Call(stream=False), Call(stream=False, prompt="word " * 600)),
        expect=(answered_by("short", 0), answered_by("long", 1), hits(short=1, long=1)),
        settings={"long": (300, "long")},
    ),
    Row(
        name="long-prompts-border",
        behaviour="context",
        says="the border is counted in the backend's own tokens",
        peers={"short": Peer((OK,), "vllm"), "long": FINE},
        tiers=({"short": 1},),
        # Qwen3 reads every digit as a token, OpenAI's models three digits as one.
        calls=(Call(stream=False, prompt="7" * 500),),
        expect=(answered_by("long"),),
        settings={"long": (300, "long")},
    ),
    Row(
        name="prompts-beyond",
        behaviour="context.beyond",
        says="a prompt that fits no backend is shortened where the route says so",
        peers={"short": FINE, "long": Peer((overflow(), OK))},
        tiers=({"short": 1},),
        calls=(Call(stream=False, prompt="word " * 600),),
        expect=(answered_by("long"), hits(short=0, long=2)),
        settings={"long": (300, "long"), "beyond": "truncate"},
    ),
)

ROWS = (*_PASSES, *_CONNECTIONS, *_UPSTREAMS, *_APIS)
