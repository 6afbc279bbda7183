"""The shape of `cost.json`, once: the document and its JSON Schema both come from these types."""

from typing import Annotated, Any, Literal

from pydantic import Field

from generator.render.document import Document, schema_of

VERSION = 1
Dollars = Annotated[float, Field(ge=0)]


class Amount(Document):
    """USD: of the first choice of capacity, and between which ends all choices lie."""

    value: Dollars = Field(description="By the first choice of every pool.")
    low: Dollars = Field(description="By the cheapest choice whose price is known.")
    high: Dollars = Field(description="By the dearest choice whose price is known.")


class Scale(Document):
    """USD an hour at both ends of the scale."""

    min: Amount = Field(description="With the nodes that the fewest replicas need.")
    max: Amount = Field(description="With the nodes that the most replicas need.")


class TotalEntry(Document):
    """A sum over all that has a price."""

    usd_per_hour: Scale | None = Field(description="The sum; null where nothing has a price.")
    without: dict[str, str] = Field(description="What the sum leaves out, by name, and why.")
    instead: dict[str, str] = Field(description="What counts by another choice than its first, by name, and why.")


class NodeCount(Document):
    """A number of nodes at both ends of the scale."""

    min: Annotated[int, Field(ge=0)] = Field(description="At the smallest scale.")
    max: Annotated[int, Field(ge=0)] = Field(description="At the largest.")


class RateEntry(Document):
    """What an hour of a node costs, bought in one way."""

    instance_type: str = Field(description="The machine.")
    capacity: Literal["on-demand", "spot", "reserved", "flex-start"] = Field(description="How it is bought.")
    usd_per_hour: Dollars | None = Field(description="List price; null where none is known.")
    source: str | None = Field(description="Where the price was published.")
    as_of: str | None = Field(description="When it was looked up.")
    missing: str | None = Field(description="Why there is no price.")


class PoolEntry(Document):
    """A rented pool."""

    usd_per_hour: Scale | None = Field(description="All of its nodes in use; null where they have no price.")
    region: str = Field(description="Region of the prices.")
    nodes: NodeCount = Field(description="Nodes in use.")
    rates: list[RateEntry] = Field(description="Ways to have a node, first choice first.")
    reason: str | None = Field(description="Why they have none.")
    instead: str | None = Field(description="Which choice counts, where the first has no known price.")


class CostTable(Document):
    """What the rented GPU nodes of a fleet cost: list prices, without disks, traffic and control planes."""

    version: Literal[1] = Field(description="Version of this format.")
    fleet: str = Field(description="Name of the fleet.")
    environment: str = Field(description="Its environment.")
    currency: Literal["USD"] = Field(description="Of all amounts.")
    hours_per_month: Annotated[int, Field(ge=1)] = Field(description="What makes an hour's price a month's.")
    total: TotalEntry = Field(description="The whole fleet.")
    clusters: dict[str, TotalEntry] = Field(description="By cluster.")
    models: dict[str, TotalEntry] = Field(description="By model: its share of each pool's nodes by GPUs.")
    pools: dict[str, PoolEntry] = Field(description="Rented pools, by `cluster/pool`.")


def schema(identity: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `cost.json`; `identity` becomes its `$id`."""
    return schema_of(CostTable, identity, "Cost")
