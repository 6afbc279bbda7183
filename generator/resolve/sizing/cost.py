"""What a replica costs: the cheapest published machine that holds its GPUs, and what its tokens then come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from generator.catalog import reader
from generator.catalog.facts import InstanceFacts, Price
from generator.resolve.sizing.estimate import Estimate

REGION = "us-east-1"
CLOUD = "aws"
_SECONDS, _MILLION = 3600, 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """USD an hour for one replica on demand.

    Where the machine holds more GPUs, the value is its share of the price and the interval ends at the whole of it.
    """

    usd_per_hour: Estimate
    machine: str
    why: str
    source: str
    as_of: str


@cache
def cost(gpu: str, gpus: int) -> Cost | str:
    """The cheapest machine for so many GPUs of one id in one node, or the reason why none is known."""
    machines = [item for item in reader.instances(CLOUD).values() if item.gpu == gpu]
    if not machines:
        return f"no machine of {CLOUD} with this GPU is in the catalogue"
    priced = list(_shares(machines, gpus))
    if priced:
        share, item, price = min(priced, key=lambda entry: (entry[0], entry[2].usd_per_hour, entry[1].type))
        return _cost(share, item, price, gpus)
    largest = max(item.gpus for item in machines)
    if largest < gpus:
        return f"the largest machine of {CLOUD} with this GPU has {largest} of them, not {gpus}"
    return f"no on-demand price in {REGION} is published for {', '.join(sorted(item.type for item in machines))}"


def _shares(machines: Iterable[InstanceFacts], gpus: int) -> Iterable[tuple[float, InstanceFacts, Price]]:
    """USD an hour of one replica's share on every machine that holds it: a machine holds whole replicas only."""
    known = reader.prices(CLOUD)
    for item in machines:
        price = next(
            (price for price in known.get(item.type, ()) if price.region == REGION and price.way == "onDemand"), None
        )
        if price and item.gpus >= gpus:
            yield price.usd_per_hour / (item.gpus // gpus), item, price


def _cost(share: float, item: InstanceFacts, price: Price, gpus: int) -> Cost:
    whole = price.usd_per_hour
    fits = item.gpus // gpus
    part = "" if fits == 1 else f" shared by {fits} replicas"
    count = f"{item.gpus} GPU{'' if item.gpus == 1 else 's'}"
    why = f"{item.type} ({count}) on demand in {REGION}, {whole:g} USD an hour{part}"
    return Cost(Estimate(share, share, whole), item.type, why, price.source, price.as_of)


def per_million(usd_per_hour: Estimate, tokens_per_s: Estimate) -> Estimate | None:
    """USD for a million output tokens of a server that is always busy; none where it makes no tokens."""
    if tokens_per_s.low <= 0:
        return None

    def of(usd: float, tokens: float) -> float:
        return usd / (tokens * _SECONDS) * _MILLION

    return Estimate(
        of(usd_per_hour.value, tokens_per_s.value),
        of(usd_per_hour.low, tokens_per_s.high),
        of(usd_per_hour.high, tokens_per_s.low),
    )
