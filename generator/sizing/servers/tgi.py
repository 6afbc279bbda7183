"""Text Generation Inference: it warms up with one large prefill and gives the cache what is left of most of the GPU."""

from collections.abc import Mapping
from typing import Any, ClassVar

from generator.catalog.facts import ModelFacts
from generator.catalog.rope import Reach
from generator.sizing import kv, overhead, releases
from generator.sizing.arguments import Arguments
from generator.sizing.estimate import GIB, Estimate, Term
from generator.sizing.question import Question
from generator.sizing.servers.protocol import Changes, EightBitCache, Server, Terms
from generator.sizing.weights import weights

ROOM = 0.9
"""Share of the allowed memory that the cache may fill up to; graphs are captured in the rest."""
PREFILL_TOKENS = 4096
"""Tokens of the warm-up's prefill where none is written."""
LOGIT = 4
"""Bytes of a logit: the warm-up asks for the probabilities of all tokens of the prompt, in 32 bit."""

FACTOR = "rope-factor"
"""The argument by which positions are scaled."""


class Tgi(Server):
    """The server protocol for TGI."""

    arguments: ClassVar = Arguments(
        fields={
            "kv-cache-dtype": "kv_dtype",
            "cuda-memory-fraction": "utilization",
            "max-batch-prefill-tokens": "max_num_batched_tokens",
        },
        not_modelled=frozenset({"max-batch-total-tokens"}),
        not_counted=frozenset({"lora-adapters", "speculate"}),
    )
    changes: ClassVar = Changes(EightBitCache("kv-cache-dtype", "fp8_e4m3fn", "fp8_e4m3", 8.9))
    precisions: ClassVar = ("none", "fp8", "awq", "gptq")

    def understood(self, version: str) -> None:
        """Nothing here depends on its version."""

    def share(self, question: Question) -> float:
        """All of it."""
        return 1.0

    def batch(self, question: Question) -> tuple[int, int]:
        """That of the newest vLLM: its own is not measured."""
        return releases.default_batch(question.gpu, releases.NEWEST)

    def reach(self, model: ModelFacts, version: str, args: Mapping[str, Any], env: Mapping[str, str]) -> Reach:
        """A factor scales positions, linearly unless another way is named."""
        try:
            factor = float(args.get(FACTOR, 1.0))
        except (TypeError, ValueError):
            factor = 1.0
        tokens = int(model.max_context * max(factor, 1.0))
        return Reach(tokens, tokens, FACTOR if tokens != model.max_context else "")

    def terms(self, question: Question) -> Terms:
        """Weights, the warm-up, and what is outside the allocator."""
        room = overhead.usable(
            question, question.share * ROOM, f", of which {ROOM:g} for the cache and what is before it"
        )
        graphs = Term("CUDA graphs", Estimate.exact(0.0), "captured in the room that is left")
        return room, (weights(question), _prefill(question), graphs, overhead.runtime(question))

    def layout(self, question: Question) -> kv.Layout:
        """All layers alike: windows are kept as full ones."""
        return kv.layout(question, kv.Paging())


def _prefill(question: Question) -> Term:
    tokens = question.max_num_batched_tokens or PREFILL_TOKENS
    logits = tokens * question.architecture.vocab / question.tp * LOGIT
    peak = (overhead.step_numbers(question, tokens) * question.number + logits) / GIB
    why = f"a prefill of {tokens} tokens through the widest layer, and the probabilities of all of them"
    return Term("activation peak", Estimate.around(peak, 0.3, 0.5).widened(0.1, 0.4), why)


TGI = Tgi()
