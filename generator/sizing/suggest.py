"""Looks for what reaches a target: GPUs x tensor parallelism x formats x replicas, the cheapest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from generator.catalog import reader
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.core.frozen import frozen
from generator.sizing import verdict as verdicts
from generator.sizing.answer import gpus
from generator.sizing.budget import budget
from generator.sizing.cost import ANYWHERE, Cost, Market, cost
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server
from generator.sizing.speed import Machine
from generator.sizing.throughput import Load, Speed, speed_of
from generator.sizing.weights import FULL

SPLITS = (1, 2, 4, 8)
STREAMS = (1, 4, 16, 64, 256)
"""Requests in flight on one replica that are tried, to find how many it carries within the latency asked."""


@frozen
class Target:
    """What has to be reached. A limit of 0 does not bind; `requests_per_s` of 0 asks for one replica."""

    prompt: float
    answer: float
    ttft_ms: float = 0.0
    tpot_ms: float = 0.0
    requests_per_s: float = 0.0


@frozen
class Suggestion:
    """A configuration that reaches the target with `streams` requests in flight on each replica.

    `usd_per_hour` is that of all replicas, none where no price is known.
    """

    question: Question
    verdict: str
    speed: Speed
    streams: int
    replicas: int
    cost: Cost | None

    @property
    def gpus(self) -> int:
        """GPUs of all replicas."""
        return self.replicas * gpus(self.question)

    @property
    def usd_per_hour(self) -> float | None:
        """What all replicas cost."""
        return self.cost.usd_per_hour.value * self.replicas if self.cost else None


def candidates(
    model: ModelFacts, cards: Iterable[GpuFacts], formats: Sequence[str], asked: Question
) -> Iterator[Question]:
    """Every configuration to try, `asked` holding what stays as it is."""
    for gpu in cards:
        for form in formats:
            if not runs(gpu, form or model.quantization, asked.engine):
                continue
            for tp in SPLITS:
                question = replace(asked, gpu=gpu, quantization=form, tp=tp)
                # Of 32 bit no speed is known.
                if asked.architecture.heads % tp == 0 and question.number <= FULL and not _refused(question):
                    yield question


def _refused(question: Question) -> bool:
    return server(question.engine).refuses(question)


def runs(gpu: GpuFacts, form: str, engine: str, version: str = "") -> bool:
    """Whether a version of an engine, else its newest, runs a format on a GPU, by its compute capability.

    GPUs of other vendors are judged by their peak rates.
    """
    if not gpu.compute_capability:
        return form in ("none", "") or (form == "fp8" and gpu.fp8_tflops > 0)
    needed = (reader.release(engine, version) or reader.engine(engine).newest).min_capability
    return gpu.compute_capability >= needed.get(form.partition(":")[0], needed.get("none", 0.0))


def suggest(questions: Iterable[Question], target: Target, market: Market = ANYWHERE) -> list[Suggestion]:
    """The configurations that reach the target, the cheapest first; those without a price come last, by their GPUs."""
    suggestions = [reached for question in questions if (reached := _reach(question, target, market))]
    return sorted(suggestions, key=_rank)


def _rank(item: Suggestion) -> tuple[bool, float, int, str, int, str]:
    asked, price = item.question, item.usd_per_hour
    return price is None, price or 0.0, item.gpus, asked.gpu.id, asked.tp, asked.quantization


def _reach(question: Question, target: Target, market: Market) -> Suggestion | None:
    """The most requests in flight that stay within the limits, then as many replicas as the rate needs."""
    memory = budget(question)
    judged = verdicts.judge(question, memory)
    if judged.kind == verdicts.DOES_NOT_FIT:
        return None
    best = _most_streams(Machine(question), max(memory.kv_available.value, 0.0), target)
    if best is None:
        return None
    streams, speed = best
    paid = cost(question.gpu.id, gpus(question), market)
    replicas = max(ceil(target.requests_per_s / speed.requests_per_s.value), 1)
    return Suggestion(question, judged.kind, speed, streams, replicas, paid if isinstance(paid, Cost) else None)


def _most_streams(machine: Machine, kv_gib: float, target: Target) -> tuple[int, Speed] | None:
    best = None
    for streams in STREAMS:
        speed = speed_of(machine, kv_gib, Load(target.prompt, target.answer, streams))
        if not _within(speed, target) or speed.running < streams:
            break
        best = streams, speed
        if target.requests_per_s and speed.requests_per_s.value >= target.requests_per_s:
            break
    return best


def _within(speed: Speed, target: Target) -> bool:
    slow = target.ttft_ms and speed.ttft_ms.value > target.ttft_ms
    return not slow and not (target.tpot_ms and speed.tpot_ms.value > target.tpot_ms)


def all_gpus() -> list[GpuFacts]:
    """The GPUs of which speed can be estimated."""
    return [gpu for gpu in reader.gpus().values() if gpu.bandwidth_gbs and (gpu.bf16_tflops or gpu.fp16_tflops)]
