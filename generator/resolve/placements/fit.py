"""The verdict on a placement as a finding: the budget as a table, and the cheapest changes that do fit."""

from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import reader
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.clouds import RENTED
from generator.core.finding import Finding
from generator.core.kinds import resolve as kinds
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described
from generator.resolve.placements.sized import Sized
from generator.resolve.placements.trials import Trials, pool_with
from generator.sizing import verdict
from generator.sizing.budget import Budget
from generator.sizing.cost import Market
from generator.sizing.cures import Cure, cures, fits
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server
from generator.sizing.suggest import runs

MOST_CURES = 6


def findings(item: Candidate, described: Described, sized: Sized, trials: Trials) -> Iterator[Finding]:
    """The finding on a placement that does not fit, or hardly."""
    judged = sized.verdict
    refused = judged.kind == verdict.DOES_NOT_FIT
    kind, says = (kinds.DOES_NOT_FIT, "does not fit") if refused else (kinds.TIGHT_FIT, "is a tight fit")
    gpus = f"{item.gpus} x " if item.gpus > 1 else ""
    yield kind.at(
        item.path,
        f"{item.service} {says} on {gpus}{sized.question.gpu.name}: {judged.reason}",
        cause="\n".join(table(sized.budget)),
        help=_help(list(_cures(item, described, sized.question, trials))[:MOST_CURES], refused=refused),
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
    one = len(offered) == 1
    fits_, room = ("this fits:", "this has room:") if one else ("each of these fits:", "each of these has room:")
    return "\n".join([fits_ if refused else f"it may run as it is; {room}", *offered])


def _cures(item: Candidate, described: Described, question: Question, trials: Trials) -> Iterator[str]:
    """Changes of the spec that fit by the same budget and can be carried out; another GPU comes last."""
    market = Market(RENTED.get(item.cluster.platform, ""), item.cluster.region if item.cluster.cloud else "")

    def had(gpu: GpuFacts) -> bool:
        return _image_runs(described, gpu) and pool_with(item, gpu) != ""

    offered = list(cures(question, _most_gpus(item, trials), market, had))
    yield from (_sentence(cure) for cure in offered if cure.field != "gpu")
    yield from _uploads(item, described, question)
    yield from _other_pools(item, described, question, trials)
    for cure in offered:
        if cure.field == "gpu":
            yield f"a pool with `{pool_with(item, cure.question.gpu)}`: {cure.note}"


def _most_gpus(item: Candidate, trials: Trials) -> int:
    """GPUs that each replica of a placement may have in its pool."""
    most = item.pool.gpus_per_node if item.pool else 1
    while most > 1 and not trials.split(item, most):
        most -= 1
    return most


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


def _uploads(item: Candidate, described: Described, question: Question) -> Iterator[str]:
    """The same model in another precision, as somebody uploaded it."""
    if described.model is None or question.format != "none" or "huggingface" not in described.engine.sources:
        return
    release = reader.release(described.engine.name, described.version) or described.engine.newest
    for upload in _requantised(described.model):
        smaller = replace(question, checkpoint_gib=upload.weights_gib, stored=upload.quantization, quantization="")
        if upload.quantization not in release.quantizations:
            continue
        if runs(question.gpu, upload.quantization, question.engine, question.engine_version) and fits(smaller):
            # A word that some layer wrote is that of the weights before.
            word = f", quantization: {upload.quantization}" if item.settings.quantization else ""
            yield f"`source: {{huggingface: {upload.id}}}{word}`: {upload.weights_gib:g} GiB in {upload.quantization}"
            return


def _image_runs(described: Described, gpu: GpuFacts) -> bool:
    """Whether this version's image is built for a GPU and for the CPUs that it comes with."""
    facts = reader.release(described.engine.name, described.version)
    if facts is None:
        return False
    least = min(facts.min_capability.values(), default=0.0)
    return gpu.compute_capability >= least and (not gpu.host or gpu.host in facts.architectures)


def _requantised(facts: ModelFacts) -> Iterator[ModelFacts]:
    uploads = (upload for upload in reader.uploads_of(facts.id) if not upload.id.startswith("ollama:"))
    return (upload for upload in uploads if upload.quantization not in ("none", facts.quantization))


def _other_pools(item: Candidate, described: Described, question: Question, trials: Trials) -> Iterator[str]:
    for name in sorted(item.fleet.clusters):
        for pool, spec in sorted(item.fleet.clusters[name].pools.items()):
            gpu = reader.gpu(spec.gpu)
            here = item.cluster.name == name and item.pool is not None and item.pool.name == pool
            if gpu is None or here or spec.gpus_per_node < question.tp:
                continue
            runs_there = _image_runs(described, gpu) and runs(
                gpu, question.format, question.engine, question.engine_version
            )
            if runs_there and fits(replace(question, gpu=gpu)) and trials.moved(item, name, pool, question.tp):
                cluster = "" if name == item.cluster.name else f", cluster: {name}"
                yield f"`pool: {pool}{cluster}`: {gpu.name}"
