"""Ollama: a GGUF file, a cache allotted at start for every slot, and layers left to the CPU where a GPU is small."""

from dataclasses import replace

from generator.sizing import overhead
from generator.sizing.estimate import GIB, Estimate, Term
from generator.sizing.question import Question
from generator.sizing.weights import weights

RESERVED = 0.446
"""GiB that Ollama leaves free on each NVIDIA GPU: 457 MiB."""
BATCH = 512
"""Tokens of a prompt that are worked on at once."""
GRAPH_NUMBER = 4
"""Bytes of a number of the compute graph."""


def terms(question: Question) -> tuple[Term, tuple[Term, ...]]:
    """What Ollama may take of a GPU, and what comes off it before the cache. Several GPUs share the layers out."""
    spread = spread_out(question)
    room = overhead.usable(question, 1.0)
    reserved = Term("reserve", Estimate.exact(RESERVED), "Ollama leaves 457 MiB of a GPU free")
    return room, (weights(spread), _graph(question), reserved, overhead.runtime(spread))


def spread_out(question: Question) -> Question:
    """The question with its GPUs as stages of a pipeline, as Ollama uses them."""
    return replace(question, tp=1, pp=question.tp * question.pp)


def _graph(question: Question) -> Term:
    model = question.architecture
    size = GRAPH_NUMBER * BATCH * (model.hidden + model.vocab) / GIB
    why = f"{BATCH} tokens over {model.vocab} words in 32 bit"
    return Term("compute graph", Estimate(size, size * 0.5, size * 2 + 0.2), why)
