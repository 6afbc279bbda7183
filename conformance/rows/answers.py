"""Rows of what callers are told: their own mistakes, answers that break off, limits of time, and their leaving."""

from conformance.client import Call
from conformance.expect import (
    breaks_off,
    fails,
    first_within,
    hits,
    holds,
    let_go,
    says,
    within,
)
from conformance.row import Peer, Row
from conformance.rows.tiers import FINE, NO_RETRY, PAIR
from conformance.script import Script, breaks, status

_STEADY = ("one", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten")


def stays(code: int, says: str) -> Row:
    """An upstream's answer to a caller's mistake, which no other backend mends."""
    return Row(
        name=f"stays-{code}",
        behaviour="clientErrors",
        says=says,
        peers={"first": Peer((status(code),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(stream=False),),
        expect=(fails(code), hits(first=1, second=0)),
    )


def broken(name: str, says: str, script: Script, *, engine: str = "openai") -> Row:
    """A stream that goes wrong after two tokens: the caller gets these and one error, and nobody else is asked."""
    return Row(
        name=name,
        behaviour="streamBreaks",
        says=says,
        peers={"first": Peer((script,), engine), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(breaks_off("first "), hits(first=1, second=0)),
        settings=NO_RETRY,
    )


_MISTAKES = (
    stays(400, "a backend's 400 is the caller's answer"),
    stays(401, "a backend's 401 is told, and not hidden behind the next tier"),
    stays(404, "a backend's 404 is told, and not hidden behind the next tier"),
    Row(
        name="unknown-model",
        behaviour="models",
        says="a name that no route has is answered with 404",
        peers={"only": FINE},
        tiers=({"only": 1},),
        calls=(Call(stream=False, model="nobody-knows-this"),),
        expect=(fails(404), hits(only=0)),
        unlike={"calls": (Call(stream=False),)},
    ),
    Row(
        name="unknown-key",
        behaviour="callerKeys",
        says="an unknown key is answered with 401, and no backend is asked",
        peers={"only": FINE},
        tiers=({"only": 1},),
        calls=(Call(stream=False, key="sk-nobody-0123456789abcdef"),),
        expect=(fails(401), hits(only=0)),
        unlike={"calls": (Call(stream=False),)},
    ),
    Row(
        name="model-list",
        behaviour="models",
        says="the list of models is the route table's, name by name",
        peers={"only": FINE},
        tiers=({"only": 1},),
        calls=(Call(api="models"),),
        expect=(holds("the list is not the table", lambda seen: seen.calls[0].text.split() == sorted(seen.routes)),),
        unlike={"calls": (Call(api="models", key="sk-nobody-0123456789abcdef"),)},
    ),
)

_BROKEN = (
    broken("breaks-error-event", "an error event after the first token is passed on once", breaks("error")),
    broken(
        "breaks-vllm-error", "vLLM's error event and the [DONE] after it are one error", breaks("error"), engine="vllm"
    ),
    broken(
        "breaks-tgi-error", "TGI's error event and the [DONE] after it are one error", breaks("error"), engine="tgi"
    ),
    broken(
        "breaks-ollama-error",
        "Ollama's error line after the first token is one error",
        breaks("error"),
        engine="ollama",
    ),
    broken(
        "breaks-anthropic-error",
        "Anthropic's error event after the first token is one error",
        breaks("error"),
        engine="anthropic",
    ),
    broken("breaks-reset", "a connection that breaks after the first token is one error", breaks("reset")),
    broken("breaks-truncated", "a stream without a finish is an error, and never a whole answer", breaks("cut")),
)

_TIMES = (
    Row(
        name="idle-stall",
        behaviour="timeouts.idle",
        says="a stream that falls silent for longer than idle ends with one error",
        peers={"first": Peer((breaks("stall"),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(breaks_off("first "), within(1.5, 6), hits(second=0)),
        settings={"timeouts": {"firstToken": "2s", "idle": "2s", "total": "40s"}, **NO_RETRY},
    ),
    Row(
        name="idle-shorter-than-first-token",
        behaviour="timeouts.idle",
        says="idle holds when firstToken is longer",
        peers={"only": Peer((breaks("stall"),))},
        tiers=({"only": 1},),
        calls=(Call(),),
        expect=(breaks_off("only "), within(1.5, 5)),
        settings={"timeouts": {"firstToken": "8s", "idle": "2s", "total": "40s"}, **NO_RETRY},
    ),
    Row(
        name="long-stream",
        behaviour="timeouts.idle",
        says="a stream that keeps talking outlives firstToken and idle many times over",
        peers={"only": Peer((Script(words=_STEADY, gap_s=1),))},
        tiers=({"only": 1},),
        calls=(Call(),),
        expect=(says("".join(_STEADY)), first_within(4), within(9, 30)),
        settings={"timeouts": {"firstToken": "3s", "idle": "3s", "total": "60s"}, **NO_RETRY},
    ),
    Row(
        name="total-stream",
        behaviour="timeouts.total",
        says="a stream that talks for longer than total ends with one error",
        peers={"only": Peer((Script(words=_STEADY, gap_s=1),))},
        tiers=({"only": 1},),
        calls=(Call(),),
        expect=(within(3, 7), holds("no single error", lambda seen: seen.calls[0].error_events == 1)),
        settings={"timeouts": {"firstToken": "2s", "idle": "2s", "total": "4s"}, **NO_RETRY},
    ),
    Row(
        name="total-whole",
        behaviour="timeouts.total",
        says="a call that does not stream ends after total",
        peers={"only": Peer((Script(before_s=12),))},
        tiers=({"only": 1},),
        calls=(Call(stream=False),),
        expect=(fails(408, 500, 504), within(1.5, 9)),
        settings={"timeouts": {"firstToken": "1s", "idle": "1s", "total": "3s"}, **NO_RETRY},
    ),
)

_LEAVING = (
    Row(
        name="leaves-mid-stream",
        behaviour="disconnect",
        says="a caller that leaves in the middle of a stream frees the backend within 1 s",
        peers={"only": Peer((Script(words=_STEADY * 2, gap_s=0.5),))},
        tiers=({"only": 1},),
        calls=(Call(leave_after=3),),
        expect=(let_go("only"),),
    ),
    Row(
        name="leaves-before-token",
        behaviour="disconnect",
        says="a caller that leaves before the first token frees the backend within 1 s",
        peers={"only": Peer((Script(before_s=10),))},
        tiers=({"only": 1},),
        calls=(Call(leave_after=0, leave_s=3),),
        expect=(let_go("only"), hits(only=1)),
    ),
    Row(
        name="leaves-whole",
        behaviour="disconnect",
        says="a caller that leaves a call that does not stream frees the backend within 1 s, and nobody else is asked",
        peers={"first": Peer((Script(before_s=10),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(stream=False, leave_after=0, leave_s=3),),
        expect=(let_go("first"), hits(first=1, second=0)),
    ),
)

ROWS = (*_MISTAKES, *_BROKEN, *_TIMES, *_LEAVING)
