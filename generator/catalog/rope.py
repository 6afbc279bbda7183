"""Scaled positions (RoPE): what makers say of a model, what versions of engines make of it, and how long it then is."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from generator.core.frozen import frozen

LENGTHS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "max_target_positions",
    "max_sequence_length",
    "max_seq_length",
    "seq_len",
)
"""Fields of a configuration that say the longest sequence; the smallest counts."""
WHOLE_LENGTH = "model_max_length"
"""The field that goes before all of these."""
_INNER = ("text_config", "llm_config", "language_config", "thinker_config")
_NEEDED = {"yarn": ("factor", "original_max_position_embeddings"), "linear": ("factor",), "dynamic": ("factor",)}
"""Fields without which positions of a type cannot be scaled."""
_HARMLESS = frozenset(
    {
        *LENGTHS,
        WHOLE_LENGTH,
        "rope_parameters",
        "rope_scaling",
        "rope_theta",
        "original_max_position_embeddings",
        "max_model_len",
        "architectures",
        "classifier_from_token",
        "method",
        "is_original_qwen3_reranker",
        "is_matryoshka",
        "matryoshka_dimensions",
        "jina_task",
        "num_labels",
        "id2label",
        "label2id",
    }
)
"""Fields on which neither weights nor cache depend."""


@frozen
class Yarn:
    """Positions scaled by YaRN: `factor` times the `original` length in tokens; `beside` are further fields of it.

    They stand in the part of the configuration that `within` names, or in none.
    """

    factor: float
    original: int
    within: str = ""
    beside: tuple[tuple[str, Any], ...] = ()

    @property
    def longest(self) -> int:
        """The longest sequence, in tokens."""
        return int(self.factor * self.original)


@frozen
class PositionRules:
    """How a version of an engine derives the longest context from a configuration whose positions (RoPE) are scaled.

    `fields` are those of a configuration that scale them, as far as an override sets them. The factor multiplies the
    configured length, but for types that are `unscaled`; for those `from_original` it multiplies
    `original_max_position_embeddings`.
    """

    fields: tuple[str, ...]
    unscaled: frozenset[str]
    from_original: frozenset[str]


@frozen
class Reach:
    """How long a sequence may be, in tokens.

    Args:
        tokens: what the engine derives; 0 where it is not known.
        scaled: up to where positions are scaled, which may be further than the engine derives.
        by: the argument that makes it other than the model's own, empty where it is that.
        lacks: a field without which the engine stops.
        unchecked: the variable that makes the engine take any length, where it is set.
    """

    tokens: int
    scaled: int
    by: str = ""
    lacks: str = ""
    unchecked: str = ""


def reach(own: int, family: str, rules: PositionRules, argument: str, overrides: Mapping[str, Any]) -> Reach:
    """The longest sequence of a model whose configuration is overridden.

    Args:
        own: the model's own length in tokens, 0 where it is not known.
        family: its `model_type`; lengths of Gemma 3 are scaled already.
        rules: those of the engine's version.
        argument: the engine's argument that overrides the configuration.
        overrides: the fields that it sets.
    """
    places = _places(overrides)
    length = own
    for place in places:
        given = [place[name] for name in LENGTHS if _is_count(place.get(name))]
        length = min(given) if given else length
        length = place[WHOLE_LENGTH] if _is_count(place.get(WHOLE_LENGTH)) else length
    entries = [] if "gemma3" in family else [entry for place in places for entry in _entries(place, rules)]
    if lacking := next(filter(None, map(_lacking, entries)), ""):
        return Reach(length, length, argument, lacking)
    derived, factor, furthest = float(length), 1.0, float(length)
    for entry in entries:
        furthest = max(furthest, entry.get("factor", 1) * entry.get("original_max_position_embeddings", length))
        if entry["rope_type"] not in rules.unscaled:
            factor = entry.get("factor", factor) or 1.0
            if entry["rope_type"] in rules.from_original:
                derived = float(entry["original_max_position_embeddings"])
    changed = bool(entries) or length != own
    return Reach(int(derived * factor), int(max(furthest, derived * factor)), argument if changed else "")


def override(yarn: Yarn, rules: Sequence[PositionRules], tokens: int) -> dict[str, Any]:
    """The fields of a configuration that make a model as long as `tokens` by the scaling that its makers have tried.

    They advise a factor no larger than needed: it costs quality on short texts.
    """
    factor = float(min(yarn.factor, ceil(tokens / yarn.original)))
    entry = {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": yarn.original}
    fields: dict[str, Any] = {rules[0].fields[0]: {**dict(yarn.beside), **entry}}
    if any("yarn" in one.unscaled for one in rules):
        fields["max_position_embeddings"] = tokens
    return {yarn.within: fields} if yarn.within else fields


def lengthened(overrides: Mapping[str, Any], tokens: int) -> dict[str, Any]:
    """Overrides with the length beside them, in the part of the configuration that they are of."""
    length = {"max_position_embeddings": tokens}
    inner = next((name for name in _INNER if isinstance(overrides.get(name), Mapping)), "")
    return merged(overrides, {inner: length} if inner else length)


def merged(overrides: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides with further ones, which go before, in each part of the configuration."""
    parts = {
        name: {**overrides[name], **value}
        for name, value in further.items()
        if name in _INNER and isinstance(overrides.get(name), Mapping)
    }
    return {**overrides, **further, **parts}


def only_positions(overrides: Mapping[str, Any]) -> bool:
    """Whether overrides change no more than positions, and what a model makes of its last layer."""
    return all(place.keys() <= {*_INNER, *_HARMLESS} for place in _places(overrides))


def _places(overrides: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [overrides, *(overrides[name] for name in _INNER if isinstance(overrides.get(name), Mapping))]


def _entries(place: Mapping[str, Any], rules: PositionRules) -> Iterator[Mapping[str, Any]]:
    """The scalings of a place: one, or one for each type of layer."""
    for name in rules.fields:
        value = place.get(name)
        if isinstance(value, Mapping) and value:
            nested = [entry for entry in value.values() if isinstance(entry, Mapping)]
            yield from nested if len(nested) == len(value) else [value]


def _lacking(entry: Mapping[str, Any]) -> str:
    needed = ("rope_type", *_NEEDED.get(str(entry.get("rope_type")), ()))
    return next((name for name in needed if not isinstance(entry.get(name), int | float | str)), "")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
