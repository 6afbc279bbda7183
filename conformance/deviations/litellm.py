"""LiteLLM's known differences."""

from collections.abc import Mapping

from conformance.expect import answered_by, fails, hits, holds, says, served, waited, within
from conformance.row import Deviation
from conformance.rows.callers import each_user_stays

_NO_DATABASE = "keeps tenants in a database, and none runs here"

DEVIATIONS: Mapping[str, Deviation] = {
    "on-error-body": Deviation(
        "not-possible",
        "takes JSON where a stream was asked for as an empty answer that is well",
        (says(""), hits(first=1, second=0)),
    ),
    "on-empty-stream": Deviation(
        "not-possible",
        "takes a stream that ends before its first token as an empty answer that is well",
        (says(""), hits(first=1, second=0)),
    ),
    "on-ollama-error": Deviation(
        "not-possible",
        "takes an error in Ollama's first line for the caller's mistake and answers 400",
        (fails(400), hits(first=1, second=0)),
    ),
    "on-context-overflow": Deviation(
        "not-possible",
        "answers 400, unless the route has a context rule",
        (fails(400), hits(first=1, second=0)),
    ),
    "on-late-token-idle-longer": Deviation(
        "approximated",
        "waits for the larger of firstToken and idle",
        (answered_by("second"), within(5.9, 20)),
    ),
    "on-silent-host": Deviation(
        "not-possible",
        "gives up a host that does not answer after the larger of firstToken and idle",
        (answered_by("second"), within(7.9, 25)),
    ),
    "left-out-cause": Deviation(
        "not-possible",
        "moves to the next tier on a cause that fallbackOn leaves out",
        (answered_by("second"), hits(first=1, second=1)),
    ),
    "stays-401": Deviation(
        "approximated",
        "moves to the next tier",
        (answered_by("second"), hits(first=1, second=1)),
    ),
    "stays-404": Deviation(
        "approximated",
        "moves to the next tier",
        (answered_by("second"), hits(first=1, second=1)),
    ),
    "unknown-model": Deviation("approximated", "answers 400 instead of 404", (fails(400), hits(only=0))),
    "unknown-key": Deviation(
        "approximated", "answers 400 instead of 401 without a database", (fails(400), hits(only=0))
    ),
    "idle-shorter-than-first-token": Deviation(
        "approximated",
        "waits for the larger of firstToken and idle",
        (within(7.9, 20), holds("no single error", lambda seen: seen.calls[0].error_events == 1)),
    ),
    "total-stream": Deviation(
        "not-possible",
        "lets a stream that keeps talking go on",
        (within(9, 30), holds("not whole", lambda seen: seen.calls[0].finish == "stop")),
    ),
    "retries-across-siblings": Deviation(
        "approximated",
        "asks every backend of the tier before the next tier",
        (answered_by("next"), hits(a=1, b=1, c=1, d=1)),
    ),
    "backoff-first": Deviation(
        "approximated",
        "adds up to 0.75 s",
        (answered_by("only"), waited("only", 0.2, 2.5)),
        always=False,
    ),
    "backoff-longest": Deviation(
        "approximated",
        "knows one longest wait for all routes, and adds up to 0.75 s",
        (answered_by("only"), waited("only", 0.2, 7)),
    ),
    "cooldown-in-a-crowd": Deviation(
        "approximated",
        "remembers 200 values of all backends together, and forgets failures first when there are more",
        (answered_by("second"), hits(first=range(1, 9), second=8)),
        always=False,
    ),
    "long-prompts-border": Deviation(
        "approximated",
        "counts with a tokenizer of its own",
        (answered_by("short"),),
    ),
    "tenant-routes": Deviation("not-run", _NO_DATABASE),
    "tenant-minute": Deviation("not-run", _NO_DATABASE),
    "tenant-parallel": Deviation("not-run", _NO_DATABASE),
    "tenant-priority": Deviation("not-run", _NO_DATABASE),
    "prompts-beyond": Deviation(
        "not-possible",
        "answers 400",
        (fails(400), hits(short=0)),
    ),
    "completion-only": Deviation(
        "approximated",
        "passes chats on as well, which a model without a chat template refuses itself",
        (answered_by("base", 0), answered_by("base", 1), hits(base=3)),
    ),
    "completions-next-tier": Deviation(
        "approximated",
        "moves on with completions in one piece only; a streamed one gets the first backend's error",
        (answered_by("second", 0), fails(503, at=1), hits(first=2, second=1)),
    ),
    "shadow-once": Deviation(
        "approximated",
        "copies a call each time that it asks a backend",
        (answered_by("main"), hits(main=2, copy=2)),
    ),
    "sticky-user": Deviation(
        "not-possible",
        "draws each call anew",
        (served(), holds("every user stays", lambda seen: not each_user_stays(seen))),
    ),
    "tenant-weights": Deviation("not-run", _NO_DATABASE),
    "tenant-weights-then-tiers": Deviation("not-run", _NO_DATABASE),
    "tenant-budget": Deviation("not-run", _NO_DATABASE),
}
