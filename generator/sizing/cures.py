"""Changes after which a configuration fits, each held against the same budget before it is offered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from typing import Any

from generator.catalog import reader
from generator.catalog.facts import GpuFacts
from generator.core.frozen import frozen
from generator.sizing import verdict
from generator.sizing.answer import gpus
from generator.sizing.budget import budget
from generator.sizing.cost import ANYWHERE, Cost, Market, cost, sold
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
    had: Callable[[GpuFacts], object] = lambda _: True,
) -> Iterator[Cure]:
    """The changes that cost nothing first, another GPU of the market last.

    `most_gpus` may share a replica; `had` tells whether nodes with another GPU can be had.
    """
    for find in _CURES:
        yield from find(question)
    yield from _split(question, most_gpus)
    yield from _eight_bit_weights(question)
    yield from _other_gpu(question, market, had)


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
    if not form or question.format != "none" or not runs(question.gpu, form, question.engine, question.engine_version):
        return
    smaller = replace(question, quantization=form)
    if fits(smaller):
        yield Cure("quantization", form, smaller, "weights are made 8-bit while loading")


def _other_gpu(question: Question, market: Market, had: Callable[[GpuFacts], object]) -> Iterator[Cure]:
    """The cheapest, as many of them as now; without a known price only what is sold in the market's region.

    Prices of other regions rank what has none in this one, and are not told.
    """
    count = gpus(question)
    ranked = []
    for gpu in reader.gpus().values():
        here = cost(gpu.id, count, market)
        local = bool(market.region) and sold(gpu.id, count, market)
        anywhere = cost(gpu.id, count, Market(market.cloud)) if local else here
        usd = anywhere.usd_per_hour.value if isinstance(anywhere, Cost) else inf
        if gpu.id != question.gpu.id and (usd < inf or local):
            ranked.append((usd, gpu, here))
    for _, gpu, price in sorted(ranked, key=lambda entry: (entry[0], entry[1].id)):
        other = replace(question, gpu=gpu)
        if runs(gpu, question.format, question.engine, question.engine_version) and fits(other) and had(gpu):
            paid = f" from {price.usd_per_hour.value:.2f} USD an hour" if isinstance(price, Cost) else ""
            yield Cure("gpu", gpu.id, other, f"{count} x {gpu.name}{paid}")
            return
