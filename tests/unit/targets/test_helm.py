"""The Helm target: what a placement becomes in its values file, and which files there are."""

from typing import Any

import pytest
import yaml

from generator import resources
from generator.core.errors import BugError
from generator.core.plan import Autoscaling, Disruption, PatchPlan, Rollout, Security, Volume
from generator.core.protected import HELM_PROTECTED
from generator.targets.helm.target import HELM
from tests.helm_plans import AUTOSCALING, cluster, placement, plan, shapes, workload

CHART = resources.templates() / "helm" / "model-server"


def values_of(one: Any, **changes: Any) -> dict[str, Any]:
    files = {artifact.path: artifact for artifact in HELM.render(plan(one, **changes))}
    return yaml.safe_load(files[f"helm/use1/{one.service}.values.yaml"].content)


def test_chart_is_copied_verbatim_beside_the_values() -> None:
    files = {artifact.path: artifact.content for artifact in HELM.render(plan(placement()))}
    values = files.pop("helm/use1/chat-l4.values.yaml")
    prefix = "helm/charts/model-server/"
    originals = {file.relative_to(CHART).as_posix(): file.read_bytes() for file in CHART.rglob("*") if file.is_file()}
    assert {path.removeprefix(prefix): content for path, content in files.items()} == originals
    assert "templates/deployment.yaml" in originals
    command = b"# helm upgrade --install chat-l4 ../charts/model-server -n inference -f chat-l4.values.yaml"
    assert values.splitlines()[1] == command


def test_docker_clusters_get_nothing() -> None:
    docker = cluster(kubernetes=False)
    assert not list(HELM.render(plan(placement(), clusters=(docker,))))
    assert not list(HELM.render(plan()))


def test_names_and_numbers_come_from_the_plan() -> None:
    found = values_of(placement(), pull_secret="regcred")
    assert found["fullnameOverride"] == "chat-l4"
    assert found["model"] == "chat"
    assert found["ports"] == {"http": 8000}
    assert found["gpus"] == 1
    assert found["nodeSelector"] == {"fleetgen.dev/pool": "l4"}
    assert found["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}
    ]
    assert found["imagePullSecrets"] == ["regcred"]
    assert found["secretEnv"] == {"HF_TOKEN": {"secret": "hf", "key": "token"}}
    assert found["env"] == {"A": "$(B)$$", "LEVEL": "on"}
    assert found["resources"] == {
        "requests": {"cpu": "4", "memory": "24Gi", "ephemeral-storage": "32Gi"},
        "limits": {"memory": "24Gi"},
    }
    assert "serviceAccount" not in found


def test_startup_budget_covers_the_planned_time() -> None:
    found = values_of(placement())
    probe = found["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 905
    assert found["progressDeadlineSeconds"] > probe["periodSeconds"] * probe["failureThreshold"] + 105
    assert found["livenessProbe"]["failureThreshold"] == 5
    assert found["shutdown"] == {"preStopSeconds": 15, "drainSeconds": 60, "graceSeconds": 105}


@pytest.mark.parametrize(
    ("replicas", "rollout", "storage_class", "kind"),
    [
        (1, Rollout(0, 1), "gp3", "ephemeral"),
        (1, Rollout(1, 0), "gp3", "ephemeral"),
        (2, Rollout(0, 1), "gp3", "ephemeral"),
        (1, Rollout(0, 1), "", "emptyDir"),
    ],
)
def test_a_claim_is_shared_by_nobody(replicas: int, rollout: Rollout, storage_class: str, kind: str) -> None:
    one = placement(max_replicas=replicas, rollout=rollout, storage_class=storage_class)
    cache = values_of(one)["volumes"]["cache"]
    assert cache["type"] == kind
    assert cache["size"] == "60Gi"
    assert cache.get("storageClass", "") == storage_class


def test_sizes_are_never_rounded_down() -> None:
    odd = workload(volumes=(Volume("shm", "memory", 0.3),))
    assert values_of(placement(workload=odd))["volumes"]["shm"]["size"] == "308Mi"


def test_replicas_are_left_to_keda() -> None:
    found = values_of(placement(autoscaling=AUTOSCALING, max_replicas=4))
    assert "replicaCount" not in found
    scaling = found["autoscaling"]
    assert (scaling["enabled"], scaling["minReplicas"], scaling["maxReplicas"]) == (True, 1, 4)
    assert scaling["prometheus"]["query"] == AUTOSCALING.query
    fixed = values_of(placement(min_replicas=3, max_replicas=3))
    assert fixed["replicaCount"] == 3
    assert "autoscaling" not in fixed


def test_no_custom_resource_without_its_operator() -> None:
    assert values_of(placement())["podMonitor"] == {"enabled": True, "labels": {"release": "kube-prometheus"}}
    assert "podMonitor" not in values_of(placement(), clusters=(cluster(has=frozenset({"keda"})),))
    assert "podMonitor" not in values_of(placement(workload=workload(metrics_path="")))


def test_prometheus_may_scrape_from_where_it_runs() -> None:
    """The chart lets in the namespace `monitoring`; KEDA scales on nothing when Prometheus runs elsewhere."""
    observed = (cluster(monitor_namespace="observability"),)
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}
    assert values_of(placement(), clusters=observed)["networkPolicy"] == {"metricsFrom": [peer]}
    assert "networkPolicy" not in values_of(placement())
    assert "networkPolicy" not in values_of(placement(workload=workload(metrics_path="")), clusters=observed)


def test_no_budget_where_it_would_block_drains() -> None:
    assert values_of(placement())["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    assert values_of(placement(disruption=Disruption(2)))["podDisruptionBudget"]["maxUnavailable"] == 2
    assert "podDisruptionBudget" not in values_of(placement(disruption=None))


def test_root_is_admitted_only_where_the_image_insists() -> None:
    non_root = {"runAsNonRoot": True, "runAsUser": 2000, "runAsGroup": 0, "fsGroup": 0}
    assert values_of(placement())["security"] == non_root
    assert values_of(placement(workload=workload(security=Security())))["security"] == {"runAsNonRoot": False}


def test_patches_of_this_target_land_last() -> None:
    merge = {"podAnnotations": {"team": "chat"}, "resources": {"limits": None}, "strategy": {"maxSurge": 1}}
    other = PatchPlan(("patches", 1), "compose", {"model": "changed"})
    found = values_of(placement(patches=(PatchPlan(("patches", 0), "helm", merge), other)))
    assert found["podAnnotations"] == {"team": "chat"}
    assert found["resources"] == {"requests": {"cpu": "4", "memory": "24Gi", "ephemeral-storage": "32Gi"}}
    assert found["strategy"] == {"maxSurge": 1, "maxUnavailable": 1}
    assert found["model"] == "chat"


def test_one_shot_containers_are_a_bug() -> None:
    base = workload()
    with pytest.raises(BugError, match="chat/l4"):
        list(HELM.render(plan(placement(workload=workload(one_shot=(base.main,))))))


def test_every_value_is_in_the_commented_defaults() -> None:
    """values.yaml documents each key that is ever written, and the schema agrees with it on the names."""
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    schema = yaml.safe_load((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) == set(defaults)
    written: set[str] = set()
    for artifact in HELM.render(shapes()):
        if artifact.path.endswith(".values.yaml"):
            written |= set(yaml.safe_load(artifact.content))
    assert written <= set(defaults)


def test_protected_paths_are_values() -> None:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    files = [defaults] + [
        yaml.safe_load(artifact.content) for artifact in HELM.render(shapes()) if ".values." in artifact.path
    ]
    for path in HELM_PROTECTED:
        assert any(has(values, path) for values in files), path


def has(values: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return True


def test_threshold_stays_a_number() -> None:
    scale = Autoscaling("http://p:9090", "sum(x)", 7, 15, 300)
    assert values_of(placement(autoscaling=scale, max_replicas=2))["autoscaling"]["prometheus"]["threshold"] == 7
