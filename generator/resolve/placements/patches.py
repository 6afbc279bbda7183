"""Patches: which object each one changes, and what it must leave alone."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from generator import resources
from generator.core.finding import Finding, Path
from generator.core.kinds import patches as kinds
from generator.core.plan import PatchPlan
from generator.core.protected import PROTECTED
from generator.core.spec import Fleet, Patch
from generator.core.words import suggestion
from generator.resolve.placements import patch_schema
from generator.resolve.placements.candidate import Candidate, Intact


def patches(fleet: Fleet, items: Sequence[Candidate], intact: Intact) -> Mapping[str, tuple[PatchPlan, ...]]:
    """The patches of each placement, by its id `model/placement`, in the order of the spec."""
    merges: dict[str, list[PatchPlan]] = defaultdict(list)
    for path, patch, _ in _meant(fleet, items, intact):
        merges[patch.placement].append(PatchPlan(path, patch.target, patch.merge))
    return {key: tuple(value) for key, value in merges.items()}


def check(fleet: Fleet, items: Sequence[Candidate], intact: Intact) -> Iterator[Finding]:
    """What patches may not change, or cannot."""
    for path, patch, item in _meant(fleet, items, intact):
        beside = {other.service for other in items if other.cluster.name == item.cluster.name}
        gateways = {
            f"{name}.gateway" for name, gateway in fleet.gateways.items() if gateway.cluster == item.cluster.name
        }
        yield from _problems(patch, path, item, beside | gateways)


def _meant(fleet: Fleet, items: Sequence[Candidate], intact: Intact) -> Iterator[tuple[Path, Patch, Candidate]]:
    """Every patch of a placement that is decided, with the placement."""
    known = {item.id: item for item in items} if fleet.patches else {}
    for number, patch in enumerate(fleet.patches):
        path: Path = ("patches", number)
        if patch.placement in known and intact(path):
            yield path, patch, known[patch.placement]


def _problems(patch: Patch, path: Path, item: Candidate, beside: Collection[str]) -> Iterator[Finding]:
    cluster = item.cluster
    right = "helm" if cluster.kubernetes else "compose"
    if patch.target != right:
        yield kinds.PATCH_WITHOUT_OBJECT.at(
            (*path, "target"),
            f"{patch.placement} has no file of target {patch.target!r}",
            cause=f"its cluster is of platform {cluster.platform!r}",
            help=f"use `target: {right}`",
        )
        return
    told: list[Finding] = []
    for keys in _leaves(patch.merge):
        told += _agreement(patch, path, keys)
    if patch.target == "helm":
        told += _unknown(patch.merge, _values_schema(), (*path, "merge"))
    told += _budget(patch, path)
    yield from told
    yield from _refused(patch, path, item, told)
    if patch.target == "compose":
        yield from patch_schema.strangers(patch.merge, (*path, "merge"), item.service, beside)


def _refused(patch: Patch, path: Path, item: Candidate, told: Sequence[Finding]) -> Iterator[Finding]:
    """What the patched object does not take, below no place of which something was said already."""
    places = [finding.path for finding in told]
    replicas = item.placement.replicas
    scales, reserves = replicas.min != replicas.max, bool(item.gpus)
    for finding in patch_schema.problems(patch.target, patch.merge, (*path, "merge"), scales=scales, reserves=reserves):
        if not any(
            finding.path[: len(place)] == place or place[: len(finding.path)] == finding.path for place in places
        ):
            yield finding


def _agreement(patch: Patch, path: Path, keys: tuple[str, ...]) -> Iterator[Finding]:
    protected = PROTECTED[patch.target]
    for known in protected:
        if keys[: len(known)] == known[: len(keys)]:
            yield kinds.PATCH_BREAKS_NAME.at(
                (*path, "merge", *keys),
                f"a patch may not change {'.'.join(keys)}",
                cause=f"{protected[known]} would no longer agree with other files of this fleet",
                help="change the spec's own field, so that every file follows",
            )
            return


def _unknown(merge: Mapping[str, Any], schema: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """Keys that the chart's closed values schema does not know: Helm would refuse the release."""
    schema = _values_schema()["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    known = schema.get("properties", {})
    for key, value in merge.items():
        if key in known and isinstance(value, Mapping):
            yield from _unknown(value, known[key], (*path, key))
        elif key not in known and schema.get("additionalProperties") is False:
            yield kinds.PATCH_UNKNOWN_KEY.at(
                (*path, key),
                f"the model-server chart has no value {'.'.join(map(str, (*path[3:], key)))}",
                cause="its values schema is closed, so Helm refuses the release",
                help=suggestion(key, known, "values"),
                on_key=True,
            )


@cache
def _values_schema() -> Any:
    return json.loads((resources.templates() / "helm" / "model-server" / "values.schema.json").read_text("utf-8"))


def _budget(patch: Patch, path: Path) -> Iterator[Finding]:
    budget = patch.merge.get("podDisruptionBudget")
    if isinstance(budget, Mapping) and budget.get("maxUnavailable") in (0, "0", "0%"):
        yield kinds.PATCH_BLOCKS_DRAINS.at(
            (*path, "merge", "podDisruptionBudget", "maxUnavailable"),
            f"this budget never lets a pod of {patch.placement} go",
            cause="maxUnavailable is 0, so every node drain would wait for ever, and the chart refuses it",
            help="set maxUnavailable to 1",
        )


def _leaves(merge: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in merge.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)
