"""From the plan to its document, which is built in memory. Only what compares plans loads it."""

from generator.core.plan import Bill, CostPlan, Plan, PoolCost, Total, Usd
from generator.render.plan import entries
from generator.render.plan.build_nodes import cluster
from generator.render.plan.build_work import gateway, placement
from generator.render.plan.rows import CountEntry, UsdEntry

_DIGITS = 5
"""After the point: as many as the finest list price has."""


def document(plan: Plan) -> entries.PlanDocument:
    """The whole plan."""
    return entries.PlanDocument(
        version=entries.VERSION,
        fleet=plan.fleet,
        environment=plan.environment,
        pull_secret=plan.pull_secret or None,
        clusters={item.name: cluster(item) for item in plan.clusters},
        placements={item.id: placement(item) for item in plan.placements},
        gateways={item.name: gateway(item) for item in plan.gateways},
        cost=_cost(plan.cost),
    )


def _cost(cost: CostPlan) -> entries.CostEntry:
    return entries.CostEntry(
        fleet=_total(cost.fleet),
        clusters={name: _total(total) for name, total in cost.clusters.items()},
        models={name: _total(total) for name, total in cost.models.items()},
        pools={pool.id: _pool(pool) for pool in cost.pools if pool.rates},
    )


def _total(total: Total) -> entries.TotalEntry:
    return entries.TotalEntry(bill=_bill(total.bill), without=dict(total.without), instead=dict(total.instead))


def _pool(pool: PoolCost) -> entries.PoolCostEntry:
    return entries.PoolCostEntry(
        bill=_bill(pool.bill),
        nodes=CountEntry(min=pool.least_nodes, max=pool.most_nodes),
        reason=pool.reason or None,
        instead=pool.instead or None,
    )


def _bill(bill: Bill | None) -> entries.BillEntry | None:
    return entries.BillEntry(least=_usd(bill.least), most=_usd(bill.most)) if bill else None


def _usd(usd: Usd) -> UsdEntry:
    return UsdEntry(value=round(usd.value, _DIGITS), low=round(usd.low, _DIGITS), high=round(usd.high, _DIGITS))
