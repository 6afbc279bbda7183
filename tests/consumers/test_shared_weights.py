"""The claim that replicas share and the job that fills it, as Helm renders them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from generator.core.plan import Container, Mount, ProbeTiming, Volume
from generator.targets.helm.target import HELM
from tests.consumers.test_helm import OWN_NAMES, Objects, pod, template
from tests.helm_plans import VLLM, placement, plan, shared
from tests.trees import lay_out

CASE = Path(__file__).resolve().parents[1] / "cases" / "helm-vllm-shared-weights" / "fleet.yaml"


def rendered(folder: Path, **changes: Any) -> Objects:
    lay_out(HELM.render(plan(placement(**{"min_replicas": 2, "max_replicas": 2, **changes}))), folder)
    return template(folder / "helm" / "use1" / "chat-l4.values.yaml")


@pytest.mark.consumer("helm")
def test_a_job_fills_what_all_pods_read(tmp_path: Path) -> None:
    """It writes the claim that the pods only read, runs as they do, and nothing that finds the pods finds it."""
    objects = rendered(tmp_path, workload=shared())
    server_pod, job = pod(objects), objects["Job"]["spec"]["template"]
    claim = objects["PersistentVolumeClaim"]
    assert claim["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "efs",
        "resources": {"requests": {"storage": "100Gi"}},
    }
    for spec, read_only in ((server_pod, True), (job["spec"], False)):
        volume = next(item for item in spec["volumes"] if item["name"] == "weights")
        assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"] == "chat-l4-weights-100gi"
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            mount = next(item for item in container["volumeMounts"] if item["name"] == "weights")
            assert mount.get("readOnly", False) is read_only
    for same in ("securityContext", "tolerations", "serviceAccountName", "automountServiceAccountToken"):
        assert job["spec"][same] == server_pod[same]
    assert "nodeSelector" not in job["spec"]
    asked = job["spec"]["containers"][0]["resources"]
    assert "nvidia.com/gpu" not in {**asked["requests"], **asked["limits"]}
    selector = objects["Service"]["spec"]["selector"]
    assert not selector.items() <= job["metadata"]["labels"].items()


@pytest.mark.consumer("helm")
def test_a_job_runs_again_only_where_it_is_another(tmp_path: Path) -> None:
    other = Container("weights", VLLM, command=("python3", "-c", "x = 2\n"), mounts=(Mount("weights", "/models"),))
    larger = (Volume("cache", "cache", 10.0), Volume("weights", "shared", 150.0, "efs"))
    found = []
    for number, changes in enumerate(
        [{}, {"replicas": 4}, {"jobs": (other,)}, {"volumes": larger}, {"timing": ProbeTiming(startup_s=300)}]
    ):
        replicas = changes.pop("replicas", 2)
        objects = rendered(
            tmp_path / str(number), workload=shared(**changes), min_replicas=replicas, max_replicas=replicas
        )
        found.append(tuple(objects[kind]["metadata"]["name"] for kind in OWN_NAMES))
    first, scaled, changed, grown, patient = found
    assert first == scaled == patient
    assert changed[0] != first[0]
    assert changed[1] == first[1] == "chat-l4-weights-100gi"
    assert grown[0] != first[0]
    assert grown[1] == "chat-l4-weights-150gi"


@pytest.mark.consumer("helm")
def test_a_patch_gives_a_placement_more_room(tmp_path: Path) -> None:
    """What outputs.md offers for repositories that hold their weights twice."""
    data = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    larger = {"volumes": {"weights": {"size": "300Gi", "claim": "mistral-300gi"}}}
    data["patches"] = [{"target": "helm", "placement": "small/l4", "merge": larger}]
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    checked = pipeline.check(tmp_path / "fleet.yaml", "default")
    assert not checked.has_errors, checked.findings
    lay_out(pipeline.render(checked), tmp_path)
    objects = template(tmp_path / "helm" / "use1" / "small-l4.values.yaml")
    assert objects["PersistentVolumeClaim"]["metadata"]["name"] == "mistral-300gi"
    for spec in (pod(objects), objects["Job"]["spec"]["template"]["spec"]):
        volume = next(item for item in spec["volumes"] if item["name"] == "weights")
        assert volume["persistentVolumeClaim"] == {"claimName": "mistral-300gi"}


@pytest.mark.consumer("helm")
def test_the_job_has_what_the_servers_have(tmp_path: Path) -> None:
    """Token, proxy and mirror; a token that is missing there would be found out on the first gated model."""
    checked = pipeline.check(CASE, "default")
    lay_out(pipeline.render(checked), tmp_path)
    objects = template(tmp_path / "helm" / "use1" / "small-l4.values.yaml")
    (job,) = objects["Job"]["spec"]["template"]["spec"]["containers"]
    env = {item["name"]: item.get("value", item.get("valueFrom")) for item in job["env"]}
    assert env["HF_ENDPOINT"] == "https://hub.example.com"
    assert env["HTTPS_PROXY"] == env["https_proxy"] == "http://proxy.example.com:3128"
    assert env["HF_TOKEN"] == {"secretKeyRef": {"name": "hf", "key": "token"}}
    assert env["HF_HUB_OFFLINE"] == "0"
    deadline = objects["Deployment"]["spec"]["progressDeadlineSeconds"]
    assert deadline > 2 * 7.49 * 1024 / 100, "the pods wait for the download"
