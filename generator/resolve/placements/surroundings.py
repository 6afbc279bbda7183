"""What a replica needs around its engine: time to start and to end, storage, memory of its host."""

from collections.abc import Mapping
from dataclasses import replace

from generator.core.frozen import frozen
from generator.core.plan import ProbeTiming, ResourcePlan, SecretRef, SharedWeights, Shutdown
from generator.core.tasks import generates
from generator.core.units import gib
from generator.resolve import network
from generator.resolve.clusters.nodes import disk_room_gib
from generator.resolve.placements import host, shared_weights, timing
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described
from generator.resolve.placements.numbers import Numbers
from generator.resolve.placements.sized import Sized

DOWNLOADED = frozenset({"huggingface", "ollama", "s3"})
"""Sources from which every node fetches the weights; those of `s3` go to the GPUs at once and leave no copy."""


@frozen
class Site:
    """What of a placement's cluster, pool and routes counts: `longest_call_s` is the largest total timeout of these.

    `volumes`: caches are volumes of their own; `shared` is the class of claims for all replicas, empty where there is
    none. `spot_notice_s` is 0 where no node is taken back. `api_key` is what the engines ask callers for. `node_gpus`
    and `disk_gib` are what pods have of a rented node, 0 where nobody rents it; `around` is what all containers are
    told of the network.
    """

    kubernetes: bool
    volumes: bool
    shared: str
    download_rate: str
    spot_notice_s: int
    longest_call_s: float
    api_key: SecretRef | None
    node_gpus: int
    disk_gib: float
    around: network.Surrounding


@frozen(eq=False)
class Surroundings:
    """What is around the engine that is told these numbers. Sizes in GiB; `whys` are by the names of the decisions.

    `needed` is the memory of the host that is reckoned with whatever is written, and why; 0 where nothing is known.
    """

    numbers: Numbers
    site: Site
    timing: ProbeTiming
    shutdown: Shutdown
    shared: SharedWeights | None
    cache_gib: float
    shm_gib: float
    resources: ResourcePlan
    needed: tuple[float, str]
    whys: Mapping[str, str]


def site(item: Candidate, longest_call_s: float) -> Site:
    """The site of a placement."""
    rented = item.pool.cloud if item.pool else None
    return Site(
        item.cluster.kubernetes,
        bool(item.cluster.storage_class),
        (item.cluster_spec.shared_storage_class or "") if item.cluster.kubernetes else "",
        item.cluster_spec.download_rate,
        rented.spot_notice_s if rented else 0,
        longest_call_s,
        item.secrets.endpoint_key(item.cluster.name),
        item.pool.gpus_per_node if item.pool and rented else 0,
        disk_room_gib(rented) if rented else 0.0,
        network.surrounding(item.fleet, item.cluster.name, item.secrets),
    )


def surround(numbers: Numbers, place: Site) -> Surroundings:
    """The surroundings of one replica."""
    described, whys = numbers.described, dict[str, str]()
    downloads = described.settings.kind in DOWNLOADED
    weights = described.model.weights_gib if described.model else 0.0
    rate = gib(place.download_rate) * 1024 if downloads else 0.0
    together, why = shared_weights.shared(described, place.shared, rate)
    if together:
        whys["sharedWeights"] = why
    begins = timing.Start(weights, rate, *_prepared(described, numbers.sized))
    if together:
        begins = replace(begins, download_mib_s=0.0, load_mib_s=timing.SHARED_MIB_S)
    start, whys["startup"] = timing.startup(begins)
    calls = _calls(numbers.sized if generates(described.task) else None, place.longest_call_s)
    end, whys["shutdown"] = timing.shutdown(calls, behind_endpoints=place.kubernetes, spot_notice_s=place.spot_notice_s)
    engine = described.engine
    copied = downloads and described.settings.kind != "s3" and not together
    room = _disk_room(place, described.settings.tensor_parallel)
    cache, why = host.cache_gib(weights, downloads=copied, compiles=engine.compiles, room_gib=room)
    whys["cache"] = f"{why}; {_keeps(place)}" if copied else why
    shm = 0.0
    if engine.shares_memory:
        shm, whys["sharedMemory"] = host.shm_gib(described.settings.tensor_parallel)
    needed = _memory(numbers, shm)
    resources = _resources(numbers, place, cache, needed, whys)
    return Surroundings(numbers, place, start, end, together, cache, shm, resources, needed, whys)


def _disk_room(place: Site, gpus: int) -> float:
    """What a rented node's own disk has for the cache of each replica on its GPUs, in GiB; 0 where nothing is known."""
    together = place.node_gpus // gpus
    if place.volumes or not together:
        return 0.0
    return max(place.disk_gib / together - host.LOGS_GIB, 1.0)


def _keeps(place: Site) -> str:
    """How long what was downloaded stays."""
    if not place.kubernetes:
        return "a volume of the host, which stays"
    where = "a claim of each pod" if place.volumes else "the node's disk"
    return f"in {where}, which goes with the pod: a new one downloads again"


def _prepared(described: Described, sized: Sized | None) -> tuple[int, int]:
    return described.server.prepared(sized.question) if described.server and sized else (0, 0)


def _calls(sized: Sized | None, longest_call_s: float) -> timing.Calls:
    speed = sized.loaded if sized else None
    if sized is None or speed is None:
        return timing.Calls(longest_call_s)
    tokens = sized.question.length
    return timing.Calls(longest_call_s, (speed.ttft_ms.high + tokens * speed.tpot_ms.high) / 1e3, tokens)


def held(described: Described) -> Mapping[str, float]:
    """Arguments that keep something in the memory of the host, and the GiB of each."""
    if described.server is None or not described.gpu:
        return {}
    weights = described.model.weights_gib if described.model else 0.0
    return described.server.arguments.held(described.args, described.settings.tensor_parallel, weights)


def _resources(
    numbers: Numbers, place: Site, cache: float, needed: tuple[float, str], whys: dict[str, str]
) -> ResourcePlan:
    """What a pod asks for. A memory that is written is its limit too; one of ours is not: a guess must not kill it."""
    described = numbers.described
    given = described.settings.resources
    gpus = described.settings.tensor_parallel if described.gpu else 0
    cpu, limit = given.cpu or "", gib(given.memory) if given.memory else 0.0
    if not place.kubernetes:
        return ResourcePlan(gpus, cpu, limit, limit)
    memory, why = (limit, "given") if limit else needed
    if memory:
        whys["hostMemory"] = why
    disk, whys["disk"] = host.disk_gib(cache, on_node=not place.volumes)
    return ResourcePlan(gpus, cpu, memory, limit, disk)


def _memory(numbers: Numbers, shm: float) -> tuple[float, str]:
    described = numbers.described
    if not described.gpu:
        return _memory_on_cpus(numbers)
    sized, spills = numbers.sized, described.server is not None and described.server.spills
    beside = sized.budget.needed - sized.budget.kv_available.value if sized and spills else 0.0
    return host.memory_gib(described.settings.tensor_parallel, shm, max(beside, 0.0), held(described))


def _memory_on_cpus(numbers: Numbers) -> tuple[float, str]:
    described, model = numbers.described, numbers.described.model
    if model is None or model.architecture is None or described.server is None:
        return 0.0, ""
    return host.cpu_memory_gib(described.settings.engine, model, numbers.context.value, numbers.concurrency.value)
