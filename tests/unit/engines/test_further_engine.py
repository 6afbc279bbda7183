"""One engine more: judged where its server is modelled, said to be not judged where it is not, and never a crash."""

import json
from pathlib import Path

import pytest
import yaml

from generator.engines import ENGINES
from generator.pipeline import Checked, check
from generator.sizing.servers import SERVERS
from tests.gen_command import Gen, gen
from tests.toy_engine import toy, toy_server

__all__ = ["gen", "toy", "toy_server"]
CARDS = {"gpu": "l40s", "gpusPerNode": 2, "nodes": 1}
FLEET = {
    "apiVersion": "fleetgen/v1",
    "name": "toys",
    "clusters": {
        "desk": {"platform": "docker", "pools": {"cards": CARDS}},
        "hall": {"platform": "kubernetes", "pools": {"cards": CARDS}},
    },
    "models": {
        "chat": {
            "engine": {"name": "toy", "args": {"wheels": 4}},
            "source": {"huggingface": "Qwen/Qwen3-8B"},
            "placements": {
                "desk": {"cluster": "desk", "pool": "cards"},
                "hall": {"cluster": "hall", "pool": "cards", "tensorParallel": 2},
            },
        }
    },
    "routes": {"chat": {"tiers": [[{"model": "chat", "placement": "hall"}]]}},
    "gateways": {"edge": {"kind": "litellm", "cluster": "hall"}, "way": {"kind": "envoy", "cluster": "hall"}},
}


def checked(folder: Path) -> Checked:
    (folder / "fleet.yaml").write_text(yaml.safe_dump(FLEET))
    return check(folder / "fleet.yaml", "default")


def test_every_server_is_that_of_an_engine_and_every_engine_has_one() -> None:
    assert list(SERVERS) == list(ENGINES)


@pytest.mark.usefixtures("toy")
def test_an_engine_without_a_server_model_is_not_judged_and_it_is_said(tmp_path: Path) -> None:
    found = checked(tmp_path)
    told = [item for item in found.findings if item.id == "GEN315"]
    assert [(item.path, item.severity) for item in told] == [(("models", "chat", "engine"), "info")]
    assert found.plan is not None
    for plan in found.plan.placements:
        assert next(item.value for item in plan.decisions if item.field == "memory") == "not judged"
        assert (plan.context, plan.concurrency) == (8192, 3)


@pytest.mark.usefixtures("toy_server")
def test_an_engine_with_a_server_model_is_sized_by_it(tmp_path: Path) -> None:
    found = checked(tmp_path)
    assert "GEN315" not in {item.id for item in found.findings}
    assert found.plan is not None
    whys = [item.why for plan in found.plan.placements for item in plan.decisions if item.field == "memory"]
    assert all("x 0.8" not in why and "usable" in why and "CUDA graphs" not in why for why in whys)
    assert all(plan.concurrency <= 32 for plan in found.plan.placements)


@pytest.mark.parametrize("modelled", ["toy", "toy_server"])
def test_it_goes_the_whole_way(request: pytest.FixtureRequest, gen: Gen, modelled: str) -> None:
    request.getfixturevalue(modelled)
    Path("fleet.yaml").write_text(yaml.safe_dump(FLEET))
    Path("fleet.prod.yaml").unlink()
    assert (gen("validate", "fleet.yaml").code, gen("render", "fleet.yaml", "--out", "out").code) == (0, 0)
    files = {path.relative_to("out").parts[2:] for path in Path("out").rglob("*") if path.is_file()}
    assert {("compose", "desk", "compose.yaml"), ("helm", "hall", "chat-hall.values.yaml")} <= files
    assert gen("explain", "fleet.yaml", "models.chat.placements.hall").code == 0
    assert gen("catalog", "show", "toy").code == 0


@pytest.mark.usefixtures("toy_server")
def test_it_can_be_asked_for_and_compared(gen: Gen) -> None:
    card = ("--model", "Qwen/Qwen3-8B", "--gpu", "l40s", "--context", "4096", "-o", "json")
    sized = gen("size", "--engine", "toy", "--engine-version", "1.0.0", *card)
    assert sized.code == 0, sized.err
    assert json.loads(sized.out)["question"]["utilization"] == 0.8
    compared = gen("compare", *card)
    assert {row["engine"]: row["features"] for row in json.loads(compared.out)["choices"]}["toy"] == "wooden wheels"


@pytest.mark.usefixtures("toy")
def test_what_is_not_modelled_cannot_be_sized(gen: Gen) -> None:
    card = ("--model", "Qwen/Qwen3-8B", "--gpu", "l40s", "-o", "json")
    assert gen("size", "--engine", "toy", *card).code == 2
    assert {row["engine"] for row in json.loads(gen("compare", *card).out)["choices"]} == set(SERVERS)
