"""The age of facts: `gen catalog` and `gen version` tell it, and no check of a fleet does."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from generator.cli.today import today
from generator.pipeline import check
from generator.report import REPORTS
from generator.resolve.age import OLD_DAYS, summary, uses
from tests.gen_command import Gen
from tests.rules.cases import BASE

STACKS = Path(__file__).resolve().parents[3] / "stacks"


def test_each_fact_is_listed_once_the_oldest_first() -> None:
    checked = check(BASE, "default")
    assert checked.fleet
    assert checked.plan
    facts = uses(checked.fleet, checked.plan)
    names = [(use.shelf, use.name) for use in facts]
    assert len(names) == len(set(names))
    assert [use.as_of for use in facts] == sorted(use.as_of for use in facts)
    assert sum(use.shelf == "GPU" for use in facts) == 4
    assert ("price", "p5.48xlarge") in names
    assert summary(facts, date(2036, 12, 1)).startswith(f"{len(facts)} of the {len(facts)} facts are older than 90")
    assert summary(facts, date(2025, 12, 4)) == f"none of the {len(facts)} facts is older than {OLD_DAYS} days"


@pytest.mark.parametrize("stack", sorted(path.name for path in STACKS.iterdir()))
def test_facts_of_every_stack(gen: Gen, stack: str) -> None:
    """At most one line speaks of age, and every fact names the value that asked for it."""
    out = gen("catalog", "used", str(STACKS / stack)).out
    table, _, age = out.rpartition("\n\n")
    assert age.count("\n") == 1
    assert "older than 90 days" in age
    assert len(table.splitlines()) > 2
    listed = json.loads(gen("catalog", "used", str(STACKS / stack), "-o", "json").out)
    assert all(row["path"] for row in listed)


@pytest.mark.parametrize("output", list(REPORTS))
def test_no_report_changes_with_the_day(gen: Gen, monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    before = gen("validate", "fleet.yaml", "-o", output)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2036, 5, 6, tzinfo=UTC).timestamp())))
    assert gen("validate", "fleet.yaml", "-o", output) == before


def test_a_spec_with_errors_lists_no_facts(gen: Gen) -> None:
    with Path("fleet.yaml").open("a") as spec:
        spec.write("unknown: 1\n")
    done = gen("catalog", "used", "fleet.yaml")
    assert (done.code, done.out) == (1, "")


def test_version_says_when_facts_were_looked_up(gen: Gen) -> None:
    first, age = gen("version").out.splitlines()
    assert first.startswith("gen ")
    told = json.loads(gen("version", "-o", "json").out)["facts"]
    assert age == f"facts looked up from {told['oldest']} to {told['newest']}"
    assert date(2025, 1, 1) < date.fromisoformat(told["oldest"]) < date.fromisoformat(told["newest"])


def test_the_day_may_be_given_as_reproducible_builds_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2031, 5, 6, 23, tzinfo=UTC).timestamp())))
    assert today() == date(2031, 5, 6)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert today() >= date(2026, 1, 1)
