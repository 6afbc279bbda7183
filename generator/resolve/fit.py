"""The verdict on a placement as a finding: the budget as a table, and the cheapest changes that do fit."""

from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.finding import Finding
from generator.core.kinds import resolve as kinds
from generator.resolve.candidate import Candidate
from generator.resolve.facts import facts_of
from generator.resolve.sized import CONTEXT_STEP, Sized
from generator.resolve.sizing import verdict
from generator.resolve.sizing.answer import gpus
from generator.resolve.sizing.budget import Budget, budget
from generator.resolve.sizing.cost import Cost, cost
from generator.resolve.sizing.question import Question
from generator.resolve.sizing.releases import default_utilization
from generator.resolve.sizing.suggest import runs

SHORTEST_CONTEXT = 1024
MOST_UTILIZATION = 0.95
FP8_CACHE = {
    "vllm": ("kv-cache-dtype", "fp8"),
    "tgi": ("kv-cache-dtype", "fp8_e4m3fn"),
    "ollama": ("kv-cache-type", "q8_0"),
}
"""How each engine is told to keep the cache in 8 bit."""
FP8_CAPABILITY = 8.9
CURES = 5


def findings(item: Candidate, sized: Sized) -> Iterator[Finding]:
    """Nothing where it fits."""
    judged, gpu = sized.verdict, sized.question.gpu
    if judged.kind == verdict.FITS:
        return
    kind = kinds.DOES_NOT_FIT if judged.kind == verdict.DOES_NOT_FIT else kinds.TIGHT_FIT
    says = "does not fit" if judged.kind == verdict.DOES_NOT_FIT else "is a tight fit"
    where = f"{item.tensor_parallel} x {gpu.name}" if item.tensor_parallel > 1 else gpu.name
    found = list(_cures(item, sized))[:CURES]
    yield kind.at(
        item.path,
        f"{item.service} {says} on {where}: {judged.reason}",
        cause="\n".join(table(sized.budget)),
        help=_help(found, judged.kind),
        on_key=True,
    )


def table(memory: Budget) -> Iterator[str]:
    """The budget of one GPU, a term a line, in GiB."""
    yield f"{memory.usable.estimate.value:8.2f} GiB {memory.usable.name}: {memory.usable.why}"
    for term in memory.needs:
        yield f"{-term.estimate.value:8.2f} GiB {term.name}: {term.why}"
    left = memory.kv_available
    yield (
        f"{left.value:8.2f} GiB left for keys and values ({left.low:.2f} to {left.high:.2f}), "
        f"{memory.kv_bytes_per_token / 1024:.0f} KiB a token; needed {memory.needed:.2f}"
    )


def _help(cures: list[str], kind: str) -> str:
    if not cures:
        return "no change of context, cache, split or precision makes it fit here; use a larger GPU or a smaller model"
    if kind == verdict.TIGHT:
        return "\n".join(["it may run as it is; with more room:", *cures])
    return "\n".join(["each of these fits:", *cures]) if len(cures) > 1 else cures[0]


def _cures(item: Candidate, sized: Sized) -> Iterator[str]:
    """Changes of the spec that fit by the same budget, those that cost nothing first."""
    question = sized.question
    yield from _shorter(question, sized.budget)
    yield from _fuller(question)
    yield from _smaller_cache(question)
    yield from _split(item, question)
    yield from _precision(item, question)
    yield from _other_pools(item, question)
    yield from _other_gpus(question)


def _fits(question: Question) -> bool:
    return verdict.judge(question, budget(question)).kind == verdict.FITS


def _shorter(question: Question, memory: Budget) -> Iterator[str]:
    slots = max(1.0, verdict.CROWDED)
    longest = memory.layout.longest(max(memory.kv_available.low, 0.0) / slots, question.length)
    context = min(longest, question.length - 1) // CONTEXT_STEP * CONTEXT_STEP
    while context >= SHORTEST_CONTEXT:
        if _fits(replace(question, context=context)):
            yield f"`context: {context}`"
            return
        context = context // 2 // CONTEXT_STEP * CONTEXT_STEP
    if question.concurrency > 1 and question.engine == "ollama" and _fits(replace(question, concurrency=1)):
        yield "`concurrency: 1`"


def _fuller(question: Question) -> Iterator[str]:
    if question.engine != "vllm" or question.share >= default_utilization(question.release):
        return
    if _fits(replace(question, utilization=MOST_UTILIZATION)):
        yield f"`engine.args: {{gpu-memory-utilization: {MOST_UTILIZATION}}}`, where nothing else uses the GPU"


def _smaller_cache(question: Question) -> Iterator[str]:
    if question.kv_dtype not in ("auto", "f16") or (
        question.engine != "ollama" and 0 < question.gpu.compute_capability < FP8_CAPABILITY
    ):
        return
    name, word = FP8_CACHE[question.engine]
    if _fits(replace(question, kv_dtype=word.removesuffix("fn"))):
        yield f"`engine.args: {{{name}: {word}}}`: keys and values in 8 bit"


def _split(item: Candidate, question: Question) -> Iterator[str]:
    if item.pool is None:
        return
    tp = question.tp * 2
    while tp <= item.pool.gpus_per_node:
        if question.architecture.heads % tp == 0 and _fits(replace(question, tp=tp)):
            yield f"`tensorParallel: {tp}`: nodes of pool {item.pool.name} have {item.pool.gpus_per_node} GPUs"
            return
        tp *= 2


def _precision(item: Candidate, question: Question) -> Iterator[str]:
    """Weights that vLLM makes 8-bit on its own, then uploads of the same model that the catalogue knows."""
    if question.format != "none" or question.engine == "ollama":
        return
    made = question.engine == "vllm" and runs(question.gpu, "fp8")
    if made and _fits(replace(question, quantization="fp8")):
        yield "`quantization: fp8`: weights are made 8-bit while loading"
    facts = facts_of(item)
    for upload in _uploads(facts) if facts else ():
        smaller = replace(question, checkpoint_gib=upload.weights_gib, stored=upload.quantization, quantization="")
        if runs(question.gpu, upload.quantization) and _fits(smaller):
            yield f"`source: {{huggingface: {upload.id}}}`: {upload.weights_gib:g} GiB in {upload.quantization}"
            return


def _uploads(facts: ModelFacts) -> Iterator[ModelFacts]:
    """Re-quantised uploads of a model on the hub."""
    found = (item for item in reader.uploads_of(facts.id) if not item.id.startswith("ollama:"))
    return (item for item in found if item.quantization not in ("none", facts.quantization))


def _other_pools(item: Candidate, question: Question) -> Iterator[str]:
    for name in sorted(item.fleet.clusters):
        for pool, spec in sorted(item.fleet.clusters[name].pools.items()):
            gpu = reader.gpu(spec.gpu)
            here = item.cluster.name == name and item.pool is not None and item.pool.name == pool
            if gpu is None or here or spec.gpus_per_node < question.tp or not runs(gpu, question.format):
                continue
            if _fits(replace(question, gpu=gpu)):
                cluster = "" if name == item.cluster.name else f", cluster: {name}"
                yield f"`pool: {pool}{cluster}`: {gpu.name}"


def _other_gpus(question: Question) -> Iterator[str]:
    """The cheapest GPU with a known price, as many of them as now."""
    priced = [
        (paid.usd_per_hour.value, gpu)
        for gpu in reader.gpus().values()
        if gpu.id != question.gpu.id and isinstance(paid := cost(gpu.id, gpus(question)), Cost)
    ]
    for usd, gpu in sorted(priced, key=lambda entry: (entry[0], entry[1].id)):
        if runs(gpu, question.format) and _fits(replace(question, gpu=gpu)):
            yield f"a pool of `gpu: {gpu.id}`: {question.tp} x {gpu.name} from {usd:.2f} USD an hour"
            return
