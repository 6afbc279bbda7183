"""What an engine's own arguments say about memory, in the words of a question."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from generator.core.frozen import frozen
from generator.core.units import count


@frozen
class Arguments:
    """An engine's arguments, as far as the memory of a GPU depends on them.

    `fields` maps an argument to the field of a question that it sets; `undone` maps one whose `false` makes the server
    ignore what is said of a field. Those `not_modelled` change what a GPU holds in ways of which the budget knows
    nothing; those `not_counted` bring weights or buffers of their own.
    """

    fields: Mapping[str, str]
    not_modelled: frozenset[str] = frozenset()
    not_counted: frozenset[str] = frozenset()
    undone: Mapping[str, str] = field(default_factory=dict)

    def asked(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that arguments set. What is no value of its field is left out: the engine refuses it."""
        fields = {
            self.fields[name]: _VALUES[self.fields[name]](args[name]) for name in sorted(args) if name in self.fields
        }
        ignored = {kept for name, kept in self.undone.items() if args.get(name) is False}
        return {name: value for name, value in fields.items() if value is not None and name not in ignored}

    def unmodelled(self, args: Mapping[str, Any]) -> str:
        """The first argument that the budget cannot follow; empty where there is none."""
        return min((name for name in args.keys() & self.not_modelled if args[name] is not False), default="")

    def uncounted(self, args: Mapping[str, Any]) -> list[str]:
        """Arguments that need memory of which the budget knows nothing: a refusal stands, and more may not fit."""
        return sorted(name for name in args.keys() & self.not_counted if args[name] is not False)


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
