"""Which quota of a cloud counts which machines."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from generator.catalog.table import load
from generator.core.frozen import frozen


@frozen
class QuotaFacts:
    """A quota by its code. It counts machines of `families`, which are beginnings of names, of one of the `capacities`.

    `unit` is `vCPUs` or `GPUs`. An empty list of families counts all.
    """

    code: str
    name: str
    unit: str
    capacities: tuple[str, ...]
    families: tuple[str, ...]
    source: str
    as_of: str


@cache
def quotas(cloud: str) -> Mapping[str, QuotaFacts]:
    """All quotas of a cloud (`aws`) that count GPU machines, by code."""
    return {code: _quota(code, row) for code, row in load(f"quotas_{cloud}.yaml").items()}


def _quota(code: str, row: Mapping[str, Any]) -> QuotaFacts:
    lists = {key: tuple(row.get(key, ())) for key in ("capacities", "families")}
    return QuotaFacts(code, row.get("name", code), row["unit"], **lists, source=row["source"], as_of=row["asOf"])


def of_family(cloud: str, family: str, capacity: str) -> Sequence[QuotaFacts]:
    """The quotas that count a family's machines of a capacity; those whose family fits longest win."""
    fitting = [
        (max((len(known) for known in entry.families if family.startswith(known)), default=0), entry)
        for entry in quotas(cloud).values()
        if capacity in entry.capacities
    ]
    best = max((length for length, entry in fitting if entry.families), default=0)
    return [entry for length, entry in fitting if (entry.families and 0 < length == best) or not entry.families]
