"""The age of facts: said of the day that is passed in, in messages alone."""

from datetime import UTC, date, datetime

import pytest

from generator.cli.today import today
from generator.pipeline import check, render
from tests.gen_command import Gen, snapshot
from tests.rules.cases import BASE


def test_the_day_changes_no_file() -> None:
    before, after = check(BASE, "default", date(2026, 12, 1)), check(BASE, "default", date(2036, 12, 1))
    assert [item for item in after.findings if item.id == "GEN272"]
    assert after.plan == before.plan
    assert [(a.path, a.content) for a in render(after)] == [(a.path, a.content) for a in render(before)]


def test_one_finding_for_a_kind_of_fact_names_the_oldest_and_the_count() -> None:
    found = [item for item in check(BASE, "default", date(2036, 12, 1)).findings if item.id == "GEN272"]
    told = {item.message for item in found}
    assert "facts about all 4 GPUs of this fleet are older than 90 days" in told
    assert "facts about the gateway of this fleet are older than 90 days" in told
    assert "facts about all 2 provider models of this fleet are older than 90 days" in told
    assert len(told) == len(found) == 7
    [price] = [item for item in found if "prices" in item.message]
    assert "`p5.48xlarge`" in price.cause
    assert "gen catalog show p5.48xlarge" in price.help


def test_the_day_may_be_given_as_reproducible_builds_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2031, 5, 6, 23, tzinfo=UTC).timestamp())))
    assert today() == date(2031, 5, 6)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert today() >= date(2026, 1, 1)


def test_a_later_render_differs_in_its_talk_alone(gen: Gen, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gen("render", "fleet.yaml").code == 0
    assert "GEN272" not in gen("validate", "fleet.yaml").out
    written = snapshot("outputs")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2036, 5, 6, tzinfo=UTC).timestamp())))
    later = gen("render", "fleet.yaml", "--check")
    assert later.code == 0
    assert "gen validate prints them" in later.err
    assert snapshot("outputs") == written
    assert gen("validate", "fleet.yaml").out.count("GEN272") >= 3
