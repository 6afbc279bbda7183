"""The shape of the plan document, once: the document and its JSON Schema both come from these types."""

from typing import Any, Literal

from pydantic import Field

from generator.render.document import Document, schema_of
from generator.render.plan.nodes import ClusterEntry
from generator.render.plan.rows import CountEntry, UsdEntry
from generator.render.plan.work import GatewayEntry, PlacementEntry

VERSION = 0
"""0 as long as nothing reads it that is not in this repository: until then it may change in any way."""


class BillEntry(Document):
    """USD an hour at both ends of the scale."""

    least: UsdEntry = Field(description="With the nodes that the fewest replicas need.")
    most: UsdEntry = Field(description="With the nodes that the most replicas need.")


class TotalEntry(Document):
    """A sum over all that has a price."""

    bill: BillEntry | None = Field(description="The sum; null where nothing has a price.")
    without: dict[str, str] = Field(description="What it leaves out, by name, and why.")
    instead: dict[str, str] = Field(description="What counts by another choice than its first, by name, and why.")


class PoolCostEntry(Document):
    """What a rented pool costs."""

    bill: BillEntry | None = Field(description="All of its nodes in use; null where they have no price.")
    nodes: CountEntry = Field(description="Nodes in use.")
    reason: str | None = Field(description="Why they have no price.")
    instead: str | None = Field(description="Which choice counts, where the first has no known price.")


class CostEntry(Document):
    """List prices of the rented GPU nodes."""

    fleet: TotalEntry = Field(description="The whole fleet.")
    clusters: dict[str, TotalEntry] = Field(description="By cluster.")
    models: dict[str, TotalEntry] = Field(description="By model.")
    pools: dict[str, PoolCostEntry] = Field(description="By `cluster/pool`, where nodes are rented.")


class PlanDocument(Document):
    """What was decided for a fleet in one environment. Secrets stand in it by reference only."""

    version: Literal[0] = Field(description="Version of this format.")
    fleet: str = Field(description="Name of the fleet.")
    environment: str = Field(description="Its environment.")
    pull_secret: str | None = Field(description="Secret by which images are pulled.")
    clusters: dict[str, ClusterEntry] = Field(description="Clusters by name.")
    placements: dict[str, PlacementEntry] = Field(description="Placements by `model/placement`.")
    gateways: dict[str, GatewayEntry] = Field(description="Gateways by name.")
    cost: CostEntry = Field(description="What the rented nodes cost.")


def schema(identity: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the plan document; `identity` becomes its `$id`."""
    return schema_of(PlanDocument, identity, "Plan")
