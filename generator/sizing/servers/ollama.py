"""Ollama: a GGUF file, a cache allotted at start for every slot, and layers left to the CPU where a GPU is small."""

from dataclasses import replace
from typing import ClassVar

from generator.sizing import kv, overhead, releases
from generator.sizing.arguments import Arguments
from generator.sizing.estimate import GIB, Estimate, Term
from generator.sizing.question import Question
from generator.sizing.servers.protocol import Changes, EightBitCache, Server, Terms
from generator.sizing.weights import weights

RESERVED = 0.446
"""GiB that Ollama leaves free on each NVIDIA GPU: 457 MiB."""
BATCH = 512
"""Tokens of a prompt that are worked on at once."""
GRAPH_NUMBER = 4
"""Bytes of a number of the compute graph."""


class Ollama(Server):
    """The server protocol for Ollama. Several GPUs share the layers out."""

    arguments: ClassVar = Arguments(
        fields={"kv-cache-type": "kv_dtype"},
        not_modelled=frozenset({"gpu-overhead", "sched-spread"}),
        undone={"flash-attention": "kv_dtype"},  # without it the cache is kept in 16 bit
    )
    changes: ClassVar = Changes(EightBitCache("kv-cache-type", "q8_0", "q8_0"), fewer="concurrency")
    precisions: ClassVar = ("gguf:q8_0", "gguf:q4_k_m")
    splits_heads: ClassVar = False
    spills: ClassVar = True
    slots: ClassVar = 4

    def understood(self, version: str) -> None:
        """Nothing here depends on its version."""

    def share(self, question: Question) -> float:
        """All but what it reserves."""
        return 1.0

    def batch(self, question: Question) -> tuple[int, int]:
        """That of the newest vLLM: its own is not measured."""
        return releases.default_batch(question.gpu, releases.NEWEST)

    def terms(self, question: Question) -> Terms:
        """Weights, compute graph, reserve, and what is outside the allocator."""
        stages = _as_stages(question)
        reserved = Term("reserve", Estimate.exact(RESERVED), "Ollama leaves 457 MiB of a GPU free")
        terms = (weights(stages), _graph(question), reserved, overhead.runtime(stages))
        return overhead.usable(question, 1.0), terms

    def layout(self, question: Question) -> kv.Layout:
        """Whole layers on each GPU; windows keep no more than themselves."""
        return kv.layout(_as_stages(question), kv.Paging(windows=True, in_flight=BATCH))


def _as_stages(question: Question) -> Question:
    """The question with its GPUs as stages of a pipeline, as Ollama uses them."""
    return replace(question, tp=1, pp=question.tp * question.pp)


def _graph(question: Question) -> Term:
    model = question.architecture
    size = GRAPH_NUMBER * BATCH * (model.hidden + model.vocab) / GIB
    why = f"{BATCH} tokens over {model.vocab} words in 32 bit"
    return Term("compute graph", Estimate(size, size * 0.5, size * 2 + 0.2), why)


OLLAMA = Ollama()
