"""`gen size` and `gen compare`: what they print, in every format, and what they answer to questions without sense."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.cli.size.asked import format_of
from generator.cli.table import aligned, markdown, number
from tests.gen_command import Gen

MODEL, GPU = "Qwen/Qwen3-14B", "L40S"
ESTIMATES = (
    "weights_gib",
    "kv_available_gib",
    "kv_tokens",
    "max_concurrency",
    "tpot_ms",
    "ttft_ms",
    "output_tokens_per_s",
    "usd_per_hour",
    "usd_per_million_output_tokens",
)
CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 5120,
    "num_hidden_layers": 40,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 17408,
    "vocab_size": 151936,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}


def sized(gen: Gen, *arguments: str, model: str = MODEL, gpu: str = GPU) -> dict[str, Any]:
    done = gen("size", "--model", model, "--gpu", gpu, *arguments, "-o", "json")
    assert done.code == 0, done.err
    data: dict[str, Any] = json.loads(done.out)
    return data


def test_the_document_has_every_figure_with_its_interval(gen: Gen) -> None:
    data = sized(gen, "--context", "8192")
    assert data["version"] == 1
    assert data["verdict"] == "fits"
    assert isinstance(data["max_context"], int)
    for name in ESTIMATES:
        assert data[name]["low"] <= data[name]["value"] <= data[name]["high"], name
    assert data["question"]["gpu"] == "l40s"
    assert data["reasons"] == {}
    assert data["price"]["as_of"]


def test_what_has_no_estimate_is_null_with_a_reason(gen: Gen) -> None:
    data = sized(gen, model="meta-llama/Llama-3.3-70B-Instruct", gpu="L4")
    assert data["verdict"] == "does-not-fit"
    for name in ("tpot_ms", "ttft_ms", "output_tokens_per_s", "usd_per_million_output_tokens"):
        assert data[name] is None
        assert "does not fit" in data["reasons"][name]
    assert data["usd_per_hour"]["value"] == 0.7045
    assert (data["price"]["cloud"], data["price"]["machine"]) == ("gcp", "g2-standard-4")


def test_a_gpu_without_a_price_says_so(gen: Gen) -> None:
    data = sized(gen, "--context", "4096", "--quantization", "awq", gpu="RTX 4090")
    assert data["usd_per_hour"] is None
    assert "no machine" in data["reasons"]["usd_per_hour"]
    assert data["tpot_ms"]["value"] > 0


def test_options_reach_the_model(gen: Gen) -> None:
    plain = sized(gen, "--context", "8192")
    half = sized(gen, "--context", "8192", "--kv-dtype", "fp8")
    assert half["kv_tokens"]["value"] > 1.9 * plain["kv_tokens"]["value"]
    assert half["kv_bytes_per_token"] * 2 == plain["kv_bytes_per_token"]
    split = sized(gen, "--context", "8192", "--tp", "2")
    assert split["weights_gib"]["value"] < 0.6 * plain["weights_gib"]["value"]
    small = sized(gen, "--context", "8192", "--utilization", "0.8")
    assert small["kv_available_gib"]["value"] < plain["kv_available_gib"]["value"] - 4
    busy = sized(gen, "--context", "8192", "--concurrency", "8")
    assert busy["tpot_ms"]["value"] > plain["tpot_ms"]["value"]
    assert busy["under_load"]["running"] == 8
    few = sized(gen, "--context", "2048", "--max-num-seqs", "4")
    assert few["under_load"]["why"].endswith("--max-num-seqs")


def test_stated_lengths_narrow_the_intervals(gen: Gen) -> None:
    assumed = sized(gen, "--context", "2048")["output_tokens_per_s"]
    stated = sized(gen, "--context", "2048", "--input-len", "1536", "--output-len", "512")["output_tokens_per_s"]
    assert assumed["value"] == stated["value"]
    assert stated["high"] - stated["low"] < assumed["high"] - assumed["low"]


def test_text_shows_terms_intervals_and_reasons(gen: Gen) -> None:
    done = gen("size", "--model", MODEL, "--gpu", GPU, "--context", "8192")
    assert done.out.startswith("Qwen/Qwen3-14B (bf16) on 1 x L40S, vllm, 8,192 tokens: fits\n")
    for word in ("usable", "- weights", "- CUDA graphs", "= for keys and values", "g6e.xlarge", "are assumed"):
        assert word in done.out
    assert not any(line != line.rstrip() for line in done.out.splitlines())


def test_markdown_is_made_of_tables(gen: Gen) -> None:
    out = gen("size", "--model", MODEL, "--gpu", GPU, "-o", "markdown").out
    assert out.startswith("### Qwen/Qwen3-14B (bf16) on 1 x L40S")
    assert out.count("| --- | --: | --- | --- |") == 4


def test_a_config_json_stands_for_a_model(gen: Gen) -> None:
    Path("config.json").write_text(json.dumps(CONFIG))
    own, known = sized(gen, "--context", "8192", model="config.json"), sized(gen, "--context", "8192")
    assert own["weights_gib"]["value"] == pytest.approx(known["weights_gib"]["value"], rel=0.01)
    assert own["kv_bytes_per_token"] == known["kv_bytes_per_token"]
    assert own["tpot_ms"]["value"] == pytest.approx(known["tpot_ms"]["value"], rel=0.01)


def test_a_config_that_lacks_a_field_names_it(gen: Gen) -> None:
    Path("config.json").write_text(json.dumps({key: CONFIG[key] for key in CONFIG if key != "num_hidden_layers"}))
    done = gen("size", "--model", "config.json", "--gpu", GPU)
    assert done.code == 2
    assert "num_hidden_layers" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--model", "Qwen/Qwen3-14", "--gpu", GPU), ("no model 'Qwen/Qwen3-14'", "did you mean `Qwen/Qwen3-14B`")),
        (("--model", MODEL, "--gpu", "l40z"), ("no GPU 'l40z'", "did you mean", "`l40s`")),
        (("--model", MODEL, "--gpu", "A100"), ("more than one GPU", "a100-sxm-80gb")),
        (("--model", MODEL, "--gpu", GPU, "--quantization", "afq"), ("no format of weights 'afq'", "`awq`")),
        (("--model", MODEL, "--gpu", GPU, "--kv-dtype", "fp9"), ("no cache format 'fp9'", "`fp8`")),
        (("--model", MODEL, "--gpu", GPU, "--engine-version", "new"), ("'new' is no version",)),
        (("--model", MODEL), ("no --gpu",)),
        (("--model", MODEL, "--gpu", GPU, "--qps", "3"), ("add --suggest",)),
        (("--model", "missing.json", "--gpu", GPU), ("missing.json", "No such file")),
        (
            ("--model", MODEL, "--gpu", GPU, "--context", "1000", "--input-len", "900", "--output-len", "200"),
            ("900 tokens of prompt and 200 of answer", "--context 1100"),
        ),
    ],
)
def test_questions_without_sense_end_with_2(gen: Gen, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = gen("size", *arguments)
    assert done.code == 2
    for word in words:
        assert word in done.err


@pytest.mark.parametrize(
    ("word", "name"), [("bf16", "none"), ("FP8", "fp8"), ("fp4", "nvfp4"), ("Q4_K_M", "gguf:q4_k_m"), ("", "")]
)
def test_formats_by_their_usual_names(word: str, name: str) -> None:
    assert format_of(word) == name


TARGET = ("--suggest", "--model", MODEL, "--context", "2048", "--ttft", "800", "--tpot", "40", "--qps", "5")


def test_suggestions_are_ranked_by_cost(gen: Gen) -> None:
    data = json.loads(gen("size", *TARGET, "-o", "json").out)
    costs = [item["usd_per_hour"]["value"] for item in data["suggestions"]]
    assert len(costs) == 10
    assert costs == sorted(costs)
    assert data["tried"] > data["reached"] >= 10
    assert all(item["ttft_ms"]["value"] <= 800 and item["tpot_ms"]["value"] <= 40 for item in data["suggestions"])
    assert all(item["requests_per_s"]["value"] >= 5 for item in data["suggestions"])


def test_suggestions_can_be_kept_to_one_gpu(gen: Gen) -> None:
    done = gen("size", *TARGET, "--gpu", GPU, "--top", "3")
    table = done.out.split("\n\n")[1].splitlines()
    assert len(table) == 4
    assert all(line.startswith("l40s ") for line in table[1:])
    assert "| l40s |" in gen("size", *TARGET, "--gpu", GPU, "-o", "markdown").out


def test_a_price_is_that_of_the_cloud_and_region_asked_for(gen: Gen) -> None:
    dearer = sized(
        gen, "--context", "4096", "--quantization", "awq", "--cloud", "aws", "--region", "eu-central-1", gpu="L4"
    )
    cheapest = sized(gen, "--context", "4096", "--quantization", "awq", gpu="L4")
    price = dearer["price"]
    assert (price["cloud"], price["region"], price["machine"]) == ("aws", "eu-central-1", "g6.xlarge")
    assert f"{price['cloud']} {price['machine']} (1 GPU) on demand in {price['region']}, " in price["why"]
    assert price["source"]
    assert price["as_of"]
    for name in ("usd_per_hour", "usd_per_million_output_tokens"):
        assert dearer[name]["value"] > cheapest[name]["value"]
    assert dearer["usd_per_million_output_tokens"]["value"] / cheapest["usd_per_million_output_tokens"][
        "value"
    ] == pytest.approx(dearer["usd_per_hour"]["value"] / cheapest["usd_per_hour"]["value"], rel=0.01)


def test_a_cloud_without_the_gpu_has_no_price(gen: Gen) -> None:
    data = sized(gen, "--context", "4096", "--quantization", "awq", "--cloud", "azure", gpu="L4")
    assert data["price"] is None
    assert data["reasons"]["usd_per_hour"] == "no machine in azure with this GPU is in the catalogue"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--region", "us-east1", "--cloud", "aws"), "aws has no region 'us-east1'"),
        (("--region", "europe-west44"), "did you mean `europe-west4`?"),
        (("--cloud", "oci"), "'oci' is not one of 'aws', 'azure', 'gcp'"),
    ],
)
def test_a_region_that_nobody_has_is_a_usage_error(gen: Gen, words: tuple[str, ...], said: str) -> None:
    for verb in ("size", "compare"):
        done = gen(verb, "--model", MODEL, "--gpu", GPU, *words)
        assert done.code == 2
        assert said in done.err


def test_suggestions_are_of_one_cloud_where_one_is_named(gen: Gen) -> None:
    data = json.loads(gen("size", *TARGET, "--cloud", "azure", "--top", "400", "-o", "json").out)
    priced = [item["price"] for item in data["suggestions"] if item["price"]]
    assert {price["cloud"] for price in priced} == {"azure"}
    assert all(item["usd_per_hour"] is None for item in data["suggestions"] if not item["price"])
    every = json.loads(gen("size", *TARGET, "--top", "400", "-o", "json").out)["suggestions"]
    assert {item["price"]["cloud"] for item in every if item["price"]} == {"aws", "azure", "gcp"}


def compared(gen: Gen, output: str) -> str:
    done = gen("compare", "--model", MODEL, "--gpu", GPU, "--context", "8192", "-o", output)
    assert done.code == 0, done.err
    return done.out


def test_a_comparison_in_three_formats(gen: Gen) -> None:
    data = json.loads(compared(gen, "json"))
    assert data["version"] == 1
    pairs = {(item["engine"], item["precision"]) for item in data["choices"]}
    assert {("vllm", "bf16"), ("vllm", "awq"), ("tgi", "fp8"), ("ollama", "gguf:q4_k_m")} <= pairs
    for item in data["choices"]:
        assert item["vram_gib"]["value"] > 0
        assert item["latency_ms"]["value"] > item["ttft_ms"]["value"]
        assert item["features"]
    text = compared(gen, "text")
    assert "QPS" in text
    assert len(text.splitlines()) == len(pairs) + 6
    assert text.splitlines()[-1].startswith(
        "Cost: aws g6e.xlarge (1 GPU) on demand in us-east-1, 1.861 USD an hour, 20"
    )
    assert {item["price"]["cloud"] for item in data["choices"]} == {"aws"}
    assert compared(gen, "markdown").count("\n| ") == len(pairs) + 2


def test_a_comparison_needs_a_gpu(gen: Gen) -> None:
    done = gen("compare", "--model", MODEL)
    assert done.code == 2
    assert "no --gpu" in done.err


def test_tables() -> None:
    rows = [("a", "1"), ("long", "200")]
    assert aligned(("name", "n"), rows, frozenset({1})) == "name    n\na       1\nlong  200\n"
    assert markdown(("name", "n"), [("a|b", "1")], frozenset({1})) == "| name | n |\n| --- | --: |\n| a\\|b | 1 |\n"
    assert [number(value) for value in (0, 0.1234, 1.234, 12.34, 1234.5)] == ["0", "0.123", "1.23", "12.3", "1,234"]


@pytest.mark.parametrize(
    ("model", "gpu", "stored"),
    [
        ("google/gemma-3-4b-it", "t4", "fp32"),
        ("google/gemma-3-4b-it", "l4", "bf16"),
        ("Qwen/Qwen3-4B", "t4", "bf16"),
    ],
)
def test_a_card_that_leaves_nothing_but_32_bit_is_sized_so(gen: Gen, model: str, gpu: str, stored: str) -> None:
    done = gen("size", "--model", model, "--gpu", gpu, "--context", "4096")
    assert done.out.startswith(f"{model} ({stored}) on 1 x")
    assert ("in 32 bit" in done.out) == (stored == "fp32")
