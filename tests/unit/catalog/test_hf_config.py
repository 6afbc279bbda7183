"""Dimensions out of `config.json`: each family against the sizes that its makers publish, and what a file may lack."""

from typing import Any

import pytest

from generator.catalog import hf_config
from generator.catalog.architecture import Architecture
from generator.catalog.hf_config import Unreadable

LLAMA = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
}
LATENT = {"kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "q_lora_rank": 1536}
DEEPSEEK_V3 = {
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 256,
    "num_experts_per_tok": 8,
    "n_shared_experts": 1,
    "first_k_dense_replace": 3,
    "moe_layer_freq": 1,
    "vocab_size": 129280,
    "max_position_embeddings": 163840,
    **LATENT,
}
GPT_OSS_20B = {
    "model_type": "gpt_oss",
    "hidden_size": 2880,
    "num_hidden_layers": 24,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "intermediate_size": 2880,
    "num_local_experts": 32,
    "num_experts_per_tok": 4,
    "layer_types": ["sliding_attention", "full_attention"] * 12,
    "sliding_window": 128,
    "vocab_size": 201088,
    "max_position_embeddings": 131072,
    "quantization_config": {"quant_method": "mxfp4"},
}
QWEN3_NEXT = {
    "model_type": "qwen3_next",
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "num_attention_heads": 16,
    "num_key_value_heads": 2,
    "head_dim": 256,
    "intermediate_size": 5120,
    "num_experts": 512,
    "num_experts_per_tok": 10,
    "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4,
    "vocab_size": 151936,
    "max_position_embeddings": 262144,
}
GEMMA_3_27B = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "hidden_size": 5376,
        "intermediate_size": 21504,
        "num_attention_heads": 32,
        "num_hidden_layers": 62,
        "num_key_value_heads": 16,
        "head_dim": 128,
        "sliding_window": 1024,
    },
    "vision_config": {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "patch_size": 14},
}
GEMMA_4_E2B = {
    "text_config": {
        "model_type": "gemma4_text",
        "hidden_size": 1536,
        "hidden_size_per_layer_input": 256,
        "intermediate_size": 6144,
        "num_attention_heads": 8,
        "num_key_value_heads": 1,
        "num_hidden_layers": 35,
        "head_dim": 256,
        "global_head_dim": 512,
        "num_kv_shared_layers": 20,
        "use_double_wide_mlp": True,
        "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
        "sliding_window": 512,
        "tie_word_embeddings": True,
        "vocab_size": 262144,
        "vocab_size_per_layer_input": 262144,
        "max_position_embeddings": 131072,
    },
}
JAMBA = {
    **LLAMA,
    "model_type": "jamba",
    "vocab_size": 65536,
    "max_position_embeddings": 262144,
    "num_experts": 16,
    "num_experts_per_tok": 2,
    "mamba_dt_rank": 256,
}
GRANITE_4_TINY = {
    "model_type": "granitemoehybrid",
    "hidden_size": 1536,
    "num_hidden_layers": 40,
    "num_attention_heads": 12,
    "num_key_value_heads": 4,
    "intermediate_size": 512,
    "shared_intermediate_size": 1024,
    "num_local_experts": 64,
    "num_experts_per_tok": 6,
    "layer_types": ["attention" if layer in {5, 15, 25, 35} else "mamba" for layer in range(40)],
    "mamba_n_heads": 48,
    "mamba_d_head": 64,
    "mamba_d_state": 128,
    "mamba_n_groups": 1,
    "tie_word_embeddings": True,
    "vocab_size": 100352,
    "max_position_embeddings": 131072,
}
NEMOTRON_3_NANO = {
    "model_type": "nemotron_h",
    "hidden_size": 2688,
    "head_dim": 128,
    "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
    "intermediate_size": 1856,
    "mamba_head_dim": 64,
    "mamba_num_heads": 64,
    "mamba_ssm_cache_dtype": "float32",
    "moe_intermediate_size": 1856,
    "moe_shared_expert_intermediate_size": 3712,
    "n_groups": 8,
    "n_routed_experts": 128,
    "num_attention_heads": 32,
    "num_experts_per_tok": 6,
    "num_key_value_heads": 2,
    "ssm_state_size": 128,
    "vocab_size": 131072,
    "max_position_embeddings": 262144,
}
LLAMA_4_MAVERICK = {
    "text_config": {
        "model_type": "llama4_text",
        "hidden_size": 5120,
        "num_hidden_layers": 48,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 8192,
        "intermediate_size_mlp": 16384,
        "interleave_moe_layer_step": 2,
        "num_local_experts": 128,
        "num_experts_per_tok": 1,
        "vocab_size": 202048,
        "max_position_embeddings": 1048576,
    }
}
MISTRAL_V01 = {**LLAMA, "model_type": "mistral", "vocab_size": 32000, "max_position_embeddings": 32768}
FALCON_7B = {
    "model_type": "falcon",
    "hidden_size": 4544,
    "num_hidden_layers": 32,
    "num_attention_heads": 71,
    "multi_query": True,
    "tie_word_embeddings": True,
    "vocab_size": 65024,
    "max_position_embeddings": 2048,
}


def read(config: dict[str, Any]) -> Architecture:
    found = hf_config.read(config)
    assert isinstance(found, Architecture), found
    return found


@pytest.mark.parametrize(
    ("config", "total", "active"),
    [
        pytest.param(LLAMA, 8.03, 8.03, id="Llama 3.1 8B"),
        pytest.param({**LLAMA, "vocab_size": 32000, "num_local_experts": 8, "num_experts_per_tok": 2}, 46.7, 12.9,
                     id="Mixtral 8x7B"),
        pytest.param(DEEPSEEK_V3, 671, 37, id="DeepSeek V3"),
        pytest.param(GPT_OSS_20B, 20.9, 4.2, id="gpt-oss 20B"),
        pytest.param(QWEN3_NEXT, 80, 3.9, id="Qwen3 Next 80B"),
        pytest.param(GEMMA_3_27B, 27.4, 27.0, id="Gemma 3 27B"),
        pytest.param(JAMBA, 52, 12, id="Jamba 1.5 Mini"),
        pytest.param(GRANITE_4_TINY, 7, 1.5, id="Granite 4.0 H Tiny"),
        pytest.param(NEMOTRON_3_NANO, 31.6, 3.6, id="Nemotron 3 Nano"),
        pytest.param(LLAMA_4_MAVERICK, 400, 17, id="Llama 4 Maverick"),
        pytest.param(FALCON_7B, 7, 7, id="Falcon 7B"),
    ],
)  # fmt: skip
def test_parameters_are_what_the_makers_say(config: dict[str, Any], total: float, active: float) -> None:
    found = read(config)
    assert found.params_b == pytest.approx(total, rel=0.03)
    assert found.active_params_b == pytest.approx(active, rel=0.04)


@pytest.mark.parametrize(
    ("config", "attention", "layers", "window"),
    [
        (LLAMA, "gqa", (32, 0, 0), 0),
        (DEEPSEEK_V3, "mla", (61, 0, 0), 0),
        (GPT_OSS_20B, "gqa", (12, 12, 0), 128),
        (GEMMA_3_27B, "gqa", (10, 52, 0), 1024),
        (GEMMA_4_E2B, "gqa", (3, 12, 0), 512),
        (QWEN3_NEXT, "hybrid", (12, 0, 36), 0),
        (JAMBA, "hybrid", (4, 0, 28), 0),
        (GRANITE_4_TINY, "hybrid", (4, 0, 36), 0),
        (NEMOTRON_3_NANO, "hybrid", (6, 0, 23), 0),
        (LLAMA_4_MAVERICK, "gqa", (12, 36, 0), 8192),
        ({**MISTRAL_V01, "sliding_window": 4096}, "gqa", (0, 32, 0), 4096),
        ({**MISTRAL_V01, "sliding_window": None}, "gqa", (32, 0, 0), 0),
        ({**MISTRAL_V01, "sliding_window": 32768}, "gqa", (32, 0, 0), 0),
        ({**LLAMA, "model_type": "qwen2", "sliding_window": 32768, "use_sliding_window": False}, "gqa", (32, 0, 0), 0),
        ({**LLAMA, "model_type": "gemma2", "sliding_window": 4096}, "gqa", (16, 16, 0), 4096),
    ],
)
def test_layers_keep_what_their_kind_keeps(
    config: dict[str, Any], attention: str, layers: tuple[int, int, int], window: int
) -> None:
    found = read(config)
    assert (found.full_layers, found.window_layers, found.linear_layers) == layers
    assert (found.attention, found.window) == (attention, window)


def test_latent_attention_has_its_ranks() -> None:
    found = read(DEEPSEEK_V3)
    assert (found.kv_lora_rank + found.rope_dim, found.head_dim, found.value_dim) == (576, 192, 128)
    assert (found.dense_layers, found.shared_experts) == (3, 1)
    assert read({**DEEPSEEK_V3, "index_head_dim": 128, "index_n_heads": 64}).index_dim == 128


def test_the_state_of_linear_layers() -> None:
    found = read(QWEN3_NEXT)
    assert (found.linear_state, found.linear_conv) == (32 * 128 * 128, 3 * (2 * 16 * 128 + 32 * 128))
    assert found.linear_state_bytes == 0
    assert read({**QWEN3_NEXT, "mamba_ssm_dtype": "float32"}).linear_state_bytes == 4
    assert read(NEMOTRON_3_NANO).linear_state == 64 * 64 * 128
    assert read(JAMBA).linear_state == 2 * 4096 * 16


def test_layers_with_a_window_may_have_heads_of_their_own() -> None:
    found = read(GEMMA_4_E2B)
    assert (found.head_dim, found.window_head_dim, found.layers) == (512, 256, 35)
    assert found.extra_embedding_params_b == pytest.approx(2.349, abs=0.001)
    other = {**LLAMA, "hybrid_layer_pattern": [0, 1] * 16, "sliding_window": 128, "swa_num_key_value_heads": 16}
    assert (read(other).kv_heads, read(other).window_kv_heads) == (8, 16)
    assert read({**LLAMA, "head_dim": 192, "v_head_dim": 128}).value_dim == 128


def test_embeddings_are_counted_once_where_they_are_tied() -> None:
    free, tied = read(LLAMA), read({**LLAMA, "tie_word_embeddings": True})
    assert (free.tied_embeddings, tied.tied_embeddings) == (False, True)
    assert free.params_b - tied.params_b == pytest.approx(128256 * 4096 / 1e9, abs=0.001)
    assert read(GEMMA_3_27B).tied_embeddings


def test_the_dense_layers_of_an_expert_model() -> None:
    moe = {**LLAMA, "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 1024}
    assert read({**moe, "decoder_sparse_step": 2}).dense_layers == 16
    assert read({**moe, "mlp_only_layers": [0, 1]}).dense_layers == 2
    assert read({**moe, "moe_layer_freq": [0] + [1] * 31}).dense_layers == 1
    assert read({**moe, "mlp_layer_types": ["dense"] * 4 + ["sparse"] * 28}).dense_layers == 4
    assert read(JAMBA).dense_layers == 16
    assert read(NEMOTRON_3_NANO).layers - read(NEMOTRON_3_NANO).dense_layers == 23


def test_one_head_of_keys_for_all() -> None:
    assert read(FALCON_7B).kv_heads == 1
    without = {key: value for key, value in LLAMA.items() if key != "num_key_value_heads"}
    assert read(without).kv_heads == 32


@pytest.mark.parametrize("field", sorted(LLAMA.keys() - {"model_type", "num_key_value_heads"}))
def test_a_missing_field_is_named(field: str) -> None:
    found = hf_config.read({key: value for key, value in LLAMA.items() if key != field})
    assert isinstance(found, Unreadable)
    assert found.fields == (field,)
    assert f"`{field}`" in found.reason


def test_all_missing_fields_are_named_at_once() -> None:
    found = hf_config.read({"model_type": "llama", "hidden_size": 4096})
    assert isinstance(found, Unreadable)
    assert {"num_attention_heads", "num_hidden_layers", "vocab_size", "intermediate_size"} <= set(found.fields)


@pytest.mark.parametrize(
    "config",
    [
        {**DEEPSEEK_V3, "compress_ratios": [0, 4, 128]},
        {**LLAMA, "is_encoder_decoder": True},
        {**LLAMA, "attention_in_multiplier": 1.0},
        {**LLAMA, "linear_attn_config": {"full_attn_layers": [4, 8]}},
        {**LLAMA, "block_configs": ["no"]},
        {},
    ],
)
def test_what_is_not_understood_is_said(config: dict[str, Any]) -> None:
    found = hf_config.read(config)
    assert isinstance(found, Unreadable)
    assert found.reason


@pytest.mark.parametrize(
    "nonsense",
    [
        {"num_hidden_layers": 10**8},
        {"num_hidden_layers": -1},
        {"num_attention_heads": 0},
        {"hidden_size": 1e300},
        {"hidden_size": float("inf")},
        {"vocab_size": float("nan")},
        {"vocab_size": True},
        {"intermediate_size": "14336"},
        {"max_position_embeddings": [131072]},
        {"num_key_value_heads": 10**400},
        {"text_config": {"num_hidden_layers": {}}},
        {"layer_types": [{}], "model_type": []},
    ],
    ids=str,
)
def test_nonsense_is_a_reason_or_ignored_and_never_a_crash(nonsense: dict[str, Any]) -> None:
    found = hf_config.read({**LLAMA, **nonsense})
    if isinstance(found, Unreadable):
        assert found.reason
    else:
        assert 0 < found.params_b < 1000
    if nonsense.keys() & {"num_hidden_layers", "num_attention_heads", "hidden_size", "vocab_size"}:
        assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ({}, "none"),
        ({"quantization_config": None}, "none"),
        ({"quantization_config": {"quant_method": "AWQ"}}, "awq"),
        ({"quantization_config": {"quant_method": "fbgemm_fp8"}}, "fp8"),
        ({"text_config": {"quantization_config": {"quant_method": "compressed-tensors"}}}, "compressed-tensors"),
    ],
)
def test_how_the_weights_are_stored(found: dict[str, Any], word: str) -> None:
    assert hf_config.quantization(found) == word


@pytest.mark.parametrize("heads", [None, ["full_attention"], {}])
def test_a_field_inside_a_part_is_named_with_the_part(heads: Any) -> None:
    linear = {"num_heads": heads, "head_dim": 128, "full_attn_layers": [4, 8]}
    found = hf_config.read({**LLAMA, "model_type": "kimi_linear", "linear_attn_config": linear})
    assert isinstance(found, Unreadable)
    assert "`linear_attn_config.num_heads`" in found.reason


def compressed(**weights: Any) -> dict[str, Any]:
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": weights}}}


@pytest.mark.parametrize(
    ("found", "format"),
    [
        (None, "none"),
        ({"quant_method": "awq", "bits": 4}, "awq"),
        ({"quant_method": "gptq", "bits": 8}, "int8"),
        ({"quant_method": "fp8"}, "fp8"),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "int8"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        (compressed(num_bits=8, type="float"), "fp8"),
        (compressed(num_bits=8, type="int"), "int8"),
        (compressed(num_bits=4, type="int"), "w4a16"),
        (compressed(num_bits=4, type="float"), "nvfp4"),
        (compressed(num_bits=[], type={}), "none"),
    ],
)
def test_how_much_the_weights_take(found: dict[str, Any] | None, format: str) -> None:
    assert hf_config.stored_format({"quantization_config": found}) == format
