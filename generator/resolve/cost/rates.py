"""What an hour of a rented node costs: the list prices of a pool's machines in its region, and which of them counts."""

from collections.abc import Sequence

from generator.catalog import reader
from generator.clouds import RENTED
from generator.core.plan import ClusterPlan, NodePool, Rate, Usd

PRICED = {"on-demand": "onDemand", "spot": "spot"}
"""What the catalogue calls the kinds of capacity that have a list price."""
RESERVED = "reserved"
"""The way that is paid by contract."""
_SOME = 3
"""Other regions that are named where a price is missing."""


def rates(cluster: ClusterPlan, pool: NodePool) -> tuple[Rate, ...]:
    """Every way to have a node, in order of preference; none where nothing is rented."""
    return tuple(_rate(cluster, type_, group.capacity) for group in pool.groups for type_ in group.instance_types)


def taken(choices: Sequence[Rate]) -> Rate | None:
    """The choice that counts: the first whose price is known, but none where a contract comes first."""
    if not choices or choices[0].capacity == RESERVED:
        return None
    return next((rate for rate in choices if rate.usd_per_hour is not None), None)


def hour(choices: Sequence[Rate]) -> Usd | None:
    """A node's hour: of the choice that counts, and between which ends all choices lie whose price is known."""
    counts = taken(choices)
    if counts is None or counts.usd_per_hour is None:
        return None
    known = [rate.usd_per_hour for rate in choices if rate.usd_per_hour is not None]
    return Usd(counts.usd_per_hour, min(known), max(known))


def instead(choices: Sequence[Rate]) -> str:
    """Which choice counts, where it is not the first; else empty."""
    counts = taken(choices)
    if counts is None or counts is choices[0]:
        return ""
    known, unknown = (f"{rate.capacity} {rate.instance_type}" for rate in (counts, choices[0]))
    return f"counted as {known}, since {unknown} has no known price"


def source(rate: Rate, region: str) -> str:
    """A rate with its date and source, or why there is none."""
    if rate.usd_per_hour is None:
        return rate.why
    price = f"{rate.capacity} {rate.instance_type} in {region} {rate.usd_per_hour:.8g} USD an hour"
    return f"{price} as of {rate.as_of} ({rate.source})"


def _rate(cluster: ClusterPlan, type_: str, capacity: str) -> Rate:
    """The newest price in this very region."""
    if capacity == RESERVED:
        why = f"{capacity} capacity is paid as its contract says, used or not: there is no list price"
        return Rate(type_, capacity, None, why=why)
    if capacity not in PRICED:
        return Rate(type_, capacity, None, why=f"the catalogue has no list prices of {capacity} nodes")
    if cluster.platform not in RENTED:
        return Rate(type_, capacity, None, why=f"the catalogue has no prices of `{cluster.platform}` machines")
    known = reader.prices(RENTED[cluster.platform]).get(type_, ())
    sold = {price.region: price for price in reversed(known) if price.way == PRICED[capacity]}
    if cluster.region in sold:
        price = sold[cluster.region]
        return Rate(type_, capacity, price.usd_per_hour, price.source, price.as_of)
    why = f"no {capacity} price of {type_} in {cluster.region} is known, {_elsewhere(sorted(sold))}"
    return Rate(type_, capacity, None, why=why)


def _elsewhere(regions: Sequence[str]) -> str:
    if not regions:
        return "nor in any other region"
    more = f" and {len(regions) - _SOME} more" if len(regions) > _SOME else ""
    return f"only in {', '.join(regions[:_SOME])}{more}"
