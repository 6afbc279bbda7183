"""A failure as a test plays it and as docs/preflight.md tells it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.live.loopback import Answer, Cloud


@dataclass(frozen=True)
class Case:
    """What goes wrong (the words of the docs' table), what is answered then, and what must come of it.

    `change` replaces text of the spec; `says` are words of the finding's message, cause or help;
    `dotenv` is the `.env` of a docker host.
    """

    failure: str
    id: str
    code: int
    answers: dict[str, Answer] = field(default_factory=dict)
    change: tuple[tuple[str, str], ...] = ()
    says: tuple[str, ...] = ()
    line: int = 0
    dotenv: str = ""
    prepare: Callable[[Cloud], None] | None = None

    def __str__(self) -> str:
        return self.failure.replace(" ", "-")

    def spec(self, text: str) -> str:
        for old, new in self.change:
            assert old in text, old
            text = text.replace(old, new)
        return text
