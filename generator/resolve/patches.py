"""Patches: which object each one changes, and what it must leave alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.core.finding import Finding, Findings, Path
from generator.core.kinds import patches as kinds
from generator.core.plan import ClusterPlan, PatchPlan
from generator.core.protected import PROTECTED
from generator.core.spec import Fleet, Patch
from generator.resolve.candidate import Candidate


def patches(fleet: Fleet, items: Sequence[Candidate], findings: Findings) -> Mapping[str, tuple[PatchPlan, ...]]:
    """The patches of each placement, by its id `model/placement`, in the order of the spec."""
    clusters = {item.id: item.cluster for item in items}
    found: dict[str, list[PatchPlan]] = defaultdict(list)
    for number, patch in enumerate(fleet.patches):
        path: Path = ("patches", number)
        cluster = clusters.get(patch.placement)
        if cluster is None or not findings.intact(path):
            continue
        findings.extend(list(_problems(patch, path, cluster)))
        found[patch.placement].append(PatchPlan(path, patch.target, patch.merge))
    return {key: tuple(value) for key, value in found.items()}


def _problems(patch: Patch, path: Path, cluster: ClusterPlan) -> Iterator[Finding]:
    right = "helm" if cluster.kubernetes else "compose"
    if patch.target != right:
        yield kinds.PATCH_WITHOUT_OBJECT.at(
            (*path, "target"),
            f"{patch.placement} has no file of target {patch.target!r}",
            cause=f"its cluster is of platform {cluster.platform!r}",
            help=f"use `target: {right}`",
        )
        return
    for keys in _leaves(patch.merge):
        if any(keys[: len(known)] == known[: len(keys)] for known in PROTECTED[patch.target]):
            yield kinds.PATCH_BREAKS_NAME.at(
                (*path, "merge", *keys),
                f"a patch may not change {'.'.join(keys)}",
                cause="other files of this fleet say the same thing and would no longer agree",
                help="change the spec's own field, so that every file follows",
            )
    yield from _budget(patch, path)


def _budget(patch: Patch, path: Path) -> Iterator[Finding]:
    budget = patch.merge.get("podDisruptionBudget")
    if isinstance(budget, Mapping) and budget.get("maxUnavailable") in (0, "0", "0%"):
        yield kinds.PATCH_BLOCKS_DRAINS.at(
            (*path, "merge", "podDisruptionBudget", "maxUnavailable"),
            f"this budget never lets a pod of {patch.placement} go",
            cause="maxUnavailable is 0, so every node drain waits for ever",
            help="set maxUnavailable to 1",
        )


def _leaves(merge: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in merge.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)
