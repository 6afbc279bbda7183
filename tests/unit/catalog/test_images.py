"""What the catalogue knows of engines' images, against the machines that it knows."""

from dataclasses import replace

import pytest

from generator.catalog import reader
from generator.catalog.facts import GpuFacts
from generator.engines import ENGINES
from generator.sizing.question import Question
from generator.sizing.servers.protocol import server

VERSIONS = [(name, version) for name in ENGINES for version in reader.engine(name).versions]
GRACE = [facts for facts in reader.gpus().values() if facts.id.startswith(("gb", "gh"))]
MODEL = reader.models()["Qwen/Qwen3-14B"]
DRIVERS = {"12.4": 525, "12.9": 525, "13.0": 580}  # docs.nvidia.com/deploy/cuda-compatibility


@pytest.mark.parametrize(("engine", "version"), VERSIONS)
def test_every_image_has_its_architectures_and_driver(engine: str, version: str) -> None:
    facts = reader.engine(engine).versions[version]
    assert "amd64" in facts.architectures
    assert facts.driver == DRIVERS.get(facts.cuda, 550)
    assert bool(facts.older_variable) == bool(facts.older_driver)
    assert not facts.older_variable or facts.older_variable in facts.variables


@pytest.mark.parametrize("facts", reader.gpus().values(), ids=lambda facts: facts.id)
def test_cards_of_grace_have_arm_cpus_and_no_other(facts: GpuFacts) -> None:
    assert reader.gpus()[facts.id].host == ("arm64" if facts in GRACE else "")


@pytest.mark.parametrize("version", reader.engine("vllm").versions)
@pytest.mark.parametrize(
    "facts", [facts for facts in reader.gpus().values() if facts.unified], ids=lambda facts: facts.id
)
def test_the_share_of_unified_memory_leaves_what_a_system_takes(facts: GpuFacts, version: str) -> None:
    question = Question.about(MODEL, facts, context=4096, engine="vllm", engine_version=version)
    share, why = server("vllm").chosen_share(question, desktop=True) or (1.0, "")
    assert question.gpu.memory_gib * (1 - share) >= 20
    assert "the same memory" in why


@pytest.mark.parametrize("gpu", ["l4", "rtx-4090", "h100-sxm", "gb10"])
def test_what_is_reserved_is_left(gpu: str) -> None:
    question = replace(Question.about(MODEL, reader.gpus()["l4"], context=4096), gpu=reader.gpus()[gpu])
    reserved = question.gpu.memory_gib / 3
    share, _ = server("vllm").chosen_share(question, desktop=True, reserved_gib=reserved) or (1.0, "")
    assert question.gpu.memory_gib * (1 - share) >= reserved
