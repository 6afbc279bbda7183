"""Numbers that nobody wrote and that memory leaves little of: told, since callers meet them first."""

from collections.abc import Iterator, Mapping

from generator.core.finding import Finding
from generator.core.kinds import resolve as kinds
from generator.core.words import counted
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.sized import FULL_SEQUENCES, LONGEST_DEFAULT_CONTEXT, Sized
from generator.sizing.servers.protocol import server

USEFUL_CONTEXT = 8192
"""Tokens below which a chat with documents or tools is of little use; also the default where memory is not judged."""


def findings(item: Candidate, sized: Sized) -> Iterator[Finding]:
    """The finding on a placement whose context or concurrency was left open and came out small."""
    question, whys = sized.question, sized.whys
    parts = []
    limit = question.architecture.max_context or LONGEST_DEFAULT_CONTEXT
    if "context" in whys and question.context < min(USEFUL_CONTEXT, limit):
        parts.append(f"{question.context} tokens of context")
    few = not server(question.engine).slots and question.concurrency < FULL_SEQUENCES
    if "concurrency" in whys and few:
        parts.append(f"{counted(question.concurrency, 'request')} at once")
    if not parts:
        return
    left, usable, weights = sized.budget.kv_available, sized.budget.usable.estimate, sized.budget.weights
    yield kinds.LITTLE_ROOM.at(
        item.path,
        f"{item.service} is served with {' and '.join(parts)}",
        cause=f"the spec leaves that open; of {usable.value:.1f} GiB that the server may use of a GPU the weights take "
        f"{weights.value:.1f}, and {max(left.low, 0):.1f} are left for keys and values",
        help=f"write what you need ({' and '.join(_open(whys))}), or give the model more or larger GPUs",
        on_key=True,
    )


def _open(whys: Mapping[str, str]) -> Iterator[str]:
    """The fields that were left open, as the spec spells them."""
    return (f"`{field}`" for field in ("context", "concurrency") if field in whys)
