"""No text counts one thing as many: every finding of every case, and every decision of every plan, is read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.core.plan import Plan
from generator.pipeline import check
from tests.rules.cases import BASE, Case, cases, findings

ONE_AS_MANY = re.compile(
    r"(?<![\w.,/:-])(?<!GPU )1 (?:(?:different|instance|attention|spot|full|other|more) )?"
    r"(?!(?:vs|less|has|is|was|does|always|times)\b)(?:[a-z]+s|GPUs|CPUs)\b"
    r"|(?<![\w.,/:-])1 of its nodes always run\b"
)
STACKS = sorted((BASE.parents[2] / "stacks").glob("*/fleet.yaml"))
CASES = list(cases())


def faults(text: str) -> list[str]:
    """Where one thing is counted as many; `x 1 nodes` and `1 to 1 nodes` too."""
    return [found[0] for found in ONE_AS_MANY.finditer(text)]


def texts(plan: Plan) -> Iterator[str]:
    """Every why of a plan."""
    for placement in plan.placements:
        yield from (f"{item.value} {item.why}" for item in placement.decisions)
    for cluster in plan.clusters:
        for pool in cluster.pools:
            yield from (f"{item.value} {item.why}" for item in pool.decisions)


@pytest.mark.parametrize("text", ["has 1 GPUs", "1 nodes of 1", "x 1 GPUs need", "for 1 requests"])
def test_the_reader_sees_them(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize("text", ["has 1 GPU", "of 11 nodes", "1.1 sequences", "1 of 2 replicas stays", "1, 4, 8 x l4"])
def test_the_reader_sees_no_others(text: str) -> None:
    assert not faults(text)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_findings_count_well(case: Case, tmp_path: Path) -> None:
    told = [text for found in findings(case, tmp_path) for text in (found.message, found.cause, found.help)]
    assert [fault for text in told for fault in faults(text)] == []


@pytest.mark.parametrize("spec", [BASE, *STACKS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_decisions_count_well(spec: Path) -> None:
    plan = check(spec, "default").plan
    assert plan is not None
    assert [(fault, text) for text in texts(plan) for fault in faults(text)] == []


def test_decisions_of_small_numbers_count_well(tmp_path: Path) -> None:
    """One request, one replica more, one sequence: what the larger fleets never come to."""
    spec = tmp_path / "fleet.yaml"
    spec.write_bytes(BASE.read_bytes())
    overlay = "models: {chat: {concurrency: 1, placements: {use1-l4: {replicas: {min: 2, max: 3, target: 1}}}}}\n"
    (tmp_path / "fleet.small.yaml").write_text(overlay)
    plan = check(spec, "small").plan
    assert plan is not None
    assert [(fault, text) for text in texts(plan) for fault in faults(text)] == []
