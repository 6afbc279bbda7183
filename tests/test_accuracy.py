"""Holds the accuracy that the sizing model has reached against measured servers, and the page that shows it."""

from statistics import median

import pytest

from scripts import accuracy_memory


@pytest.fixture(scope="module")
def rows() -> list[accuracy_memory.Row]:
    return accuracy_memory.rows()


@pytest.fixture(scope="module")
def v1(rows) -> accuracy_memory.Figures:
    return accuracy_memory.figures([row for row in rows if row.v1])


def test_the_catalogue_answers_the_truth(v1):
    assert v1.rows >= 58
    assert len(v1.available) >= 49
    assert len(accuracy_memory.unknown_rows()) <= 1


def test_memory_for_the_cache(v1):
    assert v1.median <= 0.3
    assert v1.p90 <= 1.5
    assert v1.in_band >= 0.85
    assert v1.inside >= 0.9


def test_rows_that_were_not_fitted(rows):
    rest = accuracy_memory.figures([row for row in rows if row.v1 and not row.fitted])
    assert rest.median <= 0.5
    assert rest.p90 <= 2.5
    assert rest.in_band >= 0.8


def test_tokens_of_a_known_cache(v1):
    assert max(v1.tokens) <= 0.003


def test_concurrency(v1):
    assert median(v1.concurrency) <= 0.05


def test_no_false_verdict_whatever_the_engine(rows):
    assert [row.id for row in rows if row.false_verdict] == []


def test_verdicts_are_not_all_tight(rows):
    """A model that calls everything tight is never wrong; this one commits itself."""
    assert sum(row.verdict.kind == "tight" for row in rows) <= len(rows) / 4
    refused = [row for row in rows if not row.ran]
    assert sum(row.verdict.kind == "does-not-fit" for row in refused) >= len(refused) / 2


def test_every_row_outside_is_explained(rows):
    outside = {row.id for row in rows if row.v1 and not_in_band(row)}
    assert outside == set(accuracy_memory.OUTSIDE)


def not_in_band(row: accuracy_memory.Row) -> bool:
    error = row.available_error
    return error is not None and not accuracy_memory.BAND[0] <= -error <= accuracy_memory.BAND[1]
