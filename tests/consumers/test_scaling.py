"""What scales does not restart: more or fewer replicas of one thing leave every pod template and container as it was.

Members are found by a walk over all stacks, their environments and all cases: each placement and each gateway on its
own gets one, two, three replicas and a range. Pools are as large as that needs, so that nothing else changes.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from generator.core.artifact import ArtifactSet
from tests.consumers.roots import ROOT
from tests.consumers.test_helm import template
from tests.trees import lay_out

FLEETS = [*sorted(ROOT.glob("stacks/*/fleet.yaml")), *sorted(ROOT.glob("tests/cases/*/fleet.yaml"))]
NUMBERS: list[Any] = [1, 2, 3, {"min": 1, "max": 3}]
NO_RANGE = {"GEN225", "GEN309"}
"""A docker host has no autoscaler, and some engines have no metric for one."""

Member = tuple[Path, str, tuple[str, ...]]


def environments(fleet: Path) -> list[str]:
    overlays = [path.stem.partition(".")[2] for path in sorted(fleet.parent.glob("fleet.*.yaml"))]
    return ["default", *overlays]


@cache
def spec(fleet: Path, environment: str) -> Mapping[str, Any]:
    """The spec with its overlay, in a form that can be written again."""
    loaded = pipeline.check(fleet, environment).loaded
    assert loaded is not None
    data: Mapping[str, Any] = loaded.data
    return data


def members() -> Iterator[Member]:
    for fleet in FLEETS:
        for environment in environments(fleet):
            data = spec(fleet, environment)
            for model, settings in data["models"].items():
                for name in settings["placements"]:
                    yield fleet, environment, ("models", model, "placements", name)
            for gateway in data.get("gateways", {}):
                yield fleet, environment, ("gateways", gateway)


def scaled(member: Member, replicas: Any, folder: Path) -> ArtifactSet | None:
    """What is rendered with so many replicas of the member; None where there can be no range."""
    fleet, environment, path = member
    data = plain(spec(fleet, environment))
    for cluster in data["clusters"].values():
        for pool in cluster.get("pools", {}).values():
            if cluster["platform"] == "docker":
                pool["gpusPerNode"] = 16
                continue
            pool["nodes"] = 24 if cluster["platform"] == "kubernetes" else {"min": 0, "max": 24}
            pool.pop("hosts", None)
            pool["disk"] = "2000Gi"
        if cluster["platform"] != "docker":
            cluster["has"] = sorted({*cluster.get("has", ()), "keda"})
            cluster["prometheus"] = {**cluster.get("prometheus", {}), "url": "http://prometheus.monitoring:9090"}
    target = data
    for key in path:
        target = target[key]
    target["replicas"] = replicas
    target.pop("devices", None)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fleet.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    checked = pipeline.check(folder / "fleet.yaml", "default")
    errors = [finding for finding in checked.findings if finding.severity.name == "ERROR"]
    if errors and {finding.id for finding in errors} <= NO_RANGE:
        return None
    assert not errors, errors
    return pipeline.render(checked)


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def templates(artifacts: ArtifactSet, folder: Path, known: dict[bytes, Any]) -> dict[str, Any]:
    """The pod template of each release, by the path of its values; `known` are those of the same values."""
    lay_out(artifacts, folder)
    releases = [item for item in artifacts if item.path.startswith("helm/") and item.path.endswith(".values.yaml")]
    for item in releases:
        if item.content not in known:
            known[item.content] = template(folder / item.path)["Deployment"]["spec"]["template"]
    return {item.path: known[item.content] for item in releases}


def containers(artifacts: ArtifactSet) -> dict[str, Any]:
    """Every service of a Compose project, by project and name: Compose makes one anew when any of this changes."""
    projects = {item.path: yaml.safe_load(item.content) for item in artifacts if item.path.endswith("/compose.yaml")}
    return {f"{path} {name}": found for path, item in projects.items() for name, found in item["services"].items()}


@pytest.mark.consumer("helm")
@pytest.mark.parametrize(
    "member", [*members()], ids=lambda item: f"{item[0].parent.name}-{item[1]}-{'.'.join(item[2])}"
)
def test_scaling_restarts_nothing(member: Member, tmp_path: Path) -> None:
    before_pods: dict[str, Any] = {}
    before_containers: dict[str, Any] = {}
    known_templates: dict[bytes, Any] = {}
    seen: set[str] = set()
    for number, replicas in enumerate(NUMBERS):
        artifacts = scaled(member, replicas, tmp_path / f"spec-{number}")
        if artifacts is None:
            continue
        pods, services = templates(artifacts, tmp_path / f"files-{number}", known_templates), containers(artifacts)
        for known, now in ((before_pods, pods), (before_containers, services)):
            assert {name: now.get(name) for name in known if name in now} == {
                name: found for name, found in known.items() if name in now
            }
            known.update(now)
        seen |= pods.keys() | services.keys()
    assert seen


@pytest.mark.consumer("helm")
def test_replicas_share_a_claim_that_keeps_its_name_until_it_is_given_another(tmp_path: Path) -> None:
    """A patched cache: one ReadWriteMany claim for any number of replicas, and another one for another size."""
    fleet = ROOT / "stacks" / "aws-chat" / "fleet.yaml"
    found = []
    for number, claim in enumerate([{}, {}, {"claim": "smaller", "size": "90Gi"}]):
        data = plain(spec(fleet, "default"))
        data["models"]["qwen3-14b"]["placements"]["l4"]["replicas"] = 1 + number
        cache = {"type": "persistent", "accessMode": "ReadWriteMany", "storageClass": "efs", **claim}
        data["patches"] = [{"target": "helm", "placement": "qwen3-14b/l4", "merge": {"volumes": {"cache": cache}}}]
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "fleet.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        checked = pipeline.check(folder / "fleet.yaml", "default")
        assert not checked.has_errors, checked.findings
        lay_out(pipeline.render(checked), folder)
        found.append(template(folder / "helm" / "use1" / "qwen3-14b-l4.values.yaml"))
    claims = [item["PersistentVolumeClaim"] for item in found]
    assert claims[0] == claims[1]
    assert claims[0]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert [item["metadata"]["name"] for item in claims] == ["qwen3-14b-l4-cache", "qwen3-14b-l4-cache", "smaller"]
    for item, claim in zip(found, claims, strict=True):
        volumes = item["Deployment"]["spec"]["template"]["spec"]["volumes"]
        held = [volume["persistentVolumeClaim"]["claimName"] for volume in volumes if "persistentVolumeClaim" in volume]
        assert held == [claim["metadata"]["name"]]
    templates_ = [item["Deployment"]["spec"]["template"] for item in found]
    assert templates_[0] == templates_[1]
