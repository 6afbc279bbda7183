"""Whatever Helm or Compose refuses of a patch, gen has told: every leaf of both schemas is tried with wrong values."""

import copy
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import resources
from generator.core.merge import merge_patch
from generator.core.protected import COMPOSE_PROTECTED, HELM_PROTECTED, ProtectedPaths
from generator.resolve.placements.patch_schema import problems, strangers
from generator.targets.compose.target import COMPOSE
from generator.targets.helm.target import HELM
from tests.consumers.patience import PATIENCE_S
from tests.consumers.tools import tool
from tests.helm_plans import placement as pod_placement
from tests.helm_plans import plan as pod_plan
from tests.serving import placement, plan
from tests.trees import lay_out

Keys = tuple[str, ...]
WRONG: tuple[Any, ...] = ("no such thing!", -7, 1.5, True, [{}], {"nonsense": {}})
CHART = json.loads((resources.templates() / "helm" / "model-server" / "values.schema.json").read_text())
COMPOSE_SCHEMA = json.loads((resources.catalog() / "compose_service.json").read_text())["schema"]


def leaves(schema: Any, root: Any, above: Keys = ()) -> Iterator[Keys]:
    """Every value that a schema names, maps of named things by one made-up name."""
    while "$ref" in schema:
        part = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            part = part[step]
        schema = {**part, **{key: value for key, value in schema.items() if key != "$ref"}}
    if above:
        yield above
    if len(above) > 4:
        return
    for word in ("allOf", "oneOf", "anyOf"):
        for each in schema.get(word, ()):
            yield from (keys for keys in leaves(each, root, above) if keys != above)
    for key, value in schema.get("properties", {}).items():
        yield from leaves(value, root, (*above, key))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from leaves(schema["additionalProperties"], root, (*above, "made-up"))


def free(schema: Any, protected: ProtectedPaths) -> list[Keys]:
    """The leaves that a patch may change."""
    found = dict.fromkeys(leaves(schema, schema))
    return [keys for keys in found if not any(keys[: len(known)] == known[: len(keys)] for known in protected)]


def nested(keys: Keys, value: Any) -> dict[str, Any]:
    for key in reversed(keys):
        value = {key: value}
    return value


ELSEWHERE = {("build", "secrets"), ("env_file",), ("extends",), ("label_file",), ("secrets",)}
"""Of a Compose service: what names something that may stand beside the project, which nobody knows from the patch."""
HELM_LEAVES = free(CHART, HELM_PROTECTED)
COMPOSE_LEAVES = [keys for keys in free(COMPOSE_SCHEMA, COMPOSE_PROTECTED) if not {keys[:1], keys[:2]} & ELSEWHERE]


def test_the_walks_are_wide() -> None:
    assert len(HELM_LEAVES) > 50
    assert len(COMPOSE_LEAVES) > 150


@pytest.mark.consumer("helm")
@pytest.mark.parametrize("keys", HELM_LEAVES, ids=".".join)
def test_what_helm_refuses_is_told(keys: Keys, tmp_path: Path) -> None:
    lay_out(HELM.render(pod_plan(pod_placement())), tmp_path)
    folder = tmp_path / "helm" / "use1"
    values = yaml.safe_load((folder / "chat-l4.values.yaml").read_text())
    for number, wrong in enumerate(WRONG):
        merge = nested(keys, wrong)
        if not list(problems("helm", merge, (), scales=False, reserves=True)):
            file = folder / f"{number}.yaml"
            file.write_text(yaml.safe_dump(merge_patch(copy.deepcopy(values), merge)))
            command = [tool("helm"), "template", "x", "../charts/model-server", "-f", file.name]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
            assert done.returncode == 0, (merge, done.stderr)


@pytest.mark.consumer("compose")
@pytest.mark.parametrize("keys", COMPOSE_LEAVES, ids=".".join)
def test_what_compose_refuses_is_told(keys: Keys, tmp_path: Path) -> None:
    lay_out(COMPOSE.render(plan(placement(host_port=8001))), tmp_path)
    folder = tmp_path / "compose" / "desk"
    project = yaml.safe_load((folder / "compose.yaml").read_text())
    for number, wrong in enumerate(WRONG):
        merge = nested(keys, wrong)
        if not list(problems("compose", merge, (), scales=False, reserves=True)):
            changed = copy.deepcopy(project)
            changed["services"]["chat-desk"] = merge_patch(changed["services"]["chat-desk"], merge)
            file = folder / f"{number}.yaml"
            file.write_text(yaml.safe_dump(changed))
            command = [tool("compose"), "--file", file.name, "config", "--quiet"]
            surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_TOKEN": "x"}
            done = subprocess.run(
                command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=PATIENCE_S
            )
            assert done.returncode == 0, (merge, done.stderr)


@pytest.mark.consumer("compose")
@pytest.mark.parametrize(
    "merge",
    [
        {"depends_on": ["made-up"]},
        {"depends_on": ["chat-desk"]},
        {"depends_on": {"made-up": {"condition": "service_started", "required": False}}},
        {"links": ["made-up:x"]},
        {"volumes_from": ["made-up:ro"]},
        {"ipc": "service:made-up"},
        {"pid": "service:made-up"},
        {"extends": "made-up"},
        {"extends": {"service": "made-up"}},
        {"extra_hosts": ["made-up"]},
        {"image": ""},
        {"image": None},
        {"shm_size": "-2g"},
        {"mem_limit": "1g", "deploy": {"resources": {"limits": {"memory": "2g"}}}},
        {"links": ["other.gateway"]},
        {"volumes_from": ["container:made-up"]},
        {"extra_hosts": ["made-up=::1", "other:10.0.0.1"]},
        {"memswap_limit": "-1"},
    ],
    ids=str,
)
def test_compose_refuses_what_is_told_of_other_services_and_nothing_else(merge: dict[str, Any], tmp_path: Path) -> None:
    lay_out(COMPOSE.render(plan(placement(host_port=8001))), tmp_path)
    folder = tmp_path / "compose" / "desk"
    project = yaml.safe_load((folder / "compose.yaml").read_text())
    project["services"]["other.gateway"] = {"image": "other:1"}
    project["services"]["chat-desk"] = merge_patch(project["services"]["chat-desk"], merge)
    (folder / "compose.yaml").write_text(yaml.safe_dump(project))
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_TOKEN": "x"}
    command = [tool("compose"), "--file", "compose.yaml", "config", "--quiet"]
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, check=False, timeout=PATIENCE_S)
    told = [*problems("compose", merge, (), scales=False, reserves=True)]
    told += strangers(merge, (), "chat-desk", {"chat-desk", "other.gateway"})
    assert bool(told) == bool(done.returncode)
