"""What an engine's own arguments say about memory, in the words of a question."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

from generator.core.frozen import frozen
from generator.core.units import count


@frozen
class Arguments:
    """An engine's arguments, as far as the memory of a GPU depends on them.

    `fields` maps an argument to the field of a question that it sets; `undone` maps one whose `false` makes the server
    ignore what is said of a field. Those `not_modelled` change what a GPU holds in ways of which the budget knows
    nothing; those `not_counted` bring weights or buffers of their own.

    Those of `host` keep so many GiB in the host's memory: for each `gpu`, of the `weights` of each at most, once and
    `pinned` from the start, or in `copies`, one for the engine and one for each of the servers that `servers` counts.
    """

    fields: Mapping[str, str]
    not_modelled: frozenset[str] = frozenset()
    not_counted: frozenset[str] = frozenset()
    undone: Mapping[str, str] = field(default_factory=dict)
    host: Mapping[str, Literal["gpu", "weights", "pinned", "copies"]] = field(default_factory=dict)
    servers: str = ""

    def asked(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that arguments set. What is no value of its field is left out: the engine refuses it."""
        fields = {
            self.fields[name]: _VALUES[self.fields[name]](args[name]) for name in sorted(args) if name in self.fields
        }
        ignored = {kept for name, kept in self.undone.items() if args.get(name) is False}
        return {name: value for name, value in fields.items() if value is not None and name not in ignored}

    def unmodelled(self, args: Mapping[str, Any]) -> str:
        """The first argument that the budget cannot follow; empty where there is none."""
        return min((name for name in args.keys() & self.not_modelled if not _is_off(args[name])), default="")

    def uncounted(self, args: Mapping[str, Any]) -> list[str]:
        """Arguments that need memory of which the budget knows nothing: a refusal stands, and more may not fit."""
        return sorted(name for name in args.keys() & self.not_counted if not _is_off(args[name]))

    def held(self, args: Mapping[str, Any], gpus: int, weights_gib: float) -> dict[str, float]:
        """Arguments that keep something in the host's memory, and how many GiB of it a replica on `gpus` takes.

        `weights_gib` are those of the whole model, 0 where not known.
        """
        servers = max(1.0, _size(args.get(self.servers, 1)))
        times = {"gpu": float(gpus), "weights": float(gpus), "pinned": 1.0, "copies": 1 + servers}
        taken = {}
        for name in sorted(args.keys() & self.host.keys()):
            size = _size(args[name]) * times[self.host[name]]
            taken[name] = min(size, weights_gib) if self.host[name] == "weights" and weights_gib else size
        return {name: size for name, size in taken.items() if size}


_NO_WEIGHTS = ('"ngram"', '"suffix"', '"ngram_gpu"')
"""Ways of speculative decoding that guess from the text alone."""


def _is_off(value: Any) -> bool:
    """Whether a value turns its argument off, or asks for nothing that takes memory."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return any(word in value for word in _NO_WEIGHTS) and '"model"' not in value
    return value is False or str(value) in {"0", "0.0"}


def _size(value: Any) -> float:
    """GiB that an argument says; 0 for what is not a number."""
    try:
        return 0.0 if isinstance(value, bool) else max(float(value), 0.0)
    except (TypeError, ValueError):
        return 0.0


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


_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "kv_dtype": _word,
    "dtype": _word,
    "utilization": _share,
    "max_num_batched_tokens": _count,
    "enforce_eager": _flag,
    "prefix_caching": _flag,
    "chunked_prefill": _flag,
    "text_only": _flag,
}
