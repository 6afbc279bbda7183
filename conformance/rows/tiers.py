"""Rows of tiers and weights: who is asked first, who next, and who is not asked."""

from conformance.client import Call
from conformance.expect import answered_by, hits, served, share, within
from conformance.row import Peer, Row
from conformance.script import (
    BEFORE_ANYTHING,
    OK,
    REFUSED,
    SILENT,
    Script,
    breaks,
    limited,
    overflow,
    status,
)

FINE = Peer((OK,))
PAIR = ({"first": 1}, {"second": 1})
NO_RETRY = {"retries": {"max": 0}}
ONE = Call()
QUICK = {"timeouts": {"connect": "2s", "firstToken": "3s", "idle": "3s", "total": "30s"}, **NO_RETRY}


def moves_on(
    name: str,
    says: str,
    script: Script,
    *,
    behaviour: str = "tiers",
    engine: str = "openai",
    call: Call = ONE,
) -> Row:
    """A call that the first tier fails and the second answers."""
    return Row(
        name=name,
        behaviour=behaviour,
        says=says,
        peers={"first": Peer((script,), engine), "second": FINE},
        tiers=PAIR,
        calls=(call,),
        expect=(answered_by("second"), hits(second=1)),
        settings=QUICK,
    )


_ORDER = (
    Row(
        name="first-tier-answers",
        behaviour="tiers",
        says="the first tier answers while it can, and no other tier is asked",
        peers={"first": FINE, "second": FINE},
        tiers=PAIR,
        calls=(Call(times=3),),
        expect=(answered_by("first"), hits(first=3, second=0)),
    ),
    Row(
        name="tiers-in-order",
        behaviour="tiers",
        says="tiers are tried in their order, each once",
        peers={"first": Peer((status(503),)), "second": Peer((limited(),)), "third": FINE, "fourth": FINE},
        tiers=({"first": 1}, {"second": 1}, {"third": 1}, {"fourth": 1}),
        calls=(Call(),),
        expect=(answered_by("third"), hits(first=1, second=1, third=1, fourth=0)),
        settings=QUICK,
    ),
    Row(
        name="weights",
        behaviour="weights",
        says="calls are shared by weight inside a tier: 4 to 1",
        peers={"big": FINE, "small": FINE},
        tiers=({"big": 4, "small": 1},),
        calls=(Call(times=48, stream=False),),
        # Four standard deviations of a fair draw are 0.23.
        expect=(share("big", 0.57, 0.98), served()),
    ),
    Row(
        name="weight-zero",
        behaviour="weights",
        says="a backend of weight 0 gets no call while the others answer",
        peers={"main": FINE, "idle": FINE},
        tiers=({"main": 1, "idle": 0},),
        calls=(Call(times=12, stream=False),),
        expect=(answered_by("main"), hits(idle=0)),
    ),
    Row(
        name="sibling-before-next-tier",
        behaviour="tiers",
        says="another backend of the tier is asked before the next tier",
        peers={"bad": Peer((status(503),)), "good": FINE, "next": FINE},
        tiers=({"bad": 1, "good": 1}, {"next": 1}),
        calls=(Call(times=12, stream=False),),
        expect=(answered_by("good"), hits(next=0)),
        settings={"retries": {"max": 1}},
    ),
    Row(
        name="fallback-route",
        behaviour="fallback",
        says="the tiers of the route named by `fallback` follow after the route's own",
        peers={"first": Peer((status(503),))},
        tiers=({"first": 1},),
        calls=(Call(),),
        expect=(answered_by("spare"), hits(first=1)),
        settings={**QUICK, "fallback": "fallback-goal"},
    ),
    Row(
        name="fallback-goal",
        behaviour="fallback",
        says="a route that others fall back to answers under its own name as well",
        peers={"spare": FINE},
        tiers=({"spare": 1},),
        calls=(Call(),),
        expect=(answered_by("spare"),),
    ),
)

_NAMES = (
    Row(
        name="alias",
        behaviour="aliases",
        says="a call by a further name of the route takes the route's way, its other tiers included",
        peers={"first": Peer((status(503),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(model="another-name"),),
        expect=(answered_by("second"), hits(first=1)),
        settings={**QUICK, "aliases": ["another-name"]},
    ),
    Row(
        name="cheapest-first",
        behaviour="choose",
        says="the cheapest backend of a tier that is healthy answers, whatever the weights",
        peers={"paid": FINE, "own": Peer((OK, OK, OK, status(503)), "vllm")},
        tiers=({"paid": 9, "own": 1},),
        calls=(Call(times=4, stream=False),),
        expect=(*(answered_by("own", at) for at in range(3)), answered_by("paid", 3), hits(own=4, paid=1)),
        settings={**NO_RETRY, "choose": "cheapest"},
    ),
)

_CAUSES = (
    moves_on("on-refused", "nobody listens: the next tier answers", REFUSED),
    moves_on("on-503", "503: the next tier answers", status(503)),
    moves_on(
        "on-503-whole",
        "503 to a call that does not stream: the next tier answers",
        status(503),
        call=Call(stream=False),
    ),
    moves_on("on-500", "500: the next tier answers", status(500)),
    moves_on("on-429", "429: the next tier answers", limited()),
    moves_on("on-529", "Anthropic's 529 (overloaded): the next tier answers", status(529), engine="anthropic"),
    moves_on(
        "on-reset",
        "the connection breaks before the first byte: the next tier answers",
        breaks("reset", after=BEFORE_ANYTHING),
    ),
    moves_on(
        "on-error-event",
        "TGI's 200 with an error as its first event: the next tier answers",
        breaks("error", after=0),
        behaviour="streamErrors",
        engine="tgi",
    ),
    moves_on(
        "on-error-body",
        "200 with an error as JSON where a stream was asked for: the next tier answers",
        Script(body={"error": {"message": "Model is overloaded", "type": "overloaded", "code": 503}}),
        behaviour="streamErrors",
    ),
    moves_on(
        "on-empty-stream",
        "200 and a stream that ends before its first token: the next tier answers",
        breaks("cut", after=0),
        behaviour="streamErrors",
    ),
    moves_on(
        "on-ollama-error",
        "Ollama's 200 with an error as its first line: the next tier answers",
        breaks("error", after=0),
        behaviour="streamErrors",
        engine="ollama",
    ),
    moves_on(
        "on-context-overflow",
        "400 since the prompt is over the backend's context: the next tier answers",
        overflow(),
        behaviour="context.overflow",
    ),
    moves_on(
        "on-no-headers",
        "no answer within firstToken: the next tier answers",
        Script(before_s=9),
        behaviour="timeouts.firstToken",
    ),
    moves_on(
        "on-late-token",
        "headers, but no token within firstToken: the next tier answers",
        Script(first_s=9),
        behaviour="timeouts.firstToken",
    ),
    Row(
        name="on-late-token-idle-longer",
        behaviour="timeouts.firstToken",
        says="firstToken holds when idle is longer",
        peers={"first": Peer((Script(before_s=9),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(answered_by("second"), within(0, 5)),
        settings={"timeouts": {"firstToken": "2s", "idle": "6s", "total": "60s"}, **NO_RETRY},
    ),
    Row(
        name="on-silent-host",
        behaviour="timeouts.connect",
        says="no connection within connect: the next tier answers, long before firstToken",
        peers={"first": Peer((SILENT,)), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(answered_by("second"), within(0, 5)),
        settings={"timeouts": {"connect": "1s", "firstToken": "8s", "idle": "8s", "total": "60s"}, **NO_RETRY},
    ),
    Row(
        name="left-out-cause",
        behaviour="fallbackOn",
        says="a cause that fallbackOn does not name stays with the caller",
        peers={"first": Peer((limited(),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(),),
        expect=(hits(first=1, second=0),),
        settings={**QUICK, "fallbackOn": ["connect", "503", "5xx"]},
        unlike={"calls": (Call(times=2),)},
    ),
)

ROWS = (*_ORDER, *_NAMES, *_CAUSES)
