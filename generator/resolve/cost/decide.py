"""What a fleet costs: the rented nodes that it runs at its smallest and at its largest, shared by what runs on them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from generator.clouds import RENTED
from generator.core.finding import Finding
from generator.core.frozen import frozen
from generator.core.kinds import resolve as kinds
from generator.core.plan import (
    Bill,
    ClusterPlan,
    CostPlan,
    NodePool,
    PlacementCost,
    PlacementPlan,
    PoolCost,
    Rate,
    Total,
    Usd,
)
from generator.resolve.clusters.packing import nodes_needed
from generator.resolve.cost import rates
from generator.resolve.placements.sized import Sized
from generator.sizing.cost import per_million
from generator.sizing.estimate import Estimate

OWN, RESERVED, UNKNOWN, CPUS = "own machines", "reserved", "price not known", "on CPUs"
"""Why something has no price, in the words that sums use."""

_Part = PoolCost | PlacementCost
Decided = Sequence[tuple[PlacementPlan, Sized | None]]


@frozen
class _Shared:
    """A pool's cost and the GPUs that its placements, which share it, ask for at their smallest and largest."""

    cost: PoolCost
    least_gpus: int
    most_gpus: int


def costs(clusters: Sequence[ClusterPlan], decided: Decided, tasks: Mapping[str, str]) -> CostPlan:
    """The cost of every pool and placement, and their sums. `tasks` are those of the models, by name."""
    sizes = {(cluster.name, pool.name): pool.gpus_per_node for cluster in clusters for pool in cluster.pools}
    # What is larger than a node has its error already.
    decided = [item for item in decided if item[0].workload.resources.gpus <= sizes.get(_home(item[0]), 0)]
    groups: dict[tuple[str, str], list[PlacementPlan]] = defaultdict(list)
    for placement, _ in decided:
        groups[_home(placement)].append(placement)
    shared = {
        (cluster.name, pool.name): _shared(cluster, pool, groups[cluster.name, pool.name])
        for cluster in clusters
        for pool in cluster.pools
    }
    platforms = {cluster.name: cluster.platform for cluster in clusters}
    placements = [
        _placement(placement, sized, shared[_home(placement)], tasks[placement.model])
        if placement.pool
        else _on_cpus(placement, platforms[placement.cluster])
        for placement, sized in sorted(decided, key=lambda item: (item[0].model, item[0].name))
    ]
    by_model: dict[str, list[_Part]] = defaultdict(list)
    for item in placements:
        by_model[item.model].append(item)
    pools = tuple(item.cost for item in shared.values())
    parts: tuple[_Part, ...] = (*pools, *(item for item in placements if item.reason == CPUS))
    by_cluster: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        by_cluster[part.cluster].append(part)
    return CostPlan(
        pools=pools,
        placements=tuple(placements),
        models={name: _total(group) for name, group in by_model.items()},
        clusters={name: _total(by_cluster[name]) for name in sorted(by_cluster)},
        fleet=_total(parts),
    )


def unknown_prices(cost: CostPlan) -> Iterator[Finding]:
    """One finding for all pools whose first choice should have a list price and has none that we know."""
    unknown = [pool for pool in cost.pools if pool.reason == UNKNOWN or pool.instead]
    if unknown:
        first, others = unknown[0], len(unknown) - 1
        more = f" and of {_counted('other pool', others, others)}" if others else ""
        yield kinds.PRICE_UNKNOWN.at(
            first.path,
            f"the first choice of {first.id}{more} has no known price",
            cause=first.rates[0].why,
            help=f"{first.instead or 'sums leave it out'}; "
            f"`gen catalog show {first.rates[0].instance_type}` lists the prices that are known",
        )


def _home(placement: PlacementPlan) -> tuple[str, str]:
    return placement.cluster, placement.pool


def _total(parts: Sequence[_Part]) -> Total:
    total: Bill | None = None
    for part in parts:
        if part.bill:
            total = total + part.bill if total else part.bill
    return Total(
        total,
        {part.id: part.reason for part in parts if not part.bill},
        {part.id: part.instead for part in parts if part.instead},
    )


def _shared(cluster: ClusterPlan, pool: NodePool, group: Sequence[PlacementPlan]) -> _Shared:
    least: Counter[int] = Counter()
    most: Counter[int] = Counter()
    for placement in group:
        gpus = placement.workload.resources.gpus
        least[gpus] += placement.min_replicas
        most[gpus] += placement.max_replicas
    return _Shared(_pool(cluster, pool, least, most), _sum(least), _sum(most))


def _sum(replicas: Mapping[int, int]) -> int:
    return sum(gpus * count for gpus, count in replicas.items())


def _pool(cluster: ClusterPlan, pool: NodePool, least: Mapping[int, int], most: Mapping[int, int]) -> PoolCost:
    """Nodes that no replica needs are not started, but those of `nodes.min` run in any case."""
    required = [nodes_needed(replicas, pool.gpus_per_node) for replicas in (least, most)]
    counts = [max(pool.min_nodes, min(pool.max_nodes, needed)) for needed in required]
    choices = rates.rates(cluster, pool)
    hour = rates.hour(choices)
    return PoolCost(
        path=pool.path,
        cluster=cluster.name,
        name=pool.name,
        region=cluster.region,
        least_nodes=counts[0],
        most_nodes=counts[1],
        rates=choices,
        bill=Bill(hour.times(counts[0]), hour.times(counts[1])) if hour else None,
        reason="" if hour else _reason(choices),
        instead=rates.instead(choices),
        why="; ".join((_nodes(pool, counts, required), *(rates.source(rate, cluster.region) for rate in choices))),
    )


def _reason(choices: Sequence[Rate]) -> str:
    if not choices:
        return OWN
    return UNKNOWN if choices[0].capacity in rates.PRICED else RESERVED


def _nodes(pool: NodePool, counts: Sequence[int], required: Sequence[int]) -> str:
    if not pool.instance_types:
        return "these machines are yours: there is no list price"
    limits = _range(pool.min_nodes, pool.max_nodes)
    return f"{_counted('node', *counts)}: replicas need {_range(*required)}, the pool has {limits}"


def _placement(placement: PlacementPlan, sized: Sized | None, shared: _Shared, task: str) -> PlacementCost:
    """Its share of its pool's nodes by GPUs. What lies idle is shared in the same way, since it is paid for too."""
    gpus, cost = placement.workload.resources.gpus, shared.cost
    own = (gpus * placement.min_replicas, gpus * placement.max_replicas)
    # Where all replicas are asleep, the nodes that run on wait for those that may come.
    least = own[0] / shared.least_gpus if shared.least_gpus else own[1] / shared.most_gpus
    bill = cost.bill and Bill(cost.bill.least.times(least), cost.bill.most.times(own[1] / shared.most_gpus))
    used = _counted("GPU", shared.least_gpus, shared.most_gpus)
    whose = f"its share of {cost.id}: {_range(*own)} of {used} in use"
    million, million_why = _per_million(placement, sized, bill, task)
    return PlacementCost(
        path=placement.path,
        model=placement.model,
        name=placement.name,
        cluster=placement.cluster,
        bill=bill,
        reason=cost.reason,
        instead=cost.instead,
        why=f"{whose}; {cost.why}",
        per_million=million,
        million_why=million_why,
    )


def _per_million(placement: PlacementPlan, sized: Sized | None, bill: Bill | None, task: str) -> tuple[Usd | None, str]:
    """USD for a million output tokens at the largest scale, and how it was found or why it was not."""
    if bill is None:
        return None, "its nodes have no price"
    if task != "chat":
        return None, f"a model for `{task}` makes no tokens"
    speed = sized.loaded if sized else None
    if speed is None:
        return None, "its speed cannot be predicted"
    hour = bill.most.times(1 / placement.max_replicas)
    tokens = speed.output_tokens_per_s
    million = per_million(Estimate(hour.value, hour.low, hour.high), tokens)
    why = (
        "a replica at the largest scale, always busy, at the predicted "
        f"{tokens.value:,.0f} ({tokens.low:,.0f} to {tokens.high:,.0f}) output tokens a second: {speed.why}"
    )
    return (Usd(million.value, million.low, million.high), why) if million else (None, "it makes no tokens")


def _on_cpus(placement: PlacementPlan, platform: str) -> PlacementCost:
    rented = platform in RENTED
    return PlacementCost(
        path=placement.path,
        model=placement.model,
        name=placement.name,
        cluster=placement.cluster,
        bill=None,
        reason=CPUS if rented else OWN,
        instead="",
        why=f"it runs on CPUs of {'nodes outside of the pools' if rented else 'your own machines'}: no list price",
        per_million=None,
        million_why="its nodes have no price",
    )


def _range(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"


def _counted(word: str, least: int, most: int) -> str:
    return f"{_range(least, most)} {word}{'' if least == most == 1 else 's'}"
