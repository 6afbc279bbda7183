"""Reads the fields of a Hugging Face `config.json`, which families name differently, and remembers what is missing."""

from collections.abc import Mapping
from typing import Any

_TOO_MANY = 1e9
_INNER = ("text_config", "llm_config", "language_config", "thinker_config")

# What a family's configuration class assumes where the file is silent.
_GEMMA_3 = {
    "vocab_size": 262208,
    "hidden_size": 2304,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "max_position_embeddings": 131072,
    "sliding_window": 4096,
    "sliding_window_pattern": 6,
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "gemma2": {"sliding_window": 4096, "sliding_window_pattern": 2},
    "gemma3": _GEMMA_3,
    "gemma3_text": _GEMMA_3,
    "cohere2": {"sliding_window": 4096, "sliding_window_pattern": 4},
    "llama4_text": {"interleave_moe_layer_step": 1, "sliding_window": 8192, "sliding_window_pattern": 4},
    "qwen3_next": {"full_attention_interval": 4},
    "granitemoehybrid": {"mamba_expand": 2, "mamba_d_conv": 4},
    "jamba": {
        "attn_layer_period": 8,
        "attn_layer_offset": 4,
        "expert_layer_period": 2,
        "expert_layer_offset": 1,
        "mamba_d_state": 16,
        "mamba_d_conv": 4,
        "mamba_expand": 2,
    },
}


class Fields:
    """The language part of a configuration. `lacking` lists what was asked for and is nowhere in it."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.whole = config
        text: Mapping[str, Any] = config
        for key in _INNER:
            if isinstance(text.get(key), Mapping):
                text = text[key]
        self.text = text
        self.family = str(text.get("model_type") or config.get("model_type") or "")
        self.lacking: list[str] = []

    def raw(self, name: str) -> Any:
        """The value as written, in the language part, around it or by the family's default; none when in none."""
        for place in (self.text, self.whole, _DEFAULTS.get(self.family, {})):
            if place.get(name) is not None:
                return place[name]
        return None

    def number(self, *names: str, default: int | None = None) -> int:
        """The first of these fields that is a count. Without a default a missing one is noted by its first name.

        A number that counts nothing, or more than any model has, is no count: below 0, from 1e9 on, and 0 where there
        is no default.
        """
        for name in names:
            value = self.raw(name)
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            if (value > 0 or (value == 0 and default is not None)) and value < _TOO_MANY:
                return int(value)
        if default is None:
            self.lacking.append(names[0])
        return default or 0

    def flag(self, name: str, *, default: bool) -> bool:
        """A field that is true or false."""
        value = self.raw(name)
        return value if isinstance(value, bool) else default

    def items(self, name: str) -> list[Any]:
        """A field that is a list; empty when it is not there."""
        value = self.raw(name)
        return value if isinstance(value, list) else []

    def part(self, name: str) -> Mapping[str, Any]:
        """A field that is an object; empty when it is not there."""
        value = self.raw(name)
        return value if isinstance(value, Mapping) else {}
