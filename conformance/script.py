"""What an upstream does with a call: one value for each way in which real ones answer, stumble and fall silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

End = Literal["done", "cut", "reset", "stall", "error"]
Wire = Literal["plain", "bytes", "crlf", "comments"]
BEFORE_ANYTHING = -1


@dataclass(frozen=True, slots=True)
class Script:
    """One answer.

    `before_s` is waited before the status line, `first_s` between the headers and the first token, `gap_s` after each
    token; all in seconds. After `tokens` (None: all of them) comes the `end`: `done` is the proper one, `cut` closes
    without a finish, `reset` breaks the connection, `stall` falls silent, `error` is an event in the stream. A reset
    after `BEFORE_ANYTHING` tokens comes instead of the status line. `words` are the content tokens; by default they
    say who answers. `deltas` replace the content deltas of a chat stream, `body` the whole answer. One that `hangs_up`
    closes the connection when all is said, where others wait for the next call.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    code: str = ""
    before_s: float = 0
    first_s: float = 0
    gap_s: float = 0
    words: tuple[str, ...] = ()
    tokens: int | None = None
    end: End = "done"
    wire: Wire = "plain"
    deltas: tuple[Mapping[str, Any], ...] = ()
    body: Mapping[str, Any] | None = None
    hangs_up: bool = False

    @property
    def well(self) -> bool:
        """Whether callers get a whole answer in their own time."""
        return self.status == 200 and self.end == "done" and self.body is None and self.before_s + self.first_s < 1


OK = Script()
REFUSED = Script(status=0)
"""Nobody listens at the port; an upstream does this always or never."""

SILENT = Script(status=-1)
"""Connections to the port are neither taken nor refused; an upstream does this always or never."""


def status(code: int, message: str = "", *, after_s: float = 0, kind: str = "") -> Script:
    """An error answer."""
    return Script(status=code, message=message or f"upstream says {code}", before_s=after_s, code=kind)


def limited(retry_after: str = "") -> Script:
    """429, with a Retry-After header when one is given: seconds, or `date+20` for the date in so many seconds."""
    return Script(status=429, message="slow down", headers={"Retry-After": retry_after} if retry_after else {})


def overflow() -> Script:
    """The 400 of a prompt over the context, in OpenAI's words."""
    text = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
    return status(400, text, kind="context_length_exceeded")


def breaks(end: End, *, after: int = 2, **changes: Any) -> Script:
    """A stream that goes wrong after so many tokens."""
    return Script(end=end, tokens=after, message="upstream broke", **changes)


def inverted(script: Script) -> Script:
    """The opposite: what answered well fails, and what failed answers well at once."""
    return status(500, "inverted") if script.well else OK
