"""What is known of a placement's weights: by the catalogue, or by what the spec says of them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, get_args

from generator.catalog import hf_config, names, reader
from generator.catalog.facts import ModelFacts
from generator.core.spec.model import Quantization
from generator.core.units import gib
from generator.resolve.placements.settings import Settings
from generator.sizing.weights import BODY_BYTES, whole_gib

_SPEC = "the spec"


def weights_facts(settings: Settings) -> ModelFacts | None:
    """The facts of weights; None where nobody knows any. What the spec says goes before the catalogue."""
    source = settings.source
    id = settings.ref if settings.kind == "huggingface" else f"{settings.kind}:{settings.ref}"
    return _facts(id, source.config, source.base, source.weights, settings.quantization or "none")


@cache
def _facts(id: str, config: str | None, base: str | None, size: str | None, given: str) -> ModelFacts | None:
    """The arguments are what the spec says; they repeat, as placements inherit them."""
    weights = gib(size) if size else 0.0
    if config:
        read = from_config(id, json.loads(config), weights, given)
        return read if isinstance(read, ModelFacts) else None
    known = reader.model(base or id)
    if base:
        return _from_base(id, known, weights, given) if known else None
    if not weights:
        return known
    return replace(known, weights_gib=weights, weights_from=_SPEC) if known else _only_sized(id, weights, given)


def from_config(
    id: str, config: Mapping[str, Any], weights_gib: float = 0.0, given: str = "none"
) -> ModelFacts | hf_config.Unreadable:
    """The facts that a `config.json` holds, or why it says too little.

    Args:
        id: what the model is called.
        config: the configuration.
        weights_gib: size of the files of all weights; 0 counts it from the parameters.
        given: the format of the weights that was written elsewhere, for a configuration that names none.
    """
    architecture = hf_config.read(config)
    if isinstance(architecture, hf_config.Unreadable):
        return architecture
    stored, size = hf_config.quantization(config), hf_config.stored_format(config)
    if stored == "none":
        stored = size = given
    counted = whole_gib(architecture, size) if size in BODY_BYTES or size == "gguf" else 0.0
    return ModelFacts(
        id=id,
        weights_gib=weights_gib or round(counted, 2),
        weights_from=_SPEC if weights_gib else "parameters of its config.json",
        quantization=_word(stored),
        architecture=architecture,
        source="its config.json",
        as_of="",
        model_type=str(config.get("model_type") or ""),
    )


@cache
def similar(kind: str, ref: str) -> tuple[str, ...]:
    """What a place of weights that the catalogue does not know may have meant, as a source of this kind writes it.

    The models of the same owner whose ids look like this one; those of an owner who is spelt nearly so.
    """
    hub, place = kind == "huggingface", f"{kind}:"
    owned = [id if hub else id.removeprefix(place) for id in reader.models() if hub or id.startswith(place)]
    if ref in owned:
        return ()
    if hub:
        owned = names.of_owner(ref.partition("/")[0].lower(), owned)
    return names.near(ref, owned)


def _from_base(id: str, base: ModelFacts, weights_gib: float, given: str) -> ModelFacts | None:
    if base.architecture is None:
        return None
    stored = base.quantization if given == "none" else given
    counted, counted_from = base.weights_gib, f"those of {base.id}"
    if stored != base.quantization:
        counted = round(whole_gib(base.architecture, stored), 2) if stored != "compressed-tensors" else 0.0
        counted_from = f"parameters of {base.id}"
    return replace(
        base,
        id=id,
        base=base.id,
        weights_gib=weights_gib or counted,
        weights_from=_SPEC if weights_gib else counted_from,
        quantization=stored,
        custom_code=(),
    )


def _only_sized(id: str, weights_gib: float, given: str) -> ModelFacts:
    return ModelFacts(id, weights_gib, _SPEC, given, None, _SPEC, "")


def _word(stored: str) -> str:
    """The spec's word for a format; an engine reads one that the spec has no word for from the files themselves."""
    return stored if stored in get_args(Quantization) else "none"
