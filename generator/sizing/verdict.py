"""Whether it fits: a refusal only where even the hopeful end fails, a promise only where the careful end holds."""

from generator.core.frozen import frozen
from generator.core.words import counted
from generator.sizing.budget import Budget
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server

FITS, TIGHT, DOES_NOT_FIT = "fits", "tight", "does-not-fit"
CROWDED = 1.2
"""Sequences of the full length below which a server is called tight."""


@frozen
class Verdict:
    """`fits`, `tight` or `does-not-fit`, what decided, and a sentence.

    What decides is one of `heads`, `weights`, `context`, `states` and `layers`, or nothing where it fits.
    """

    kind: str
    constraint: str
    reason: str


def judge(question: Question, budget: Budget) -> Verdict:
    """The verdict on a configuration that serves sequences of the asked length."""
    if server(question.engine).spills:
        return _layers(question, budget)
    return _heads(question) or _memory(question, budget) or _states(question, budget) or _room(question, budget)


def _layers(question: Question, budget: Budget) -> Verdict:
    """Whatever fits into the machine is served: what the GPU does not hold, the CPU computes."""
    model, gpus = question.architecture, question.tp * question.pp
    held, needed = budget.weights.value, budget.needed
    if budget.kv_available.low >= needed:
        return Verdict(
            FITS,
            "",
            f"all {model.layers} layers and {counted(question.concurrency or 1, 'slot')} of {question.length} tokens "
            "fit",
        )
    share = (budget.kv_available.value + held) / (held + needed)
    layers = max(0, min(model.layers, int(share * model.layers / gpus) * gpus))
    reason = f"about {layers} of {model.layers} layers fit on the GPU, the CPU computes the rest"
    if layers == model.layers:
        reason = f"all {layers} layers may fit on the GPU, or the CPU computes some"
    return Verdict(DOES_NOT_FIT if share <= 0 else TIGHT, "layers", reason)


def _heads(question: Question) -> Verdict | None:
    heads = question.architecture.heads
    if heads % question.tp == 0:
        return None
    return Verdict(DOES_NOT_FIT, "heads", f"{heads} attention heads cannot be split over {question.tp} GPUs")


def _memory(question: Question, budget: Budget) -> Verdict | None:
    available, needed = budget.kv_available, budget.needed
    one = f"one sequence of {question.length} tokens"
    if available.high <= 0:
        reason = f"{-available.value:.1f} GiB are missing before the first token is cached"
        return Verdict(DOES_NOT_FIT, "weights", reason)
    if available.high < needed:
        reason = f"{one} needs {needed:.2f} GiB, {max(available.value, 0):.2f} GiB are left"
        return Verdict(DOES_NOT_FIT, "context", reason)
    if available.low < needed:
        reason = f"{one} needs {needed:.2f} GiB of {available.low:.2f} to {available.high:.2f}"
        return Verdict(TIGHT, "weights" if available.value <= 0 else "context", reason)
    return None


def _states(question: Question, budget: Budget) -> Verdict | None:
    """Recurrent states: the engine captures a graph for its most sequences, and each needs a block."""
    if question.enforce_eager or not budget.layout.has("linear"):
        return None
    most, least = (budget.layout.blocks(gib) for gib in (budget.kv_available.high, budget.kv_available.low))
    if question.seqs <= least:
        return None
    kind = DOES_NOT_FIT if question.seqs > most else TIGHT
    return Verdict(
        kind, "states", f"{budget.blocks} state blocks fit, and there is one for each of {question.seqs} sequences"
    )


def _room(question: Question, budget: Budget) -> Verdict:
    at_once = budget.max_concurrency
    if at_once.low < CROWDED:
        return Verdict(TIGHT, "context", f"{at_once.value:.2f} sequences of {question.length} tokens fit at once")
    return Verdict(FITS, "", f"{at_once.value:.1f} sequences of {question.length} tokens fit at once")
