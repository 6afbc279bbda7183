"""What facts say about a placement before an engine is asked: heads, nodes, pool sizes, context."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from generator.catalog import reader
from generator.core.finding import Finding, Findings, path_text
from generator.core.kinds import resolve as kinds
from generator.resolve.clusters.packing import nodes_needed
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.facts import facts_of, similar
from generator.sizing.servers.protocol import find


def check(items: Sequence[Candidate], findings: Findings) -> None:
    """Every check on every placement; one finding for one mistake."""
    for item in items:
        if findings.intact(item.settings.at["source"]):  # else it is said already why it is not described
            findings.extend(_unknown_model(item))
        findings.extend(_not_judged(item))
        findings.extend(_tensor_parallel(item))
        findings.extend(_context(item))
    by_pool: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for item in items:
        if item.pool is not None and item.cluster.kubernetes:
            by_pool[item.cluster.name, item.pool.name].append(item)
    for group in by_pool.values():
        if all(item.gpus <= item.pool.gpus_per_node for item in group if item.pool):
            findings.extend(_pool_size(group))


def _unknown_model(item: Candidate) -> Iterator[Finding]:
    facts = facts_of(item)
    if facts is None or facts.architecture is None:
        yield kinds.MODEL_NOT_CHECKED.at(
            item.settings.at["source"],
            f"the weights of {item.model_name} are not {'described' if facts else 'in the catalogue'}: not checked",
            cause=f"attention heads, context limit and {'dimensions' if facts else 'size'} are unknown",
            help=_description(item),
        )


def _description(item: Candidate) -> str:
    near = similar(item.settings["source"].huggingface or "")
    meant = f"did you mean {' or '.join(f'`{id}`' for id in near)}? Else " if near else ""
    return (
        f"{meant}add `config: path/of/config.json` to the source to describe them, or `base: ...` with a model of the "
        "catalogue that has the same architecture"
    )


def _not_judged(item: Candidate) -> Iterator[Finding]:
    if find(item.engine) is None:
        title = reader.engine(item.engine).title
        yield kinds.ENGINE_NOT_JUDGED.at(
            item.settings.at["engine"],
            f"the memory and speed of {title} are not judged",
            cause="there is no model of its server: nobody knows here what it needs of a GPU",
            help="measure it, and write `context` and `concurrency`",
        )


def _tensor_parallel(item: Candidate) -> Iterator[Finding]:
    size, path = item.tensor_parallel, item.settings.at["tensor_parallel"]
    if item.pool is not None and size > item.pool.gpus_per_node:
        yield kinds.TP_EXCEEDS_NODE.at(
            path,
            f"tensorParallel {size} needs {size} GPUs in one node",
            cause=f"nodes of pool {item.pool.name!r} in {item.cluster.name!r} have {item.pool.gpus_per_node}",
            help=f"set tensorParallel to {item.pool.gpus_per_node} or less, or use a pool with more gpusPerNode",
        )
        return
    facts, serving = facts_of(item), find(item.engine)
    if facts and serving and serving.splits_heads and facts.attention_heads % size:
        fits = [number for number in (1, 2, 4, 8, 16) if facts.attention_heads % number == 0]
        yield kinds.HEADS_NOT_DIVISIBLE.at(
            path,
            f"tensorParallel {size} does not divide the {facts.attention_heads} attention heads of {facts.id}",
            cause=f"{facts.attention_heads} / {size} leaves {facts.attention_heads % size}",
            help=f"use one of {', '.join(map(str, fits))}",
        )


def _context(item: Candidate) -> Iterator[Finding]:
    facts, context = facts_of(item), item.settings["context"]
    if facts and facts.max_context and context and context > facts.max_context:
        yield kinds.CONTEXT_EXCEEDS_MODEL.at(
            item.settings.at["context"],
            f"context {context} is longer than {facts.id} allows",
            cause=f"its limit is {facts.max_context} tokens",
            help=f"set context to {facts.max_context} or less",
        )


def _pool_size(group: Sequence[Candidate]) -> Iterator[Finding]:
    pool, last = group[0].pool, group[-1]
    if pool is None:
        return
    counts: Counter[int] = Counter()
    for item in group:
        counts[item.gpus] += item.placement.replicas.max
    nodes = nodes_needed(counts, pool.gpus_per_node)
    if nodes > pool.max_nodes:
        parts = ", ".join(f"{item.service} {item.placement.replicas.max} x {item.gpus}" for item in group)
        yield kinds.REPLICAS_EXCEED_POOL.at(
            (*last.path, "replicas"),
            f"pool {pool.name!r} of {last.cluster.name!r} cannot hold all replicas",
            cause=f"{parts} GPUs need {nodes} nodes of {pool.gpus_per_node}; the pool has {pool.max_nodes} at most",
            help=f"set {path_text(pool.path)}.nodes.max to {nodes}, or lower the replicas",
        )
