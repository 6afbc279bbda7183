"""One placement, decided: its workload, how it is scaled, replaced and drained."""

from collections.abc import Sequence

from generator.core.finding import Finding, Findings, Severity
from generator.core.lazy import load
from generator.core.plan import Disruption, PatchPlan, PlacementPlan, Rollout, ServingRequest, TolerationPlan
from generator.core.protocols import Engine
from generator.engines import ENGINES
from generator.resolve.placements import scaling
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.request import request
from generator.resolve.placements.sized import Sized
from generator.sizing.verdict import FITS


def decide(
    item: Candidate,
    longest_call_s: float,
    rollout: Rollout,
    devices: tuple[tuple[str, ...], ...],
    patches: Sequence[PatchPlan],
    findings: Findings,
) -> tuple[PlacementPlan, Sized | None] | None:
    """The whole placement and its budget; None, with findings, where the engine cannot run it or it does not fit."""
    asked, decisions, chosen = request(item, longest_call_s)
    engine: Engine = load(ENGINES[item.settings["engine"].name])
    found = list(engine.check(asked))
    # What was written wrong has its finding already.
    findings.extend([finding for finding in found if findings.intact(finding.path)])
    sized = chosen.sized
    if sized and not any(finding.severity is Severity.ERROR for finding in found):
        found = _fit(item, sized)
        findings.extend(found)
    if any(finding.severity is Severity.ERROR for finding in found):
        return None
    workload = engine.workload(asked)
    at_once = _at_once(asked, sized)
    autoscaling, found = scaling.autoscaling(item, workload, at_once)
    findings.extend(found)
    settings, placement = item.settings, item.placement
    plan = PlacementPlan(
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
        autoscaling=autoscaling,
        node_selector=_node_selector(item),
        tolerations=_tolerations(item),
        priority_class=settings["priority_class"] or "",
        service_account=settings["service_account"] or "",
        storage_class=item.cluster.storage_class,
        host_port=placement.host_port or 0,
        device_ids=devices,
        context=asked.context,
        concurrency=asked.concurrency,
        patches=tuple(patches),
        decisions=(*decisions, *scaling.decisions(item, autoscaling, rollout, at_once)),
    )
    return plan, sized


def _fit(item: Candidate, sized: Sized) -> list[Finding]:
    if sized.verdict.kind == FITS:
        return []
    # What searches for cures is not loaded where nothing is to be cured.
    from generator.resolve.placements import fit

    return list(fit.findings(item, sized))


def _at_once(asked: ServingRequest, sized: Sized | None) -> int:
    """Requests that a replica works on at the same time: those it accepts, as far as its cache holds them."""
    speed = sized.loaded if sized else None
    return min(asked.concurrency, max(1, int(speed.running))) if speed else asked.concurrency


def _node_selector(item: Candidate) -> dict[str, str]:
    labels = {**(item.pool.labels if item.pool else {}), **(item.settings["node_selector"] or {})}
    return dict(sorted(labels.items()))


def _tolerations(item: Candidate) -> tuple[TolerationPlan, ...]:
    taints = dict.fromkeys((*item.pool.taints, *item.pool.platform_taints)) if item.pool else {}
    from_pool = [TolerationPlan(t.key, "Equal" if t.value else "Exists", t.value, t.effect) for t in taints]
    given = [TolerationPlan(t.key, t.operator, t.value, t.effect) for t in item.settings["tolerations"] or []]
    return (*from_pool, *(toleration for toleration in given if toleration not in from_pool))
