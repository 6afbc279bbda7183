"""What rows expect of callers and upstreams, as small checks that say what they saw instead."""

from collections.abc import Callable
from itertools import pairwise

from conformance.client import Got
from conformance.row import Check, Seen
from conformance.upstream import Received

At = int | None
"""A call by its number from 0; None stands for every call."""


def _each(at: At, judge: Callable[[Got], str]) -> Check:
    def check(seen: Seen) -> str:
        chosen = range(len(seen.calls)) if at is None else [at]
        wrong = [(number, text) for number in chosen if (text := judge(seen.calls[number]))]
        return f"call {wrong[0][0]}: {wrong[0][1]}" + _story(seen, wrong[0][0]) if wrong else ""

    return check


def _story(seen: Seen, number: int) -> str:
    got = seen.calls[number]
    hits = {role: len(upstream.calls) for role, upstream in seen.upstreams.items()}
    said = f"{got.status} {got.error or 'well'} {got.message[:120] or got.text[:80]!r} in {got.seconds:.1f} s"
    return f" [{said}; upstream calls {hits}]"


def answered_by(role: str, at: At = None) -> Check:
    """The upstream gave the whole answer, and the caller saw no error."""

    def judge(got: Got) -> str:
        good = got.text == f"{role} answers" and not got.error and not got.error_events
        return "" if good else f"not answered by {role}"

    return _each(at, judge)


def served(at: At = None) -> Check:
    """The caller saw a whole answer without an error, whoever gave it."""
    return _each(at, lambda got: "" if got.text.endswith(" answers") and not got.error else "not served")


def says(text: str, at: At = None) -> Check:
    """The caller's text is this, without an error."""
    return _each(at, lambda got: "" if got.text == text and not got.error else f"text is {got.text!r}, not {text!r}")


def fails(*statuses: int, at: At = None) -> Check:
    """The caller gets one of these statuses."""
    return _each(at, lambda got: "" if got.status in statuses and got.error else f"not answered with {statuses}")


def breaks_off(text: str, at: At = None) -> Check:
    """The caller gets this much, then exactly one error inside the stream."""

    def judge(got: Got) -> str:
        good = got.text == text and got.error and got.error_events == 1 and not got.finish
        return "" if good else f"text {got.text!r}, {got.error_events} error events, finish {got.finish!r}"

    return _each(at, judge)


def breaks_connection(text: str, at: At = None) -> Check:
    """The caller gets this much, then the connection breaks, without an error in the stream."""

    def judge(got: Got) -> str:
        good = got.text == text and got.error and not got.error_events and not got.finish
        return "" if good else f"text {got.text!r}, {got.error or 'no error'}, {got.error_events} error events"

    return _each(at, judge)


def within(least: float, most: float, at: At = None) -> Check:
    """The call took so many seconds."""
    return _each(at, lambda got: "" if least <= got.seconds <= most else f"took {got.seconds:.2f} s")


def first_within(most: float, at: At = None) -> Check:
    """The first content came within so many seconds."""
    return _each(at, lambda got: "" if 0 < got.first_s <= most else f"first content after {got.first_s:.2f} s")


def hits(**wanted: int | range) -> Check:
    """How often each upstream was called: a number, or a range that it lies in."""

    def check(seen: Seen) -> str:
        counts = {role: len(seen.upstreams[role].calls) for role in wanted}
        ok = all(n in want if isinstance(want := wanted[role], range) else n == want for role, n in counts.items())
        return "" if ok else f"upstream calls {counts}, not {wanted}{_story(seen, -1)}"

    return check


def share(role: str, least: float, most: float) -> Check:
    """The part of all calls that the upstream got."""

    def check(seen: Seen) -> str:
        counts = {name: len(upstream.calls) for name, upstream in seen.upstreams.items()}
        part = counts[role] / max(sum(counts.values()), 1)
        return "" if least <= part <= most else f"{role} got {part:.2f} of the calls: {counts}"

    return check


def waited(role: str, least: float, most: float) -> Check:
    """Seconds between two calls at the upstream, for every pair that followed one another."""

    def check(seen: Seen) -> str:
        times = [call.at for call in seen.upstreams[role].calls]
        gaps = [round(later - earlier, 2) for earlier, later in pairwise(times)]
        return "" if gaps and all(least <= gap <= most for gap in gaps) else f"{role} was called again after {gaps} s"

    return check


def let_go(role: str, most: float = 1) -> Check:
    """The upstream saw the caller leave within so many seconds."""

    def check(seen: Seen) -> str:
        calls = seen.upstreams[role].calls
        if not calls or calls[0].gone is None:
            return f"{role} never saw the caller leave"
        late = calls[0].gone - seen.calls[0].left
        return "" if late <= most else f"{role} saw the caller leave {late:.2f} s late"

    return check


def at_once(role: str, most: int) -> Check:
    """The most calls that the upstream ever had at the same time."""

    def check(seen: Seen) -> str:
        peak = seen.upstreams[role].peak
        return "" if 0 < peak <= most else f"{role} had {peak} calls at once"

    return check


def sent(role: str, what: str, judge: Callable[[Received], bool]) -> Check:
    """Every call that the upstream got is as it should be."""

    def check(seen: Seen) -> str:
        calls = seen.upstreams[role].calls
        wrong = [call for call in calls if not judge(call)]
        if calls and not wrong:
            return ""
        return f"{role} was not sent {what}: {wrong[:1] or 'no call at all'}"

    return check


def holds(what: str, judge: Callable[[Seen], bool]) -> Check:
    """Anything else."""
    return lambda seen: "" if judge(seen) else f"{what}{_story(seen, -1)}"
