"""What vLLM's own functions make of models, cards and arguments, beside what we say of each."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from generator.catalog import reader
from generator.core.lazy import load
from generator.engines import ENGINES
from generator.sizing.servers.protocol import server
from tests.consumers.tools import tool
from tests.consumers.vllm_config import Engine, activations
from tests.serving import request

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
        offered = server("vllm").longer(model, version, tokens, {})
        assert offered is not None
        overrides = json.loads(offered[1])
        inner = overrides.get(model.yarn.within, overrides)
        assert engine.longest(model.max_context, "", inner, tokens, new=version in NEW) == tokens
    assert server("vllm").longer(model, version, model.yarn.longest + 1, {}) is None


GPUS = list({gpu.compute_capability: gpu for gpu in reader.gpus().values()}.values())
"""One card of each compute capability, on which alone it depends; 0 are those of other makers."""
DTYPES = ("auto", "half", "float16", "bfloat16", "float", "float32")
KINDS = sorted({(model.model_type, model.quantization) for model in reader.models().values()})
"""What of a model its type of numbers depends on. Every model of the catalogue is of one of these."""


@cache
def engine_on(version: str, capability: float) -> Engine:
    return Engine(tool("vllm") / version, capability)


@cache
def expected(version: str, family: str, word: str, capability: float, asked: str) -> set[str | None]:
    """The types that may be taken, whichever the files hold; none stands for a stop at start-up."""
    root = tool("vllm") / version
    engine = engine_on(version, capability)
    types = {engine.dtype(family, stored, asked) for stored in ("bfloat16", "float16", "float32")}
    # The worker asks once more (check_if_supports_dtype of vllm/platforms/cuda.py, the same in all known versions).
    types = {None if dtype == "bfloat16" and 0 < capability < 8.0 else dtype for dtype in types}
    if word in reader.engine("vllm").versions[version].quantizations and word != "none":
        borne = activations(root, word, capability)
        assert borne
        types = {dtype if dtype in borne else None for dtype in types}
    return types


@pytest.mark.consumer("vllm")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("family", "word"), KINDS)
def test_model_card_and_type_are_judged_as_the_version_does(version: str, family: str, word: str) -> None:
    facts = reader.engine("vllm").versions[version]
    if word not in facts.quantizations:
        pytest.skip(f"{version} does not run {word}")
    for gpu in GPUS:
        if 0 < gpu.compute_capability < facts.min_capability.get(word, 0.0):
            continue  # another finding
        for asked in DTYPES:
            types = expected(version, family, word, gpu.compute_capability, asked)
            args = {} if asked == "auto" else {"dtype": asked}
            request_ = request("vllm", version=version, gpu=gpu.id, quantization=word, family=family, args=args)
            found = {item.id: item for item in load(ENGINES["vllm"]).check(request_)}
            refused = found.keys() & {"GEN602", "GEN603", "GEN604"}
            # Where it depends on the files, nothing is said.
            assert bool(refused) == (types == {None}), (gpu.id, asked, types, refused)
            assert ("GEN605" in found) == (types == {"float32"} and asked == "auto"), (gpu.id, asked, types)
            for offered in re.findall(r"write `dtype: (\w+)`", "".join(found[id].help for id in refused)):
                cured = request("vllm", version=version, gpu=gpu.id, quantization=word, family=family)
                cured = replace(cured, args={"dtype": offered})
                assert None not in expected(version, family, word, gpu.compute_capability, offered)
                assert not {item.id for item in load(ENGINES["vllm"]).check(cured)} & {"GEN602", "GEN603", "GEN604"}


@pytest.mark.consumer("vllm")
@pytest.mark.parametrize("version", VERSIONS)
def test_types_that_are_refused_are_those_of_the_sources(version: str) -> None:
    refused = reader.engine("vllm").versions[version].float16_refused
    assert {"gemma2", "gemma3", "gemma3_text", "glm4"} <= refused
    engine = Engine(tool("vllm") / version)
    assert {
        family for family in (*refused, "qwen3", "llama", "gemma4") if not engine.dtype(family, "bfloat16", "half")
    } == refused
