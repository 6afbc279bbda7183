"""What users see of a server's steps: time to first token, time per token, tokens and requests a second."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from generator.core.frozen import frozen
from generator.core.words import counted
from generator.sizing.estimate import GIB, Estimate
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server
from generator.sizing.speed import Machine
from generator.sizing.weights import FULL

LONGEST_DEFAULT_ANSWER = 512
LONGEST_DEFAULT_PROMPT = 4096
_MIXES = (0.1, 0.75)
"""Shares of the answer in a request, between which the mix of a load lies that nobody stated."""
_STEADY = 0.5
"""A waiting request finds on average half of the queue before it."""


@frozen
class Margin:
    """Factors from a value down to the interval's low end and up to its high end."""

    down: float
    up: float

    def around(self, value: float) -> Estimate:
        """The value with its interval."""
        return Estimate(value, value / self.down, value * self.up)


@frozen
class Margins:
    """The margins of one class of questions; `tokens` is for output tokens a second."""

    tpot: Margin
    ttft: Margin
    tokens: Margin

    def slower(self, factor: float) -> "Margins":
        """The same with more room on the slow side."""
        tpot, ttft, tokens = self.tpot, self.ttft, self.tokens
        return Margins(
            Margin(tpot.down, tpot.up * factor),
            Margin(ttft.down, ttft.up * factor),
            Margin(tokens.down * factor, tokens.up),
        )


SINGLE = Margins(Margin(1.25, 1.25), Margin(2.0, 2.2), Margin(1.25, 1.25))
DENSE = Margins(Margin(1.6, 1.6), Margin(2.2, 2.2), Margin(1.65, 1.65))
EXPERTS_SINGLE = Margins(Margin(1.4, 1.6), Margin(2.2, 2.2), Margin(1.65, 1.4))
EXPERTS = Margins(Margin(2.0, 2.2), Margin(2.5, 4.5), Margin(3.0, 2.1))
LITTLE_MEASURED = 1.6
"""By which margins grow on the slow side for GPUs of other vendors, whose servers reach less of the peak, unevenly, and
for engines of which there are no measurements."""
_FEW = 8
"""Up to so many sequences a step is a single stream in all but name."""


@frozen
class Load:
    """What users ask: tokens of prompt and answer, and requests in flight at once (0: as many as the server runs).

    Where the mix of prompt and answer is not `stated`, it is ours, and intervals hold other mixes of that length too.
    """

    prompt: float
    answer: float
    concurrency: int = 0
    stated: bool = True


@frozen
class Speed:
    """The speed of one server under one load: `running` sequences decode at once, and `why` says what limits them."""

    tpot_ms: Estimate
    ttft_ms: Estimate
    output_tokens_per_s: Estimate
    requests_per_s: Estimate
    running: float
    why: str


def default_load(context: int, concurrency: int) -> Load:
    """A load for a context: half of it is the answer, of at most 512 tokens, the rest the prompt, of at most 4,096."""
    answer = min(max(context // 2, 1), LONGEST_DEFAULT_ANSWER)
    prompt = min(max(context - answer, 1), LONGEST_DEFAULT_PROMPT)
    return Load(prompt, answer, concurrency, stated=False)


def running(machine: Machine, kv_gib: float, load: Load) -> tuple[float, str]:
    """Sequences that decode at once on one replica, and what bounds them."""
    question = machine.question
    each = machine.kv_read(load.prompt + load.answer / 2) / question.pp
    fits = kv_gib * GIB / each if each else float("inf")
    bounds = [(fits, "KV cache"), (float(question.seqs), "--max-num-seqs")]
    if load.concurrency:
        bounds.append((load.concurrency / question.dp, "concurrency"))
    limit, name = min(bounds, key=lambda bound: bound[0])
    return max(limit, 1.0), name


def speed(question: Question, kv_gib: Estimate, load: Load) -> Speed | None:
    """The speed of a server with so much KV cache a GPU; none where the GPU's bandwidth or peak is not known.

    The intervals also hold the ends of the cache's own, and other mixes of the load where none was stated.
    """
    return speed_on(Machine(question), kv_gib, load)


def speed_on(machine: Machine, kv_gib: Estimate, load: Load) -> Speed | None:
    """The same for a machine that is there already."""
    gpu = machine.question.gpu
    # What GPUs reach in 32 bit is not known here.
    if not gpu.bandwidth_gbs or not (gpu.bf16_tflops or gpu.fp16_tflops) or machine.question.number > FULL:
        return None
    speeds: list[Speed] = []
    for mix in _mixes(load):
        prompt = _prompt(machine, mix)
        speeds += [_speed(machine, mix, prompt, *at_once) for at_once in _at_once(machine, kv_gib, mix)]
    return speeds[0] if len(speeds) == 1 else _spanning(speeds)


def _at_once(machine: Machine, kv_gib: Estimate, load: Load) -> Iterable[tuple[float, str]]:
    """What runs in the expected cache first, then what does at its ends, as far as that differs."""
    # A server that runs has a cache: where none is expected, half of what there may be.
    expected = kv_gib.value if kv_gib.value > 0 else max(kv_gib.high, 0.0) / 2
    rooms = (expected, max(kv_gib.low, 0.0), max(kv_gib.high, 0.0))
    return {each[0]: each for each in (running(machine, room, load) for room in rooms)}.values()


def _mixes(load: Load) -> list[Load]:
    """The load itself first, then those that it might as well be."""
    if load.stated:
        return [load]
    length = load.prompt + load.answer
    return [load, *(replace(load, prompt=length * (1 - share), answer=length * share) for share in _MIXES)]


def speed_of(machine: Machine, kv_gib: float, load: Load) -> Speed:
    """The speed under exactly this load, of a machine whose bandwidth and peak are known."""
    return _speed(machine, load, _prompt(machine, load), *running(machine, kv_gib, load))


def _prompt(machine: Machine, load: Load) -> tuple[float, float]:
    """Seconds of work that a prompt brings to a busy server, and until its first token on an idle one."""
    return machine.prefill(load.prompt, float(machine.question.batched_tokens)), machine.first_token(load.prompt)


def _speed(machine: Machine, load: Load, prompt: tuple[float, float], batch: float, bound: str) -> Speed:
    question, (work, alone) = machine.question, prompt
    step = machine.step(batch, load.prompt + load.answer / 2)
    # While others decode, prompts ride along, and no step takes more tokens than the chunk holds.
    mixed = step + min((batch - 1) * work / load.answer, work / load.prompt * question.batched_tokens)
    requests = question.dp * batch / (load.answer * step + batch * work)
    behind = max(load.concurrency / question.dp - batch, 0.0) * question.dp / requests + _STEADY * (batch - 1) * work
    margins = margins_of(question, load, batch)
    return Speed(
        margins.tpot.around(mixed * 1e3),
        margins.ttft.around((alone + _STEADY * behind) * 1e3),
        margins.tokens.around(requests * load.answer),
        margins.tokens.around(requests),
        batch,
        f"{counted(round(batch), 'sequence')} at once, bounded by {'' if bound.startswith('--') else 'the '}{bound}",
    )


def _spanning(speeds: Sequence[Speed]) -> Speed:
    """The first with intervals that hold those of all."""
    expected = speeds[0]

    def over(name: str) -> Estimate:
        ends = [getattr(item, name) for item in speeds]
        return Estimate(ends[0].value, min(end.low for end in ends), max(end.high for end in ends))

    return Speed(
        over("tpot_ms"),
        over("ttft_ms"),
        over("output_tokens_per_s"),
        over("requests_per_s"),
        expected.running,
        expected.why,
    )


def margins_of(question: Question, load: Load, batch: float) -> Margins:
    """How far estimates of such a question were off on the fitted half of the measurements."""
    alone = 0 < load.concurrency <= min(_FEW, batch * question.dp)
    if question.architecture.experts:
        margins = EXPERTS_SINGLE if alone and question.tp == 1 else EXPERTS
    else:
        margins = SINGLE if alone else DENSE
    measured = question.gpu.vendor == "nvidia" and server(question.engine).measured
    return margins if measured else margins.slower(LITTLE_MEASURED)
