"""What is known of weights: the catalogue's word, and what a spec says of weights that it does not know."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.finding import Findings
from generator.core.spec import Fleet, Source
from generator.load.fleet import load_fleet
from generator.resolve.placements.facts import from_config, similar, weights_facts
from generator.resolve.placements.settings import layered
from generator.validate.validate import validate
from tests.rules.cases import BASE

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
AWQ = {**LLAMA, "quantization_config": {"quant_method": "awq", "bits": 4}}


def facts(quantization: str | None = None, **source: Any) -> ModelFacts | None:
    written = Source(**{"huggingface": "acme/chat", **source})
    kind = written.places[0]
    settings: Any = SimpleNamespace(
        source=written, kind=kind, ref=getattr(written, kind), quantization=quantization or ""
    )
    return weights_facts(settings)


def test_the_catalogue_is_asked_by_the_place() -> None:
    assert facts(huggingface="Qwen/Qwen3-14B") is reader.models()["Qwen/Qwen3-14B"]
    assert facts() is None
    assert facts(huggingface=None, ollama="qwen3:8b") is reader.models()["ollama:qwen3:8b"]


@pytest.mark.parametrize(
    ("config", "given", "stored", "gib"),
    [(LLAMA, None, "none", 14.96), (AWQ, None, "awq", 5.3), (LLAMA, "awq", "awq", 5.3), (AWQ, "awq", "awq", 5.3)],
)
def test_a_configuration_gives_dimensions_format_and_size(
    config: dict[str, Any], given: str | None, stored: str, gib: float
) -> None:
    found = facts(given, config=config)
    assert found is not None
    assert (found.id, found.quantization, found.attention_heads, found.max_context) == ("acme/chat", stored, 32, 131072)
    assert found.weights_gib == pytest.approx(gib, rel=0.02)
    assert facts(given, config=config) is found


def test_a_format_that_the_spec_has_no_word_for_is_as_published() -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8"}}
    found = facts(config=config)
    assert found is not None
    assert (found.quantization, found.weights_gib) == ("none", pytest.approx(8.46, rel=0.02))


def test_a_configuration_that_says_too_little_gives_nothing() -> None:
    assert facts(config={"model_type": "llama"}) is None
    assert not isinstance(from_config("x", {"model_type": "llama"}), ModelFacts)


def test_a_base_gives_its_architecture() -> None:
    base = reader.models()["Qwen/Qwen3-14B"]
    found = facts(base="qwen3-14b")
    assert found is not None
    assert (found.id, found.base, found.architecture) == ("acme/chat", base.id, base.architecture)
    assert (found.weights_gib, found.quantization) == (base.weights_gib, "none")
    smaller = facts("awq", base="Qwen/Qwen3-14B")
    assert smaller is not None
    assert (smaller.quantization, smaller.weights_gib) == ("awq", pytest.approx(9.4, rel=0.03))
    assert facts(base="acme/unknown") is None


def test_the_size_that_is_written_counts() -> None:
    for source in ({"base": "Qwen/Qwen3-14B"}, {"config": LLAMA}, {"huggingface": "Qwen/Qwen3-14B"}, {}):
        found = facts(weights="1.5Gi", **source)
        assert found is not None
        assert (found.weights_gib, found.weights_from) == (1.5, "the spec")
    assert found.architecture is None
    assert (found.max_context, found.attention_heads) == (0, 0)


def source_of(folder: Path, overlay: dict[str, Any]) -> Source:
    """The layered source of the base's placement `lab` of `chat`."""
    (folder / "fleet.yaml").write_bytes(BASE.read_bytes())
    (folder / "fleet.case.yaml").write_text(json.dumps(overlay))
    findings = Findings()
    loaded = load_fleet(folder / "fleet.yaml", "case", findings)
    fleet: Fleet | None = validate(loaded, findings) if loaded else None
    assert fleet is not None
    assert not findings.has_errors, list(findings)
    model = fleet.models["chat"]
    [settings] = [settings for name, _, settings in layered(fleet, "chat", model) if name == "lab"]
    assert settings
    return settings.source


def test_other_weights_are_described_anew(tmp_path: Path) -> None:
    described = {"huggingface": "acme/chat", "base": "Qwen/Qwen3-14B", "weights": "28Gi", "revision": "a" * 40}
    other = {"huggingface": "acme/other"}
    found = source_of(tmp_path, {"models": {"chat": {"source": described, "placements": {"lab": {"source": other}}}}})
    assert (found.huggingface, found.base, found.config, found.weights, found.revision) == (
        "acme/other",
        None,
        None,
        None,
        None,
    )
    assert found.token is not None


def test_a_source_without_a_place_adds_to_the_one_above(tmp_path: Path) -> None:
    more = {"placements": {"lab": {"source": {"config": LLAMA}}}}
    found = source_of(tmp_path, {"models": {"chat": more}})
    assert (found.huggingface, found.config) == (
        "Qwen/Qwen3-14B-AWQ",
        json.dumps(LLAMA, sort_keys=True).replace(" ", ""),
    )
    assert found.token is not None


def test_a_misspelt_id_has_neighbours_of_its_owner_only() -> None:
    assert similar("huggingface", "qwen/qwen3-14")[0] == "Qwen/Qwen3-14B"
    assert similar("huggingface", "acme/Qwen3-14B") == ()
    # Known, but without dimensions: no other model was meant.
    assert similar("huggingface", "deepseek-ai/DeepSeek-V4-Flash") == ()
