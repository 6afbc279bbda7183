"""Patches count: what `explain` tells and what is judged is what runs, for every decision that a patch can overrule."""

from pathlib import Path

import pytest
import yaml

from generator import pipeline, resources
from generator.core.plan import PlacementPlan
from generator.resolve.placements.patched import _PLACES, CHART_STRATEGY
from tests.rules.cases import BASE

HELM = {
    "rollout": ("{strategy: {maxSurge: 2}}", '{"maxSurge": 2}'),
    "startup": ("{startupProbe: {failureThreshold: 900}}", '{"failureThreshold": 900}'),
    "cache": ("{volumes: {cache: {size: 90Gi}}}", '{"size": "90Gi"}'),
    "sharedWeights": ("{volumes: {weights: {size: 300Gi}}}", '{"size": "300Gi"}'),
    "sharedMemory": ("{volumes: {shm: {size: 9Gi}}}", '{"size": "9Gi"}'),
    "hostMemory": ("{resources: {requests: {memory: 9Gi}}}", "9Gi"),
    "disk": ("{resources: {requests: {ephemeral-storage: 9Gi}}}", "9Gi"),
    "disruption": ("{podDisruptionBudget: {maxUnavailable: 2}}", '{"maxUnavailable": 2}'),
}


def placed(patch: str, tmp_path: Path) -> PlacementPlan:
    spec = tmp_path / "fleet.yaml"
    base = BASE.read_text().replace("storageClass: fast\n", "storageClass: fast\n    sharedStorageClass: nfs\n")
    spec.write_text(f"{base}\npatches: [{{target: helm, placement: chat/lab, merge: {patch}}}]\n")
    checked = pipeline.check(spec, "default")
    assert checked.plan is not None, checked.findings
    [found] = [item for item in checked.plan.placements if item.id == "chat/lab"]
    return found


def test_every_place_is_tried() -> None:
    assert HELM.keys() == _PLACES["helm"].keys()


@pytest.mark.parametrize("field", HELM)
def test_explain_tells_what_a_patch_makes_of_it(field: str, tmp_path: Path) -> None:
    patch, value = HELM[field]
    before = {item.field: item for item in placed("{podAnnotations: {a: b}}", tmp_path).decisions}
    after = {item.field: item for item in placed(patch, tmp_path).decisions}
    assert after[field].value == value
    assert after[field].why == f"patches[0] changes what was decided ({before[field].value})"
    assert after[field].path[:3] == ("patches", 0, "merge")
    assert {name for name in before if before[name] != after[name]} == {field}


def test_the_plan_counts_what_a_patch_asks_for(tmp_path: Path) -> None:
    found = placed("{resources: {requests: {memory: 9Gi, cpu: 500m, ephemeral-storage: 1Ti}}}", tmp_path)
    asked = found.workload.resources
    assert (asked.memory_gib, asked.cpus, asked.disk_gib) == (9, 0.5, 1024)
    assert placed("{strategy: {maxSurge: 2}}", tmp_path).rollout.surge == 2


def test_the_strategy_without_values_is_the_chart_s() -> None:
    values = (resources.templates() / "helm" / "model-server" / "values.yaml").read_text("utf-8")
    assert yaml.safe_load(values)["strategy"] == CHART_STRATEGY
