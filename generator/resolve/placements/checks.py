"""What facts say about a placement before an engine is asked: heads, nodes, pool sizes, context."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from generator.catalog import reader
from generator.catalog.rope import Reach
from generator.core.finding import Finding, Severity, path_text
from generator.core.kinds import engines as engine_kinds
from generator.core.kinds import resolve as kinds
from generator.core.kinds import rules, weights
from generator.core.words import counted
from generator.resolve.clusters.packing import nodes_needed
from generator.resolve.placements.candidate import Candidate, Intact
from generator.resolve.placements.described import Described
from generator.resolve.placements.facts import similar, weights_facts
from generator.resolve.placements.trials import Trials

_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_TOKENS = {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}
_UNASKED = {"HF_ENDPOINT", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}
"""Variables that let a token come from a file, or the files from elsewhere: a mirror has rules of its own."""


def check(described: Sequence[tuple[Candidate, Described]], intact: Intact) -> Iterator[Finding]:
    """Every check on every placement; one finding for one mistake."""
    trials = Trials(tuple(item for item, _ in described))
    yield from _near_versions(described)
    yield from _not_pinned([item for item, _ in described if intact(item.at("source"))])
    for item, replica in described:
        if intact(item.at("source")):  # else it is said already why it is not described
            yield from _unknown_model(item, replica)
            yield from _gated(item)
        yield from _not_judged(item, replica)
        yield from _tensor_parallel(item, replica, trials)
        yield from _context(item, replica)
    by_pool: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for item, _ in described:
        if item.pool is not None and item.cluster.kubernetes:
            by_pool[item.cluster.name, item.pool.name].append(item)
    for group in by_pool.values():
        if all(item.gpus <= item.pool.gpus_per_node for item in group if item.pool):
            yield from _pool_size(group)


def _unknown_model(item: Candidate, replica: Described) -> Iterator[Finding]:
    if replica.model is None or replica.model.architecture is None:
        known, lacks = ("described", "dimensions") if replica.model else ("in the catalogue", "size")
        near = similar(item.settings.kind, item.settings.ref)
        yield kinds.MODEL_NOT_CHECKED.at(
            item.at("source"),
            f"the weights of {item.model_name} are not {known}: not checked",
            cause=f"attention heads, context limit and {lacks} are unknown",
            help=_description(near),
            severity=Severity.WARNING if near else None,
        )
    elif item.settings.kind == "huggingface" and "/" not in item.settings.ref and "/" in replica.model.id:
        yield kinds.MODEL_NOT_CHECKED.at(
            item.at("source"),
            f"`{item.settings.ref}` names no owner, and is taken for {replica.model.id}",
            cause="the hub finds a repository by its owner and its name; engines are told what is written",
            help=f"write `huggingface: {replica.model.id}`",
            severity=Severity.WARNING,
        )


def _gated(item: Candidate) -> Iterator[Finding]:
    settings = item.settings
    known = reader.model(settings.ref) if settings.kind == "huggingface" else None
    if known is None or not known.gated or _owner(known.id) != _owner(settings.ref):
        return
    given = settings.secret_env.keys() | settings.env.keys()
    if settings.source.token or not _TOKENS.isdisjoint(settings.secret_env) or not _UNASKED.isdisjoint(given):
        return
    yield kinds.GATED_WITHOUT_TOKEN.at(
        item.at("source"),
        f"{settings.ref} is gated, and the source has no `token`",
        cause="the hub gives its files only to accounts that accepted its licence, and answers 401 to anybody else",
        help=f"accept it at https://huggingface.co/{settings.ref}, and add `token: {{env: HF_TOKEN}}` to the source",
    )


def _owner(repository: str) -> str:
    """Whose repository it is: another's upload of the same weights has another owner."""
    return repository.partition("/")[0].lower()


def _description(near: Sequence[str]) -> str:
    meant = f"did you mean {' or '.join(f'`{id}`' for id in near)}? Else " if near else ""
    return (
        f"{meant}add `config: path/of/config.json` to the source to describe them, or `base: ...` with a model of the "
        "catalogue that has the same architecture"
    )


def _not_pinned(items: Sequence[Candidate]) -> Iterator[Finding]:
    """Weights of the hub that are not pinned to a commit, told once, at the first of them."""
    moving: dict[str, Candidate] = {}
    for item in items:
        revision = item.settings.source.revision or ""
        if item.settings.kind == "huggingface" and not _COMMIT.fullmatch(revision):
            moving.setdefault(item.settings.ref, item)
    if moving:
        first, *others = moving
        item = moving[first]
        written = item.settings.source.revision
        more = f" and {counted(len(others), 'other repository', 'other repositories')}" if others else ""
        yield rules.WEIGHTS_NOT_PINNED.at(
            item.at("source"),
            f"the weights of {first}{more} are not pinned to a commit",
            cause=f"`{written}` is no commit: branches and tags can be moved"
            if written
            else "without `revision` each download takes what the repository holds then",
            help=f"add `revision: ...` with the commit that https://huggingface.co/{first}/commits/main lists first",
        )


def _near_versions(described: Sequence[tuple[Candidate, Described]]) -> Iterator[Finding]:
    """Each version that is taken as another one, told at the first line that leads to it."""
    told: dict[tuple[str, str], Candidate] = {}
    for item, replica in described:
        told.setdefault((replica.engine.name, replica.version), item)
    for (name, version), item in told.items():
        engine, facts = reader.engine(name), reader.release(name, version)
        if facts and facts.like:
            yield engine_kinds.ENGINE_VERSION_UNKNOWN.at(
                item.at("engine.version"),
                f"{engine.title} {version} is checked as {facts.like}",
                cause=f"the catalogue has {', '.join(engine.versions)}, of which {facts.like} is the nearest",
                help=f"write `version: {facts.like}` to have every argument checked, or look up what {version} changed",
            )


def _not_judged(item: Candidate, replica: Described) -> Iterator[Finding]:
    if replica.server is None:
        yield kinds.ENGINE_NOT_JUDGED.at(
            item.at("engine"),
            f"the memory and speed of {replica.engine.title} are not judged",
            cause="there is no model of its server: nobody knows here what it needs of a GPU",
            help="measure it, and write `context` and `concurrency`",
        )


def _tensor_parallel(item: Candidate, replica: Described, trials: Trials) -> Iterator[Finding]:
    size, path = item.settings.tensor_parallel, item.at("tensor_parallel")
    splits = replica.server is not None and replica.server.splits_heads
    heads = replica.model.attention_heads if replica.model and splits else 0
    if item.pool is not None and size > item.pool.gpus_per_node:
        yield kinds.TP_EXCEEDS_NODE.at(
            path,
            f"tensorParallel {size} needs {size} GPUs in one node",
            cause=f"nodes of pool {item.pool.name!r} in {item.cluster.name!r} have {item.pool.gpus_per_node}",
            help=f"set tensorParallel to {max(_sizes(item, heads, trials))}, or use a pool with more gpusPerNode",
        )
        return
    model = replica.model
    if model and heads % size:
        fits = _sizes(item, heads, trials)
        yield kinds.HEADS_NOT_DIVISIBLE.at(
            path,
            f"tensorParallel {size} does not divide the {heads} attention heads of {model.id}",
            cause=f"{heads} / {size} leaves {heads % size}",
            help=f"use {'one of ' if len(fits) > 1 else ''}{', '.join(map(str, fits))}",
        )


def _sizes(item: Candidate, heads: int, trials: Trials) -> list[int]:
    """Sizes that divide the heads and that its nodes have GPUs for; those for which the pool has them, if any."""
    most = item.pool.gpus_per_node if item.pool else 1
    sizes = [size for size in (1, 2, 4, 8, 16) if size <= most and heads % size == 0]
    return [size for size in sizes if trials.split(item, size)] or sizes


def _context(item: Candidate, replica: Described) -> Iterator[Finding]:
    model, reach, context = replica.model, replica.reach, item.settings.context
    if reach is None or model is None or reach.tokens <= 0:
        return
    if reach.lacks:
        yield weights.POSITIONS_INCOMPLETE.at(
            item.at(f"args.{reach.by}"),
            f"`{reach.by}` scales the positions of {model.id} without `{reach.lacks}`",
            cause=f"{replica.engine.title} {replica.version} reads it from there, and stops without it",
            help=f"add `{reach.lacks}` beside the other fields of the scaling",
        )
    elif reach.unchecked and reach.scaled < context:
        yield weights.CONTEXT_UNCHECKED.at(
            item.at("context"),
            f"context {context} goes beyond the {reach.scaled} tokens that {model.id} has positions for",
            cause=f"`{reach.unchecked}` only silences the check: beyond these positions answers become noise",
            help=_longer(item, replica, reach.scaled),
        )
    elif not reach.unchecked and reach.tokens < context:
        yield kinds.CONTEXT_EXCEEDS_MODEL.at(
            item.at("context"),
            f"context {context} is longer than {model.id} allows",
            cause=f"its limit is {reach.tokens} tokens{_derived(replica, reach)}",
            help=_longer(item, replica, reach.tokens),
        )


def _derived(replica: Described, reach: Reach) -> str:
    """Why a limit that was overridden is not the one that was meant."""
    if not reach.by:
        return ""
    made = f" with this `{reach.by}`"
    if reach.scaled <= reach.tokens:
        return made
    title = f"{replica.engine.title} {replica.version}"
    return f"{made}: {title} does not multiply `max_position_embeddings` by this scaling's factor"


def _longer(item: Candidate, replica: Described, limit: int) -> str:
    """A shorter context, or what makes the model as long as the one that is asked."""
    model, server, context = replica.model, replica.server, item.settings.context
    shorter = f"set context to {limit} or less"
    known = weights_facts(item.settings)  # without what is overridden now
    longer = server.longer(known, replica.version, context, item.settings.args) if model and known and server else None
    if longer is None:
        return shorter
    return f"{shorter}, or write `engine.args: {{{longer[0]}: '{longer[1]}'}}`"


def _pool_size(group: Sequence[Candidate]) -> Iterator[Finding]:
    pool, last = group[0].pool, group[-1]
    if pool is None:
        return
    counts: Counter[int] = Counter()
    for item in group:
        counts[item.gpus] += item.placement.replicas.max
    nodes = nodes_needed(counts, pool.gpus_per_node)
    if nodes > pool.max_nodes:
        replicas = ((item.service, item.placement.replicas.max, counted(item.gpus, "GPU")) for item in group)
        parts = ", ".join(f"{service} {count} x {gpus}" for service, count, gpus in replicas)
        yield kinds.REPLICAS_EXCEED_POOL.at(
            (*last.path, "replicas"),
            f"pool {pool.name!r} of {last.cluster.name!r} cannot hold all replicas",
            cause=f"{parts} need {counted(nodes, 'node')} of {pool.gpus_per_node}; "
            f"the pool has {pool.max_nodes} at most",
            help=f"set {path_text(pool.path)}.{_most_nodes(last, pool.name)} to {nodes}, or lower the replicas",
        )


def _most_nodes(item: Candidate, pool: str) -> str:
    """The field that says how many nodes a pool has at most: `nodes` itself where their number is fixed."""
    nodes = item.cluster_spec.pools[pool].nodes
    return "nodes" if nodes.min == nodes.max else "nodes.max"
