"""The numbers that an engine is started with: as written, else from the budget, else a careful default."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.plan import Decision
from generator.core.tasks import generates
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.settings import Settings
from generator.resolve.placements.sized import Sized, size
from generator.sizing.estimate import Estimate
from generator.sizing.servers.protocol import server

DEFAULT_CONTEXT = 8192
"""Tokens where nothing is written and the budget is not known."""
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Value]):
    """A value and its why."""

    value: Value
    why: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the engine is told.

    `batched_tokens` and `utilization` are 0 where gen does not say them; `sized` is none where the budget is not known,
    for the reason in `unsized`.
    """

    quantization: Chosen[str]
    context: Chosen[int]
    concurrency: Chosen[int]
    batched_tokens: int
    utilization: float
    sized: Sized | None
    unsized: str = ""


def numbers(item: Candidate, facts: ModelFacts | None, version: str) -> Numbers:
    """The numbers of one placement."""
    found = size(item, version)
    quantization = _quantization(item.settings, facts)
    if isinstance(found, str):
        return Numbers(quantization, _context(item.settings, facts), _concurrency(item), 0, 0.0, None, found)
    question, whys = found.question, found.whys
    return Numbers(
        quantization,
        Chosen(question.context, whys.get("context", "given")),
        Chosen(question.concurrency, whys.get("concurrency", "given")),
        question.max_num_batched_tokens if "max_num_batched_tokens" in whys else 0,
        question.utilization if "utilization" in whys else 0.0,
        found,
    )


def decisions(item: Candidate, chosen: Numbers) -> list[Decision]:
    """Why the numbers are what they are, and what memory and speed they come to."""
    at = item.settings.at
    made = [
        Decision("context", str(chosen.context.value), chosen.context.why, at["context"]),
        Decision("concurrency", str(chosen.concurrency.value), chosen.concurrency.why, at["concurrency"]),
        Decision("quantization", chosen.quantization.value, chosen.quantization.why, at["quantization"]),
    ]
    sized = chosen.sized
    if sized is None:
        return [*made, Decision("memory", "not judged", chosen.unsized, item.path)] if item.pool else made
    if chosen.utilization:
        made.append(Decision("utilization", f"{chosen.utilization:g}", sized.whys["utilization"], at["engine"]))
    if chosen.batched_tokens:
        why = sized.whys["max_num_batched_tokens"]
        made.append(Decision("batchedTokens", str(chosen.batched_tokens), why, at["engine"]))
    return [*made, *_outcome(item, sized)]


def _outcome(item: Candidate, sized: Sized) -> list[Decision]:
    memory = sized.budget
    taken = " - ".join(f"{term.estimate.value:.2f} {term.name}" for term in memory.needs)
    why = f"{memory.usable.estimate.value:.2f} GiB usable - {taken} = {_range(memory.kv_available)} GiB for the cache"
    if further := server(item.engine).arguments.uncounted(item.settings["args"]):
        why += f"; not counted is what {' and '.join(f'`{name}`' for name in further)} needs"
    made = [Decision("memory", f"{sized.verdict.kind}: {sized.verdict.reason}", why, item.path)]
    if generates(item.model.task) and (speed := sized.loaded):
        load = f"{sized.load.prompt:.0f} + {sized.load.answer:.0f} tokens"
        value = f"{speed.output_tokens_per_s.value:.0f} tokens/s, {speed.tpot_ms.value:.0f} ms each"
        why = (
            f"estimate for requests of {load}, {speed.why}: {_range(speed.output_tokens_per_s, 0)} tokens/s, "
            f"{_range(speed.tpot_ms, 0)} ms a token, first after {_range(speed.ttft_ms, 0)} ms"
        )
        made.append(Decision("speed", value, why, item.path))
    return made


def _range(estimate: Estimate, digits: int = 2) -> str:
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _quantization(settings: Settings, facts: ModelFacts | None) -> Chosen[str]:
    if settings["quantization"] is not None:
        return Chosen(settings["quantization"], "given")
    return (
        Chosen(facts.quantization, "as these weights are known to be stored")
        if facts
        else Chosen("none", "the default")
    )


def _context(settings: Settings, facts: ModelFacts | None) -> Chosen[int]:
    if settings["context"] is not None:
        return Chosen(settings["context"], "given")
    if facts and 0 < facts.max_context < DEFAULT_CONTEXT:
        return Chosen(facts.max_context, "the model's own limit")
    return Chosen(DEFAULT_CONTEXT, "the default where memory is not judged")


def _concurrency(item: Candidate) -> Chosen[int]:
    if item.settings["concurrency"] is not None:
        return Chosen(item.settings["concurrency"], "given")
    if item.pool is None:
        return Chosen(1, "on CPUs one request at a time")
    engine = reader.engine(item.engine)
    return Chosen(engine.default_concurrency, f"the default for {engine.title} where memory is not judged")
