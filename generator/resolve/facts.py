"""What is known of a placement's weights."""

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.spec import Source
from generator.resolve.candidate import Candidate


def facts_of(item: Candidate) -> ModelFacts | None:
    """What the catalogue knows of the placement's weights."""
    source: Source = item.settings["source"]
    kind = source.places[0]
    ref = getattr(source, kind)
    return reader.model(ref if kind == "huggingface" else f"{kind}:{ref}")
