"""What the model of memory and speed asks of an engine. These docstrings are the manual for adding one more."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Protocol

from generator.catalog.facts import ModelFacts
from generator.catalog.rope import Reach
from generator.core.frozen import frozen
from generator.core.lazy import load
from generator.sizing.arguments import Arguments
from generator.sizing.estimate import Term
from generator.sizing.kv import Layout
from generator.sizing.question import Defaults, Question
from generator.sizing.servers import SERVERS

SIXTEEN_BIT, THIRTY_TWO_BIT = 2, 4
"""Bytes of a number."""
Terms = tuple[Term, tuple[Term, ...]]
"""What the engine may take of a GPU, and what comes off it before the cache, the weights first."""


@frozen
class EightBitCache:
    """How an engine is told to keep keys and values in 8 bit: its argument and the value, and a question's word.

    GPUs can do it from `min_capability` on; 0 stands for all.
    """

    argument: str
    value: str
    kv_dtype: str
    min_capability: float = 0.0


@frozen
class Changes:
    """What of a server can be changed so that a model fits; empty or none for what cannot.

    `fewer` is the field of a question whose half leaves more room, `share` the argument for a larger share of memory,
    `weights` the format of 8 bit that the engine makes of weights in 16 bit while it loads them.
    """

    cache: EightBitCache | None = None
    fewer: str = ""
    share: str = ""
    weights: str = ""


class Server(Defaults, Protocol):
    """An engine's server. Add one: `sizing/servers/x.py` and a line in `SERVERS`. What has a default may be left out.

    `precisions` are the formats of weights that people choose between on it. `measured` is whether its speeds are;
    else those of the measured one stand in, with wider intervals. `splits_heads`: the GPUs of a replica share the
    attention heads, else each holds whole layers. `spills`: layers that find no room are computed on the CPU. `slots`
    are the requests at once, at most, that nobody wrote, where each takes a whole context of the cache from the start;
    0 where all share it. `shared_gib` is what the system has of memory that it shares with a GPU, where the server asks
    for a share of the whole at start.
    """

    arguments: ClassVar[Arguments]
    precisions: ClassVar[tuple[str, ...]]
    changes: ClassVar[Changes] = Changes()
    measured: ClassVar[bool] = False
    splits_heads: ClassVar[bool] = True
    spills: ClassVar[bool] = False
    slots: ClassVar[int] = 0
    shared_gib: ClassVar[float] = 0.0

    def terms(self, question: Question) -> Terms:
        """The budget of one GPU, that of the fullest rank."""
        ...

    def layout(self, question: Question) -> Layout:
        """How the cache is laid out on one rank."""
        ...

    def number(self, question: Question) -> int:
        """Of 16 bit."""
        return SIXTEEN_BIT

    def refuses(self, question: Question) -> bool:
        """Whether it stops at start-up for a reason other than memory."""
        return False

    def unmodelled(self, args: Mapping[str, Any]) -> str:
        """The first argument that the budget cannot follow; empty where there is none."""
        return self.arguments.unmodelled(args)

    def reach(self, model: ModelFacts, version: str, args: Mapping[str, Any], env: Mapping[str, str]) -> Reach:
        """How long a sequence may be with these arguments and variables."""
        return Reach(model.max_context, model.max_context)

    def longer(self, model: ModelFacts, version: str, tokens: int, args: Mapping[str, Any]) -> tuple[str, str] | None:
        """The argument and its value that make a model so long, beside what is written; none where none was tried."""
        return None

    def most_sequences(self, question: Question) -> int:
        """Sequences at once that the server takes at most where nobody says."""
        return question.defaults.batch(question)[1]

    def chosen_share(self, question: Question, *, desktop: bool, reserved_gib: float = 0.0) -> tuple[float, str] | None:
        """The share of memory that gen tells the engine, and why; none where it tells none.

        `desktop`: a screen may share the GPU; `reserved_gib` of it are others' for certain.
        """
        return None

    def chosen_step(self, question: Question) -> tuple[int, str] | None:
        """The tokens of a step that gen tells the engine, and why; none where the engine is to choose."""
        return None

    def prepared(self, question: Question) -> tuple[int, int]:
        """What is made before the first answer: layers that are compiled, and graphs that are captured."""
        return 0, 0


def server(engine: str) -> Server:
    """The server of an engine that is in `SERVERS`."""
    return _loaded(SERVERS[engine])


def find(engine: str) -> Server | None:
    """The server of any engine; none where it is not modelled."""
    return server(engine) if engine in SERVERS else None


@cache
def _loaded(reference: str) -> Server:
    server: Server = load(reference)
    return server
