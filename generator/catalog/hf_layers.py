"""Which layers of a model do what, out of the many ways in which `config.json` says so."""

from collections import Counter
from collections.abc import Sequence

from generator.catalog.hf_fields import Fields
from generator.core.frozen import frozen

_WORDS = {
    "full_attention": "full",
    "attention": "full",
    "global": "full",
    "sliding_attention": "window",
    "chunked_attention": "window",
    "local": "window",
    "linear_attention": "linear",
    "mamba": "linear",
    "mamba2": "linear",
    "conv": "linear",
    "recurrent": "linear",
    "mlp": "none",
    "moe": "none",
}
# Families in which `sliding_window` alone means all layers.
_MOST_LAYERS = 1000
_ALL_WINDOW = {"mistral", "mixtral", "phi3", "starcoder2", "minimax"}


@frozen
class Layers:
    """How many layers there are of each kind, and of which the experts are.

    `kinds` has `full`, `window`, `linear` or `none` a layer; `shared` of the last ones reuse keys and values of others.
    `dense` is the number of layers without experts, and `mlps` of those that have a dense MLP.
    """

    kinds: Sequence[str]
    shared: int
    window: int
    dense: int
    mlps: int

    @property
    def total(self) -> int:
        """All layers."""
        return len(self.kinds)

    def with_attention(self, kind: str) -> int:
        """Layers of a kind."""
        return Counter(self.kinds)[kind]

    def keeping(self, kind: str) -> int:
        """Layers of a kind that keep something of their own."""
        return Counter(self.kinds[: self.total - self.shared])[kind]


def read(fields: Fields, experts: int) -> Layers:
    """The layers of a model with so many experts a layer (0: a dense model)."""
    kinds = _kinds(fields)
    window = fields.number("sliding_window", "sliding_window_size", "attention_chunk_size", default=0)
    if window >= fields.number("max_position_embeddings", default=window + 1):
        kinds = ["full" if kind == "window" else kind for kind in kinds]
    if "window" not in kinds:
        window = 0
    dense = _dense(fields, len(kinds)) if experts else 0
    alone = _alone(fields)
    mlps = alone.count("mlp") if alone else dense if experts else len(kinds)
    return Layers(kinds, fields.number("num_kv_shared_layers", default=0), window, dense, mlps)


def _kinds(fields: Fields) -> list[str]:
    if alone := _alone(fields):
        return [_WORDS[word] for word in alone]
    if blocks := fields.items("block_configs"):
        return ["none" if block["attention"].get("no_op") else "full" for block in blocks]
    total = fields.number("num_hidden_layers", "n_layer", "num_layers", "n_layers")
    if total > _MOST_LAYERS:
        raise ValueError(f"{total} layers, where no model has more than {_MOST_LAYERS}")
    for name in ("layer_types", "layers_block_type"):
        if types := fields.items(name):
            return [_WORDS.get(word, "full") for word in types[:total]]
    return _listed(fields, total) or _periodic(fields, total) or ["full"] * total


def _alone(fields: Fields) -> list[str]:
    """The layers of a family in which a layer is a mixer or an MLP or experts, and never two of them."""
    words = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}
    if pattern := fields.raw("hybrid_override_pattern"):
        return [words[letter] for letter in str(pattern) if letter in words]
    types = fields.items("layers_block_type")
    return types if "moe" in types or "mlp" in types else []


def _listed(fields: Fields, total: int) -> list[str]:
    """Layers by lists of their numbers, or by a 0 or 1 each."""
    if pattern := fields.items("hybrid_layer_pattern"):
        return ["window" if one else "full" for one in pattern[:total]]
    if full := fields.part("linear_attn_config").get("full_attn_layers"):
        return ["full" if number + 1 in full else "linear" for number in range(total)]
    if full := fields.items("attn_layer_indices"):
        return ["full" if number in full else "linear" for number in range(total)]
    return []


def _periodic(fields: Fields, total: int) -> list[str]:
    """Layers by a rule: every so-many-th is full, or all have a window."""
    if period := fields.number("attn_layer_period", default=0):
        offset = fields.number("attn_layer_offset", default=0)
        return ["full" if number % period == offset else "linear" for number in range(total)]
    if period := fields.number("full_attention_interval", default=0):
        return ["linear" if (number + 1) % period else "full" for number in range(total)]
    windows = fields.number("sliding_window", default=0) and fields.flag("use_sliding_window", default=True)
    return _windowed(fields, total) if windows else []


def _windowed(fields: Fields, total: int) -> list[str]:
    """Layers of a model of which some have a window."""
    if period := fields.number("sliding_window_pattern", default=0):
        return ["window" if (number + 1) % period else "full" for number in range(total)]
    if fields.family == "qwen2" and fields.raw("use_sliding_window"):
        first = fields.number("max_window_layers", default=total)
        return ["window" if number >= first else "full" for number in range(total)]
    return ["window"] * total if fields.family in _ALL_WINDOW else []


def _dense(fields: Fields, total: int) -> int:
    """The layers without experts in a model that has some."""
    if alone := _alone(fields):
        return total - alone.count("moe")
    if frequency := fields.items("moe_layer_freq"):
        return frequency.count(0)
    if types := fields.items("mlp_layer_types"):
        return types.count("dense")
    if period := fields.number("expert_layer_period", default=0):
        offset = fields.number("expert_layer_offset", default=0)
        return sum(number % period != offset for number in range(total))
    first = fields.number("first_k_dense_replace", "moe_layer_start_index", default=0)
    step = fields.number("decoder_sparse_step", "interleave_moe_layer_step", default=1) or 1
    plain = fields.items("mlp_only_layers")
    return sum(number < first or (number + 1) % step != 0 or number in plain for number in range(total))
