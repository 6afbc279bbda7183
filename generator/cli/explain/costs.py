"""What `gen explain` says of money: the same figures as `cost.md`, each with its derivation."""

from collections.abc import Iterator

from generator.core.finding import Path, path_text
from generator.core.plan import Bill, CostPlan, Decision, PlacementCost, PoolCost, Total
from generator.render import money

SCOPE = "list prices of GPU nodes, without disks, traffic, control plane"
NAME = "cost"


def decisions(cost: CostPlan) -> dict[Path, tuple[Decision, ...]]:
    """The decisions about money of every pool and placement, by spec path."""
    pools = {pool.path: (_decision(pool),) for pool in cost.pools}
    return {**pools, **{item.path: (_decision(item), *_tokens(item)) for item in cost.placements}}


def rows(cost: CostPlan) -> Iterator[tuple[str, str]]:
    """The sums: a path to ask for, and what it costs."""
    yield NAME, _total(cost.fleet)
    yield from ((path_text(("clusters", name)), _total(total)) for name, total in cost.clusters.items() if total.bill)
    yield from ((path_text(("models", name)), _total(total)) for name, total in cost.models.items())


def _total(total: Total) -> str:
    if total.bill is None:
        return f"not priced: {money.listed(total.without)}"
    remarks = money.remarks(total.without, total.instead)
    return _bill(total.bill, "") + (f"; {remarks}" if remarks else "")


def _decision(item: PoolCost | PlacementCost) -> Decision:
    value = _bill(item.bill, item.reason) + (f"; {item.instead}" if item.instead else "")
    return Decision(NAME, value, f"{item.why}; {SCOPE}" if item.bill else item.why, item.path)


def _bill(bill: Bill | None, reason: str) -> str:
    if bill is None:
        return f"not priced ({reason})"
    choices = money.any_choice(bill)
    text = f"{money.an_hour(bill)} USD an hour, {money.a_month(bill)} a month"
    return f"{text} ({choices} by any choice of capacity)" if choices else text


def _tokens(item: PlacementCost) -> Iterator[Decision]:
    """What tokens come to; nothing is said of it where nodes have no price."""
    usd = item.per_million
    if item.bill:
        value = f"{usd.value:.2f} USD ({usd.low:.2f} to {usd.high:.2f})" if usd else "not known"
        yield Decision("costPerMillionOutputTokens", value, item.million_why, item.path)
