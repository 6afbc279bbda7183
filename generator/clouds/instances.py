"""Choosing and checking rented machines: which instance type carries a pool's GPUs in a region."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from generator.catalog import makers, reader
from generator.catalog.facts import InstanceFacts
from generator.clouds.gpus import known, not_ours, other_maker, unknown_gpu
from generator.clouds.settings import nearest
from generator.core.finding import Finding, Path, Severity
from generator.core.frozen import frozen
from generator.core.kinds import clouds as kinds
from generator.core.plan import Decision
from generator.core.spec import Pool
from generator.core.words import counted, did_you_mean


@frozen
class Choice:
    """Instance types with their reason, or what stands in the way.

    `types` is empty when there is none. The host's `memory_gib` and `vcpus` are those of the smallest, and 0 where one
    of them is not known.
    """

    types: tuple[str, ...]
    decision: Decision | None
    findings: tuple[Finding, ...] = ()
    memory_gib: float = 0.0
    vcpus: int = 0


class Market:
    """The machines of one cloud in one region; an empty region stands for all of them."""

    def __init__(self, cloud: str, region: str) -> None:
        self._cloud = cloud
        self._all = reader.instances(cloud)
        self._region = region
        self._place = region or "any region"

    def choose(self, pool: Pool, path: Path) -> Choice:
        """The instance types of a pool: the given ones after checks, else the smallest that fits."""
        if others := other_maker(pool, path):
            return Choice((), None, (others,))
        if pool.instance_types is not None:
            return self._given(pool, pool.instance_types, path)
        if not known(pool.gpu):
            return Choice((), None, (unknown_gpu(pool, path, Severity.ERROR),))
        fitting = self._fitting(pool)
        if not fitting:
            return Choice((), None, (self._nothing(pool, path),))
        needed = host_memory_gib(pool)
        best = min(fitting, key=lambda item: (bool(_closed(item, pool)), *_smallest_first(item, needed)))
        if _closed(best, pool):
            return Choice((), None, (self._not_sold_so(pool, best, path),))
        decision = Decision("instanceTypes", best.type, self._why(best, fitting, needed, pool), path)
        return Choice((best.type,), decision, memory_gib=best.memory_gib, vcpus=best.vcpus)

    def _given(self, pool: Pool, given: list[str], path: Path) -> Choice:
        wrong = [
            finding
            for index, type_ in enumerate(given)
            if (finding := self._judge(pool, type_, path, (*path, "instanceTypes", index)))
        ]
        if any(finding.severity is Severity.ERROR for finding in wrong):
            return Choice((), None, tuple(wrong))
        decision = Decision("instanceTypes", ", ".join(given), "given", (*path, "instanceTypes"))
        facts = [self._all[type_] for type_ in given if type_ in self._all]
        known_all = len(facts) == len(given)
        return Choice(
            tuple(given),
            decision,
            tuple(wrong),
            memory_gib=min(item.memory_gib for item in facts) if known_all else 0.0,
            vcpus=min(item.vcpus for item in facts) if known_all else 0,
        )

    def _judge(self, pool: Pool, given: str, path: Path, where: Path) -> Finding | None:
        facts = self._all.get(given)
        fraction = reader.fraction(self._cloud, given)
        if facts is None and fraction:
            return self._only_a_part(pool, given, fraction, where)
        if facts is None:
            return self._not_checked(pool, given, path, where)
        if (facts.gpu, facts.gpus) != (pool.gpu, pool.gpus_per_node):
            return self._disagrees(pool, facts, where)
        if self._region and self._region not in facts.regions:
            return self._not_here(pool, facts, where)
        if _closed(facts, pool):
            return self._not_sold_so(pool, facts, path)
        return None

    def _not_checked(self, pool: Pool, given: str, path: Path, where: Path) -> Finding:
        maker, _ = makers.machine(self._cloud, given)
        if maker:
            return not_ours(where, f"the accelerators of {given} are made by {maker}, not by NVIDIA")
        if not known(pool.gpu):
            return unknown_gpu(pool, path, Severity.INFO)
        return kinds.UNKNOWN_INSTANCE_TYPE.at(
            where,
            f"unknown instance type {given!r}: its GPUs and regions are not checked",
            cause=f"the catalogue has {len(self._all)} instance types, none of this name",
            help=did_you_mean(given, sorted(self._all), count=2) or "leave `instanceTypes` out and let it be chosen",
        )

    def _only_a_part(self, pool: Pool, given: str, fraction: tuple[str, str], where: Path) -> Finding:
        part, gpu = fraction
        whole = [
            item for item in reader.instances_with(self._cloud, gpu) if item.gpus == 1 and self._bought(item, pool)
        ]
        other = "" if (pool.gpu, pool.gpus_per_node) == (gpu, 1) else f"gpu: {gpu}, gpusPerNode: 1, "
        cure = f"`{other}instanceTypes: [{min(whole, key=_by_size).type}]` has a whole one" if whole else ""
        return kinds.INSTANCE_DISAGREES.at(
            where,
            f"{given} has {part} of an {gpu}, the pool says {pool.gpus_per_node} x {pool.gpu}",
            cause="servers of language models cannot use a part: no whole GPU is offered to pods, and memory is short",
            help=cure or "use another GPU",
        )

    def _disagrees(self, pool: Pool, facts: InstanceFacts, where: Path) -> Finding:
        _, default = nearest(pool, where[:-2], "gpus_per_node")
        cures = [f"`gpu: {facts.gpu}, gpusPerNode: {facts.gpus}`"] if self._bought(facts, pool) else []
        if fitting := [item for item in self._fitting(pool) if not _closed(item, pool)]:
            cures.append(f"`instanceTypes: [{min(fitting, key=_by_size).type}]`")
        return kinds.INSTANCE_DISAGREES.at(
            where,
            f"{facts.type} has {facts.gpus} x {facts.gpu}, the pool says {pool.gpus_per_node} x {pool.gpu}",
            cause=f"gpusPerNode is {pool.gpus_per_node}{default}; {facts.type} by {facts.source}, {facts.as_of}",
            help=f"write {', or '.join(cures)}" if cures else "use another GPU or another region",
        )

    def _not_here(self, pool: Pool, facts: InstanceFacts, where: Path) -> Finding:
        fitting = [item for item in self._fitting(pool) if not _closed(item, pool)]
        here = f"here use `{min(fitting, key=_by_size).type}`; " if fitting else ""
        return kinds.INSTANCE_NOT_IN_REGION.at(
            where,
            f"{facts.type} is not offered in {self._region}",
            cause=f"offered in {counted(len(facts.regions), 'region')} as of {facts.as_of}: "
            f"{_some(sorted(facts.regions))}",
            help=f"{here}nearest region with {facts.type}: {_nearest_regions(self._region, facts.regions)[0]}",
        )

    def _not_sold_so(self, pool: Pool, facts: InstanceFacts, path: Path) -> Finding:
        where, default = nearest(pool, path, "capacity")
        same_gpu = filter(self._sold, reader.instances_with(self._cloud, pool.gpu))
        open_ = [item for item in same_gpu if not _closed(item, pool)]
        more = f", or `{_of_machine(min(open_, key=lambda item: (item.gpus, *_by_size(item))), pool)}`" if open_ else ""
        return kinds.WAY_NOT_SOLD.at(
            where,
            f"{facts.type} is not sold as {', '.join(_closed(facts, pool))}",
            cause=f"capacity is {', '.join(pool.capacity)}{default}; it is sold as {', '.join(facts.sold_as)}",
            help=f"write `capacity: [{', '.join(facts.sold_as)}]`{more}",
        )

    def _nothing(self, pool: Pool, path: Path) -> Finding:
        wanted = f"{pool.gpus_per_node} x {pool.gpu}"
        where, default = nearest(pool, path, "gpus_per_node")
        same_gpu = list(reader.instances_with(self._cloud, pool.gpu))
        counts_here = any(self._sold(item) for item in same_gpu)
        return kinds.NO_INSTANCE_TYPE.at(
            where if counts_here else (*path, "gpu"),
            f"no instance type with {wanted} in {self._place}",
            cause=f"gpusPerNode is {pool.gpus_per_node}{default}; {len(same_gpu)} of {len(self._all)} known types "
            f"{'carries' if len(same_gpu) == 1 else 'carry'} {pool.gpu}",
            help="; ".join(self._alternatives(pool, wanted, same_gpu)),
        )

    def _alternatives(self, pool: Pool, wanted: str, same_gpu: list[InstanceFacts]) -> Iterator[str]:
        here = sorted({item.gpus for item in same_gpu if self._bought(item, pool)})
        anywhere = sorted({item.gpus for item in same_gpu})
        if here:
            yield f"{self._place} has machines with {_some(here)} x {pool.gpu}"
        elif pool.gpus_per_node not in anywhere and anywhere:
            yield f"{pool.gpu} is rented in machines of {_some(anywhere)}"
        same_size = [item for item in same_gpu if item.gpus == pool.gpus_per_node and not _closed(item, pool)]
        sellers = {region for item in same_size for region in item.regions}
        if sellers:
            yield f"regions with {wanted}: {_some(_nearest_regions(self._region, sellers))}"
        if not here and (others := self._gpus_here(pool)):
            yield f"{self._place} has nodes with {pool.gpus_per_node} x {_some(others, 12)}"
        elif not here and not sellers:
            yield "use another GPU, or another region"

    def _why(self, best: InstanceFacts, fitting: list[InstanceFacts], needed: float, pool: Pool) -> str:
        others = ", ".join(item.type for item in sorted(fitting, key=_by_size) if item is not best)
        enough = "at least" if best.memory_gib >= needed else "none has"
        return (
            f"known types with {pool.gpus_per_node} x {pool.gpu} in {self._place}: {len(fitting)}; fewest vCPUs "
            f"({best.vcpus}) of those with host memory ({best.memory_gib:g} GiB; {enough} the GPUs' {needed:g} GiB)"
            + (f"; the others: {others}" if others else "")
        )

    def _fitting(self, pool: Pool) -> list[InstanceFacts]:
        same_gpu = reader.instances_with(self._cloud, pool.gpu)
        return [item for item in same_gpu if item.gpus == pool.gpus_per_node and self._sold(item)]

    def _gpus_here(self, pool: Pool) -> list[str]:
        """GPUs that the region has by as many to a node, in the pool's ways of buying."""
        machines = (item for item in self._all.values() if item.gpus == pool.gpus_per_node)
        return sorted({item.gpu for item in machines if self._bought(item, pool)})

    def _bought(self, item: InstanceFacts, pool: Pool) -> bool:
        """Whether a machine is sold here in each way that the pool lists."""
        return self._sold(item) and not _closed(item, pool)

    def _sold(self, item: InstanceFacts) -> bool:
        return not self._region or self._region in item.regions


@cache
def is_known(region: str | None, cloud: str) -> bool:
    """Whether the catalogue knows a machine in this region."""
    return any(region in item.regions for item in reader.instances(cloud).values())


@cache
def regions(cloud: str) -> frozenset[str]:
    """The regions in which the catalogue knows at least one machine."""
    return frozenset(region for item in reader.instances(cloud).values() for region in item.regions)


def host_memory_gib(pool: Pool) -> float:
    """Host memory that a node should have: as much as its GPUs, since weights pass through it on their way (GiB)."""
    return round(reader.gpus()[pool.gpu].memory_gib * pool.gpus_per_node, 2)


def _closed(item: InstanceFacts, pool: Pool) -> list[str]:
    """The ways of buying that a pool lists and the machine is not sold in."""
    return [way for way in pool.capacity if item.sold_as and way not in item.sold_as]


def _of_machine(item: InstanceFacts, pool: Pool) -> str:
    """The fields of a pool of another machine with the same GPU."""
    types = f", instanceTypes: [{item.type}]" if pool.instance_types is not None else ""
    return f"gpusPerNode: {item.gpus}{types}"


def _smallest_first(item: InstanceFacts, memory_gib: float) -> tuple[object, ...]:
    return (item.memory_gib < memory_gib, *_by_size(item))


def _by_size(item: InstanceFacts) -> tuple[object, ...]:
    # Of equal machines the one in more regions: the other is likely sold in blocks only.
    return (item.vcpus, item.memory_gib, -len(item.regions), item.type)


def _nearest_regions(region: str, candidates: Iterable[str]) -> list[str]:
    """Regions of the same continent and part first (`us-east-2` before `us-west-2` for `us-east-1`)."""
    parts = _parts(region)

    def distance(other: str) -> tuple[int, str]:
        same = [left == right for left, right in zip(parts, _parts(other), strict=False)]
        return (-same.index(False) if False in same else -len(same), other)

    return sorted(candidates, key=distance)


def _parts(region: str) -> list[str]:
    """A region from the large to the small: Azure's `eastus2` is a part of `us`."""
    if "-" in region:
        return region.split("-")
    return [re.sub(r"north|south|east|west|central|[0-9]", "", region), region]


def _some(items: Iterable[object], limit: int = 5) -> str:
    words = [str(item) for item in items]
    rest = len(words) - limit
    return ", ".join(words[:limit]) + (f" and {rest} more" if rest > 0 else "")
