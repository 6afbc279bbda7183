"""The real gateways, started on rendered files in front of misbehaving upstreams, do what the results say."""

import pytest

from conformance import results
from conformance.bench import run
from conformance.rows import ROWS
from conformance.runners import RUNNERS
from tests.consumers.tools import tool

KINDS = [pytest.param(kind, marks=pytest.mark.consumer(kind)) for kind in RUNNERS]


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_as_recorded(kind: str) -> None:
    tool(kind)
    ran = run(kind, ROWS)
    wrong = [f"{one.row.name}: {'; '.join(one.wrong)}" for one in ran.outcomes if one.level == "fail"]
    assert wrong == []
    assert {one.row.name: one.level for one in ran.outcomes} == {
        name: cell.level for name, cell in results.read(kind).items()
    }, "make conformance RECORD=1 rewrites the record"


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_met_by_upstreams_turned_round(kind: str) -> None:
    tool(kind)
    ran = run(kind, [row.turned() for row in ROWS], again=False)
    assert [one.row.name for one in ran.outcomes if one.level not in {"fail", "not-run"}] == []
