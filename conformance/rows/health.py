"""Rows of retries, waits, cooldowns and limits: how often a backend that fails is asked, and when again."""

from conformance.client import Call
from conformance.expect import answered_by, at_once, fails, hits, holds, served, waited, within
from conformance.keys import secret
from conformance.row import Peer, Row, Seen
from conformance.rows.tiers import FINE, NO_RETRY, PAIR
from conformance.script import OK, Script, limited, status

ALONE = ({"only": 1},)


_SLOW = {"key": {"env": "SLOW_KEY"}, "routes": ["tenant-minute"]}
_WIDE = {"key": {"env": "WIDE_KEY"}, "routes": ["tenant-parallel"]}


def _some_turned_away(seen: Seen) -> bool:
    codes = [got.status for got in seen.calls]
    return codes.count(429) >= 1 and codes.count(200) >= 1 and set(codes) <= {200, 429}


def _two_of_four(seen: Seen) -> bool:
    return sum(len(seen.upstreams[name].calls) for name in "abcd") <= 2


_RETRIES = (
    Row(
        name="retries-bounded",
        behaviour="retries.max",
        says="a failing backend is asked retries.max times more, then the next tier",
        peers={"first": Peer((status(500),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(stream=False),),
        expect=(answered_by("second"), hits(first=3, second=1)),
        settings={"retries": {"max": 2}},
    ),
    Row(
        name="retries-last-tier",
        behaviour="retries.max",
        says="a failing backend of the last tier is asked retries.max times more, then the caller gets the error",
        peers={"only": Peer((status(500),))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        expect=(fails(500), hits(only=3)),
        settings={"retries": {"max": 2}},
    ),
    Row(
        name="retries-none",
        behaviour="retries.max",
        says="with retries.max 0 nobody is asked twice",
        peers={"only": Peer((status(503),))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        expect=(fails(503), hits(only=1)),
        settings=NO_RETRY,
    ),
    Row(
        name="retries-across-siblings",
        behaviour="retries.max",
        says="with retries.max 1 a tier of four failing backends is left after two",
        peers={name: Peer((status(503),)) for name in ("a", "b", "c", "d")} | {"next": FINE},
        tiers=({"a": 1, "b": 1, "c": 1, "d": 1}, {"next": 1}),
        calls=(Call(stream=False),),
        expect=(answered_by("next"), holds("more than two asked", _two_of_four)),
        settings={"retries": {"max": 1}},
    ),
    Row(
        name="backoff-first",
        behaviour="retries.backoff.base",
        says="the first wait is at most backoff.base",
        peers={"only": Peer((status(500), OK))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        expect=(answered_by("only"), waited("only", 0, 0.45)),
        settings={"retries": {"max": 1, "backoff": {"base": "250ms", "max": "4s"}}},
    ),
    Row(
        name="backoff-longest",
        behaviour="retries.backoff.max",
        says="no wait is longer than backoff.max",
        peers={"only": Peer((status(500),) * 4 + (OK,))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        expect=(answered_by("only"), waited("only", 0, 0.7)),
        settings={"retries": {"max": 4, "backoff": {"base": "250ms", "max": "500ms"}}},
    ),
    Row(
        name="retry-after-seconds",
        behaviour="retries.retryAfter",
        says="a Retry-After in seconds is waited for before the same backend is asked again",
        peers={"only": Peer((limited("3"), OK))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        expect=(answered_by("only"), waited("only", 2.9, 6)),
        settings={"retries": {"max": 1}},
    ),
    Row(
        name="retry-after-date",
        behaviour="retries.retryAfter",
        says="a Retry-After that is a date is waited for as well",
        peers={"only": Peer((limited("date+4"), OK))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        # A date has whole seconds, so up to one is lost.
        expect=(answered_by("only"), waited("only", 2.9, 8)),
        settings={"retries": {"max": 1}},
    ),
    Row(
        name="retry-after-huge",
        behaviour="retries.retryAfter",
        says="a Retry-After of a day is not waited for",
        peers={"only": Peer((limited("86400"), limited("86400"), OK))},
        tiers=ALONE,
        calls=(Call(stream=False),),
        expect=(fails(429), within(0, 20)),
        settings={"retries": {"max": 1}},
    ),
    Row(
        name="retry-after-next-tier",
        behaviour="retries.retryAfter",
        says="where another tier follows, nobody waits for a Retry-After",
        peers={"first": Peer((limited("20"),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(stream=False),),
        expect=(answered_by("second"), hits(first=1, second=1), within(0, 12)),
    ),
)

_COOLDOWN = (
    Row(
        name="cooldown-leaves-out",
        behaviour="cooldown",
        says="a backend that keeps failing is left out",
        peers={"first": Peer((status(503),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(times=8, stream=False),),
        expect=(answered_by("second"), hits(first=range(1, 4), second=8)),
        settings=NO_RETRY,
    ),
    Row(
        name="cooldown-in-a-crowd",
        behaviour="cooldown",
        says="a backend that keeps failing is left out while many others are busy, too",
        peers={"first": Peer((status(503),)), "second": FINE},
        tiers=PAIR,
        calls=(Call(wait_s=40, stream=False), Call(times=7, stream=False)),
        expect=(answered_by("second"), hits(first=range(1, 4), second=8)),
        settings=NO_RETRY,
    ),
    Row(
        name="cooldown-brings-back",
        behaviour="cooldown",
        says="a backend that was left out is asked again after the cooldown",
        peers={"first": Peer((status(503), status(503), OK)), "second": FINE},
        tiers=PAIR,
        calls=(Call(times=4, stream=False), Call(wait_s=40, stream=False)),
        expect=(*(answered_by("second", at) for at in range(4)), answered_by("first", 4), hits(first=3)),
        settings=NO_RETRY,
    ),
    Row(
        name="cooldown-of-the-route",
        behaviour="cooldown",
        says="a route says after how many failures a backend is left out, and for how long",
        peers={"first": Peer((status(503), OK)), "second": FINE},
        tiers=PAIR,
        calls=(Call(times=4, stream=False), Call(wait_s=12, stream=False)),
        expect=(*(answered_by("second", at) for at in range(4)), answered_by("first", 4), hits(first=2)),
        settings={**NO_RETRY, "cooldown": {"failures": 1, "pause": "8s"}},
    ),
    Row(
        name="cooldown-never-alone",
        behaviour="cooldown",
        says="the only backend is never left out",
        peers={"only": Peer((status(503),) * 5 + (OK,))},
        tiers=ALONE,
        calls=(Call(times=6, stream=False),),
        expect=(fails(503, at=0), fails(503, at=4), answered_by("only", 5), hits(only=6)),
        settings=NO_RETRY,
    ),
)

_LIMITS = (
    Row(
        name="concurrency-cap",
        behaviour="concurrency",
        says="a backend gets no more calls at once than its engine runs, and the next tier answers the others",
        peers={"first": Peer((Script(before_s=0.9),), "vllm"), "second": FINE},
        tiers=PAIR,
        calls=(Call(times=10, together=True, stream=False), Call(wait_s=3, stream=False)),
        # Being full is no failure: afterwards the backend is asked as before.
        expect=(at_once("first", 4), served(), answered_by("first", 10)),
        # Calls that reach nobody are neither held back nor sent all at once.
        unlike={"calls": (Call(times=11, key="sk-nobody-0123456789abcdef", stream=False),)},
    ),
    Row(
        name="parallel-calls",
        behaviour="tiers",
        says="calls at the same time each get their own whole answer",
        peers={"only": Peer((Script(gap_s=0.05),))},
        tiers=ALONE,
        calls=(Call(times=10, together=True),),
        expect=(answered_by("only"), hits(only=10)),
    ),
    Row(
        name="tenant-routes",
        behaviour="tenants",
        says="a tenant's key opens its own routes and no others",
        peers={"only": FINE},
        tiers=ALONE,
        calls=(Call(key=secret("NARROW_KEY")), Call(key=secret("NARROW_KEY"), model="tenant-minute")),
        expect=(answered_by("only", 0), fails(401, 403, 404, at=1)),
        tenants={"narrow": {"key": {"env": "NARROW_KEY"}, "routes": ["tenant-routes"]}},
    ),
    Row(
        name="tenant-minute",
        behaviour="tenants.limits",
        says="a tenant's calls over requestsPerMinute are answered with 429",
        peers={"only": FINE},
        tiers=ALONE,
        calls=(Call(key=secret("SLOW_KEY"), stream=False, times=4),),
        expect=(*(answered_by("only", at) for at in range(3)), fails(429, at=3), hits(only=3)),
        tenants={"slow": {**_SLOW, "limits": {"requestsPerMinute": 3}}},
    ),
    Row(
        name="tenant-parallel",
        behaviour="tenants.limits",
        says="a tenant never has more calls at once than maxParallel; those over it are answered with 429",
        peers={"only": Peer((Script(before_s=2),))},
        tiers=ALONE,
        calls=(Call(key=secret("WIDE_KEY"), stream=False, times=6, together=True),),
        expect=(at_once("only", 2), holds("not answered with 429", _some_turned_away)),
        tenants={"wide": {**_WIDE, "limits": {"maxParallel": 2}}},
        unlike={"tenants": {"wide": {**_WIDE, "routes": ["tenant-parallel-turned"], "limits": {"maxParallel": 50}}}},
    ),
    Row(
        name="tenant-priority",
        behaviour="tenants.priority",
        says="when it is crowded, a tenant of high priority goes first",
        peers={"only": FINE},
        tiers=ALONE,
        calls=(Call(),),
        expect=(answered_by("only"),),
    ),
)

ROWS = (*_RETRIES, *_COOLDOWN, *_LIMITS)
