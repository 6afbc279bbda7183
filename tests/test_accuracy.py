"""Holds the accuracy that the sizing model has reached against measured servers, and the page that shows it."""

from statistics import median

import pytest

from scripts.accuracy import cross_validate, gguf
from scripts.accuracy import memory as accuracy_memory


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
    assert v1.in_band >= 0.88
    assert v1.inside >= 0.9


def test_rows_that_were_not_fitted(rows):
    rest = accuracy_memory.figures([row for row in rows if row.v1 and not row.fitted])
    assert rest.median <= 0.5
    assert rest.p90 <= 2.5
    assert rest.in_band >= 0.85


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


def test_what_was_left_out_of_the_fit():
    """Each source left out in turn; `make accuracy` prints it, scripts.accuracy.cross_validate writes it."""
    rows = cross_validate.written()
    memory = next(row for row in rows if "memory" in row["what"])
    assert float(memory["median"].removesuffix(" GiB")) <= 0.5
    assert float(memory["p90"].removesuffix(" GiB")) <= 2.5
    assert all(int(row["inside"].removesuffix("%")) >= 80 for row in rows), rows
    single = next(row for row in rows if row["what"] == "one stream, dense")
    assert int(single["median"].removesuffix("%")) <= 10
    assert {row["what"]: f"{row['median_now']} {row['inside_now']}" for row in rows} == cross_validate.standing()


def test_sizes_of_gguf_files_and_their_caches():
    figures = list(gguf.figures())
    errors = {(figure.id, figure.name): abs(figure.error) for figure in figures}
    assert max(error for (_, name), error in errors.items() if name == "weights_gib") <= 0.03
    assert max(error for (_, name), error in errors.items() if name == "kv_gib") <= 0.01
    graphs = [figure for figure in figures if figure.name == "graph_gib" and figure.id != "G04"]
    assert all(figure.low <= figure.measured <= figure.high for figure in graphs)
