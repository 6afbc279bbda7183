"""Changes after which a configuration fits, each held against the same budget before it is offered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from generator.catalog import reader
from generator.catalog.facts import GpuFacts
from generator.core.frozen import frozen
from generator.sizing import verdict
from generator.sizing.answer import gpus
from generator.sizing.budget import budget
from generator.sizing.cost import ANYWHERE, Cost, Market, cost
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server
from generator.sizing.suggest import runs

CONTEXT_STEP = 1024
"""Tokens; a context that is offered is a multiple of it."""
MOST_UTILIZATION = 0.95
MOST_GPUS = 8


@frozen
class Cure:
    """One field of a question with another value, the question that then fits, and what else there is to say."""

    field: str
    value: str | int | float
    question: Question
    note: str = ""


def fits(question: Question) -> bool:
    """Whether a configuration starts and fits without doubt."""
    return (
        not server(question.engine).refuses(question) and verdict.judge(question, budget(question)).kind == verdict.FITS
    )


def cures(
    question: Question,
    most_gpus: int = MOST_GPUS,
    market: Market = ANYWHERE,
    sold: Callable[[GpuFacts], bool] = lambda gpu: True,
) -> Iterator[Cure]:
    """The changes that cost nothing first, another GPU of the market last, of those that are `sold` there.

    `most_gpus` may share a replica.
    """
    for find in _CURES:
        yield from find(question)
    yield from _split(question, most_gpus)
    yield from _eight_bit_weights(question)
    yield from _other_gpu(question, market, sold)


def _shorter(question: Question) -> Iterator[Cure]:
    memory = budget(question)
    room = max(memory.kv_available.low, 0.0) / verdict.CROWDED / memory.slots
    context = min(memory.layout.longest(room, question.length), question.length - 1) // CONTEXT_STEP * CONTEXT_STEP
    while context >= CONTEXT_STEP:
        shorter = replace(question, context=context)
        if fits(shorter):
            yield Cure("context", context, shorter)
            return
        context = context // 2 // CONTEXT_STEP * CONTEXT_STEP


def _fewer(question: Question) -> Iterator[Cure]:
    field = server(question.engine).changes.fewer
    count: int = getattr(question, field) // 2 if field else 0
    while count >= 1:
        changed: dict[str, Any] = {field: count}
        fewer = replace(question, **changed)
        if fits(fewer):
            yield Cure(field, count, fewer)
            return
        count //= 2


def _fuller(question: Question) -> Iterator[Cure]:
    serving, fuller = server(question.engine), replace(question, utilization=MOST_UTILIZATION)
    if serving.changes.share and question.share <= serving.share(question) and fits(fuller):
        yield Cure("utilization", MOST_UTILIZATION, fuller, "where nothing else uses the GPU")


def _smaller_cache(question: Question) -> Iterator[Cure]:
    cache = server(question.engine).changes.cache
    if cache is None or question.gpu.compute_capability < cache.min_capability:
        return
    smaller = replace(question, kv_dtype=cache.kv_dtype)
    if question.kv_dtype in ("auto", "f16") and fits(smaller):
        yield Cure("kv_dtype", smaller.kv_dtype, smaller, "keys and values in 8 bit")


_CURES: tuple[Callable[[Question], Iterator[Cure]], ...] = (_shorter, _fewer, _fuller, _smaller_cache)


def _split(question: Question, most_gpus: int) -> Iterator[Cure]:
    tp = question.tp * 2
    while tp <= most_gpus:
        split = replace(question, tp=tp)
        if question.architecture.heads % tp == 0 and fits(split):
            yield Cure("tp", tp, split)
            return
        tp *= 2


def _eight_bit_weights(question: Question) -> Iterator[Cure]:
    """What the engine makes on its own while it loads."""
    form = server(question.engine).changes.weights
    if not form or question.format != "none" or not runs(question.gpu, form, question.engine):
        return
    smaller = replace(question, quantization=form)
    if fits(smaller):
        yield Cure("quantization", form, smaller, "weights are made 8-bit while loading")


def _other_gpu(question: Question, market: Market, sold: Callable[[GpuFacts], bool]) -> Iterator[Cure]:
    """The cheapest with a known price, as many of them as now."""
    priced = [
        (paid.usd_per_hour.value, gpu)
        for gpu in reader.gpus().values()
        if gpu.id != question.gpu.id and isinstance(paid := cost(gpu.id, gpus(question), market), Cost)
    ]
    for usd, gpu in sorted(priced, key=lambda entry: (entry[0], entry[1].id)):
        other = replace(question, gpu=gpu)
        if runs(gpu, question.format, question.engine) and fits(other) and sold(gpu):
            yield Cure("gpu", gpu.id, other, f"{gpus(question)} x {gpu.name} from {usd:.2f} USD an hour")
            return
