"""Envoy's known differences."""

from collections.abc import Mapping

from conformance.expect import (
    answered_by,
    breaks_connection,
    fails,
    hits,
    holds,
    sent,
    within,
)
from conformance.row import Deviation

_NO_EVENT = "breaks the connection, without an error event"
_OPENAI = "/v1/chat/completions"

DEVIATIONS: Mapping[str, Deviation] = {
    "on-context-overflow": Deviation(
        "not-possible",
        "passes on the 400",
        (fails(400), hits(first=1, second=0)),
    ),
    "on-late-token": Deviation(
        "not-possible",
        "takes the first event for the first token, also one without content, and breaks the connection later",
        (breaks_connection(""), hits(first=1, second=0)),
    ),
    "breaks-reset": Deviation("approximated", _NO_EVENT, (breaks_connection("first "), hits(first=1, second=0))),
    "idle-stall": Deviation("approximated", _NO_EVENT, (breaks_connection("first "), within(1.5, 6), hits(second=0))),
    "idle-shorter-than-first-token": Deviation(
        "approximated",
        "counts no silence as longer than allowed before firstToken has passed, then breaks the connection",
        (breaks_connection("only "), within(7.5, 14)),
    ),
    "total-stream": Deviation(
        "approximated",
        _NO_EVENT,
        (within(3, 7), holds("no broken connection", lambda seen: bool(seen.calls[0].error))),
    ),
    "total-whole": Deviation(
        "approximated",
        "ends a call that does not stream after firstToken already",
        (fails(504), within(0.5, 2.9)),
    ),
    "retries-bounded": Deviation(
        "approximated",
        "leaves the backend out after two failures in a row, so a third try goes to the next tier",
        (answered_by("second"), hits(first=2, second=1)),
    ),
    "speaks-ollama": Deviation(
        "approximated",
        "speaks to Ollama in OpenAI's API",
        (answered_by("only"), sent("only", _OPENAI, lambda call: call.path == _OPENAI)),
    ),
    "speaks-anthropic": Deviation(
        "approximated",
        "speaks to Anthropic in OpenAI's API",
        (answered_by("only"), sent("only", _OPENAI, lambda call: call.path == _OPENAI)),
    ),
    "long-prompts-border": Deviation(
        "approximated",
        "counts a token for every 3 bytes of the body",
        (answered_by("short"),),
    ),
    "prompts-beyond": Deviation(
        "not-possible",
        "passes on the backend's 400",
        (fails(400), hits(short=0)),
    ),
    "tenant-priority": Deviation("not-run", "lets calls in as they come, and has no queue to order"),
    "tenant-budget": Deviation("not-run", "counts no money"),
}
