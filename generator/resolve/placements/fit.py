"""The verdict on a placement as a finding: the budget as a table, and the cheapest changes that do fit."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import reader
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.clouds import CLOUDS, RENTED
from generator.core.finding import Finding, Severity
from generator.core.kinds import resolve as kinds
from generator.core.lazy import load
from generator.core.protocols import Cloud
from generator.core.spec import Pool
from generator.resolve.clusters.packing import nodes_needed
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described
from generator.resolve.placements.settings import layered
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
    which = "this" if len(offered) == 1 else "each of these"
    return "\n".join([f"{which} fits:" if refused else f"it may run as it is; {which} has room:", *offered])


def _cures(item: Candidate, described: Described, question: Question) -> Iterator[str]:
    """Changes of the spec that fit by the same budget; those of the fleet come before another GPU."""
    rented = RENTED.get(item.cluster.platform, "")
    market = Market(rented, item.cluster.region if rented else "")
    most = item.pool.gpus_per_node if item.pool else 1
    found = cures(question, most, market, lambda gpu: _to_be_had(item, described, gpu))
    offered = [cure for cure in found if cure.field != "tp" or _splits(item, int(cure.value))]
    yield from (_sentence(cure) for cure in offered if cure.field != "gpu")
    yield from _uploads(described, question)
    yield from _other_pools(item, described, question)
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


def _to_be_had(item: Candidate, described: Described, gpu: GpuFacts) -> bool:
    """Whether the placement's pool can be of another GPU: its platform has such nodes, and the image runs on them."""
    pool = item.pool_spec
    if pool is None or item.pool is None or not _image_runs(described, gpu):
        return False
    smaller = described.card is not None and gpu.memory_gib < described.card.memory_gib
    if smaller and _sharing(item, item.cluster.name, item.pool.name):
        return False
    cloud: Cloud = load(CLOUDS[item.cluster.platform])
    other = pool.model_copy(update={"gpu": gpu.id})
    nodes, problems = cloud.node_pool(item.pool.name, other, item.cluster_spec, item.pool.path)
    return nodes is not None and all(problem.severity is not Severity.ERROR for problem in problems)


def _image_runs(described: Described, gpu: GpuFacts) -> bool:
    """Whether this version's image is built for a GPU and for the CPUs that it comes with."""
    facts = described.engine.versions.get(described.version)
    if facts is None:
        return False
    least = min(facts.min_capability.values(), default=0.0)
    return gpu.compute_capability >= least and (not gpu.host or gpu.host in facts.architectures)


def _sharing(item: Candidate, cluster: str, pool: str) -> Counter[int]:
    """GPUs of a replica of each other placement of a pool, and how many replicas it has at most."""
    counts: Counter[int] = Counter()
    for name, model in item.fleet.models.items():
        for placement_name, placement, settings in layered(item.fleet, name, model):
            own = (name, placement_name) == (item.model_name, item.name)
            if settings and not own and (placement.cluster, placement.pool) == (cluster, pool):
                counts[settings.tensor_parallel] += placement.replicas.max
    return counts


def _splits(item: Candidate, gpus: int) -> bool:
    pool = item.pool_spec
    return pool is not None and item.pool is not None and _holds(item, item.cluster.name, item.pool.name, pool, gpus)


def _holds(item: Candidate, cluster: str, name: str, pool: Pool, gpus: int) -> bool:
    """Whether a pool has GPUs enough for all replicas of a placement, with so many each, beside those of others."""
    if item.placement.devices:  # they are listed one by one
        return False
    counts = _sharing(item, cluster, name)
    counts[gpus] += item.placement.replicas.max
    return max(counts) <= pool.gpus_per_node and nodes_needed(counts, pool.gpus_per_node) <= pool.nodes.max


def _other_pools(item: Candidate, described: Described, question: Question) -> Iterator[str]:
    for name in sorted(item.fleet.clusters):
        for pool, spec in sorted(item.fleet.clusters[name].pools.items()):
            gpu = reader.gpu(spec.gpu)
            here = item.cluster.name == name and item.pool is not None and item.pool.name == pool
            if gpu is None or here or not _holds(item, name, pool, spec, question.tp):
                continue
            if not _image_runs(described, gpu) or item.fleet.clusters[name].kubernetes != item.cluster.kubernetes:
                continue
            if runs(gpu, question.format, question.engine) and fits(replace(question, gpu=gpu)):
                cluster = "" if name == item.cluster.name else f", cluster: {name}"
                yield f"`pool: {pool}{cluster}`: {gpu.name}"
