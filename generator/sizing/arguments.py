"""What an engine's own arguments say about memory, in the words of a question."""

from collections.abc import Mapping
from typing import Any

from generator.core.units import count

FIELDS: Mapping[str, Mapping[str, str]] = {
    "vllm": {
        "kv-cache-dtype": "kv_dtype",
        "gpu-memory-utilization": "utilization",
        "device-memory-utilization": "utilization",
        "max-num-batched-tokens": "max_num_batched_tokens",
        "enforce-eager": "enforce_eager",
        "enable-prefix-caching": "prefix_caching",
        "language-model-only": "text_only",
    },
    "tgi": {
        "kv-cache-dtype": "kv_dtype",
        "cuda-memory-fraction": "utilization",
        "max-batch-prefill-tokens": "max_num_batched_tokens",
    },
    "ollama": {"kv-cache-type": "kv_dtype"},
}
"""Arguments by engine and the field of a question that each sets."""
CACHE_ARGUMENTS: Mapping[str, tuple[str, str]] = {
    "vllm": ("kv-cache-dtype", "fp8"),
    "tgi": ("kv-cache-dtype", "fp8_e4m3fn"),
    "ollama": ("kv-cache-type", "q8_0"),
}
"""How each engine is told to keep the cache in 8 bit."""
NOT_MODELLED: Mapping[str, frozenset[str]] = {
    "vllm": frozenset(
        {
            "cpu-offload-gb",
            "cpu-offload-params",
            "hf-overrides",
            "kv-cache-memory-bytes",
            "num-gpu-blocks-override",
            "offload-backend",
        }
    ),
    "tgi": frozenset({"max-batch-total-tokens"}),
    "ollama": frozenset({"gpu-overhead", "sched-spread"}),
}
"""Arguments that change what a GPU holds in ways of which the budget knows nothing."""


NOT_COUNTED: Mapping[str, frozenset[str]] = {
    "vllm": frozenset({"enable-lora", "speculative-config"}),
    "tgi": frozenset({"lora-adapters", "speculate"}),
    "ollama": frozenset(),
}
"""Arguments that bring weights or buffers of their own."""


def not_counted(engine: str, args: Mapping[str, Any]) -> list[str]:
    """Arguments that need memory of which the budget knows nothing: a refusal stands, and more may not fit."""
    return sorted(name for name in args.keys() & NOT_COUNTED[engine] if args[name] is not False)


def not_modelled(engine: str, args: Mapping[str, Any]) -> str:
    """The first argument that the budget cannot follow; empty where there is none."""
    if args.get("dtype") in ("float", "float32"):
        return "dtype"
    return min(args.keys() & NOT_MODELLED[engine], default="")


def asked_by_arguments(engine: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a question that arguments set. What is no value of its field is left out: the engine refuses it."""
    found = {
        FIELDS[engine][name]: _VALUES[FIELDS[engine][name]](args[name])
        for name in sorted(args)
        if name in FIELDS[engine]
    }
    if engine == "ollama" and args.get("flash-attention") is False:
        found.pop("kv_dtype", None)  # Ollama keeps the cache in 16 bit then, whatever its type is said to be.
    return {field: value for field, value in found.items() if value is not None}


def _word(value: Any) -> str | None:
    # TGI's names end in what other engines leave out.
    return value.removesuffix("fn") if isinstance(value, str) else None


def _share(value: Any) -> float | None:
    try:
        share = float(value)
    except (TypeError, ValueError):
        return None
    return share if 0 < share <= 1 and not isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    return None if isinstance(value, bool) else count(str(value)) or None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_VALUES: Mapping[str, Any] = {
    "kv_dtype": _word,
    "utilization": _share,
    "max_num_batched_tokens": _count,
    "enforce_eager": _flag,
    "prefix_caching": _flag,
    "text_only": _flag,
}
