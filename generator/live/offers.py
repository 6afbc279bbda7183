"""What a cloud offers, as collected for the catalogue, and how it is merged into what the catalogue holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.core.frozen import frozen

Rows = dict[str, Any]
"""A file of the catalogue as it is written: entries by instance type."""


@frozen
class Machine:
    """An instance type with whole GPUs, and the regions of those asked that offer it."""

    gpu: str
    gpus: int
    vcpus: int
    memory_gib: float
    regions: frozenset[str]
    accelerator: str = ""


@frozen
class Offers:
    """All that a cloud answered. `prices` are USD an hour by type, way (`onDemand`, `spot`) and region.

    `not_asked` says in words what the cloud has no answer for, and `left_out` what it answered that the catalogue
    cannot hold.
    """

    regions: tuple[str, ...]
    machines: Mapping[str, Machine]
    source: str
    prices: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    price_source: str = ""
    not_asked: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@frozen
class Merged:
    """Both files' entries after the merge, and each change in a line."""

    instances: Rows
    prices: Rows
    changes: tuple[str, ...]


def merge(instances: Rows, prices: Rows, offers: Offers, as_of: str) -> Merged:
    """Put the answers into the catalogue's entries. What a region that was not asked holds stays as it is.

    An entry is dropped only when no region is left to it, and that is among the changes.
    """
    changes: list[str] = []
    machines = _machines(instances, offers, as_of, changes)
    costs = {type_: list(lists) for type_, lists in prices.items() if type_ in machines}
    changes += [f"- {type_}: its prices go with it" for type_ in sorted(prices) if type_ not in machines]
    for type_, by_way in sorted(offers.prices.items()):
        if type_ in machines and any(by_way.values()):
            costs[type_] = _prices(type_, costs.get(type_, []), by_way, offers, as_of, changes)
    changes += _kept(costs, offers)
    return Merged(dict(sorted(machines.items())), dict(sorted(costs.items())), tuple(changes))


def _machines(instances: Rows, offers: Offers, as_of: str, changes: list[str]) -> Rows:
    asked, rows = set(offers.regions), {}
    for type_ in sorted({*instances, *offers.machines}):
        old, new = instances.get(type_), offers.machines.get(type_)
        before = set(old["regions"]) if old else set()
        regions = sorted((before - asked) | (new.regions if new else set()))
        if not regions:
            changes.append(f"- {type_}: no region offers it any more")
            continue
        row = dict(old or {})
        if new is not None:
            row |= _figures(new)
        row["regions"] = regions
        if old is None or {key: value for key, value in row.items() if old.get(key) != value} or before <= asked:
            # A date may speak only for what was looked at: for a part of the regions the older one stays.
            whole = before <= asked
            row["asOf"] = as_of if whole else row["asOf"]
            row["source"] = offers.source if whole else _both(row["source"], offers.source)
        rows[type_] = row
        changes += _differences(type_, old, row)
    return rows


def _figures(new: Machine) -> Rows:
    memory = int(new.memory_gib) if new.memory_gib == int(new.memory_gib) else new.memory_gib
    figures: Rows = {"gpu": new.gpu, "gpus": new.gpus, "vcpus": new.vcpus, "memoryGib": memory}
    return figures | ({"accelerator": new.accelerator} if new.accelerator else {})


def _both(old: str, new: str) -> str:
    return old if old.startswith(new) else f"{new}, for some regions; {old}"


def _differences(type_: str, old: Rows | None, row: Rows) -> Iterator[str]:
    if old is None:
        yield f"+ {type_}: {row['gpus']} x {row['gpu']} in {', '.join(row['regions'])}"
        return
    gone, come = sorted(set(old["regions"]) - set(row["regions"])), sorted(set(row["regions"]) - set(old["regions"]))
    if gone:
        yield f"- {type_}: no longer in {', '.join(gone)}"
    if come:
        yield f"+ {type_}: now in {', '.join(come)}"
    for key in ("gpu", "gpus", "vcpus", "memoryGib", "accelerator"):
        if old.get(key) != row.get(key):
            yield f"~ {type_}: {key} {old.get(key)} is {row.get(key)}"


def _prices(
    type_: str,
    old: Sequence[Rows],
    by_way: Mapping[str, Mapping[str, float]],
    offers: Offers,
    as_of: str,
    changes: list[str],
) -> list[Rows]:
    """The new list first; older ones keep what the new one does not tell."""
    newest: Rows = {"asOf": as_of, "source": offers.price_source}
    newest |= {way: dict(sorted(by_region.items())) for way, by_region in sorted(by_way.items()) if by_region}
    older = []
    for published in old:
        rest = dict(published)
        for way, by_region in by_way.items():
            left = {region: usd for region, usd in published.get(way, {}).items() if region not in by_region}
            changes += _moved(type_, way, published.get(way, {}), by_region)
            rest = {**rest, way: left} if left else {key: value for key, value in rest.items() if key != way}
        if (rest["asOf"], rest["source"]) == (as_of, offers.price_source):
            newest |= {
                way: dict(sorted({**rest.get(way, {}), **newest.get(way, {})}.items()))
                for way in ("onDemand", "spot")
                if way in rest or way in newest
            }
        elif "onDemand" in rest or "spot" in rest:
            older.append(rest)
    return [newest, *older]


def _moved(type_: str, way: str, before: Mapping[str, float], now: Mapping[str, float]) -> Iterator[str]:
    for region in sorted(set(before) & set(now)):
        if before[region] != now[region]:
            yield f"~ {type_}: {way} in {region} {before[region]:g} is {now[region]:g}"


def _kept(costs: Rows, offers: Offers) -> Iterator[str]:
    """Prices of regions that were asked and named none: they stay, older."""
    if not offers.prices:
        return
    for type_, lists in sorted(costs.items()):
        for way in ("onDemand", "spot"):
            held = {region for published in lists for region in published.get(way, {})}
            silent = sorted((held & set(offers.regions)) - set(offers.prices.get(type_, {}).get(way, {})))
            if silent:
                yield f"= {type_}: no {way} price was told for {', '.join(silent)}; the older one stays"
