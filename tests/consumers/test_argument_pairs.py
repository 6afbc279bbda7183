"""What arguments say of each other, in the sources of each version: the text that shows a pair is there."""

from functools import cache

import pytest

from generator.catalog import reader
from generator.catalog.pairs import pairs
from generator.engines.pairs import Term
from tests.consumers.tools import tool

pytestmark = pytest.mark.consumer("vllm")


@cache
def sources(version: str) -> str:
    """All modules of a version that are unpacked."""
    files = sorted((tool("vllm") / version).rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("version", reader.engine("vllm").versions)
def test_every_pair_stands_in_the_sources_of_each_version_that_has_it(version: str) -> None:
    facts, text = reader.engine("vllm").versions[version], sources(version)
    assert "class EngineArgs" in text
    missing = [
        (pair.when, pair.relation)
        for pair in pairs("vllm")
        if Term.read(pair.when).known(facts)
        and any(Term.read(other).known(facts) for other in pair.others)
        and pair.says not in text
    ]
    assert not missing
