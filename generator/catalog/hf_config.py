"""Reads a model's dimensions from its Hugging Face `config.json`, for models that the catalogue does not know."""

from collections.abc import Mapping
from typing import Any

from generator.catalog import hf_layers, hf_parameters
from generator.catalog.architecture import Architecture
from generator.catalog.hf_fields import Fields
from generator.catalog.hf_parameters import Widths
from generator.core.frozen import frozen

_BILLION = 1e9
_UNKNOWN = {
    "compress_ratios": "it compresses keys by a ratio a layer (`compress_ratios`); what that keeps is not known",
    "attention_in_multiplier": "its layers are attention and Mamba at once, which these dimensions cannot say",
    "is_encoder_decoder": "it has an encoder and a decoder; only decoders are known here",
}
"""Fields that mark families of which nothing can be said."""


@frozen
class Unreadable:
    """Why a configuration says too little: `fields` that it lacks, and the `reason` as a sentence."""

    fields: tuple[str, ...]
    reason: str


def read(config: Mapping[str, Any]) -> Architecture | Unreadable:
    """The dimensions that a configuration describes: dense, MoE, MLA, sliding-window and hybrid linear families."""
    try:
        fields = Fields(config)
        for name, why in _UNKNOWN.items():
            if fields.raw(name):
                return Unreadable((name,), why)
        architecture = _architecture(fields)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError) as error:
        return Unreadable((), f"it is not of a form that is known: {type(error).__name__}: {error}")
    lacking = tuple(dict.fromkeys(fields.lacking))
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        return Unreadable(lacking, f"it lacks {names}" + ("" if fields.family else ", and `model_type` as well"))
    return architecture


def quantization(config: Mapping[str, Any]) -> str:
    """How the weights are stored, in the spec's words, or the configuration's where it has none; `none` if plain."""
    stored = config.get("quantization_config") or Fields(config).raw("quantization_config") or {}
    method = str(stored.get("quant_method") or "none").lower() if isinstance(stored, Mapping) else "none"
    return {"fbgemm_fp8": "fp8", "compressed_tensors": "compressed-tensors"}.get(method, method)


def stored_format(config: Mapping[str, Any]) -> str:
    """The format of the linear layers by its size: a method such as `compressed-tensors` stores any of several."""
    stored = config.get("quantization_config") or Fields(config).raw("quantization_config")
    if not isinstance(stored, Mapping):
        return "none"
    method, algorithm = quantization(config), str(stored.get("quant_algo") or "").lower()
    weights = _group_weights(stored)
    bits = str(weights.get("num_bits") or stored.get("bits") or stored.get("w_bit"))
    if method == "compressed-tensors" and weights:
        formats = {"8": "fp8", "4": "nvfp4"} if weights.get("type") == "float" else {"8": "int8", "4": "w4a16"}
        return formats.get(bits, "none")
    if method == "modelopt":
        return {"fp8": "fp8", "nvfp4": "nvfp4"}.get(algorithm, "none")
    eight = bits == "8" or stored.get("load_in_8bit") is True
    return "int8" if eight and method in {"awq", "gptq", "bitsandbytes"} else method


def _group_weights(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the first group of layers stores its weights, as compressed-tensors says it."""
    groups = stored.get("config_groups")
    group = next(iter(groups.values()), None) if isinstance(groups, Mapping) else None
    weights = group.get("weights") if isinstance(group, Mapping) else None
    return weights if isinstance(weights, Mapping) else {}


def _architecture(fields: Fields) -> Architecture:
    widths = _widths(fields)
    layers = hf_layers.read(fields, widths.experts)
    linear = hf_parameters.linear(fields, widths.hidden) if layers.with_attention("linear") else None
    vocab = fields.number("vocab_size", "padded_vocab_size")
    tied = fields.flag("tie_word_embeddings", default=fields.family.startswith("gemma"))
    counted = hf_parameters.count(fields, widths, layers, vocab, tied=tied)
    return Architecture(
        layers=layers.total,
        hidden=widths.hidden,
        heads=widths.heads,
        kv_heads=widths.kv_heads,
        head_dim=widths.head_dim,
        intermediate=widths.intermediate,
        vocab=vocab,
        max_context=fields.number("max_position_embeddings", "max_sequence_length", "seq_length", "n_positions"),
        attention="mla" if widths.kv_lora_rank else "hybrid" if linear else "gqa",
        full_layers=layers.keeping("full"),
        window_layers=layers.keeping("window"),
        linear_layers=layers.keeping("linear"),
        window=layers.window,
        kv_lora_rank=widths.kv_lora_rank,
        rope_dim=widths.rope_dim,
        tied_embeddings=tied,
        experts=widths.experts,
        active_experts=widths.active_experts,
        shared_experts=widths.shared_experts,
        expert_intermediate=widths.expert_intermediate,
        dense_layers=layers.dense,
        params_b=round((counted.text + counted.vision) / _BILLION, 3),
        active_params_b=round(counted.active / _BILLION, 3),
        linear_state=linear.state if linear else 0,
        linear_state_bytes=4 if linear and _wide_state(fields) else 0,
        linear_conv=linear.conv if linear else 0,
        window_kv_heads=widths.window_kv_heads if layers.with_attention("window") else 0,
        window_head_dim=widths.window_head_dim if layers.with_attention("window") else 0,
        value_dim=widths.value_dim,
        q_lora_rank=widths.q_lora_rank,
        index_dim=fields.number("index_head_dim", default=0),
        vision_params_b=round(counted.vision / _BILLION, 3),
        image_levels=len((fields.whole.get("vision_config") or {}).get("deepstack_visual_indexes") or ()),
        extra_embedding_params_b=round(counted.layer_embeddings / _BILLION, 3),
    )


def _wide_state(fields: Fields) -> bool:
    return "float32" in {str(fields.raw("mamba_ssm_dtype")), str(fields.raw("mamba_ssm_cache_dtype"))}


def _widths(fields: Fields) -> Widths:
    hidden = fields.number("hidden_size", "n_embd", "d_model")
    heads = fields.number("num_attention_heads", "n_head", "num_heads", "n_heads")
    rank, rope = fields.number("kv_lora_rank", default=0), fields.number("qk_rope_head_dim", default=0)
    if rank:
        head_dim = fields.number("qk_nope_head_dim") + rope
    else:
        head_dim = fields.number("head_dim", "attention_head_dim", "kv_channels", default=hidden // max(1, heads))
    window_dim, window_kv = _window(fields)
    whole_dim = fields.number("global_head_dim", default=0) or head_dim
    value = fields.number("v_head_dim", default=0)
    experts = fields.number("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts", default=0)
    intermediate, expert, shared = _mlps(fields, experts)
    return Widths(
        hidden=hidden,
        heads=heads,
        kv_heads=fields.number("num_global_key_value_heads", default=0) or _kv_heads(fields, heads),
        head_dim=whole_dim,
        value_dim=value if value != whole_dim or rank else 0,
        window_kv_heads=window_kv,
        window_head_dim=window_dim or (head_dim if whole_dim != head_dim else 0),
        kv_lora_rank=rank,
        q_lora_rank=fields.number("q_lora_rank", default=0),
        rope_dim=rope if rank else 0,
        intermediate=intermediate,
        experts=experts,
        active_experts=_active(fields) if experts else 0,
        shared_experts=shared,
        expert_intermediate=expert,
    )


def _window(fields: Fields) -> tuple[int, int]:
    """Width of a head and number of key-value heads in window layers, where they are not those of the others."""
    kv_heads = fields.number("swa_num_key_value_heads", default=0)
    if fields.number("num_global_key_value_heads", default=0):
        kv_heads = fields.number("num_key_value_heads")
    dim = fields.number("swa_head_dim", default=0)
    return (dim if dim != fields.number("head_dim", default=dim) else 0), kv_heads


def _kv_heads(fields: Fields, heads: int) -> int:
    if blocks := fields.items("block_configs"):
        groups = {block["attention"].get("n_heads_in_group") for block in blocks} - {None}
        return heads // int(min(groups))
    if fields.flag("multi_query", default=False) and not fields.flag("new_decoder_architecture", default=False):
        return 1
    return fields.number("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num", default=heads)


def _active(fields: Fields) -> int:
    return fields.number(
        "num_experts_per_tok", "experts_per_token", "num_experts_per_token", "top_k_experts", "moe_topk", "moe_k"
    )


def _mlps(fields: Fields, experts: int) -> tuple[int, int, int]:
    """Widths of the MLP of dense layers and of one expert, and how many experts every token passes."""
    usual = ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff")
    if fields.items("block_configs"):
        return 0, 0, 0
    if not experts:
        hidden = fields.number("hidden_size", "n_embd", "d_model", default=0)
        assumed = 4 * hidden if fields.family in {"gpt2", "falcon", "gpt_bigcode", "bloom"} else None
        return fields.number(*usual, default=assumed), 0, 0
    expert = fields.number("moe_intermediate_size", "expert_intermediate_size", *usual)
    dense = fields.number("dense_intermediate_size", "intermediate_size_mlp", *usual, default=0)
    wide = fields.number(
        "shared_expert_intermediate_size",
        "moe_shared_expert_intermediate_size",
        "shared_intermediate_size",
        "share_expert_dim",
        default=0,
    )
    if fields.flag("enable_moe_block", default=False):
        wide = dense
    if wide and expert:
        return dense, expert, max(1, round(wide / expert))
    shared = 1 if fields.family == "llama4_text" else 0
    return dense, expert, fields.number("n_shared_experts", "num_shared_experts", default=shared)
