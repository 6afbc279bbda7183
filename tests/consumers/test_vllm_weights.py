"""What vLLM's own functions make of models, cards and arguments, beside what we say of each."""

import json
from dataclasses import replace
from typing import Any

import pytest

from generator.catalog import reader
from generator.sizing.servers.protocol import server
from tests.consumers.tools import tool
from tests.consumers.vllm_config import Engine

VERSIONS = tuple(reader.engine("vllm").versions)
NEW = {version for version in VERSIONS if tuple(map(int, version.split("."))) >= (0, 20, 2)}
"""Versions whose image has Transformers 5."""
OWN = 40960


def scaled(kind: str, **more: Any) -> dict[str, Any]:
    return {"rope_type": kind, "factor": 4.0, "original_max_position_embeddings": 32768, **more}


OVERRIDES: dict[str, dict[str, Any]] = {
    "none": {},
    "length": {"max_position_embeddings": 100_000},
    "nonsense": {"num_labels": 3},
    **{f"{field}-{kind}": {field: scaled(kind)} for field in ("rope_scaling", "rope_parameters") for kind in (
        "yarn", "linear", "dynamic", "longrope", "llama3", "su", "default", "deepseek_yarn", "ntk")},
    "both": {"rope_parameters": scaled("yarn"), "max_position_embeddings": 131072},
    "layers": {"rope_parameters": {"full_attention": scaled("linear"), "sliding_attention": {"rope_type": "default"}}},
    "untyped": {"rope_parameters": {"factor": 2.0}},
    "untyped-old": {"rope_scaling": {"type": "yarn", "factor": 2.0}},
}  # fmt: skip


@pytest.mark.consumer("vllm")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("family", ["qwen3", "gemma3"])
@pytest.mark.parametrize("name", OVERRIDES)
def test_the_longest_context_is_the_one_that_the_version_takes(version: str, family: str, name: str) -> None:
    engine, overrides = Engine(tool("vllm") / version), OVERRIDES[name]
    model = replace(reader.models()["Qwen/Qwen3-14B"], model_type=family)
    reach = server("vllm").reach(model, version, {"hf-overrides": json.dumps(overrides)}, {})
    limit = 0 if reach.lacks else reach.tokens
    taken = engine.longest(OWN, family, overrides, max(limit, 1), new=version in NEW)
    assert (taken is None) == bool(reach.lacks)
    assert engine.longest(OWN, family, overrides, limit + 1, new=version in NEW) is None or reach.lacks


SCALABLE = [id for id in reader.models() if reader.models()[id].yarn]


@pytest.mark.consumer("vllm")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("id", SCALABLE)
def test_the_override_that_we_offer_lifts_the_limit(version: str, id: str) -> None:
    engine, model = Engine(tool("vllm") / version), reader.models()[id]
    assert model.yarn
    for tokens in (model.max_context + 1, model.yarn.longest):
        offered = server("vllm").longer(model, version, tokens)
        assert offered is not None
        overrides = json.loads(offered[1])
        inner = overrides.get(model.yarn.within, overrides)
        assert engine.longest(model.max_context, "", inner, tokens, new=version in NEW) == tokens
    assert server("vllm").longer(model, version, model.yarn.longest + 1) is None
