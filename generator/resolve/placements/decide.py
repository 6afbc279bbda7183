"""The way of a placement, a step a line: described, sized, numbers, surroundings, the request to its engine, the plan.

Each step is a value and takes the one before it; none asks back. What does not depend on a placement's own name is
worked out once for all that are alike.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from generator.core.finding import Finding, Findings, Path
from generator.core.frozen import frozen
from generator.core.lazy import Later
from generator.core.plan import (
    Autoscaling,
    Disruption,
    PatchPlan,
    PlacementPlan,
    Rollout,
    Workload,
)
from generator.resolve.placements import hardware, memory, patched, room, scaling, shared_weights
from generator.resolve.placements.alike import Alike, Scheduling
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.decisions import decisions
from generator.resolve.placements.described import Described
from generator.resolve.placements.devices import DeviceIds
from generator.resolve.placements.numbers import Numbers
from generator.resolve.placements.sized import Sized
from generator.resolve.placements.surroundings import Surroundings
from generator.resolve.placements.trials import Trials
from generator.sizing.verdict import FITS


@frozen
class Together:
    """What was decided of all placements together.

    Seconds of the longest calls by model, rollouts and GPU numbers by path, patches by id, and what tries changes.
    """

    longest_calls: Mapping[str, float]
    rollouts: Mapping[Path, Rollout]
    devices: Mapping[Path, DeviceIds]
    patches: Mapping[str, tuple[PatchPlan, ...]]
    trials: Trials


@frozen
class Decided:
    """One placement's plan and server, where it can run and its memory is judged, and what there is to say of it."""

    findings: Sequence[Finding]
    plan: PlacementPlan | None = None
    sized: Sized | None = None


def decide(
    described: Iterable[tuple[Candidate, Described]], together: Together, findings: Findings
) -> Iterator[Decided]:
    """Every placement that is intact when its turn comes."""
    stops = findings.stopped_by
    alike = Alike(together.longest_calls, stops)
    for item, replica in described:
        if findings.intact(item.path):
            yield _decided(item, replica, alike, together, stops)


def _decided(
    item: Candidate, described: Described, alike: Alike, together: Together, stops: Callable[[Finding], bool]
) -> Decided:
    numbers = alike.numbers(described)
    surroundings = alike.surroundings(item, numbers)
    served = alike.served(item, surroundings)
    if served.workload is None:
        return Decided(served.findings)
    patches = together.patches.get(item.id, ())
    fit = [
        *hardware.findings(item, described),
        *memory.findings(item, surroundings, patches),
        *_fit(item, numbers, together.trials),
    ]
    if any(map(stops, fit)):
        return Decided((*served.findings, *fit))
    scale = scaling.autoscaling(item, served.workload, numbers.at_once)
    late = [*scaling.check(item, served.workload, scale, numbers.at_once), *shared_weights.findings(item, described)]
    plan = _plan(item, surroundings, served.workload, scale, alike.scheduling(item, described), together)
    overruled = patched.check(plan)
    return Decided((*served.findings, *fit, *late, *overruled), patched.patched(plan), numbers.sized)


def _fit(item: Candidate, numbers: Numbers, trials: Trials) -> Sequence[Finding]:
    sized = numbers.sized
    if sized is None:
        return ()
    if sized.verdict.kind == FITS:
        return list(room.findings(item, sized))
    # What searches for cures is not loaded where nothing is to be cured.
    from generator.resolve.placements import fit

    return list(fit.findings(item, numbers.described, sized, trials))


def _plan(
    item: Candidate,
    surroundings: Surroundings,
    workload: Workload,
    scale: Autoscaling | None,
    scheduling: Scheduling,
    together: Together,
) -> PlacementPlan:
    settings, placement, rollout = item.settings, item.placement, together.rollouts[item.path]
    patches = together.patches.get(item.id, ())
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
        node_selector=scheduling.node_selector,
        tolerations=scheduling.tolerations,
        priority_class=settings.priority_class,
        service_account=settings.service_account,
        storage_class=item.cluster.storage_class,
        host_port=placement.host_port or 0,
        device_ids=together.devices.get(item.path, ()),
        context=surroundings.numbers.context.value,
        concurrency=surroundings.numbers.concurrency.value,
        patches=patches,
        decisions=Later(lambda: patched.explained(decisions(item, surroundings, scale, rollout), patches)),
    )
