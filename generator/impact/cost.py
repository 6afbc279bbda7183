"""What a change does to the cost: that of the plan against the `cost.json` that stood there before."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.core import layout
from generator.core.frozen import frozen
from generator.core.plan import HOURS_A_MONTH, Plan
from generator.output.diff import Held
from generator.render import money
from generator.targets.cost.table import CostTable, TotalEntry
from generator.targets.cost.target import document as cost_table

_HOUR_DIGITS, _MONTH_DIGITS = 5, 2
_NOTHING = TotalEntry(usd_per_hour=None, without={}, instead={})


@frozen
class CostDelta:
    """The sums of both sides. `before` is None where it is not known; `new` says that nothing stood there at all.

    `other_prices`: a node of both sides, bought in the same way, has another list price now.
    """

    before: TotalEntry | None
    after: TotalEntry
    new: bool
    other_prices: bool

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """USD an hour before and now, at the smallest and at the largest scale.

        None where one side has no sum, or leaves out what the other counts: their difference would say nothing.
        """
        if self.before is None or self.before.without.keys() != self.after.without.keys():
            return None
        then, now = self.before.usd_per_hour, self.after.usd_per_hour
        if then is None or now is None:
            return None
        return (then.min.value, now.min.value), (then.max.value, now.max.value)


def cost_delta(plan: Plan, before: Mapping[str, Held]) -> CostDelta | None:
    """The difference in cost; None where nothing is rented now, nor is known to have been."""
    old = _table(before[layout.COST].content) if layout.COST in before else None
    new = cost_table(plan) if plan.cost.rented else None
    if old is None and new is None:
        return None
    after = new.total if new else _NOTHING
    return CostDelta(old.total if old else None, after, not before, bool(old and new and _other_prices(old, new)))


def sentence(delta: CostDelta) -> str:
    """The difference in one line: `0.98 to 4.89 -> 0.98 to 5.87 USD an hour, ...`."""
    return "; ".join((_figures(delta), *_remarks(delta)))


def document(delta: CostDelta) -> dict[str, Any]:
    """Both sides and the change, for programs; null for what is not known."""
    return {
        "before": delta.before.model_dump(by_alias=True) if delta.before else None,
        "after": delta.after.model_dump(by_alias=True),
        "change": _change(delta),
        "otherPrices": delta.other_prices,
    }


def _table(content: bytes) -> CostTable | None:
    """The file of any gen; None where it is of another version or was edited out of its shape."""
    try:
        return CostTable.model_validate_json(content)
    except ValueError:
        return None


def _other_prices(old: CostTable, new: CostTable) -> bool:
    before, after = (
        {
            (pool.region, rate.instance_type, rate.capacity): rate.usd_per_hour
            for pool in side.pools.values()
            for rate in pool.rates
        }
        for side in (old, new)
    )
    return any(before[key] != after[key] for key in before.keys() & after.keys())


def _figures(delta: CostDelta) -> str:
    if delta.before is None:
        return f"{_amounts(delta.after)}, {'all of it new' if delta.new else 'before is not known'}"
    then, now = delta.before.usd_per_hour, delta.after.usd_per_hour
    if then == now:
        return f"{_amounts(delta.after)}, unchanged"
    if then is None or now is None:
        return f"{_amounts(delta.before)} -> {_amounts(delta.after)}"
    hours, months = (
        " -> ".join(form(side.min.value * factor, side.max.value * factor) for side in (then, now))
        for form, factor in ((money.hourly, 1), (money.monthly, HOURS_A_MONTH))
    )
    if delta.ends is None:
        return f"{hours} USD an hour, {months} a month, of different things"
    least, most = ((new - old) * HOURS_A_MONTH for old, new in delta.ends)
    return f"{hours} USD an hour, {months} a month ({money.change(least, most)})"


def _amounts(total: TotalEntry) -> str:
    scale = total.usd_per_hour
    if scale is None:
        return "nothing that has a price" if total.without else "nothing rented"
    month = money.monthly(scale.min.value * HOURS_A_MONTH, scale.max.value * HOURS_A_MONTH)
    return f"{money.hourly(scale.min.value, scale.max.value)} USD an hour, {month} a month"


def _remarks(delta: CostDelta) -> Iterator[str]:
    now = money.remarks(delta.after.without, delta.after.instead)
    then = money.remarks(delta.before.without, delta.before.instead) if delta.before else now
    if then == now:
        yield from [now] if now else []
    else:
        yield f"before: {then or 'with all that is rented'}"
        yield f"now: {now or 'with all that is rented'}"
    if delta.other_prices:
        yield "some list prices are others than before"


def _change(delta: CostDelta) -> dict[str, dict[str, float]] | None:
    if delta.ends is None:
        return None
    least, most = (now - then for then, now in delta.ends)
    return {
        "usdPerHour": {"min": round(least, _HOUR_DIGITS), "max": round(most, _HOUR_DIGITS)},
        "usdPerMonth": {
            "min": round(least * HOURS_A_MONTH, _MONTH_DIGITS),
            "max": round(most * HOURS_A_MONTH, _MONTH_DIGITS),
        },
    }
