"""The verdict on a placement as a finding: the budget as a table, and the cheapest changes that do fit."""

from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.clouds import RENTED
from generator.core.finding import Finding
from generator.core.kinds import resolve as kinds
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described
from generator.resolve.placements.sized import Sized
from generator.sizing import verdict
from generator.sizing.budget import Budget
from generator.sizing.cost import Market
from generator.sizing.cures import Cure, cures, fits
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server
from generator.sizing.suggest import runs

MOST_CURES = 6


def findings(item: Candidate, described: Described, sized: Sized) -> Iterator[Finding]:
    """The finding on a placement that does not fit, or hardly."""
    judged = sized.verdict
    refused = judged.kind == verdict.DOES_NOT_FIT
    kind, says = (kinds.DOES_NOT_FIT, "does not fit") if refused else (kinds.TIGHT_FIT, "is a tight fit")
    gpus = f"{item.gpus} x " if item.gpus > 1 else ""
    yield kind.at(
        item.path,
        f"{item.service} {says} on {gpus}{sized.question.gpu.name}: {judged.reason}",
        cause="\n".join(table(sized.budget)),
        help=_help(list(_cures(item, described, sized.question))[:MOST_CURES], refused=refused),
        on_key=True,
    )


def table(memory: Budget) -> Iterator[str]:
    """The budget of one GPU, a term a line, in GiB."""
    yield f"{memory.usable.estimate.value:8.2f} GiB {memory.usable.name}: {memory.usable.why}"
    for term in memory.terms:
        yield f"{-term.estimate.value:8.2f} GiB {term.name}: {term.why}"
    left = memory.kv_available
    yield (
        f"{left.value:8.2f} GiB left for keys and values ({left.low:.2f} to {left.high:.2f}), "
        f"{memory.kv_bytes_per_token / 1024:.0f} KiB a token; needed {memory.needed:.2f}"
    )


def _help(offered: list[str], *, refused: bool) -> str:
    if not offered:
        return "no change of context, cache, split or precision makes it fit here: use a larger GPU or a smaller model"
    return "\n".join(["each of these fits:" if refused else "it may run as it is; each of these has room:", *offered])


def _cures(item: Candidate, described: Described, question: Question) -> Iterator[str]:
    """Changes of the spec that fit by the same budget; those of the fleet come before another GPU."""
    market = Market(RENTED.get(item.cluster.platform, ""))
    offered = list(cures(question, item.pool.gpus_per_node if item.pool else 1, market))
    yield from (_sentence(cure) for cure in offered if cure.field != "gpu")
    yield from _uploads(described, question)
    yield from _other_pools(item, question)
    yield from (_sentence(cure) for cure in offered if cure.field == "gpu")


def _sentence(cure: Cure) -> str:
    """A cure as the spec says it."""
    value, changes = cure.value, server(cure.question.engine).changes
    said = {
        "tp": f"tensorParallel: {value}",
        "max_num_seqs": f"concurrency: {value}",
        "utilization": f"engine.args: {{{changes.share}: {value}}}",
        "kv_dtype": f"engine.args: {{{changes.cache.argument}: {changes.cache.value}}}" if changes.cache else "",
    }.get(cure.field, f"{cure.field}: {value}")
    return f"`{said}`{f': {cure.note}' if cure.note else ''}"


def _uploads(described: Described, question: Question) -> Iterator[str]:
    """The same model in another precision, as somebody uploaded it."""
    if described.model is None or question.format != "none" or "huggingface" not in described.engine.sources:
        return
    for upload in _requantised(described.model):
        smaller = replace(question, checkpoint_gib=upload.weights_gib, stored=upload.quantization, quantization="")
        if runs(question.gpu, upload.quantization, question.engine) and fits(smaller):
            yield f"`source: {{huggingface: {upload.id}}}`: {upload.weights_gib:g} GiB in {upload.quantization}"
            return


def _requantised(facts: ModelFacts) -> Iterator[ModelFacts]:
    uploads = (upload for upload in reader.uploads_of(facts.id) if not upload.id.startswith("ollama:"))
    return (upload for upload in uploads if upload.quantization not in ("none", facts.quantization))


def _other_pools(item: Candidate, question: Question) -> Iterator[str]:
    for name in sorted(item.fleet.clusters):
        for pool, spec in sorted(item.fleet.clusters[name].pools.items()):
            gpu = reader.gpu(spec.gpu)
            here = item.cluster.name == name and item.pool is not None and item.pool.name == pool
            if gpu is None or here or spec.gpus_per_node < question.tp:
                continue
            if runs(gpu, question.format, question.engine) and fits(replace(question, gpu=gpu)):
                cluster = "" if name == item.cluster.name else f", cluster: {name}"
                yield f"`pool: {pool}{cluster}`: {gpu.name}"
