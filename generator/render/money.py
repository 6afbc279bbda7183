"""Amounts of money as people read them, the same in a file, on a terminal and in a diff."""

from collections.abc import Iterator, Mapping

from generator.core.plan import HOURS_A_MONTH, Bill


def hourly(least: float, most: float) -> str:
    """USD an hour, from and to: `0.98 to 4.89`."""
    return _span(f"{least:,.2f}", f"{most:,.2f}")


def monthly(least: float, most: float) -> str:
    """USD a month, from and to, in whole dollars: `714 to 3,568`."""
    return _span(f"{least:,.0f}", f"{most:,.0f}")


def change(least: float, most: float) -> str:
    """By how many whole dollars two ends move: `+0 to +714`."""
    return _span(f"{least:+,.0f}", f"{most:+,.0f}")


def an_hour(bill: Bill) -> str:
    """A bill by the hour, at the first choice."""
    return hourly(bill.least.value, bill.most.value)


def a_month(bill: Bill) -> str:
    """A bill by the month, at the first choice."""
    return monthly(bill.least.value * HOURS_A_MONTH, bill.most.value * HOURS_A_MONTH)


def any_choice(bill: Bill) -> str:
    """A bill by the month, between the cheapest and the dearest choice; empty where there is but one price."""
    least, most = bill.least, bill.most
    if (least.low, most.low) == (least.high, most.high):
        return ""
    return monthly(least.low * HOURS_A_MONTH, most.high * HOURS_A_MONTH)


def remarks(without: Mapping[str, str], instead: Mapping[str, str]) -> str:
    """What a sum leaves out and what it counts otherwise: `without a, b (reserved); c counted as ...`."""
    otherwise = [f"{names} {reason}" for reason, names in _by_reason(instead)]
    return "; ".join([*([f"without {listed(without)}"] if without else []), *otherwise])


def listed(reasons: Mapping[str, str]) -> str:
    """Names by their reason: `a, b (reserved), c (own machines)`."""
    return ", ".join(f"{names} ({reason})" for reason, names in _by_reason(reasons))


def _by_reason(reasons: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        names.setdefault(reason, []).append(name)
    return ((reason, ", ".join(group)) for reason, group in names.items())


def _span(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"
