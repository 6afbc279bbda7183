"""The memory of one GPU as a budget: what the engine may take, what it needs first, and what the cache then holds."""

from generator.core.frozen import frozen
from generator.sizing import kv
from generator.sizing.estimate import GIB, Estimate, Term, total
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server

REPEAT = 0.35
"""GiB by which two starts of one machine differ when nothing was changed."""


@frozen
class Budget:
    """The memory of the fullest rank, in GiB; the rest in tokens, sequences and tokens.

    `usable` is what the engine may take, `terms` what comes off it, weights first, and `kv_available` what is left:
    below zero where nothing is. `needed` is the least the cache must hold: one sequence of the asked length, or all
    `slots` at once where the engine allots them at start. `blocks` counts what the cache is paged in.
    """

    usable: Term
    terms: tuple[Term, ...]
    kv_available: Estimate
    kv_bytes_per_token: float
    needed: float
    slots: int
    blocks: int
    kv_tokens: Estimate
    max_concurrency: Estimate
    max_context: Estimate
    layout: kv.Layout

    @property
    def weights(self) -> Estimate:
        """The weights of the fullest rank."""
        return self.terms[0].estimate


def budget(question: Question) -> Budget:
    """The budget of a server of the question's engine."""
    serving = server(question.engine)
    usable, terms = serving.terms(question)
    taken = total(terms)
    available = Estimate(
        usable.estimate.value - taken.value,
        usable.estimate.low - taken.high - REPEAT,
        usable.estimate.high - taken.low + REPEAT,
    )
    layout, length = serving.layout(question), question.length
    slots = max(1, question.concurrency) if serving.slots else 1
    limit = question.architecture.max_context or length
    each = layout.blocks_for(length)
    sizes = [max(size, 0.0) for size in (available.value, available.low, available.high)]
    pools = [layout.blocks(size) for size in sizes]
    return Budget(
        usable,
        terms,
        available,
        kv.bytes_per_token(question, layout),
        slots * each * layout.block_bytes / GIB,
        slots,
        pools[0],
        Estimate(*(float(layout.printed_tokens(blocks, length, each)) for blocks in pools)),
        Estimate(*(blocks / each for blocks in pools)),
        Estimate(*(float(layout.longest(size / slots, limit)) for size in sizes)),
        layout,
    )
