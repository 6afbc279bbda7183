"""What holds of every answer, whatever is asked: no exception, no nonsense, and more of a thing never means less."""

from dataclasses import replace
from math import isfinite
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.catalog import reader
from generator.sizing.answer import answer
from generator.sizing.budget import budget
from generator.sizing.estimate import Estimate
from generator.sizing.question import Question
from generator.sizing.throughput import Load
from generator.sizing.weights import BODY_BYTES, GGUF_BYTES

MODELS = [id for id, facts in reader.models().items() if facts.architecture]
FORMATS = ["", "", *BODY_BYTES, "compressed-tensors", "gguf", *(f"gguf:{quant}" for quant in GGUF_BYTES)]
VERSIONS = [
    "",
    "0.6.3",
    "0.8.5",
    "0.9.2",
    "0.11.0",
    "0.19.1",
    "0.20.2",
    "0.21.0",
    "0.25.1",
    "0.28.0",
    "0.33.0",
    "latest",
]
questions = st.builds(
    lambda model, gpu, asked: Question.about(reader.models()[model], reader.gpus()[gpu], **asked),
    st.sampled_from(MODELS),
    st.sampled_from(list(reader.gpus())),
    st.fixed_dictionaries(
        {
            "tp": st.sampled_from((1, 2, 4, 8, 16)),
            "pp": st.sampled_from((1, 1, 2, 4)),
            "dp": st.sampled_from((1, 1, 2, 8)),
            "expert_parallel": st.booleans(),
            "context": st.sampled_from((0, 1, 17, 2048, 32768, 131072, 1_000_000)),
            "concurrency": st.sampled_from((1, 7, 256)),
            "quantization": st.sampled_from(FORMATS),
            "kv_dtype": st.sampled_from(("auto", "fp8", "q4_0", "fp8_ds_mla")),
            "utilization": st.sampled_from((0.0, 0.05, 0.5, 0.9, 1.0)),
            "engine": st.sampled_from(("vllm", "vllm", "tgi", "ollama")),
            "engine_version": st.sampled_from(VERSIONS),
            "max_num_seqs": st.sampled_from((0, 1, 8, 1024)),
            "max_num_batched_tokens": st.sampled_from((0, 1, 512, 65536)),
            "enforce_eager": st.booleans(),
            "prefix_caching": st.booleans(),
            "text_only": st.booleans(),
        }
    ),
)
loads = st.builds(
    Load,
    st.sampled_from((1, 100, 8000)),
    st.sampled_from((1, 4, 500)),
    st.sampled_from((0, 1, 50, 2000)),
    st.booleans(),
)
often = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@often
@given(questions, loads)
def test_every_answer_makes_sense(question: Question, load: Load) -> None:
    found = answer(question, load, price=False)
    terms = [found.budget.usable, *found.budget.terms]
    estimates: list[Estimate] = [term.estimate for term in terms] + [found.budget.kv_available]
    estimates += [found.budget.kv_tokens, found.budget.max_concurrency, found.budget.max_context]
    for speed in filter(None, (found.single, found.loaded)):
        estimates += [speed.tpot_ms, speed.ttft_ms, speed.output_tokens_per_s, speed.requests_per_s]
        assert all(estimate.value > 0 for estimate in estimates[-4:])
    for estimate in estimates:
        assert all(map(isfinite, (estimate.low, estimate.value, estimate.high))), estimate
        assert estimate.low <= estimate.value <= estimate.high, estimate
    assert found.budget.weights.value > 0
    assert found.verdict.kind in ("fits", "tight", "does-not-fit")
    assert found.verdict.reason


def changed(question: Question, **more: Any) -> tuple[Any, Any]:
    return budget(question), budget(replace(question, **more))


@often
@given(questions)
def test_a_longer_context_never_serves_more_at_once(question: Question) -> None:
    one = replace(question, context=min(question.length, 100_000))
    short, long = changed(one, context=2 * one.length)
    assert long.max_concurrency.value <= short.max_concurrency.value


@often
@given(questions)
def test_a_larger_share_never_leaves_less(question: Question) -> None:
    small, large = changed(replace(question, utilization=0.4), utilization=0.9)
    assert large.kv_available.value >= small.kv_available.value
    assert large.max_context.value >= small.max_context.value


@often
@given(questions)
def test_more_gpus_never_hold_more_each(question: Question) -> None:
    few, many = changed(question, tp=2 * question.tp)
    assert many.weights.value <= few.weights.value * (1 + 1e-9)
    assert many.kv_bytes_per_token <= few.kv_bytes_per_token


@often
@given(questions)
def test_a_smaller_cache_format_never_holds_fewer_tokens(question: Question) -> None:
    wide, narrow = changed(replace(question, kv_dtype="auto"), kv_dtype="fp8")
    assert narrow.max_context.value >= wide.max_context.value
