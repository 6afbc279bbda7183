"""Cost: what the rented nodes come to, for people who review a change and for programs that compare two of them."""

from collections.abc import Iterator

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.plan import HOURS_A_MONTH, Bill, Plan, PoolCost, Total, Usd
from generator.render import money
from generator.render.emit import json_text
from generator.render.text import render_template
from generator.targets.cost import table

_DIGITS = 5
"""After the point: as many as the finest list price has."""


class CostTarget:
    """`cost.json` and `cost.md`, where any pool is rented."""

    name = "cost"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The table for programs, and the page for people."""
        if plan.cost.rented:
            text = json_text(document(plan).model_dump(by_alias=True))
            yield Artifact(layout.COST, text.encode(), self.name)
            yield Artifact(layout.COST_PAGE, _page(plan).encode(), self.name)


COST = CostTarget()


def document(plan: Plan) -> table.CostTable:
    """The cost of a fleet's rented nodes."""
    cost = plan.cost
    return table.CostTable(
        version=table.VERSION,
        fleet=plan.fleet,
        environment=plan.environment,
        currency="USD",
        hours_per_month=HOURS_A_MONTH,
        total=_total(cost.fleet),
        clusters={name: _total(total) for name, total in cost.clusters.items()},
        models={name: _total(total) for name, total in cost.models.items()},
        pools={pool.id: _pool(pool) for pool in cost.pools if pool.rates},
    )


def _total(total: Total) -> table.TotalEntry:
    return table.TotalEntry(usd_per_hour=_scale(total.bill), without=dict(total.without), instead=dict(total.instead))


def _pool(pool: PoolCost) -> table.PoolEntry:
    return table.PoolEntry(
        usd_per_hour=_scale(pool.bill),
        region=pool.region,
        nodes=table.NodeCount(min=pool.least_nodes, max=pool.most_nodes),
        rates=[
            table.RateEntry.model_validate(
                {
                    "instanceType": rate.instance_type,
                    "capacity": rate.capacity,
                    "usdPerHour": rate.usd_per_hour,
                    "source": rate.source or None,
                    "asOf": rate.as_of or None,
                    "missing": rate.why or None,
                }
            )
            for rate in pool.rates
        ],
        reason=pool.reason or None,
        instead=pool.instead or None,
    )


def _scale(bill: Bill | None) -> table.Scale | None:
    return table.Scale(min=_amount(bill.least), max=_amount(bill.most)) if bill else None


def _amount(usd: Usd) -> table.Amount:
    return table.Amount(value=round(usd.value, _DIGITS), low=round(usd.low, _DIGITS), high=round(usd.high, _DIGITS))


def _page(plan: Plan) -> str:
    cost = plan.cost
    totals = {
        "the whole fleet": cost.fleet,
        **{f"cluster {name}": total for name, total in cost.clusters.items() if total.bill},
        **{f"model {name}": total for name, total in cost.models.items()},
    }
    return render_template(
        "cost/cost.md.j2",
        fleet=plan.fleet,
        environment=plan.environment,
        hours=HOURS_A_MONTH,
        totals=[
            (name, *_cells(total.bill), money.remarks(total.without, total.instead)) for name, total in totals.items()
        ],
        pools=[(pool, *_cells(pool.bill), pool.reason or pool.instead) for pool in cost.pools if pool.rates],
    )


def _cells(bill: Bill | None) -> tuple[str, str, str]:
    """By the hour, by the month, and by any choice of capacity."""
    return (money.an_hour(bill), money.a_month(bill), money.any_choice(bill)) if bill else ("not priced", "", "")
