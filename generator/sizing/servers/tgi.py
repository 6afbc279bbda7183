"""Text Generation Inference: it warms up with one large prefill and gives the cache what is left of most of the GPU."""

from generator.sizing import overhead
from generator.sizing.estimate import GIB, Estimate, Term
from generator.sizing.question import Question
from generator.sizing.weights import weights

ROOM = 0.9
"""Share of the allowed memory that the cache may fill up to; graphs are captured in the rest."""
PREFILL_TOKENS = 4096
"""Tokens of the warm-up's prefill where none is written."""
LOGIT = 4
"""Bytes of a logit: the warm-up asks for the probabilities of all tokens of the prompt, in 32 bit."""


def terms(question: Question) -> tuple[Term, tuple[Term, ...]]:
    """What TGI may take of a GPU, and what comes off it before the cache."""
    share = (question.utilization or 1.0) * ROOM
    room = overhead.usable(question, share, f", of which {ROOM:g} for the cache and what is before it")
    graphs = Term("CUDA graphs", Estimate.exact(0.0), "captured in the room that is left")
    return room, (weights(question), _prefill(question), graphs, overhead.runtime(question))


def _prefill(question: Question) -> Term:
    tokens = question.max_num_batched_tokens or PREFILL_TOKENS
    logits = tokens * question.architecture.vocab / question.tp * LOGIT
    peak = (overhead.step_numbers(question, tokens) * overhead.NUMBER + logits) / GIB
    why = f"a prefill of {tokens} tokens through the widest layer, and the probabilities of all of them"
    return Term("activation peak", Estimate.around(peak, 0.3, 0.5).widened(0.1, 0.4), why)
