"""What a replica needs around its engine: time to start and to end, storage, memory of its host."""

from dataclasses import dataclass

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.plan import Decision, ProbeTiming, ResourcePlan, Shutdown
from generator.core.tasks import generates
from generator.core.units import gib
from generator.resolve.placements import host, timing
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.numbers import Numbers
from generator.resolve.placements.sized import Sized
from generator.sizing.servers.protocol import server

DOWNLOADED = frozenset({"huggingface", "ollama", "s3"})
"""Sources from which every node fetches the weights; those of `s3` go to the GPUs at once and leave no copy."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What is around the engine. Sizes in GiB."""

    timing: ProbeTiming
    shutdown: Shutdown
    cache_gib: float
    shm_gib: float
    resources: ResourcePlan
    decisions: tuple[Decision, ...]


def needs(item: Candidate, facts: ModelFacts | None, numbers: Numbers, longest_call_s: float) -> Needs:
    """The needs of one replica; `longest_call_s` is the largest total timeout of the routes that lead to it."""
    at, sized = item.settings.at, numbers.sized
    kind = item.settings["source"].places[0]
    weights = facts.weights_gib if facts else 0.0
    start, start_why = timing.startup(_start(item, weights, numbers))
    calls = _calls(sized if generates(item.model.task) else None, longest_call_s)
    notice = item.pool.cloud.spot_notice_s if item.pool and item.pool.cloud else 0
    end, end_why = timing.shutdown(calls, behind_endpoints=item.cluster.kubernetes, spot_notice_s=notice)
    engine = reader.engine(item.engine)
    cache, cache_why = host.cache_gib(weights, downloads=kind in DOWNLOADED - {"s3"}, compiles=engine.compiles)
    shm, shm_why = host.shm_gib(item.tensor_parallel) if engine.shares_memory else (0.0, "")
    resources, decided = _resources(item, facts, numbers, cache, shm)
    return Needs(
        start,
        end,
        cache,
        shm,
        resources,
        (
            Decision("startup", f"{start.startup_s} s", start_why, at["source"]),
            Decision("shutdown", f"{end.grace_s} s", end_why, item.path),
            Decision("cache", f"{cache:g} GiB", cache_why, at["source"]),
            *([Decision("sharedMemory", f"{shm:g} GiB", shm_why, at["tensor_parallel"])] if shm else []),
            *decided,
        ),
    )


def _start(item: Candidate, weights_gib: float, numbers: Numbers) -> timing.Start:
    rate = gib(item.fleet.clusters[item.cluster.name].download_rate) * 1024
    download = rate if item.settings["source"].places[0] in DOWNLOADED else 0.0
    sized = numbers.sized
    layers, graphs = server(item.engine).prepared(sized.question) if sized else (0, 0)
    return timing.Start(weights_gib, download, layers, graphs)


def _calls(sized: Sized | None, longest_call_s: float) -> timing.Calls:
    speed = sized.loaded if sized else None
    if sized is None or speed is None:
        return timing.Calls(longest_call_s)
    tokens = sized.question.length
    return timing.Calls(longest_call_s, (speed.ttft_ms.high + tokens * speed.tpot_ms.high) / 1e3, tokens)


def _resources(
    item: Candidate, facts: ModelFacts | None, numbers: Numbers, cache: float, shm: float
) -> tuple[ResourcePlan, list[Decision]]:
    """What a pod asks for. A memory that is written is its limit too; one of ours is not: a guess must not kill it."""
    given, at = item.settings["resources"], item.settings.at["resources"]
    cpu = (given.cpu or "") if given else ""
    limit = gib(given.memory) if given and given.memory else 0.0
    if not item.cluster.kubernetes:
        return ResourcePlan(item.gpus, cpu, limit, limit), []
    memory, memory_why = (limit, "given") if limit else _memory(item, facts, numbers, shm)
    disk, disk_why = host.disk_gib(cache, on_node=not item.cluster.storage_class)
    decisions = [Decision("disk", f"{disk:g} GiB", disk_why, item.settings.at["source"])]
    if memory:
        decisions.insert(0, Decision("hostMemory", f"{memory:g} GiB", memory_why, at))
    return ResourcePlan(item.gpus, cpu, memory, limit, disk), decisions


def _memory(item: Candidate, facts: ModelFacts | None, numbers: Numbers, shm: float) -> tuple[float, str]:
    if item.pool is None:
        if facts is None or facts.architecture is None:
            return 0.0, ""
        return host.cpu_memory_gib(item.engine, facts, numbers.context.value, numbers.concurrency.value)
    sized = numbers.sized
    spills = sized is not None and server(item.engine).spills
    beside = sized.budget.needed - sized.budget.kv_available.value if sized and spills else 0.0
    return host.memory_gib(item.tensor_parallel, shm, max(beside, 0.0))
