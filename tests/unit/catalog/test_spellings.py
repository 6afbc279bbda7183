"""Names, formats and versions as they stand in the wild: what is read into them, and what is refused."""

import json

import pytest

from generator.catalog import names, reader
from generator.sizing import formats, releases
from tests.gen_command import Gen


@pytest.mark.parametrize(
    ("name", "base", "form"),
    [
        ("unsloth/Qwen3-14B-unsloth-bnb-4bit", "Qwen/Qwen3-14B", "bitsandbytes"),
        ("nvidia/Qwen3-32B-NVFP4", "Qwen/Qwen3-32B", "nvfp4"),
        ("RedHatAI/Qwen3-32B-quantized.w4a16", "Qwen/Qwen3-32B", "w4a16"),
        ("nm-testing/Qwen3-8B-W8A8-INT8", "Qwen/Qwen3-8B", "int8"),
        ("qwen3-coder-30b-a3b-instruct-awq-4bit", "Qwen/Qwen3-Coder-30B-A3B-Instruct", "awq"),
        ("TheBloke/Llama-2-13B-chat-GPTQ", "meta-llama/Llama-2-13b-chat-hf", "gptq"),
        ("NousResearch/Meta-Llama-3.1-8B-Instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct", "none"),
        ("Qwen/Qwen3-VL-30B-A3B", "Qwen/Qwen3-VL-30B-A3B-Instruct", "none"),
        ("amd/DeepSeek-R1-MXFP4", "deepseek-ai/DeepSeek-R1", "mxfp4"),
        ("unsloth/gpt-oss-20b-BF16", "openai/gpt-oss-20b", "none"),
        ("Qwen/Qwen3-Next-80B-A3B-Instruct (W4A16)", "Qwen/Qwen3-Next-80B-A3B-Instruct", "w4a16"),
        ("Qwen/Qwen2.5-3B-Instruct (FP8 dynamic)", "Qwen/Qwen2.5-3B-Instruct", "fp8"),
        ("meta-llama/Llama-3.3-70B-Instruct (open division)", "meta-llama/Llama-3.3-70B-Instruct", "none"),
        ("bartowski/Qwen3-8B-Q5_K_M-GGUF", "Qwen/Qwen3-8B", "gguf:q5_k_m"),
        ("someone/Llama-3.2-3B-Instruct-GGUF (Q8_0)", "meta-llama/Llama-3.2-3B-Instruct", "gguf:q8_0"),
    ],
)
def test_an_upload_is_taken_as_what_it_is_made_of(name: str, base: str, form: str) -> None:
    found = reader.like(name)
    assert found is not None
    assert (found.id, found.base, found.quantization) == (name, base, form)
    assert found.architecture == reader.models()[base].architecture
    assert base in found.notes


@pytest.mark.parametrize(
    "name", ["Qwen/Qwen3-99B", "Qwen/Qwen2-7B-Instruct", "foo/bar", "llama", "GLM-4.6-Air", "-", ""]
)
def test_another_size_or_generation_is_not_taken_for_it(name: str) -> None:
    assert reader.like(name) is None


def test_models_of_the_catalogue_are_like_themselves() -> None:
    lost = [id for id in reader.models() if not id.startswith("ollama:") and reader.like(id) is None]
    assert lost == []


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("NVIDIA H100 80GB HBM3", "h100-sxm"),
        ("A100-SXM4-80GB", "a100-sxm-80gb"),
        ("RTX 6000 Ada", "rtx-6000-ada"),
        ("AMD Instinct MI300X OAM", "mi300x"),
        ("4090", "rtx-4090"),
        ("3080 Ti", "rtx-3080-ti"),
        ("RTX 3090 24GB", "rtx-3090"),
    ],
)
def test_gpus_as_drivers_and_people_call_them(name: str, id: str) -> None:
    assert names.gpu(name, reader.gpus()) == (id,)


def test_memory_that_a_card_does_not_have_names_no_card() -> None:
    assert names.gpu("Tesla V100-PCIE-32GB", reader.gpus()) == ()


@pytest.mark.parametrize(("name", "says"), [("2xL40S", "--tp 2"), ("H100 x8", "--tp 8"), ("A100 MIG 3g.40gb", "MIG")])
def test_what_is_not_one_gpu_is_told_so(gen: Gen, name: str, says: str) -> None:
    done = gen("size", "--model", "Qwen/Qwen3-14B", "--gpu", name)
    assert done.code == 2
    assert says in done.err


@pytest.mark.parametrize(
    ("word", "format"),
    [
        ("fp8 (block 128)", "fp8"),
        ("fp8_e4m3", "fp8"),
        ("w8a8", "int8"),
        ("awq_marlin", "awq"),
        ("gptq_marlin", "gptq"),
        ("gptq-int4", "gptq"),
        ("modelopt", "fp8"),
        ("modelopt_fp4", "nvfp4"),
        ("FP4", "nvfp4"),
        ("bitsandbytes-nf4", "bitsandbytes"),
        ("compressed-tensors W4A16", "w4a16"),
        ("compressed-tensors", ""),
        ("UD-Q4_K_XL", "gguf:q4_k_m"),
        ("gguf Q8_0", "gguf:q8_0"),
        ("float16", "none"),
        ("banana", None),
    ],
)
def test_formats_as_logs_and_uploads_call_them(word: str, format: str | None) -> None:
    assert formats.named(word) == format


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("v0.10.2", (0, 10, 2)),
        ("0.10.1.dev101", (0, 10, 1)),
        ("0.19.1rc1.dev71", (0, 19, 1)),
        ("V1 ~0.11-0.12", (0, 11, 0)),
        ("0.2x", (0, 28, 0)),
        ("2026-03", (0, 18, 0)),
        ("cu130-nightly (2026)", releases.NEWEST),
        ("latest", releases.NEWEST),
        ("V0-style log (2026-09)", (0, 7, 3)),
    ],
)
def test_versions_as_logs_state_them(version: str, release: releases.Release) -> None:
    found = releases.understood(version)
    assert found is not None
    assert found[0] == release


def test_what_was_assumed_is_said(gen: Gen) -> None:
    asked = ("size", "--model", "foo/Qwen3-14B-AWQ-4bit", "--gpu", "l40s", "--engine-version", "0.2x")
    data = json.loads(gen(*asked, "-o", "json").out)
    assert len(data["assumed"]) == 2
    assert "Qwen/Qwen3-14B" in data["assumed"][0]
    assert data["weights_gib"]["value"] == pytest.approx(9.4, rel=0.03)
    assert "0.28.0" in gen(*asked).out


def test_replicas_may_share_the_experts(gen: Gen) -> None:
    asked = ("size", "--model", "Qwen/Qwen3-235B-A22B-FP8", "--gpu", "h20-141gb", "--dp", "8", "-o", "json")
    whole, shared = (json.loads(gen(*asked, *more).out) for more in ((), ("--expert-parallel",)))
    assert whole["question"]["gpus"] == shared["question"]["gpus"] == 8
    assert shared["weights_gib"]["value"] < whole["weights_gib"]["value"] / 4


def test_sixteen_bit_does_not_undo_a_quantisation(gen: Gen) -> None:
    asked = ("size", "--model", "openai/gpt-oss-20b", "--gpu", "l40s", "-o", "json", "--context", "8192")
    plain, wide = (json.loads(gen(*asked, *more).out) for more in ((), ("--quantization", "bf16")))
    assert wide["weights_gib"] == plain["weights_gib"]
    assert "mxfp4" in wide["assumed"][0]
