"""Counts the parameters of a model from its dimensions: matrices only; norms and biases are a thousandth of them."""

from collections.abc import Mapping
from typing import Any

from generator.catalog.hf_fields import Fields
from generator.catalog.hf_layers import Layers
from generator.core.frozen import frozen

# Families whose MLP has two matrices instead of three, because nothing gates it.
_UNGATED = {"nemotron_h", "gpt2", "gpt_neox", "gpt_bigcode", "falcon", "starcoder2", "bloom", "opt", "mpt", "phi"}


@frozen
class Widths:
    """The sizes of a layer's parts that attention and MLP are computed from; 0 where a part does not exist."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    value_dim: int
    window_kv_heads: int
    window_head_dim: int
    kv_lora_rank: int
    q_lora_rank: int
    rope_dim: int
    intermediate: int
    experts: int
    active_experts: int
    shared_experts: int
    expert_intermediate: int


@frozen
class Linear:
    """A linear layer: numbers kept of a sequence as `state` and for the convolution, and its parameters."""

    state: int
    conv: int
    parameters: int


@frozen
class Count:
    """Parameters of the language model, those a token passes, and those of an image encoder and of layer embeddings."""

    text: int
    active: int
    vision: int
    layer_embeddings: int


def count(fields: Fields, widths: Widths, layers: Layers, vocab: int, *, tied: bool) -> Count:
    """All parameters of a model."""
    embeddings = vocab * widths.hidden * (1 if tied else 2)
    own = _layer_embeddings(fields, layers.total)
    mixers = layers.with_attention("full") * _attention(fields, widths, window=False)
    mixers += layers.with_attention("window") * _attention(fields, widths, window=True)
    if layers.with_attention("linear"):
        mixers += layers.with_attention("linear") * linear(fields, widths.hidden).parameters
    wide = layers.shared if fields.flag("use_double_wide_mlp", default=False) else 0
    dense = (layers.mlps + wide) * _mlp(fields, widths.hidden, widths.intermediate)
    if blocks := fields.items("block_configs"):
        dense = sum(_block(fields, widths.hidden, block) for block in blocks)
    sparse = layers.total - layers.dense if widths.experts else 0
    always, each = _experts(fields, widths)
    projections = 3 * widths.hidden * own // vocab if own else 0
    fixed = embeddings + own + projections + mixers + dense + sparse * always
    return Count(
        fixed + sparse * each * widths.experts,
        fixed + sparse * each * widths.active_experts,
        _vision(fields.whole.get("vision_config"), widths.hidden),
        own,
    )


def linear(fields: Fields, hidden: int) -> Linear:
    """One linear layer of whatever kind the configuration describes; what no kind has is noted as lacking."""
    if fields.part("linear_attn_config"):
        return _kimi(fields, hidden)
    if fields.number("linear_num_value_heads", default=0):
        return _delta_net(fields, hidden)
    if fields.number("conv_L_cache", default=0):
        return Linear(0, (fields.number("conv_L_cache") - 1) * hidden, 4 * hidden * hidden)
    if heads := fields.number("mamba_num_heads", "mamba_n_heads", default=0):
        return _mamba_2(fields, hidden, heads)
    return _mamba_1(fields, hidden)


def _delta_net(fields: Fields, hidden: int) -> Linear:
    key_dim, value_dim = fields.number("linear_key_head_dim"), fields.number("linear_value_head_dim")
    heads = fields.number("linear_num_value_heads")
    keys, values = fields.number("linear_num_key_heads") * key_dim, heads * value_dim
    mixed = 2 * keys + values
    conv = (fields.number("linear_conv_kernel_dim", default=4) - 1) * mixed
    return Linear(heads * key_dim * value_dim, conv, hidden * (mixed + values + 2 * heads) + values * hidden)


def _kimi(fields: Fields, hidden: int) -> Linear:
    part = Fields(fields.part("linear_attn_config"))
    heads, dim = part.number("num_heads"), part.number("head_dim")
    fields.lacking += [f"linear_attn_config.{name}" for name in part.lacking]
    inner = heads * dim
    gate = hidden * inner if part.flag("use_full_rank_gate", default=False) else 2 * dim * hidden
    conv = (part.number("short_conv_kernel_size", default=4) - 1) * 3 * inner
    return Linear(heads * dim * dim, conv, 4 * hidden * inner + 2 * gate + hidden * heads)


def _mamba_2(fields: Fields, hidden: int, heads: int) -> Linear:
    inner = heads * fields.number("mamba_head_dim", "mamba_d_head", default=0)
    inner = inner or fields.number("mamba_expand", "expand", default=2) * hidden
    state = fields.number("ssm_state_size", "mamba_d_state")
    mixed = inner + 2 * fields.number("n_groups", "mamba_n_groups", default=1) * state
    conv = (fields.number("conv_kernel", "mamba_d_conv", default=4) - 1) * mixed
    return Linear(inner * state, conv, hidden * (inner + mixed + heads) + inner * hidden)


def _mamba_1(fields: Fields, hidden: int) -> Linear:
    inner = fields.number("mamba_expand", "expand", default=2) * hidden
    state = fields.number("mamba_d_state", "ssm_state_size", "state_size")
    rank = fields.number("mamba_dt_rank", "time_step_rank", default=hidden // 16)
    conv = (fields.number("mamba_d_conv", "conv_kernel", default=4) - 1) * inner
    return Linear(inner * state, conv, 3 * hidden * inner + inner * (2 * rank + 3 * state))


def _attention(fields: Fields, widths: Widths, *, window: bool) -> int:
    if widths.kv_lora_rank:
        return _latent_attention(fields, widths)
    kv_heads = (widths.window_kv_heads if window else 0) or widths.kv_heads
    dim = (widths.window_head_dim if window else 0) or widths.head_dim
    value = widths.value_dim or dim
    queries = widths.heads * dim * (2 if fields.flag("attn_output_gate", default=fields.family == "qwen3_next") else 1)
    shared = not window and fields.flag("attention_k_eq_v", default=False)
    return widths.hidden * (queries + kv_heads * (dim + (0 if shared else value)) + widths.heads * value)


def _latent_attention(fields: Fields, widths: Widths) -> int:
    hidden, heads, rank = widths.hidden, widths.heads, widths.kv_lora_rank
    plain = widths.head_dim - widths.rope_dim
    whole = heads * widths.head_dim
    queries = widths.q_lora_rank * (hidden + whole) if widths.q_lora_rank else hidden * whole
    keys = hidden * (rank + widths.rope_dim) + rank * heads * (plain + widths.value_dim)
    index, index_heads = fields.number("index_head_dim", default=0), fields.number("index_n_heads", default=0)
    indexer = widths.q_lora_rank * index_heads * index + hidden * (index + index_heads) if index else 0
    return queries + keys + heads * widths.value_dim * hidden + indexer


def _mlp(fields: Fields, hidden: int, intermediate: int) -> int:
    return (2 if fields.family in _UNGATED else 3) * hidden * intermediate


def _block(fields: Fields, hidden: int, block: Mapping[str, Any]) -> int:
    """The MLP of a layer that a search gave its own width, in multiples of the hidden size rounded up to 256."""
    ffn = block["ffn"]
    if ffn.get("no_op"):
        return 0
    width = int(2 * ffn["ffn_mult"] * hidden / 3)
    return _mlp(fields, hidden, -(-width // 256) * 256)


def _experts(fields: Fields, widths: Widths) -> tuple[int, int]:
    """Of a layer with experts: the parameters every token passes, and those of one expert."""
    if not widths.experts:
        return 0, 0
    latent = fields.number("moe_latent_size", "routed_expert_hidden_size", default=0)
    inner = latent or widths.hidden
    shared = widths.shared_experts * _mlp(fields, widths.hidden, widths.expert_intermediate)
    always = widths.hidden * widths.experts + shared + 2 * latent * widths.hidden
    return always, _mlp(fields, inner, widths.expert_intermediate)


def _layer_embeddings(fields: Fields, layers: int) -> int:
    """Embedding tables that single layers have (Gemma 3n, Gemma 4 E)."""
    width = fields.number("hidden_size_per_layer_input", default=0)
    return width * layers * fields.number("vocab_size_per_layer_input", "vocab_size") if width else 0


def _vision(vision: object, out: int) -> int:
    """The parameters of an image encoder, about; 0 where the configuration describes none or too little of it."""
    if not isinstance(vision, Mapping):
        return 0

    def size(*names: str) -> int:
        return next((int(vision[name]) for name in names if isinstance(vision.get(name), int)), 0)

    depth, hidden = size("depth", "num_hidden_layers", "vt_num_hidden_layers"), size("embed_dim", "hidden_size")
    hidden = hidden or size("vt_hidden_size")
    gated = str(vision.get("model_type")) in {"qwen2_5_vl", "pixtral", "gemma4_vision"}
    inner = size("intermediate_size", "vt_intermediate_size") or 4 * hidden
    blocks = depth * (4 * hidden * hidden + (3 if gated else 2) * hidden * inner)
    patches = 3 * size("patch_size") ** 2 * max(1, size("temporal_patch_size")) * hidden
    wide = hidden * max(1, size("spatial_merge_size")) ** 2
    mergers = 1 + len(vision.get("deepstack_visual_indexes") or ())
    return blocks + patches + mergers * (wide * wide + wide * (size("out_hidden_size") or out))
