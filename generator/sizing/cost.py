"""What a replica costs: the cheapest published machine that holds its GPUs, and what its tokens then come to."""

from collections.abc import Iterator, Sequence
from functools import cache

from generator.catalog import reader
from generator.catalog.facts import InstanceFacts, Price
from generator.core.frozen import frozen
from generator.sizing.estimate import Estimate

WAY = "onDemand"
_SECONDS, _MILLION = 3600, 1e6


@frozen
class Market:
    """Where machines may be rented: a cloud of the catalogue and one of its regions. Empty stands for any."""

    cloud: str = ""
    region: str = ""

    @property
    def clouds(self) -> tuple[str, ...]:
        """The clouds whose machines count."""
        return (self.cloud,) if self.cloud else reader.clouds()

    @property
    def name(self) -> str:
        """It in words."""
        return " ".join(filter(None, (self.cloud, self.region))) or "any cloud"


ANYWHERE = Market()


@frozen
class Cost:
    """USD an hour for one replica on demand, with the machine, its cloud and the region of the price.

    Where the machine holds more GPUs, the value is its share of the price and the interval ends at the whole of it.
    """

    usd_per_hour: Estimate
    machine: str
    cloud: str
    region: str
    why: str
    source: str
    as_of: str


@frozen
class _Offer:
    """A machine at a price in one region; `share` is one replica's part of it, USD an hour."""

    share: float
    cloud: str
    item: InstanceFacts
    price: Price

    @property
    def rank(self) -> tuple[float, float, str, str, str]:
        return self.share, self.price.usd_per_hour, self.cloud, self.item.type, self.price.region


@cache
def cost(gpu: str, gpus: int, market: Market = ANYWHERE) -> Cost | str:
    """The cheapest machine for so many GPUs of one id in one node, or the reason why none is known."""
    machines = list(_machines(gpu, market))
    if not machines:
        return f"no machine in {market.name} with this GPU is in the catalogue"
    offers = [offer for cloud, item in machines for offer in _offers(cloud, item, gpus, market.region)]
    if offers:
        return _cost(min(offers, key=lambda offer: offer.rank), gpus)
    largest = max(item.gpus for _, item in machines)
    if largest < gpus:
        return f"the largest machine in {market.name} with this GPU has {largest} of them, not {gpus}"
    types = sorted({item.type for _, item in machines})
    return f"no on-demand price in {market.name} is published for {', '.join(types)}"


def sold(gpu: str, gpus: int, market: Market) -> bool:
    """Whether a machine of the market has so many GPUs of one id, with a known price or without."""
    return any(item.gpus >= gpus for _, item in _machines(gpu, market))


def _machines(gpu: str, market: Market) -> Iterator[tuple[str, InstanceFacts]]:
    for cloud in market.clouds:
        for item in reader.instances_with(cloud, gpu):
            if market.region in {"", *item.regions}:
                yield cloud, item


def _offers(cloud: str, item: InstanceFacts, gpus: int, region: str) -> Iterator[_Offer]:
    """One replica's share in every region with a price: a machine holds whole replicas only."""
    if item.gpus < gpus:
        return
    for price in _newest(reader.prices(cloud).get(item.type, ())):
        if region in ("", price.region):
            yield _Offer(price.usd_per_hour / (item.gpus // gpus), cloud, item, price)


def _newest(prices: Sequence[Price]) -> Iterator[Price]:
    """One price a region, where the newest stand first."""
    yield from {price.region: price for price in reversed(prices) if price.way == WAY}.values()


def _cost(offer: _Offer, gpus: int) -> Cost:
    item, price = offer.item, offer.price
    whole, fits = price.usd_per_hour, item.gpus // gpus
    part = "" if fits == 1 else f" shared by {fits} replicas"
    count = f"{item.gpus} GPU{'' if item.gpus == 1 else 's'}"
    why = f"{offer.cloud} {item.type} ({count}) on demand in {price.region}, {whole:g} USD an hour{part}"
    paid = Estimate(offer.share, offer.share, whole)
    return Cost(paid, item.type, offer.cloud, price.region, why, price.source, price.as_of)


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
