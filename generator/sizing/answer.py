"""The whole answer to a question: memory, verdict, speed and cost together, and a reason for what has no estimate."""

from dataclasses import field, replace

from generator.core.frozen import frozen
from generator.sizing import verdict as verdicts
from generator.sizing.budget import Budget, budget
from generator.sizing.cost import ANYWHERE, Cost, Market, cost, per_million
from generator.sizing.estimate import Estimate
from generator.sizing.question import Question
from generator.sizing.throughput import Load, Speed, default_load, speed
from generator.sizing.verdict import Verdict


@frozen
class Answer:
    """What is known about a configuration. `single` is the speed for one user alone, `loaded` under `load`.

    `reasons` says for each field that is none why it is. A replica is `question.tp * pp * dp` GPUs.
    """

    question: Question
    load: Load
    budget: Budget
    verdict: Verdict
    single: Speed | None
    loaded: Speed | None
    cost: Cost | None
    usd_per_million_output_tokens: Estimate | None
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def latency(self) -> Speed | None:
        """The speed that a user sees: under the concurrency that was asked, or alone where none was."""
        return self.loaded if self.load.concurrency else self.single

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return gpus(self.question)


def gpus(question: Question) -> int:
    """GPUs of one replica."""
    return question.tp * question.pp * question.dp


def answer(question: Question, load: Load | None = None, *, price: bool = True, market: Market = ANYWHERE) -> Answer:
    """The answer. Without a load, requests fill the context; without `price` none is looked up on the market."""
    asked = load or default_load(question.length, 0)
    memory = budget(question)
    judged = verdicts.judge(question, memory)
    single, loaded, reason = _speeds(question, memory, judged, asked)
    reasons = dict.fromkeys(("tpot_ms", "ttft_ms", "output_tokens_per_s", "requests_per_s"), reason) if reason else {}
    paid = cost(question.gpu.id, gpus(question), market) if price else "no price was asked for"
    money = paid if isinstance(paid, Cost) else None
    if isinstance(paid, str):
        reasons["usd_per_hour"] = reasons["usd_per_million_output_tokens"] = paid
    million = per_million(money.usd_per_hour, loaded.output_tokens_per_s) if money and loaded else None
    if money and not million:
        reasons["usd_per_million_output_tokens"] = reason
    return Answer(question, asked, memory, judged, single, loaded, money, million, reasons)


def _speeds(question: Question, memory: Budget, judged: Verdict, load: Load) -> tuple[Speed | None, Speed | None, str]:
    """The speed alone and under load, or the reason why there is none."""
    if judged.kind == verdicts.DOES_NOT_FIT:
        return None, None, f"it does not fit: {judged.reason}"
    loaded = speed(question, memory.kv_available, load)
    single = speed(question, memory.kv_available, replace(load, concurrency=1))
    unknown = "" if loaded else f"bandwidth or peak rate of {question.gpu.name} is not in the catalogue"
    return single, loaded, unknown
