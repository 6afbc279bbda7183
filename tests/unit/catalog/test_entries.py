"""Integrity of the catalogue: units, ranges, references, sources, and dimensions that agree with parameter counts."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
import yaml

from generator import resources
from generator.catalog import names, reader
from generator.catalog.architecture import Architecture
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.catalog.table import Table

GPUS = list(reader.gpus().values())
MODELS = list(reader.models().values())
SHAPED = [model for model in MODELS if model.architecture]

# What is known of these is too little for an architecture; their notes say what.
SHAPELESS = {"deepseek-ai/DeepSeek-V4-Flash", "deepseek-ai/DeepSeek-V4-Pro"}
# Layers of one model differ in what the dimensions cannot say: own widths, wider MLPs, narrower experts.
UNEVEN = {"nemotron-super-49b", "gemma-4-e2b", "gemma-4-e4b", "gemma-4-26b", "gemma-4-31b", "gemma-4-12b", "nemotron-3"}
BILLION, GIB = 1e9, 2**30


def raw(name: str) -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load((resources.catalog() / name).read_text(encoding="utf-8"))
    return loaded


def by_id(fact: GpuFacts | ModelFacts) -> str:
    return fact.id


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("gpus.yaml", reader.gpus()),
        ("models.yaml", reader.models()),
        *((f"instances_{cloud}.yaml", reader.instances(cloud)) for cloud in reader.clouds()),
    ],
)
def test_reading_by_entry_finds_what_the_whole_file_holds(name: str, table: Mapping[str, object]) -> None:
    assert isinstance(table, Table)
    assert {key: table.row(key) for key in table} == raw(name)
    assert list(table) == list(raw(name))


@pytest.mark.parametrize("cloud", reader.clouds())
def test_machines_are_found_by_their_gpu(cloud: str) -> None:
    machines = reader.instances(cloud).values()
    for gpu in reader.gpus():
        assert list(reader.instances_with(cloud, gpu)) == [item for item in machines if item.gpu == gpu]


def test_an_entry_is_parsed_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    table = Table("gpus.yaml", lambda key, _: asked.append(key))
    assert "l4" in table
    assert asked == []
    assert (table["l4"], table["l4"]) == (None, None)
    assert asked == ["l4"]


@pytest.mark.parametrize("fact", [*GPUS, *MODELS], ids=by_id)
def test_a_fact_has_a_source_and_a_date(fact: GpuFacts | ModelFacts) -> None:
    assert fact.source
    assert date(2025, 1, 1) <= date.fromisoformat(fact.as_of)


@pytest.mark.parametrize("gpu", GPUS, ids=by_id)
def test_a_gpu_is_in_range(gpu: GpuFacts) -> None:
    assert gpu.id == re.sub(r"[^a-z0-9]+", "-", gpu.name.lower())
    assert gpu.vendor in {"nvidia", "amd", "intel"}
    assert (gpu.vendor == "nvidia") == (gpu.compute_capability > 0)
    assert 0.9 * gpu.marketed_gb <= gpu.memory_gib <= gpu.marketed_gb
    assert gpu.memory_from in {"engine log", "derived", "marketed"}
    assert 150 <= gpu.bandwidth_gbs <= 8000
    assert gpu.interconnect_gbs == 0 or 8 <= gpu.interconnect_gbs <= 900
    assert bool(gpu.interconnect) == bool(gpu.interconnect_gbs)


EVERY_GPU = {"name", "vendor", "computeCapability", "memoryGib", "memoryFrom", "marketedGb", "bandwidthGbs"}
RATES = {"fp16Tflops": 7.0, "int8Tops": 7.0, "bf16Tflops": 8.0, "fp8Tflops": 8.9, "fp4Tflops": 10.0}
"""The rates of a card of NVIDIA, each from which compute capability on."""


@pytest.mark.parametrize(("id", "row"), raw("gpus.yaml").items(), ids=str)
def test_what_a_gpu_leaves_out_is_told(id: str, row: Mapping[str, Any]) -> None:
    assert EVERY_GPU - set(row) == set()
    rates = {rate for rate, since in RATES.items() if row["vendor"] == "nvidia" and row["computeCapability"] >= since}
    left_out = {"generation", "interconnect", *rates} - set(row)
    assert not left_out or row.get("notes"), f"{id}: {sorted(left_out)} left out without a word in `notes`"


@pytest.mark.parametrize("gpu", GPUS, ids=by_id)
def test_a_gpu_has_the_rates_of_its_kind(gpu: GpuFacts) -> None:
    assert gpu.bf16_tflops or gpu.fp16_tflops or gpu.notes, "rates left out without a word"
    assert gpu.measured_tflops <= max(gpu.bf16_tflops, gpu.fp16_tflops)
    if gpu.vendor == "nvidia":
        assert not gpu.bf16_tflops or gpu.compute_capability >= 8.0
        assert not gpu.fp8_tflops or gpu.compute_capability >= 8.9
        assert not gpu.fp4_tflops or gpu.compute_capability >= 10.0
    for slow, fast in ((gpu.bf16_tflops, gpu.fp8_tflops), (gpu.fp8_tflops, gpu.fp4_tflops)):
        assert not (slow and fast) or 0.99 <= fast / slow <= 4.1
    if gpu.bf16_tflops:
        assert 0.02 < gpu.bandwidth_gbs / gpu.bf16_tflops / 100 < 0.4 or gpu.name.startswith("H20")


@pytest.mark.parametrize(
    ("id", "memory", "bandwidth", "rate"),
    [
        ("h100-sxm", 79.19, 3350, 989),
        ("a100-sxm-80gb", 79.14, 2039, 312),
        ("l40s", 44.42, 864, 362),
        ("l4", 22.04, 300, 121),
        ("rtx-4090", 23.55, 1008, 165),
        ("rtx-3060", 11.75, 360, 25.5),
        ("rtx-6000-ada", 47.54, 960, 364),
        ("mi300x", 191.98, 5300, 1300),
    ],
)
def test_figures_of_datasheets_and_logs(id: str, memory: float, bandwidth: float, rate: float) -> None:
    gpu = reader.gpus()[id]
    assert gpu.memory_gib == pytest.approx(memory, abs=0.05)
    assert gpu.bandwidth_gbs == pytest.approx(bandwidth, rel=0.01)
    assert gpu.bf16_tflops == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize("gpu", GPUS, ids=by_id)
@pytest.mark.parametrize("spelling", ["{name}", "{vendor} {name}", "{upper}", "{name} {gb:g}GB", "{spaced}"])
def test_a_gpu_is_found_by_its_names(gpu: GpuFacts, spelling: str) -> None:
    told = {"name": gpu.name, "vendor": gpu.vendor.upper(), "gb": gpu.marketed_gb, "upper": gpu.id.upper()}
    found = reader.gpu(spelling.format(**told, spaced=gpu.name.replace("-", " ")))
    assert found is not None
    assert found.id == gpu.id or "{gb" in spelling


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("H100", ["h100-sxm"]),
        ("H100-80GB", ["h100-sxm"]),
        ("NVIDIA A100 80GB PCIe", ["a100-pcie-80gb"]),
        ("NVIDIA A100-SXM4-40GB", ["a100-sxm-40gb"]),
        ("RTX4090", ["rtx-4090"]),
        ("NVIDIA GeForce RTX 3090 Ti", ["rtx-3090-ti"]),
        ("GB10 (DGX Spark, 128 GB unified)", ["gb10"]),
        ("AMD Instinct MI300X 192GB HBM3", ["mi300x"]),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", ["rtx-pro-6000-blackwell-server"]),
        ("A100", ["a100-sxm-80gb", "a100-pcie-80gb", "a100-sxm-40gb", "a100-pcie-40gb"]),
        ("H20", ["h20-96gb", "h20-141gb"]),
        ("", []),
        ("GB", []),
        ("TPU v5e", []),
    ],
)
def test_names_of_gpus(name: str, ids: list[str]) -> None:
    assert list(names.gpu(name, reader.gpus())) == ids
    assert (reader.gpu(name) is not None) == (len(ids) == 1)


@pytest.mark.parametrize(
    ("name", "ids"),
    [("RTX 4090 24GB", ("rtx-4090",)), ("RTX 4090 48GB", ()), ("A10 22GB", ("a10",)), ("L4-48GB", ())],
)
def test_a_name_with_another_memory_is_another_card(name: str, ids: tuple[str, ...]) -> None:
    assert reader.gpus_called(name) == ids


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("qwen/qwen3-14b-awq", "Qwen/Qwen3-14B-AWQ"),
        ("Qwen3-14B", "Qwen/Qwen3-14B"),
        ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct"),
        ("OpenBMB/MiniCPM5-1B", "openbmb/MiniCPM5-1B"),
        ("ollama:qwen3:8b", "ollama:qwen3:8b"),
    ],
)
def test_names_of_models(name: str, id: str) -> None:
    found = reader.model(name)
    assert found is not None
    assert found.id == id


def test_a_model_of_many_or_of_none_is_not_guessed() -> None:
    assert reader.model("acme/private-14b") is None
    assert names.model("Meta-Llama-3.1-405B-Instruct-FP8", reader.models()) == (
        "meta-llama/Meta-Llama-3.1-405B-Instruct-FP8",
        "RedHatAI/Meta-Llama-3.1-405B-Instruct-FP8",
    )
    assert reader.model("Meta-Llama-3.1-405B-Instruct-FP8") is None
    assert names.near("Qwen/Qwen3-14", reader.models())[0] == "Qwen/Qwen3-14B"
    assert names.near("h10", reader.gpus()) != ()


@pytest.mark.parametrize(("kind", "facts"), [("gpus", reader.gpus()), ("models", reader.models())])
def test_aliases_mean_entries_and_hide_none(kind: str, facts: Mapping[str, object]) -> None:
    for alias, meant in raw("aliases.yaml")[kind].items():
        assert set(meant) <= set(facts), alias
        assert alias not in facts
        find = names.gpu if kind == "gpus" else names.model
        assert list(find(alias, facts)) == meant


def test_no_two_gpus_go_by_the_same_words() -> None:
    assert len({names.words(gpu.id) for gpu in GPUS}) == len(GPUS)


def test_models_without_dimensions_are_named_here() -> None:
    assert {model.id for model in MODELS if not model.architecture} == SHAPELESS
    assert all(reader.models()[id].notes for id in SHAPELESS)


def test_a_base_is_there_and_is_no_circle() -> None:
    for model in MODELS:
        seen, base = {model.id}, model.base
        while base:
            assert base not in seen
            seen.add(base)
            base = reader.models()[base].base


def test_ids_differ_in_more_than_case() -> None:
    assert len({model.id.lower() for model in MODELS}) == len(MODELS)


@pytest.mark.parametrize("model", SHAPED, ids=by_id)
def test_dimensions_agree_with_each_other(model: ModelFacts) -> None:
    shape = model.architecture
    assert shape is not None
    assert shape.full_layers + shape.window_layers + shape.linear_layers <= shape.layers
    assert shape.full_layers + shape.window_layers > 0
    assert bool(shape.window_layers) == bool(shape.window)
    assert shape.window < shape.max_context
    assert bool(shape.linear_layers) == bool(shape.linear_conv)
    assert shape.attention == ("mla" if shape.kv_lora_rank else "hybrid" if shape.linear_layers else "gqa")
    assert shape.heads % shape.kv_heads == 0
    assert 0.4 <= shape.heads * shape.head_dim / shape.hidden <= 4 or shape.attention == "mla"
    assert 1024 <= shape.max_context <= 10 * 2**20
    assert 30_000 <= shape.vocab <= 300_000


@pytest.mark.parametrize("model", SHAPED, ids=by_id)
def test_experts_come_whole(model: ModelFacts) -> None:
    shape = model.architecture
    assert shape is not None
    assert shape.active_params_b <= shape.params_b
    assert shape.vision_params_b + shape.extra_embedding_params_b < shape.params_b
    if shape.experts:
        assert 0 < shape.active_experts < shape.experts
        assert shape.expert_intermediate > 0
        assert shape.dense_layers < shape.layers
        assert shape.active_params_b < 0.5 * shape.params_b
    else:
        assert (shape.active_experts, shape.shared_experts, shape.expert_intermediate, shape.dense_layers) == (0,) * 4


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in SHAPED
        if model.architecture
        and not model.architecture.linear_layers
        and not any(name in f"{model.id} {model.base}".lower() for name in UNEVEN)
    ],
    ids=by_id,
)
def test_parameters_follow_from_the_dimensions(model: ModelFacts) -> None:
    assert model.architecture is not None
    assert model.architecture.params_b == pytest.approx(parameters(model.architecture), rel=0.025)


def parameters(shape: Architecture) -> float:
    """Parameters in 1e9 by the dimensions alone, in the plainest way."""
    if shape.kv_lora_rank:
        queries = shape.heads * shape.head_dim
        attention = shape.q_lora_rank * (shape.hidden + queries) if shape.q_lora_rank else shape.hidden * queries
        attention += shape.hidden * (shape.kv_lora_rank + shape.rope_dim)
        attention += shape.kv_lora_rank * shape.heads * (shape.head_dim - shape.rope_dim + shape.value_dim)
        attention += shape.heads * shape.value_dim * shape.hidden
    else:
        value = shape.value_dim or shape.head_dim
        mean = shape.full_layers * shape.kv_heads + shape.window_layers * (shape.window_kv_heads or shape.kv_heads)
        attention = shape.hidden * (shape.heads + mean / shape.layers) * (shape.head_dim + value)
    mlps = (shape.dense_layers if shape.experts else shape.layers) * shape.intermediate
    mlps += (shape.layers - shape.dense_layers) * (shape.experts + shape.shared_experts) * shape.expert_intermediate
    embeddings = shape.vocab * shape.hidden * (1 if shape.tied_embeddings else 2)
    total = shape.layers * attention + 3 * shape.hidden * mlps + embeddings
    return total / BILLION + shape.vision_params_b


BYTES = {"none": (1.95, 2.12), "fp8": (1.0, 1.65), "awq": (0.52, 1.0), "gptq": (0.52, 1.0), "mxfp4": (0.53, 0.7)}
BYTES |= {"gguf": (0.48, 1.1), "compressed-tensors": (0.52, 1.7)}


@pytest.mark.parametrize("model", SHAPED, ids=by_id)
def test_weights_are_as_big_as_their_format_makes_them(model: ModelFacts) -> None:
    assert model.architecture is not None
    assert model.weights_from
    low, high = BYTES[model.quantization]
    assert low <= model.weights_gib * GIB / (model.architecture.params_b * BILLION) <= high


@pytest.mark.parametrize(
    ("id", "gib"),
    [
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", 14.99),
        ("Qwen/Qwen3-14B", 27.52),
        ("Qwen/Qwen3.8-27B", 51.1),
        ("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", 4 * 55.19),
        ("Qwen/Qwen3.8-27B-FP8", 28.51),
        ("MiniMaxAI/MiniMax-M2.5", 4 * 53.75),
        ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", 67.72),
        ("ByteDance-Seed/Seed-OSS-36B-Instruct", 67.46),
        ("mistralai/Mistral-Small-3.2-24B-Instruct-2506", 44.76),
        ("llava-hf/llava-v1.6-mistral-7b-hf", 14.08),
        ("Qwen/Qwen3-14B-AWQ", 9.44),
        ("Qwen/Qwen2.5-32B-Instruct-AWQ", 18.01),
        ("Qwen/Qwen2.5-3B-Instruct", 5.79),
    ],
)
def test_weights_agree_with_what_engines_logged(id: str, gib: float) -> None:
    model = reader.models()[id]
    assert model.weights_gib == pytest.approx(gib, rel=0.02)


def test_what_differs_from_the_base_goes_before_it() -> None:
    longer, base = reader.models()["Qwen/Qwen3-4B-Instruct-2507"], reader.models()["Qwen/Qwen3-4B"]
    assert (longer.base, longer.max_context, base.max_context) == (base.id, 262144, 40960)
    assert longer.kv_heads == base.kv_heads == 8


def test_what_repositories_say_is_of_known_models_and_has_a_source() -> None:
    for id, row in raw("repositories.yaml").items():
        assert id in reader.models()
        assert row["source"]
        assert date(2025, 1, 1) <= date.fromisoformat(row["asOf"])
        assert row.keys() <= {"modelType", "yarn", "customCode", "overrides", "source", "asOf"}


@pytest.mark.parametrize("model", [model for model in MODELS if model.yarn], ids=by_id)
def test_scaled_positions_reach_further_than_the_configuration(model: ModelFacts) -> None:
    assert model.yarn
    assert model.yarn.original <= model.max_context < model.yarn.longest


def test_requantised_uploads_have_the_type_and_the_scaling_of_their_base() -> None:
    known = reader.models()
    assert known["RedHatAI/gemma-3-27b-it-quantized.w4a16"].model_type == "gemma3"
    assert known["Qwen/Qwen3-14B-AWQ"].yarn == known["Qwen/Qwen3-14B"].yarn
    # Trained further, with another length.
    assert known["Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"].yarn is None
    assert known["Qwen/Qwen3-Embedding-8B"].yarn is None
