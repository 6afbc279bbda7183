"""The capability tables claim what the bench saw and no more; the bench's own parts see what is wrong."""

from collections import Counter

import pytest

from conformance import results
from conformance.deviations import DEVIATIONS
from conformance.row import LEVELS
from conformance.rows import ROWS
from conformance.runners import RUNNERS, runner
from generator.catalog import reader
from generator.gateways import GATEWAYS

NAMES = [row.name for row in ROWS]


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_capability_table_claims_no_more_than_its_rows_saw(kind: str) -> None:
    table = reader.gateway(kind).capabilities
    seen = results.behaviours(kind)
    assert set(table) == set(seen), "every behaviour has a row, and every row a behaviour"
    for name, capability in table.items():
        # That a gateway lacks something may stand on its sources alone; that it has it may not.
        most = LEVELS.index("not-possible" if seen[name] == "not-run" else seen[name])
        assert LEVELS.index(capability.level) >= most, f"{kind}: {name} is {seen[name]} by the bench"


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_kind_whose_behaviour_was_seen_has_a_runner(kind: str) -> None:
    assert reader.gateway(kind).never_ran == (kind not in RUNNERS)
    assert kind not in RUNNERS or runner(kind).kind == kind


@pytest.mark.parametrize("kind", RUNNERS)
def test_the_record_is_of_the_rendered_version(kind: str) -> None:
    assert results.version(kind) == reader.gateway(kind).version
    assert set(results.read(kind)) == set(NAMES)


@pytest.mark.parametrize("kind", DEVIATIONS)
def test_a_deviation_is_of_a_row_and_says_how(kind: str) -> None:
    assert set(DEVIATIONS[kind]) <= set(NAMES)
    for name, deviation in DEVIATIONS[kind].items():
        assert deviation.level in set(LEVELS) - {"exact"}
        assert deviation.how.strip().rstrip(".") == deviation.how, name
        assert bool(deviation.expect) == (deviation.level != "not-run"), f"{name} proves nothing"


def test_rows_are_many_and_each_is_its_own() -> None:
    assert len(NAMES) >= 25
    assert Counter(NAMES).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    ("levels", "level"),
    [
        (["exact", "exact"], "exact"),
        (["exact", "approximated"], "approximated"),
        (["exact", "not-possible"], "approximated"),
        (["not-possible", "not-possible"], "not-possible"),
        (["exact", "not-run"], "approximated"),
        (["not-run"], "not-run"),
    ],
)
def test_a_behaviour_is_exact_only_where_each_row_is(levels: list[str], level: str) -> None:
    assert results.level(levels) == level
