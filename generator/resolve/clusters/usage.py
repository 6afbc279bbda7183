"""Pools that are paid for and serve nobody, and pools that may not be there."""

from collections.abc import Callable, Iterator

from generator.catalog import engines, reader
from generator.core.finding import Finding, Path
from generator.core.kinds import rollouts
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, Placement, walk


def unused_pools(fleet: Fleet, intact: Callable[[Path], bool]) -> Iterator[Finding]:
    """Every pool has a placement. Silent while one is broken, leads nowhere or lacks its pool: it may be this one."""
    used = {(placement.cluster, placement.pool) for _, _, _, placement in walk.placements(fleet)}
    lost = any(cluster not in fleet.clusters for cluster, _ in used) or not walk.all_lead_somewhere(fleet)
    if lost or not intact(("models",)):
        return
    lacking = {item.cluster for _, model, _, item in walk.placements(fleet) if _lacks_pool(fleet, model, item)}
    for cluster, spec in fleet.clusters.items():
        unknown = any(pool is not None and pool not in spec.pools for place, pool in used if place == cluster)
        if unknown or cluster in lacking:
            continue
        for name, pool in spec.pools.items():
            if (cluster, name) not in used:
                least = pool.nodes.min
                runs = f"{least} of its nodes always {'runs' if least == 1 else 'run'}"
                cost = runs if least else "it is created"
                yield kinds.UNUSED_POOL.at(
                    ("clusters", cluster, "pools", name),
                    f"no placement uses pool `{name}` of {cluster}",
                    cause=f"{cost} for nothing",
                    help="place a model there, or remove the pool",
                    on_key=True,
                )


def twin_pools(fleet: Fleet) -> Iterator[Finding]:
    """A docker host is one machine: its cards of one kind are one pool."""
    for cluster, spec in fleet.clusters.items():
        first: dict[str, str] = {}
        for name, pool in spec.pools.items() if not spec.kubernetes else ():
            known = reader.gpu(pool.gpu)
            other = first.setdefault(known.name if known else pool.gpu, name)
            if other == name:
                continue
            together = pool.gpus_per_node + spec.pools[other].gpus_per_node
            yield rollouts.SAME_CARD_TWICE.at(
                ("clusters", cluster, "pools", name),
                f"pools `{other}` and `{name}` of {cluster} have the same card, {pool.gpu}",
                cause=f"{cluster} is one machine, and gen counts {together} such cards in it",
                help=f"if it has {together}, write one pool with `gpusPerNode: {together}`; if it has fewer, remove "
                f"`{name}`: one card serves one placement",
                on_key=True,
            )


def _lacks_pool(fleet: Fleet, model: str, placement: Placement) -> bool:
    """Whether a placement names no pool although its engine runs on GPUs only."""
    if placement.pool is not None:
        return False
    layers = (placement, fleet.models[model], fleet.defaults)
    name = next((layer.engine.name for layer in layers if layer and layer.engine and layer.engine.name), None)
    return name in engines.known() and reader.engine(name).needs_gpu
