"""Rows of callers: those who stick to a backend, whose calls are copied, who have weights and budgets of their own."""

from collections.abc import Mapping
from typing import Any

from conformance.client import Call
from conformance.expect import answered_by, fails, hits, holds, let_go, sent, served, within
from conformance.keys import secret
from conformance.row import Peer, Row, Seen
from conformance.rows.tiers import FINE, NO_RETRY, PAIR
from conformance.script import OK, SILENT, Script, breaks, status

_TWO = ({"a": 1, "b": 1},)
_ALONE = ({"main": 1},)
# An odd number, so that taking turns does not look like sticking.
_USERS = tuple(Call(stream=False, more={"user": f"user-{number}"}) for number in range(15))


def _one_only(seen: Seen) -> bool:
    return sorted(len(upstream.calls) for upstream in seen.upstreams.values())[0] == 0


def _both(seen: Seen) -> bool:
    return all(upstream.calls for upstream in seen.upstreams.values())


def each_user_stays(seen: Seen) -> bool:
    """Whether each of the users was answered by one upstream alone."""
    places: dict[int, set[str]] = {}
    for number, got in enumerate(seen.calls):
        places.setdefault(number % len(_USERS), set()).add(got.text)
    return all(len(texts) == 1 for texts in places.values())


def _beta(route: str, role: str) -> Mapping[str, Any]:
    key = {"env": f"{route.upper().replace('-', '_')}_KEY"}
    return {f"beta-{route}": {"key": key, "routes": [route], "weights": {route: {role: 1}}}}


_STICKY = (
    Row(
        name="sticky-tenant",
        behaviour="sticky.tenant",
        says="all calls of one key go to one backend of the tier",
        peers={"a": FINE, "b": FINE},
        tiers=_TWO,
        calls=(Call(times=12, stream=False),),
        expect=(served(), holds("calls went to both", _one_only)),
        settings={"sticky": "tenant"},
        unlike={"settings": {}},
    ),
    Row(
        name="sticky-user",
        behaviour="sticky.user",
        says="calls of one `user` go to one backend of the tier, and users spread over all",
        peers={"a": FINE, "b": FINE},
        tiers=_TWO,
        calls=_USERS * 3,
        expect=(served(), holds("a user moved", each_user_stays), holds("users do not spread", _both)),
        settings={"sticky": "user"},
        # Where calls are drawn anew in any case, one backend alone makes the difference.
        unlike={"settings": {}, "tiers": ({"a": 1, "b": 0},)},
    ),
    Row(
        name="sticky-header",
        behaviour="sticky.header",
        says="calls with the same value of the header go to one backend of the tier",
        peers={"a": FINE, "b": FINE},
        tiers=_TWO,
        calls=(Call(times=12, stream=False, headers={"x-session-id": "session-one"}),),
        expect=(served(), holds("calls went to both", _one_only)),
        settings={"sticky": "x-session-id"},
        unlike={"settings": {}},
    ),
    Row(
        name="sticky-moves-on",
        behaviour="sticky.user",
        says="a user whose backend fails is answered by another",
        peers={"bad": Peer((status(503),)), "good": FINE},
        tiers=({"bad": 1, "good": 1},),
        calls=_USERS,
        expect=(answered_by("good"),),
        settings={"sticky": "user", "retries": {"max": 1}},
    ),
)

_SHADOWS = (
    Row(
        name="shadow-copy",
        behaviour="shadow",
        says="every call is copied, with the other backend's own model name, and answered by the tier",
        peers={"main": FINE, "copy": FINE},
        tiers=_ALONE,
        calls=(Call(times=4), Call(times=2, stream=False)),
        expect=(
            answered_by("main"),
            hits(main=6, copy=6),
            sent("copy", "its own model name", lambda call: call.body.get("model") == "copy-model"),
            sent(
                "copy", "its own key", lambda call: call.headers.get("authorization", "").endswith(secret("COPY_KEY"))
            ),
        ),
        settings={"shadow": ("copy", 100)},
        unlike={"settings": {}},
    ),
    Row(
        name="shadow-share",
        behaviour="shadow",
        says="about `share` percent of calls are copied",
        peers={"main": FINE, "copy": FINE},
        tiers=_ALONE,
        calls=(Call(times=60, stream=False),),
        # Four standard deviations of a fair draw are 0.26.
        expect=(answered_by("main"), hits(main=60, copy=range(14, 47))),
        settings={"shadow": ("copy", 50)},
        unlike={"settings": {"shadow": ("copy", 1)}},
    ),
    Row(
        name="shadow-once",
        behaviour="shadow",
        says="a call that is asked twice is copied once",
        peers={"main": Peer((status(500), OK)), "copy": FINE},
        tiers=_ALONE,
        calls=(Call(stream=False),),
        expect=(answered_by("main"), hits(main=2, copy=1)),
        settings={"retries": {"max": 1}, "shadow": ("copy", 100)},
    ),
    Row(
        name="shadow-fails",
        behaviour="shadow",
        says="a copy that fails changes nothing for the caller",
        peers={"main": FINE, "copy": Peer((status(500), breaks("reset", after=0)))},
        tiers=_ALONE,
        calls=(Call(), Call()),
        expect=(answered_by("main"), hits(main=2)),
        settings={"shadow": ("copy", 100)},
    ),
    Row(
        name="shadow-slow",
        behaviour="shadow",
        says="nobody waits for a copy that is slow",
        peers={"main": FINE, "copy": Peer((Script(before_s=8),))},
        tiers=_ALONE,
        calls=(Call(), Call(stream=False)),
        expect=(answered_by("main"), within(0, 4), hits(main=2, copy=2)),
        settings={"shadow": ("copy", 100)},
    ),
    Row(
        name="shadow-silent",
        behaviour="shadow",
        says="nobody waits for a copy whose host does not answer, long prompts included",
        peers={"main": FINE, "copy": Peer((SILENT,))},
        tiers=_ALONE,
        calls=(Call(), Call(stream=False, prompt="word " * 200_000)),
        expect=(answered_by("main"), within(0, 4), hits(main=2)),
        settings={"shadow": ("copy", 100)},
    ),
    Row(
        name="shadow-whole",
        behaviour="shadow",
        says="a copy has the whole prompt, and a caller who leaves does not end it",
        peers={"main": Peer((Script(before_s=3),)), "copy": Peer((Script(before_s=1),))},
        tiers=_ALONE,
        calls=(Call(stream=False, prompt="word " * 200_000, leave_after=0, leave_s=0.7),),
        expect=(
            sent("copy", "the prompt", lambda call: len(call.body["messages"][0]["content"]) == 1_000_000),
            holds("the copy ended early", lambda seen: all(call.ended for call in seen.upstreams["copy"].calls)),
            let_go("main"),
        ),
        settings={"shadow": ("copy", 100)},
    ),
)

_TENANTS = (
    Row(
        name="tenant-weights",
        behaviour="tenants.weights",
        says="a tenant's own weights take the place of the first tier, for its calls only",
        peers={"main": FINE, "next": FINE},
        tiers=({"main": 1, "next": 0},),
        calls=(Call(stream=False, times=3), Call(stream=False, times=3, key=secret("TENANT_WEIGHTS_KEY"))),
        expect=(
            *(answered_by("main", at) for at in range(3)),
            *(answered_by("next", at) for at in range(3, 6)),
            hits(main=3, next=3),
        ),
        tenants=_beta("tenant-weights", "next"),
    ),
    Row(
        name="tenant-weights-then-tiers",
        behaviour="tenants.weights",
        says="after a tenant's own first tier come the other tiers of the route",
        peers={"first": FINE, "own": Peer((status(503),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(stream=False, key=secret("TENANT_WEIGHTS_THEN_TIERS_KEY")),),
        expect=(answered_by("second"), hits(first=0, own=1, second=1)),
        settings=NO_RETRY,
        tenants=_beta("tenant-weights-then-tiers", "own"),
    ),
    Row(
        name="tenant-budget",
        behaviour="tenants.budget",
        says="a tenant that has spent its budget is answered with 429 until the next period",
        peers={"main": FINE},
        tiers=_ALONE,
        calls=(Call(times=3, stream=False, key=secret("SPENDER_KEY")),),
        expect=(answered_by("main", 0), fails(429, at=2)),
        tenants={"spender": {"key": {"env": "SPENDER_KEY"}, "routes": ["tenant-budget"], "budget": {"usd": 0.01}}},
    ),
)

_COMPLETION = (
    Row(
        name="completion-only",
        behaviour="apis",
        says="a route of models without a chat template completes text, and refuses chats itself",
        peers={"base": Peer((Script(),), "vllm")},
        tiers=({"base": 1},),
        calls=(Call(api="completions"), Call(api="completions", stream=False), Call()),
        expect=(answered_by("base", 0), answered_by("base", 1), fails(400, 404, at=2), hits(base=2)),
        settings={"task": "complete"},
    ),
    Row(
        name="completions-next-tier",
        behaviour="apis",
        says="a text that the first tier cannot complete is completed by the next, in one piece and as a stream",
        peers={"first": Peer((status(503),), "vllm"), "second": Peer((Script(),), "vllm")},
        tiers=PAIR,
        calls=(Call(api="completions", stream=False), Call(api="completions")),
        expect=(answered_by("second"), hits(first=2, second=2)),
        settings=NO_RETRY,
    ),
)

ROWS = (*_STICKY, *_SHADOWS, *_TENANTS, *_COMPLETION)
