"""What the rented nodes of a fleet cost, each price with its source. What has no price has a reason, never a zero."""

from collections.abc import Mapping
from dataclasses import field

from generator.core.finding import Path
from generator.core.frozen import frozen

HOURS_A_MONTH = 730
"""A year's hours by twelve, as clouds count."""


@frozen
class Usd:
    """An amount of US dollars: by the first choice of capacity, and between which ends all choices lie."""

    value: float
    low: float
    high: float

    def __add__(self, other: "Usd") -> "Usd":
        return Usd(self.value + other.value, self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> "Usd":
        """Scaled by a factor that is not negative."""
        return Usd(self.value * factor, self.low * factor, self.high * factor)


@frozen
class Bill:
    """USD an hour at the smallest and at the largest scale."""

    least: Usd
    most: Usd

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(self.least + other.least, self.most + other.most)


@frozen
class Rate:
    """What a node of one type costs an hour, bought in one way (`spot`, as the spec spells it).

    Where `usd_per_hour` is None, `why` says why, and `source` and `as_of` are empty.
    """

    instance_type: str
    capacity: str
    usd_per_hour: float | None
    source: str = ""
    as_of: str = ""
    why: str = ""


@frozen
class PoolCost:
    """A pool. Where it has no price, `bill` is None and `reason` says so in a few words.

    The nodes are those that the bill counts; `rates` are in order of preference, and empty where nothing is rented.
    `instead` says which other choice the bill is for, where the price of the first is not known; else it is empty.
    """

    path: Path
    cluster: str
    name: str
    region: str
    least_nodes: int
    most_nodes: int
    rates: tuple[Rate, ...]
    bill: Bill | None
    reason: str
    instead: str
    why: str

    @property
    def id(self) -> str:
        """`cluster/pool`."""
        return f"{self.cluster}/{self.name}"


@frozen
class PlacementCost:
    """A placement's share of its pool, whose `reason` and `instead` are its own too.

    `per_million` is USD for a million output tokens; `million_why` says how it is found, or why it is None.
    """

    path: Path
    model: str
    name: str
    cluster: str
    bill: Bill | None
    reason: str
    instead: str
    why: str
    per_million: Usd | None
    million_why: str

    @property
    def id(self) -> str:
        """`model/placement`."""
        return f"{self.model}/{self.name}"


@frozen
class Total:
    """A sum over all that has a price; None where nothing has.

    `without` are the others, each with its reason; `instead` are those that count by another choice than their first.
    """

    bill: Bill | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)


@frozen
class CostPlan:
    """List prices of GPU nodes alone: without disks, traffic, control planes, taxes and discounts.

    Pools are by cluster and name, placements by model and name, totals by name.
    """

    pools: tuple[PoolCost, ...] = ()
    placements: tuple[PlacementCost, ...] = ()
    models: Mapping[str, Total] = field(default_factory=dict)
    clusters: Mapping[str, Total] = field(default_factory=dict)
    fleet: Total = field(default_factory=Total)

    @property
    def rented(self) -> bool:
        """Whether any node is rented, so that there is something to say of its price."""
        return any(pool.rates for pool in self.pools)
