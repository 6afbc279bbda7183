"""The way of a placement, a step a line: described, sized, numbers, surroundings, the request to its engine, the plan.

Each step is a value and takes those before it; none asks back. What does not depend on a placement's name and place is
worked out once for all that are alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from generator.core.finding import Finding, Path, Severity
from generator.core.lazy import Later, load
from generator.core.plan import (
    Autoscaling,
    Disruption,
    PatchPlan,
    PlacementPlan,
    Rollout,
    TolerationPlan,
    Workload,
)
from generator.core.protocols import Engine
from generator.engines import ENGINES
from generator.resolve.placements import scaling
from generator.resolve.placements.candidate import Candidate, Intact
from generator.resolve.placements.decisions import decisions
from generator.resolve.placements.described import Described
from generator.resolve.placements.devices import DeviceIds
from generator.resolve.placements.numbers import Numbers, number
from generator.resolve.placements.request import request
from generator.resolve.placements.sized import Sized, Sizes
from generator.resolve.placements.surroundings import Site, Surroundings, site, surround
from generator.sizing.verdict import FITS


@dataclass(frozen=True, slots=True)
class Together:
    """What was decided of all placements together.

    Seconds of the longest calls by model, rollouts and GPU numbers by path, patches by id.
    """

    longest_calls: Mapping[str, float]
    rollouts: Mapping[Path, Rollout]
    devices: Mapping[Path, DeviceIds]
    patches: Mapping[str, tuple[PatchPlan, ...]]


@dataclass(frozen=True, slots=True)
class Decided:
    """One placement's plan and server, where it can run and its memory is judged, and what there is to say of it."""

    findings: Sequence[Finding]
    plan: PlacementPlan | None = None
    sized: Sized | None = None


def decide(described: Iterable[tuple[Candidate, Described]], together: Together, intact: Intact) -> Iterator[Decided]:
    """Every placement that is intact when its turn comes."""
    sizes, numbers = Sizes(), dict[Described, Numbers]()
    surrounded: dict[tuple[Described, Site], Surroundings] = {}
    for item, replica in described:
        if not intact(item.path):
            continue
        if replica not in numbers:
            numbers[replica] = number(replica, sizes.of(replica))
        place = site(item, together.longest_calls.get(item.model_name, 0.0))
        if (replica, place) not in surrounded:
            surrounded[replica, place] = surround(numbers[replica], place)
        yield _decided(item, surrounded[replica, place], together)


def _decided(item: Candidate, surroundings: Surroundings, together: Together) -> Decided:
    engine: Engine = load(ENGINES[item.settings.engine])
    asked, numbers = request(item, surroundings), surroundings.numbers
    found = list(engine.check(asked))
    if not _stops(found):
        found += _fit(item, numbers)
    if _stops(found):
        return Decided(found)
    workload = engine.workload(asked)
    scale = scaling.autoscaling(item, workload, numbers.at_once)
    found += scaling.check(item, workload, scale, numbers.at_once)
    return Decided(found, _plan(item, surroundings, workload, scale, together), numbers.sized)


def _stops(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _fit(item: Candidate, numbers: Numbers) -> Iterable[Finding]:
    if numbers.sized is None or numbers.sized.verdict.kind == FITS:
        return ()
    # What searches for cures is not loaded where nothing is to be cured.
    from generator.resolve.placements import fit

    return fit.findings(item, numbers.described, numbers.sized)


def _plan(
    item: Candidate, surroundings: Surroundings, workload: Workload, scale: Autoscaling | None, together: Together
) -> PlacementPlan:
    settings, placement, rollout = item.settings, item.placement, together.rollouts[item.path]
    return PlacementPlan(
        path=item.path,
        model=item.model_name,
        name=item.name,
        cluster=item.cluster.name,
        pool=item.pool.name if item.pool else "",
        service=item.service,
        workload=workload,
        min_replicas=placement.replicas.min,
        max_replicas=placement.replicas.max,
        rollout=rollout,
        disruption=Disruption(1) if item.cluster.kubernetes else None,
        autoscaling=scale,
        node_selector=_node_selector(item),
        tolerations=_tolerations(item),
        priority_class=settings.priority_class,
        service_account=settings.service_account,
        storage_class=item.cluster.storage_class,
        host_port=placement.host_port or 0,
        device_ids=together.devices.get(item.path, ()),
        context=surroundings.numbers.context.value,
        concurrency=surroundings.numbers.concurrency.value,
        patches=together.patches.get(item.id, ()),
        decisions=Later(partial(decisions, item, surroundings, scale, rollout)),
    )


def _node_selector(item: Candidate) -> dict[str, str]:
    labels = {**(item.pool.labels if item.pool else {}), **item.settings.node_selector}
    return dict(sorted(labels.items()))


def _tolerations(item: Candidate) -> tuple[TolerationPlan, ...]:
    taints = dict.fromkeys((*item.pool.taints, *item.pool.platform_taints)) if item.pool else {}
    from_pool = [TolerationPlan(t.key, "Equal" if t.value else "Exists", t.value, t.effect) for t in taints]
    given = [TolerationPlan(t.key, t.operator, t.value, t.effect) for t in item.settings.tolerations]
    return (*from_pool, *(toleration for toleration in given if toleration not in from_pool))
