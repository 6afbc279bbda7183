"""The plan document: true to its schema, the same bytes whatever the hash seed, and secrets by reference only."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import pipeline, resources
from generator.core.plan import Plan
from generator.render.plan.build import document
from generator.render.plan.text import text
from generator.targets.terraform.read import roots
from generator.targets.terraform.target import TERRAFORM

ROOT = Path(__file__).parents[3]
SPECS = sorted([*ROOT.glob("tests/cases/*/fleet.yaml"), *ROOT.glob("stacks/*/fleet.yaml")])
PLANS = [(path, environment) for path in SPECS for environment in pipeline.environments(path)]
NAMES = [f"{path.parent.name}-{environment}" for path, environment in PLANS]
SCHEMA = json.loads((resources.schemas() / "plan.schema.json").read_text(encoding="utf-8"))
DIGEST = """
import hashlib, sys
from pathlib import Path
from generator import pipeline
from generator.render.plan.build import document
from generator.render.plan.text import text
plan = pipeline.check(Path(sys.argv[1]), "default").plan
print(hashlib.sha256(text(document(plan)).encode()).hexdigest())
"""


@pytest.fixture(params=PLANS, ids=NAMES)
def plan(request: pytest.FixtureRequest) -> Plan:
    found = pipeline.check(*request.param).plan
    assert found is not None
    return found


def test_a_document_is_true_to_its_schema(plan: Plan) -> None:
    written = json.loads(text(document(plan)))
    assert written == document(plan).model_dump(by_alias=True, mode="json")
    jsonschema.validate(written, SCHEMA, jsonschema.Draft202012Validator)
    assert (written["version"], written["fleet"]) == (0, plan.fleet)
    assert written["placements"].keys() == {item.id for item in plan.placements}


def test_a_decision_is_one_line_and_none_is_lost(plan: Plan) -> None:
    """Settings are decided once for a placement, so that a map by setting holds them all."""
    lines = text(document(plan)).splitlines()
    for item in plan.placements:
        for decision in item.decisions:
            told = json.dumps({"value": decision.value, "why": decision.why}, ensure_ascii=False)
            assert any(line.strip().removesuffix(",") == f"{json.dumps(decision.field)}: {told}" for line in lines)


def test_keys_are_sorted(plan: Plan) -> None:
    def sorted_(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)
        return dict(pairs)

    json.loads(text(document(plan)), object_pairs_hook=sorted_)


def test_terraforms_data_reads_back_as_the_plan_says(plan: Plan) -> None:
    """The reader beside the writer: nothing of a node group is lost or added on the way."""
    written = dict(roots({item.path: item.content for item in TERRAFORM.render(plan)}))
    clusters = document(plan).clusters
    assert written.keys() == {name for name, item in clusters.items() if item.cloud}
    for name, read in written.items():
        said = clusters[name].cloud
        assert read is not None
        assert said is not None
        # A created cluster brings its subnets, and where Karpenter starts nodes its objects name them, not Terraform.
        beside: dict[str, Any] = {"subnets": []} if said.created or clusters[name].karpenter else {}
        none: dict[str, Any] = {"node_groups": {}} if clusters[name].karpenter else {}
        assert read == said.model_copy(update={**beside, **none})


def secrets(node: Any) -> Iterator[dict[str, str]]:
    """Every reference to a secret in a document."""
    if isinstance(node, dict):
        if node.keys() == {"env", "secret", "key"}:
            yield node
        for value in node.values():
            yield from secrets(value)
    elif isinstance(node, list):
        for value in node:
            yield from secrets(value)


def test_secrets_stand_in_it_by_reference_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that a fleet takes a secret from is set, and no document is any different for it."""
    seen = 0
    for path, environment in PLANS:
        first = pipeline.check(path, environment).plan
        assert first is not None
        before = text(document(first))
        names = {item["env"] for item in secrets(json.loads(before))}
        seen += len(names)
        for name in names:
            monkeypatch.setenv(name, "s3cr3t-of-a-test")
        again = pipeline.check(path, environment).plan
        assert again is not None
        assert text(document(again)) == before
        assert not [
            name for item in document(again).placements.values() for name in item.workload.main.env if name in names
        ]
    assert seen > 10


@pytest.mark.parametrize("stack", ["hybrid", "multi-cloud"])
def test_the_bytes_do_not_depend_on_the_hash_seed(stack: str) -> None:
    path = ROOT / "stacks" / stack / "fleet.yaml"

    def digest(seed: int) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", DIGEST, str(path)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    found = pipeline.check(path, "default").plan
    assert found is not None
    assert {digest(1), digest(2)} == {hashlib.sha256(text(document(found)).encode()).hexdigest()}
