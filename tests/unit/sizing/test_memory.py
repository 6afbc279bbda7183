"""The memory of a GPU: weights, cache layouts, overheads and verdicts, against figures worked out by hand or logged."""

from dataclasses import replace

import pytest

from generator.catalog import reader
from generator.catalog.architecture import Architecture
from generator.catalog.facts import GpuFacts
from generator.sizing import kv, overhead, releases
from generator.sizing.budget import budget
from generator.sizing.estimate import GIB, Estimate, Term, total
from generator.sizing.question import Question
from generator.sizing.servers.vllm import VLLM
from generator.sizing.verdict import DOES_NOT_FIT, FITS, TIGHT, judge
from generator.sizing.weights import parts, weights, whole_gib

GPU = GpuFacts("card", "Card", 44.42, 8.9, "test", "2026-11-22", memory_from="engine log")
NONE = ("window_layers", "linear_layers", "window", "kv_lora_rank", "rope_dim", "experts")
NONE += ("active_experts", "shared_experts", "expert_intermediate", "dense_layers")
DENSE = {
    "layers": 32,
    "hidden": 4096,
    "heads": 32,
    "kv_heads": 8,
    "head_dim": 128,
    "intermediate": 14336,
    "vocab": 128256,
    "max_context": 131072,
    "attention": "gqa",
    "full_layers": 32,
    "tied_embeddings": False,
    "params_b": 8.03,
    "active_params_b": 8.03,
    **dict.fromkeys(NONE, 0),
}


def architecture(**own: object) -> Architecture:
    return Architecture(**{**DENSE, **own})


def asked(model: Architecture | None = None, **own: object) -> Question:
    return Question(
        **{"architecture": model or architecture(), "checkpoint_gib": 0.0, "stored": "none", "gpu": GPU, **own}
    )


def of_catalogue(model: str, gpu: str, **own: object) -> Question:
    facts = reader.model(model)
    assert facts is not None
    return Question.about(facts, reader.gpus()[gpu], **own)


def test_estimates_add_up_with_their_doubts():
    terms = [Term("a", Estimate(1, 0.5, 2), ""), Term("b", Estimate.exact(3), "")]
    assert total(terms) == Estimate(4, 3.5, 5)
    assert Estimate.around(10, 0.1, 0.2) == Estimate(10, 9, 12)


@pytest.mark.parametrize(
    ("version", "release"),
    [("0.11.0", (0, 11, 0)), ("0.10.1rc1.dev2", (0, 10, 1)), ("v0.33", (0, 33, 0)), ("", releases.NEWEST)],
)
def test_versions_compare_as_numbers(version, release):
    assert releases.parse(version) == release


def test_defaults_follow_release_and_gpu():
    assert asked(engine_version="0.16.0").share == 0.9
    assert asked(engine_version="0.20.2").share == 0.92
    large = replace(GPU, memory_gib=79.2)
    assert releases.default_batch(large, releases.NEWEST) == (8192, 1024)
    assert releases.default_batch(replace(large, name="A100-SXM-80GB"), releases.NEWEST) == (2048, 256)
    assert releases.default_batch(replace(large, unified=True), releases.NEWEST) == (2048, 256)


def test_parameters_of_a_dense_model_are_all_explained():
    part = parts(architecture())
    assert part.embedding == part.head == pytest.approx(0.5253, abs=1e-3)
    assert part.attention + part.dense == pytest.approx(6.979, abs=1e-2)
    assert part.other < 0.001


@pytest.mark.parametrize(
    ("model", "format", "logged", "within"),
    [
        ("Qwen/Qwen3-14B", "none", 27.52, 0.01),
        ("Qwen/Qwen3-14B", "awq", 9.44, 0.02),
        ("Qwen/Qwen3-30B-A3B", "fp8", 29.1, 0.02),
        ("openai/gpt-oss-120b", "mxfp4", 61.29, 0.02),
    ],
)
def test_weights_computed_from_parameters_meet_logs(model, format, logged, within):
    facts = reader.model(model)
    assert facts is not None
    assert facts.architecture is not None
    assert whole_gib(facts.architecture, format) == pytest.approx(logged, rel=within)


def test_files_with_the_weights_twice_are_not_believed():
    once = weights(asked(checkpoint_gib=14.96)).estimate.value
    assert weights(asked(checkpoint_gib=30.0)).estimate.value == pytest.approx(once, rel=0.01)


def test_tensor_parallelism_splits_weights_and_repeats_heads():
    one, four, sixteen = (weights(asked(tp=tp)).estimate.value for tp in (1, 4, 16))
    assert four == pytest.approx(one / 4, rel=0.001)
    assert sixteen > one / 16 * 1.01


def test_a_pipeline_holds_its_layers_alone():
    one, two = (weights(asked(pp=pp)).estimate.value for pp in (1, 2))
    assert two == pytest.approx(one / 2, rel=0.01)


def test_experts_are_shared_by_replicas_and_attention_is_not():
    own = {"experts": 128, "active_experts": 8, "expert_intermediate": 1536, "intermediate": 0, "params_b": 78.8}
    model = architecture(**own)
    alone, shared = asked(model), asked(model, dp=8, expert_parallel=True)
    part = parts(model)
    kept = (part.embedding + part.head + part.attention) * 2e9 / GIB
    assert weights(shared).estimate.value == pytest.approx(kept + (weights(alone).estimate.value - kept) / 8, rel=0.02)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (asked(), 131072),
        (asked(kv_dtype="fp8"), 65536),
        (asked(tp=4), 32768),
        (asked(tp=16), 16384),
        (asked(pp=2), 65536),
        (asked(architecture(attention="mla", kv_lora_rank=512, rope_dim=64, layers=61, full_layers=61)), 70272),
        (asked(architecture(attention="mla", kv_lora_rank=512, rope_dim=64, layers=61, full_layers=61), tp=8), 70272),
    ],
    ids=["gqa", "fp8", "tp", "repeated heads", "pp", "mla", "mla is not divided"],
)
def test_bytes_of_a_token(question, expected):
    assert budget(question).kv_bytes_per_token == expected


def test_tokens_round_down_to_blocks():
    layout = VLLM.layout(asked())
    assert layout.tokens(19.28, 131072) == int(19.28 * GIB // (16 * 131072)) * 16


def test_half_window_layers_as_the_log_of_gpt_oss_has_them():
    question = of_catalogue(
        "openai/gpt-oss-120b", "h100-sxm", engine_version="0.25.1", max_num_seqs=8, max_num_batched_tokens=1024
    )
    assert VLLM.layout(question).tokens(10.52, 131072) == pytest.approx(303646, rel=0.003)


def test_recurrent_states_as_the_log_of_qwen_has_them():
    question = of_catalogue("Qwen/Qwen3.8-27B", "rtx-pro-6000-blackwell-server", engine_version="0.29.0", context=8192)
    layout = VLLM.layout(question)
    assert layout.groups[0].block_tokens == 784
    assert layout.blocks(31.24) == pytest.approx(652, abs=1)
    assert layout.concurrency(31.24, 8192) == pytest.approx(38.35, rel=0.003)


@pytest.mark.parametrize(("few", "many", "size"), [(12, 12, 12), (10, 52, 10), (10, 14, 14), (16, 48, 16)])
def test_groups_take_the_smaller_count_unless_padding_is_cheap(few, many, size):
    assert kv.group_size(few, many) == kv.group_size(many, few) == size


def test_the_longest_sequence_is_what_the_engine_says():
    """A log: 18.8 GiB needed, 4.889 left, estimated maximum 35,600."""
    question = of_catalogue("Qwen/Qwen3-4B", "rtx-5080", context=40960)
    assert VLLM.layout(question).longest(4.889, 40960) == pytest.approx(35600, abs=16)


def test_the_longest_sequence_fits_and_one_more_does_not():
    layout = VLLM.layout(of_catalogue("google/gemma-3-27b-it", "h100-sxm"))
    longest = layout.longest(4.0, 131072)
    assert 0 < longest < 131072
    assert layout.blocks_for(longest) <= layout.blocks(4.0) < layout.blocks_for(longest + 16)


def test_the_sampler_rules_before_020_and_the_step_afterwards():
    old, new = (overhead.activations(asked(engine_version=version, max_num_seqs=1024)) for version in ("0.11.0", ""))
    assert old.estimate.value == pytest.approx(1024 * 128256 * 38.4 / GIB, rel=0.02)
    assert "sort" in old.why
    assert new.estimate.value < old.estimate.value / 2


def test_graphs_come_off_the_budget_from_021():
    versions = ("0.20.2", "0.24.0", "0.28.0", "0.29.0")
    before, after, silent, again = (overhead.graphs(asked(engine_version=it)).estimate.value for it in versions)
    assert before == silent == 0, "nothing estimated them, nor the second runner at first"
    assert min(after, again) > 0.3
    experts = of_catalogue("Qwen/Qwen3-30B-A3B", "h100-sxm", engine_version="0.28.0")
    assert overhead.graphs(experts).estimate.value > 0.3
    assert overhead.graphs(asked(enforce_eager=True)).estimate.value == 0


def test_counts_of_words_are_seen_once_all_is_measured():
    """The second runner keeps 32 bit and a bit for each word of each sequence, as the source of 0.28 has it."""
    question = asked(engine_version="0.26.0", max_num_seqs=1024)
    before, after = (overhead.activations(replace(question, engine_version=it)) for it in ("0.26.0", "0.28.0"))
    more = 1024 * 128256 * 4.125 / GIB
    assert after.estimate.value - before.estimate.value == pytest.approx(more)


def test_an_encoder_that_feeds_several_layers_holds_more():
    question = of_catalogue("Qwen/Qwen3-VL-32B-Instruct", "a100-sxm-80gb", engine_version="0.13.0", max_num_seqs=1)
    plain = replace(question, architecture=replace(question.architecture, image_levels=0))
    more = overhead.activations(question).estimate.value - overhead.activations(plain).estimate.value
    assert more == pytest.approx(2 * 3 * 16384 * 5120 * 2 / GIB)


def test_an_old_engine_profiles_the_whole_length():
    assert overhead.profiled_tokens(asked(engine_version="0.6.3", context=20000)) == 20000
    assert overhead.profiled_tokens(asked(engine_version="0.6.3", context=131072)) == 2048
    assert overhead.profiled_tokens(asked(engine_version="0.11.0", context=20000)) == 2048


def test_every_term_of_a_budget_has_a_reason_and_an_interval():
    memory = budget(asked(context=8192))
    for term in (memory.usable, *memory.terms):
        assert term.why, term.name
        assert term.estimate.low <= term.estimate.value <= term.estimate.high
    left = memory.usable.estimate.value - total(memory.terms).value
    assert memory.kv_available.value == pytest.approx(left)
    assert memory.kv_available.low < left < memory.kv_available.high


@pytest.mark.parametrize("longer", [16384, 65536, 131072])
def test_a_longer_context_never_raises_concurrency(longer):
    short, long = budget(asked(context=8192)), budget(asked(context=longer))
    assert long.max_concurrency.value < short.max_concurrency.value


@pytest.mark.parametrize(
    ("own", "kind", "constraint"),
    [
        ({"context": 8192}, FITS, ""),
        ({"context": 8192, "tp": 3}, DOES_NOT_FIT, "heads"),
        ({"context": 8192, "gpu": replace(GPU, memory_gib=12.0)}, DOES_NOT_FIT, "weights"),
        ({"context": 131072, "gpu": replace(GPU, memory_gib=24.0)}, DOES_NOT_FIT, "context"),
        ({"context": 131072, "gpu": replace(GPU, memory_gib=36.0)}, TIGHT, "context"),
    ],
)
def test_verdicts(own, kind, constraint):
    question = asked(**own)
    verdict = judge(question, budget(question))
    assert (verdict.kind, verdict.constraint) == (kind, constraint), verdict.reason


def test_states_limit_the_sequences():
    question = of_catalogue(
        "Qwen/Qwen3.8-27B", "rtx-pro-6000-blackwell-server", engine_version="0.29.0", context=8192, utilization=0.9
    )
    verdict = judge(question, budget(question))
    assert (verdict.kind, verdict.constraint) == (DOES_NOT_FIT, "states")
    fewer = replace(question, max_num_seqs=256)
    assert judge(fewer, budget(fewer)).kind == FITS


def test_tgi_as_a_log_has_it():
    """A public log (code index, file 22190908935): Llama 3.1 8B on an A10G, 19,056 tokens in all batches."""
    question = of_catalogue("meta-llama/Llama-3.1-8B-Instruct", "a10g", engine="tgi", context=4096)
    assert budget(question).kv_tokens.value == pytest.approx(19056, rel=0.03)


def test_tgi_leaves_a_tenth():
    assert budget(asked(engine="tgi", context=8192)).usable.estimate.value == pytest.approx(44.42 * 0.9)


def test_ollama_allots_every_slot_and_leaves_layers_to_the_cpu():
    one, four = (asked(engine="ollama", quantization="gguf:q4_k_m", context=32768, concurrency=n) for n in (1, 4))
    assert budget(four).needed == pytest.approx(4 * budget(one).needed)
    small = replace(four, gpu=replace(GPU, memory_gib=12.0))
    verdict = judge(small, budget(small))
    assert (verdict.kind, verdict.constraint) == (TIGHT, "layers")
    assert "of 32 layers" in verdict.reason
    assert judge(four, budget(four)).kind == FITS
    packed = replace(four, kv_dtype="q8_0")
    assert budget(packed).needed == pytest.approx(budget(four).needed * 1.0625 / 2)
