"""The numbers that an engine is started with: as written, else from the budget, else a careful default."""

from typing import Generic, TypeVar

from generator.core.frozen import frozen
from generator.core.lazy import lazy
from generator.resolve.placements.described import Described
from generator.resolve.placements.sized import Sized

DEFAULT_CONTEXT = 8192
"""Tokens where nothing is written and the budget is not known."""
Value = TypeVar("Value")


@frozen
class Chosen(Generic[Value]):
    """A value and its why."""

    value: Value
    why: str


@frozen(eq=False)
class Numbers:
    """What the engines of replicas that are described so are told.

    `batched_tokens` and `utilization` are 0 where gen does not say them; `sized` is none where the budget is not known,
    for the reason in `unsized`.
    """

    described: Described
    quantization: Chosen[str]
    context: Chosen[int]
    concurrency: Chosen[int]
    batched_tokens: int
    utilization: float
    sized: Sized | None
    unsized: str = ""

    @lazy
    def at_once(self) -> int:
        """Requests that a replica works on at the same time: those it accepts, as far as its cache holds them."""
        speed = self.sized.loaded if self.sized else None
        return min(self.concurrency.value, max(1, int(speed.running))) if speed else self.concurrency.value


def number(described: Described, sized: Sized | str) -> Numbers:
    """The numbers of replicas, from their server or from the reason why it is not judged."""
    quantization = _quantization(described)
    if isinstance(sized, str):
        return Numbers(described, quantization, _context(described), _concurrency(described), 0, 0.0, None, sized)
    question, whys = sized.question, sized.whys
    return Numbers(
        described,
        quantization,
        Chosen(question.context, whys.get("context", "given")),
        Chosen(question.concurrency, whys.get("concurrency", "given")),
        question.max_num_batched_tokens if "max_num_batched_tokens" in whys else 0,
        question.utilization if "utilization" in whys else 0.0,
        sized,
    )


def _quantization(described: Described) -> Chosen[str]:
    if described.settings.quantization:
        return Chosen(described.settings.quantization, "given")
    if described.model:
        return Chosen(described.model.quantization, "as these weights are known to be stored")
    return Chosen("none", "the default")


def _context(described: Described) -> Chosen[int]:
    settings, model = described.settings, described.model
    if settings.context:
        return Chosen(settings.context, "given")
    if model and 0 < model.max_context < DEFAULT_CONTEXT:
        return Chosen(model.max_context, "the model's own limit")
    return Chosen(DEFAULT_CONTEXT, "the default where memory is not judged")


def _concurrency(described: Described) -> Chosen[int]:
    if described.settings.concurrency:
        return Chosen(described.settings.concurrency, "given")
    if not described.gpu:
        return Chosen(1, "on CPUs one request at a time")
    engine = described.engine
    return Chosen(engine.default_concurrency, f"the default for {engine.title} where memory is not judged")
