"""Every kind of finding has a case that shows it, and fails without it."""

from pathlib import Path

import pytest

from generator.core.finding import Kind
from generator.core.kinds import all_kinds, output
from generator.pipeline import check
from tests.rules.cases import BASE, Case, base_findings, cases, findings, problem

CASES = list(cases())
# No spec alone can show what is wrong with the files of a render, in a cloud (tests/live), or with an engine that is to
# come (tests/unit/engines/test_further_engine.py).
NOT_ABOUT_SPECS = ("GEN4", "GEN5", "GEN315")
BAD = [case for case in CASES if case.verdict == "bad"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, tmp_path: Path) -> None:
    assert problem(case, findings(case, tmp_path), tmp_path) == ""


@pytest.mark.parametrize("case", BAD, ids=str)
def test_case_fails_without_its_rule(case: Case, tmp_path: Path) -> None:
    without = tuple(finding for finding in findings(case, tmp_path) if finding.id != case.id)
    assert problem(case, without, tmp_path) != ""


def test_every_kind_has_a_case() -> None:
    covered = {case.id for case in BAD} & {case.id for case in CASES if case.verdict == "ok"}
    about_specs = [kind for kind in all_kinds() if not kind.id.startswith(NOT_ABOUT_SPECS)]
    assert [f"{kind.id} {kind.slug}" for kind in about_specs if kind.id not in covered] == []


def test_every_kind_about_files_on_disk_has_a_test() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted(BASE.parents[1].rglob("test_*.py")))
    names = {value.id: name for name, value in vars(output).items() if isinstance(value, Kind)}
    assert [id_ for id_, name in names.items() if id_ not in tests and name not in tests] == []


def test_every_case_belongs_to_a_kind() -> None:
    assert {case.id for case in CASES} <= {kind.id for kind in all_kinds()}


def test_ids_and_slugs_are_unique() -> None:
    kinds = all_kinds()
    assert len({kind.id for kind in kinds}) == len({kind.slug for kind in kinds}) == len(kinds)


def test_the_base_is_clean() -> None:
    loud = [(f.id, f.message, f.cause) for f in check(BASE, "default").findings if f.severity != "info"]
    assert loud == [], base_findings()
