"""What patches change of what was decided: judged, and explained, like what is written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.core.finding import Finding, Path, path_text
from generator.core.kinds import rollouts as kinds
from generator.core.merge import merge_patch, value_at
from generator.core.plan import Decision, PatchPlan, PlacementPlan, ProbeTiming, ResourcePlan, Rollout
from generator.core.units import gib
from generator.resolve.placements.timing import PATIENCE, UNKNOWN_START_S

CHART_STRATEGY: Mapping[str, Any] = {"type": "RollingUpdate", "maxSurge": 0, "maxUnavailable": 1}
"""What the chart does where its values say nothing."""
_CPUS = re.compile(r"\d+m|\d+(\.\d+)?")

_PLACES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "helm": {
        "rollout": ("strategy",),
        "startup": ("startupProbe",),
        "cache": ("volumes", "cache"),
        "sharedWeights": ("volumes", "weights"),
        "sharedMemory": ("volumes", "shm"),
        "hostMemory": ("resources", "requests", "memory"),
        "disk": ("resources", "requests", "ephemeral-storage"),
        "disruption": ("podDisruptionBudget",),
    },
    "compose": {
        "startup": ("healthcheck", "start_period"),
        "sharedMemory": ("shm_size",),
        "hostMemory": ("deploy", "resources", "limits", "memory"),
    },
}
"""Where a decision, by its field, stands in what a patch changes."""


def patched(plan: PlacementPlan) -> PlacementPlan:
    """The plan with its patches counted in, for whoever judges and explains it; what is rendered is patched later."""
    if not plan.patches:
        return plan
    workload = replace(plan.workload, resources=_resources(plan.workload.resources, plan.patches))
    return replace(plan, workload=workload, rollout=_rollout(plan.rollout, plan.patches))


def explained(decisions: Iterable[Decision], patches: Sequence[PatchPlan]) -> Iterator[Decision]:
    """The decisions, with the patches that overrule them."""
    for decision in decisions:
        now = decision
        for patch in patches:
            place = _PLACES[patch.target].get(decision.field, ())
            value = value_at(patch.merge, place) if place else None
            if value is not None:
                why = f"{path_text(patch.path)} changes what was decided ({now.value})"
                now = Decision(decision.field, _text(value), why, (*patch.path, "merge", *place))
        yield now


def check(plan: PlacementPlan) -> Iterator[Finding]:
    """What patches make of a placement that gen would not have decided; `plan` is the one without them."""
    if strategies := [patch for patch in plan.patches if "strategy" in patch.merge]:
        yield from _stuck(plan, (*strategies[-1].path, "merge", "strategy"))
    for patch in plan.patches:
        yield from _too_short(plan.workload.timing, plan.service, patch)


def _stuck(plan: PlacementPlan, path: Path) -> Iterator[Finding]:
    now = _rollout(plan.rollout, plan.patches)
    if now.recreate or now.unavailable:
        return
    if not now.surge:
        message = f"no rollout of {plan.service} can begin"
        cause = "no pod may come before one has gone, and none may go"
    elif not plan.rollout.surge:
        message = f"a rollout of {plan.service} never ends"
        cause = f"{now.surge} pod more comes before an old one goes, and the full pool has no place for it"
    else:
        return
    help_ = "write `{maxSurge: 0, maxUnavailable: 1}`, or give the pool room for one more of each of its placements"
    yield kinds.ROLLOUT_STUCK.at(path, message, cause=cause, help=help_)


def _too_short(timing: ProbeTiming, service: str, patch: PatchPlan) -> Iterator[Finding]:
    probe = patch.merge.get("startupProbe")
    if not isinstance(probe, Mapping) or timing.startup_s == UNKNOWN_START_S:
        return
    period = probe.get("periodSeconds", timing.period_s)
    failures = probe.get("failureThreshold", -(-timing.startup_s // timing.period_s))
    needed = timing.startup_s / PATIENCE
    if isinstance(period, int) and isinstance(failures, int) and period * failures < needed:
        yield kinds.START_CUT_SHORT.at(
            (*patch.path, "merge", "startupProbe"),
            f"{service} is killed before it can have started",
            cause=f"the probe gives it {period * failures} s ({failures} x {period} s); download, load and compilation "
            f"are estimated at {needed:.0f} s",
            help=f"give it {timing.startup_s} s, or leave `startupProbe` alone",
        )


def _rollout(rollout: Rollout, patches: Iterable[PatchPlan]) -> Rollout:
    written: Any = (
        {"type": "Recreate"} if rollout.recreate else {"maxSurge": rollout.surge, "maxUnavailable": rollout.unavailable}
    )
    for patch in patches:
        if patch.target == "helm" and isinstance(patch.merge.get("strategy"), Mapping):
            written = merge_patch(written, patch.merge["strategy"])
    now = {**CHART_STRATEGY, **written}
    if now["type"] == "Recreate":
        return Rollout(surge=0, unavailable=1, recreate=True)
    surge, unavailable = now["maxSurge"], now["maxUnavailable"]
    # What is not a number is refused by the chart's schema.
    return Rollout(surge, unavailable) if isinstance(surge, int) and isinstance(unavailable, int) else rollout


def _resources(asked: ResourcePlan, patches: Iterable[PatchPlan]) -> ResourcePlan:
    for patch in patches:
        if patch.target != "helm":
            continue
        memory = _size(value_at(patch.merge, ("resources", "requests", "memory")))
        limit = _size(value_at(patch.merge, ("resources", "limits", "memory")))
        disk = _size(value_at(patch.merge, ("resources", "requests", "ephemeral-storage")))
        cpu = value_at(patch.merge, ("resources", "requests", "cpu"))
        asked = replace(
            asked,
            cpu=str(cpu) if _CPUS.fullmatch(str(cpu)) else asked.cpu,
            memory_gib=asked.memory_gib if memory is None else memory,
            memory_limit_gib=asked.memory_limit_gib if limit is None else limit,
            disk_gib=asked.disk_gib if disk is None else disk,
        )
    return asked


def _size(value: Any) -> float | None:
    """GiB of a quantity as specs write them; None for others, which are not judged."""
    try:
        return gib(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
