"""Engines and precisions side by side for one model on one kind of GPU: the table from which a team selects."""

from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import reader
from generator.catalog.facts import GpuFacts
from generator.core.frozen import frozen
from generator.sizing.answer import Answer, answer
from generator.sizing.cost import ANYWHERE, Market
from generator.sizing.estimate import Estimate
from generator.sizing.question import Question
from generator.sizing.servers import SERVERS
from generator.sizing.servers.protocol import server
from generator.sizing.suggest import runs
from generator.sizing.throughput import Load
from generator.sizing.weights import FULL


@frozen
class Choice:
    """One row. `latency_ms` is that of a whole answer for one user alone; estimates are none where there is none."""

    engine: str
    precision: str
    answer: Answer
    vram_gib: Estimate
    latency_ms: Estimate | None
    features: str
    caveats: tuple[str, ...]


def choices(asked: Question, load: Load, market: Market = ANYWHERE) -> Iterator[Choice]:
    """Every engine and precision that the GPU runs; `asked` holds model, GPU, context and parallelism."""
    for engine in SERVERS:
        for precision in server(engine).precisions:
            if runs(asked.gpu, precision, engine):
                yield _choice(_question(asked, engine, precision, load), load, market)


def _question(asked: Question, engine: str, precision: str, load: Load) -> Question:
    version = asked.engine_version if engine == asked.engine else ""
    changed = replace(asked, engine=engine, quantization=precision, engine_version=version)
    slots = server(engine).slots
    return replace(changed, max_num_seqs=load.concurrency or slots) if slots else changed


def _choice(question: Question, load: Load, market: Market) -> Choice:
    result = answer(question, load, market=market)
    memory, single = result.budget, result.single
    usable = memory.usable.estimate
    used = Estimate(
        usable.value - memory.kv_available.value,
        usable.low - memory.kv_available.high,
        usable.high - memory.kv_available.low,
    )
    latency = single.ttft_ms + single.tpot_ms.times(max(load.answer - 1, 0)) if single else None
    precision = ("bf16" if question.number == FULL else "fp32") if question.format == "none" else question.format
    features, caveats = reader.engine(question.engine).features, tuple(_caveats(question))
    return Choice(question.engine, precision, result, used, latency, features, caveats)


def _caveats(question: Question) -> Iterator[str]:
    ended = reader.engine(question.engine).ended
    if ended:
        yield ended
    if not server(question.engine).measured:
        yield "speed by vLLM's constants: no measurements of this engine"
    form = question.format
    if form != (question.stored or "none"):
        yield _made(form)
    if form == "fp8" and not question.gpu.fp8_tflops:
        yield "this GPU has no fp8 arithmetic: weights alone shrink"
    if form in ("awq", "gptq"):
        yield "4-bit weights are unpacked to 16 bit: long prompts gain nothing"
    if question.number > FULL:
        yield "no bfloat16, and not served in float16: it runs in float32"
    elif form == "none" and not _sixteen(question.gpu):
        yield "no bfloat16: it runs in float16"


def _made(form: str) -> str:
    if form == "none":
        return "needs the 16-bit upload of this model"
    if form == "fp8":
        return "weights are converted at load, or a converted upload is used"
    return f"needs an upload in {form.partition(':')[0].upper()}; check its answers against the original's"


def _sixteen(gpu: GpuFacts) -> bool:
    return gpu.compute_capability >= 8.0 or not gpu.compute_capability
