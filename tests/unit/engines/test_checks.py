"""What engines refuse: each finding with its place, its numbers and its cure."""

import re
from dataclasses import replace
from datetime import date
from importlib import import_module
from typing import Any, get_args

import pytest

from generator.catalog import reader
from generator.core.finding import Finding
from generator.core.lazy import load
from generator.core.plan import SourcePlan
from generator.core.spec.model import Quantization, Source
from generator.engines import ENGINES
from generator.sizing import releases
from tests.serving import DESK_KEY, request


def found(engine: str, **changes: Any) -> dict[str, Finding]:
    """Findings by id; TGI's standing warning left out."""
    asked = request(engine, **changes)
    return {finding.id: finding for finding in load(ENGINES[engine]).check(asked) if finding.id != "GEN326"}


def set_by_gen(engine: str) -> set[str]:
    return set(import_module(f"generator.engines.{engine}").OWN.arguments)


@pytest.mark.parametrize("engine", ENGINES)
def test_plain_requests_are_fine(engine: str) -> None:
    assert found(engine) == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_catalogue_words_are_words_of_the_spec(engine: str) -> None:
    facts = reader.engine(engine)
    assert facts.tasks <= {"chat", "complete", "embed", "rerank"}
    assert facts.sources <= set(Source.model_fields)
    for version in facts.versions.values():
        assert set(version.quantizations) <= set(get_args(Quantization))
        assert set(version.min_capability) in ({*version.quantizations}, set())
        assert version.source
        assert version.as_of


def test_quantizations_are_the_words_of_the_spec_with_those_who_run_them() -> None:
    facts = reader.quantizations()
    assert set(facts) == set(get_args(Quantization))
    assert facts["gguf"].engines == {"ollama-0.32.15": 0.0, "vllm-0.20.2": 7.5, "vllm-0.16.0": 7.0, "vllm-0.11.2": 7.0}
    assert facts["fp8"].engines["vllm-0.11.2"] == 8.0
    for fact in facts.values():
        assert fact.engines
        assert fact.stores
        assert fact.source
        assert date(2025, 1, 1) <= date.fromisoformat(fact.as_of)
        assert fact.native_capability in {gpu.compute_capability for gpu in reader.gpus().values()} | {0, 7.0}


def test_the_memory_model_takes_the_same_default_as_the_engine() -> None:
    for version, facts in reader.engine("vllm").versions.items():
        assert releases.default_utilization(releases.parse(version)) == facts.defaults["gpu-memory-utilization"]


def test_what_is_no_version_is_the_only_finding() -> None:
    findings = found("vllm", version="v0.8.0", args={"nonsense": 1, "enable-log-outputs": True}, quantization="gguf")
    assert list(findings) == ["GEN275"]
    assert list(found("tgi", version="main", args={"otlp-service-name": "a b"})) == ["GEN275"]
    assert findings["GEN275"].path == ("models", "chat", "engine", "version")
    assert "0.33.0" in findings["GEN275"].cause
    assert "`version: 0.8.0`" in findings["GEN275"].help


@pytest.mark.parametrize(
    ("name", "value", "help"),
    [
        ("max_num_batched_tokens", 8192, "did you mean `max-num-batched-tokens`?"),
        ("--seed", 1, "did you mean `seed`?"),
        ("enable-prefix-cachin", True, "did you mean `enable-prefix-caching`?"),
        ("no-enable-prefix-caching", True, "say `enable-prefix-caching: false`"),
        ("an-argument", 4, "remove it, or look up its name in this version's documentation"),
    ],
)
def test_unknown_arguments_name_the_right_one(name: str, value: Any, help: str) -> None:
    finding = found("vllm", args={name: value})["GEN321"]
    assert finding.path == ("models", "chat", "engine", "args", name)
    assert finding.on_key
    assert finding.help == help


@pytest.mark.parametrize(
    ("version", "name", "kind", "cause", "help"),
    [
        ("0.33.0", "swap-space", "GEN334", "gone in 0.20.2, still in 0.16.0", "kv-offloading-size"),
        ("0.20.2", "disable-log-requests", "GEN334", "gone in 0.20.2, still in 0.16.0", "`enable-log-requests: true`"),
        ("0.33.0", "lora-extra-vocab-size", "GEN334", "gone in 0.16.0, still in 0.11.2", "nothing takes its place"),
        ("0.33.0", "enable-bf16x3-router-gemm", "GEN334", "gone in 0.33.0, still in 0.29.0", "remove it"),
        ("0.16.0", "cuda-graph-sizes", "GEN335", "gone in 0.16.0, still in 0.11.2", "write `cudagraph-capture-sizes`"),
        ("0.25.1", "override-pooler-config", "GEN335", "gone in 0.16.0", "write `pooler-config`"),
        ("0.29.0", "log-level", "GEN336", "0.33.0 is the first", "say `version: 0.33.0` or a newer one, or remove it"),
        ("0.11.2", "attention-backend", "GEN336", "0.16.0 is the first", "say `version: 0.16.0`"),
        ("0.33.0", "mamba-cache-mode", "GEN337", "by 0.33.0 it does nothing", "`enable-prefix-caching`"),
    ],
)
def test_arguments_of_other_versions_name_version_and_cure(
    version: str, name: str, kind: str, cause: str, help: str
) -> None:
    findings = found("vllm", version=version, args={name: "x"})
    finding = findings[kind]
    assert findings.keys() - {"GEN338"} == {kind}
    assert cause in finding.cause
    assert help in finding.help
    assert finding.path == ("models", "chat", "engine", "args", name)


def test_what_gen_sets_is_set_by_gen_in_every_version() -> None:
    assert list(found("vllm", args={"task": "embed"})) == ["GEN322"]
    assert "GEN322" in found("vllm", version="0.11.2", args={"shutdown-timeout": 5})


@pytest.mark.parametrize(
    ("version", "name", "value", "cause", "help"),
    [
        ("0.33.0", "load-format", "gguf", "gone in 0.25.1, still in 0.20.2", "say `version: 0.20.2`"),
        ("0.29.0", "load-format", "bitsandbytes", "gone in 0.29.0, still in 0.25.1", "say `version: 0.25.1`"),
        ("0.11.2", "kv-cache-dtype", "float16", "it came by 0.20.2", "say `version: 0.20.2`"),
        ("0.33.0", "kv-cache-dtype", "fp9", "it takes one of: auto", "did you mean `fp8`?"),
    ],
)
def test_choices_of_other_versions_name_the_version(version: str, name: str, value: str, cause: str, help: str) -> None:
    finding = found("vllm", version=version, args={name: value})["GEN323"]
    assert cause in finding.cause
    assert help in finding.help


@pytest.mark.parametrize(
    ("version", "quantization", "told"),
    [
        ("0.33.0", "gguf", "0.20.2 is the last known version"),
        ("0.29.0", "bitsandbytes", "0.25.1 is the last known version"),
    ],
)
def test_quantizations_that_left_name_the_last_version(version: str, quantization: str, told: str) -> None:
    assert told in found("vllm", version=version, quantization=quantization)["GEN324"].cause
    assert "GEN324" not in found("vllm", version="0.20.2", quantization=quantization)


def test_versions_that_cut_requests_warn() -> None:
    warning = found("vllm", version="0.16.0")["GEN338"]
    assert warning.severity == "warning"
    assert "nothing waits" in warning.cause
    assert "version: 0.20.2" in warning.help
    assert "each pod waits 120 s" in found("vllm", version="0.16.0", kubernetes=True)["GEN338"].cause


def test_changes_are_about_arguments_of_known_versions() -> None:
    engine = reader.engine("vllm")
    names = {flag for version in engine.versions.values() for flag in version.flags}
    for change in engine.changes.values():
        assert change.argument in names
        assert not change.became or change.became in engine.newest.flags
        assert bool(change.since) == bool(change.meaning)
        assert not change.since or change.since in engine.versions
        assert change.became or change.instead
        assert change.source
        assert set(re.findall(r"write `([a-z-]+)", change.instead)) <= names


def test_ollama_argument_may_be_meant_as_its_variable() -> None:
    assert found("ollama", args={"OLLAMA_KV_CACHE_TYPE": "q8_0"})["GEN321"].help == "did you mean `kv-cache-type`?"
    assert found("ollama", env={"OLLAMA_KV_CACHE_TYPE": "q8_0"})["GEN332"].help.startswith(
        "remove it and change `kv-cache-type`"
    )


@pytest.mark.parametrize(
    ("engine", "name", "field"),
    [
        ("vllm", "max-model-len", "`context`"),
        ("vllm", "tensor-parallel-size", "`tensorParallel`"),
        ("tgi", "num-shard", "`tensorParallel`"),
        ("tgi", "max-concurrent-requests", "`concurrency`"),
        ("ollama", "num-parallel", "`concurrency`"),
    ],
)
def test_arguments_that_gen_sets_name_the_field(engine: str, name: str, field: str) -> None:
    assert field in found(engine, args={name: 4})["GEN322"].help


@pytest.mark.parametrize("engine", ENGINES)
def test_every_reserved_argument_exists_in_some_version(engine: str) -> None:
    versions = reader.engine(engine).versions.values()
    assert set_by_gen(engine) <= {flag for version in versions for flag in version.flags}


@pytest.mark.parametrize(
    ("engine", "name", "value", "fine"),
    [
        ("vllm", "kv-cache-dtype", "fp8", True),
        ("vllm", "kv-cache-dtype", "fp9", False),
        ("vllm", "max-lora-rank", 16, True),
        ("vllm", "max-lora-rank", 17, False),
        ("vllm", "enforce-eager", False, True),
        ("vllm", "enforce-eager", "yes", False),
        ("vllm", "seed", "seven", False),
        ("vllm", "seed", True, False),
        ("vllm", "max-num-batched-tokens", "32K", True),
        ("vllm", "max-num-batched-tokens", "32Ki", False),
        ("vllm", "watermark", 0.01, True),
        ("vllm", "speculative-config", '{"method": "ngram"}', True),
        ("vllm", "speculative-config", "ngram", False),
        ("vllm", "lora-modules", ("a=b", "c=d"), True),
        ("vllm", "lora-modules", (), False),
        ("vllm", "seed", ("1", "2"), False),
        ("vllm", "reasoning-parser", "qwen4", False),
        ("vllm", "gpu-memory-utilization", 0.5, True),
        ("vllm", "gpu-memory-utilization", 50, False),
        ("vllm", "gpu-memory-utilization", 0, False),
        ("vllm", "gpu-memory-utilization", "half", False),
        ("vllm", "max-num-batched-tokens", 16, True),
        ("vllm", "max-num-batched-tokens", 15, False),
        ("vllm", "max-num-batched-tokens", "auto", False),
        ("tgi", "cuda-memory-fraction", 1.5, False),
        ("tgi", "max-batch-total-tokens", 16384, True),
        ("tgi", "max-batch-total-tokens", 16383, False),
        ("tgi", "rope-scaling", "yarn", False),
        ("tgi", "otlp-service-name", "my service", False),
        ("ollama", "kv-cache-type", "q9", False),
        ("ollama", "flash-attention", True, True),
    ],
)
def test_values(engine: str, name: str, value: Any, *, fine: bool) -> None:
    of_pairs = {"GEN333", "GEN620"}
    findings = found(engine, args={name: value})
    assert findings.keys() - of_pairs == (set() if fine else {"GEN323"})


def test_a_step_without_chunked_prefill_holds_a_whole_prompt() -> None:
    args: dict[str, Any] = {"max-num-batched-tokens": "8K", "enable-chunked-prefill": False}
    [told] = found("vllm", args=args).values()
    assert told.id == "GEN323"
    assert "16384" in told.cause
    assert "16384" in told.help
    assert found("vllm", args=args, context=8192) == {}


def test_a_plugin_opens_the_choices_of_its_argument() -> None:
    args = {
        "enable-auto-tool-choice": True,
        "tool-call-parser": "mine",
        "tool-parser-plugin": "/vllm-workspace/mine.py",
    }
    assert found("vllm", args=args) == {}
    assert "GEN323" in found("vllm", args={"tool-call-parser": "hermez"})


@pytest.mark.parametrize(
    ("engine", "quantization", "engines"),
    [
        ("vllm", "gguf", "`ollama`"),
        ("vllm", "bitsandbytes", "`tgi`"),
        ("tgi", "mxfp4", "`vllm`"),
        ("ollama", "awq", "`vllm` or `tgi`"),  # and whoever comes after them
    ],
)
def test_quantization_names_the_engines_that_run_it(engine: str, quantization: str, engines: str) -> None:
    finding = found(engine, quantization=quantization)["GEN324"]
    assert finding.help.startswith(f"use {engines} ")
    assert finding.help.endswith(" for them, or other weights")
    assert finding.path == ("models", "chat", "quantization")


def test_capability_follows_the_version() -> None:
    assert (
        "it needs compute capability 8.0"
        in found("vllm", version="0.11.2", quantization="fp8", gpu="t4")["GEN325"].cause
    )
    assert "GEN325" not in found("vllm", version="0.16.0", quantization="fp8", gpu="t4")
    assert "GEN325" not in found("vllm", quantization="nvfp4", gpu="h100-sxm")


def test_old_gpu_gets_the_numbers() -> None:
    finding = found("vllm", quantization="mxfp4", gpu="t4")["GEN325"]
    assert "8.0" in finding.cause
    assert "7.5" in finding.cause
    assert "`awq`" in finding.help
    assert "`mxfp4`" not in finding.help
    plain = SourcePlan("huggingface", "Qwen/Qwen3-0.6B")
    assert found("vllm", quantization="fp8", gpu="t4", source=plain) == {}


def test_another_format_names_the_upload_that_has_it() -> None:
    plain = SourcePlan("huggingface", "Qwen/Qwen3-14B")
    finding = found("vllm", quantization="awq", source=plain)["GEN339"]
    assert "16 bit" in finding.cause
    assert "`Qwen/Qwen3-14B-AWQ`" in finding.help


def test_gpu_too_old_for_anything() -> None:
    old = next(gpu for gpu in reader.gpus().values() if gpu.compute_capability < 7.5)
    finding = found("vllm", quantization="none", gpu=old.id)["GEN325"]
    assert "any model" in finding.message
    assert "7.5 or more" in finding.help


def test_tgi_warns_of_its_end() -> None:
    warnings = [finding for finding in load(ENGINES["tgi"]).check(request("tgi")) if finding.id == "GEN326"]
    assert [warning.severity for warning in warnings] == ["warning"]
    assert "archived and read-only since 2026-03-21" in warnings[0].cause
    assert "2025-12-18" in warnings[0].cause


def test_ollama_needs_a_written_context() -> None:
    asked = request("ollama")
    at = {name: path for name, path in asked.at.items() if name != "context"}
    assert list(found("ollama", at=at)) == ["GEN327"]
    assert found("vllm", at=at) == {}


@pytest.mark.parametrize(
    ("engine", "source", "kubernetes", "fine"),
    [
        ("vllm", SourcePlan("s3", "s3://models/qwen"), True, True),
        ("vllm", SourcePlan("ollama", "qwen3:8b"), True, False),
        ("vllm", SourcePlan("pvc", "weights/qwen"), True, True),
        ("vllm", SourcePlan("pvc", "weights/qwen"), False, False),
        ("tgi", SourcePlan("s3", "s3://models/qwen"), True, False),
        ("ollama", SourcePlan("huggingface", "Qwen/Qwen3-8B"), False, False),
    ],
)
def test_sources(engine: str, source: SourcePlan, kubernetes: bool, *, fine: bool) -> None:
    findings = found(engine, source=source, kubernetes=kubernetes)
    assert list(findings) == ([] if fine else ["GEN328"])
    if not fine:
        assert findings["GEN328"].path == ("models", "chat", "source", source.kind)


def test_unloadable_weights_are_one_finding() -> None:
    asked = {"source": SourcePlan("ollama", "qwen3:8b"), "quantization": "gguf", "gpus": 0, "task": "rerank"}
    assert list(found("tgi", **asked)) == ["GEN328"]


@pytest.mark.parametrize("engine", ["vllm", "tgi"])
def test_gpu_engines_need_a_pool(engine: str) -> None:
    finding = found(engine, gpus=0, gpu="")["GEN329"]
    assert "`ollama`" in finding.help
    assert finding.path == ("models", "chat", "placements", "desk")


@pytest.mark.parametrize(
    ("engine", "task", "fine"),
    [("vllm", "embed", True), ("vllm", "rerank", True), ("tgi", "embed", False), ("ollama", "rerank", False)],
)
def test_tasks(engine: str, task: str, *, fine: bool) -> None:
    assert list(found(engine, task=task)) == ([] if fine else ["GEN330"])


def test_ollama_with_a_key_warns() -> None:
    finding = found("ollama", api_key=DESK_KEY)["GEN331"]
    assert finding.severity == "warning"
    assert found("vllm", api_key=DESK_KEY) == {}


@pytest.mark.parametrize(
    ("engine", "name", "field"),
    [
        ("vllm", "VLLM_API_KEY", "`endpoint.key`"),
        ("tgi", "MAX_TOTAL_TOKENS", "`context`"),
        ("vllm", "HF_HOME", "cache"),
    ],
)
def test_variables_that_gen_sets(engine: str, name: str, field: str) -> None:
    finding = found(engine, env={name: "x", "OTHER": "y"})["GEN332"]
    assert field in finding.help + finding.cause
    assert finding.path == ("models", "chat", "env", name)


def test_an_argument_is_found_where_it_was_written() -> None:
    asked = request("vllm", args={"nonsense": 1})
    asked = replace(asked, at={**asked.at, "args.nonsense": ("defaults", "engine", "args", "nonsense")})
    (finding,) = load(ENGINES["vllm"]).check(asked)
    assert finding.path == ("defaults", "engine", "args", "nonsense")


@pytest.mark.parametrize("engine", ENGINES)
def test_no_finding_is_without_cause_and_cure(engine: str) -> None:
    reserved = set_by_gen(engine)
    asked = request(engine, args={**dict.fromkeys(reserved, "x"), "nonsense": 1}, task="rerank", quantization="exl3")
    for finding in load(ENGINES[engine]).check(asked):
        assert finding.message
        assert finding.cause
        assert finding.help
