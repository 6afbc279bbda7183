"""No secret that is pasted into a spec is ever printed: a canary in every place, every output searched for it.

`tests.pasted.places` enumerates the places from the JSON schema, `tests.pasted.WAYS` lists the ways of pasting; each is
checked as an overlay and as a spec of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from generator.core.finding import Finding
from generator.core.lazy import load
from generator.core.protocols import Report
from generator.load.hidden import Hidden
from generator.load.shapes import UNKNOWN, fleet_shapes
from generator.pipeline import check
from generator.report import REPORTS
from tests.gen_command import Done, Gen, gen
from tests.pasted import CANARY, FORMS, PIECES, WAYS, places, spec_with
from tests.rules.cases import BASE

__all__ = ["gen"]

PLACES = list(places())
_VALUES = list(FORMS.values())


def leaks(text: str) -> list[str]:
    """The lines that hold a piece of the canary."""
    return [line for line in text.splitlines() if any(piece in line.casefold() for piece in PIECES)]


def printed(found: tuple[Finding, ...]) -> str:
    """The findings in every format, and as they are."""
    reporters: Iterator[Report] = (load(reference) for reference in REPORTS.values())
    return "\n".join([*(reporter.findings(found, colour=False) for reporter in reporters), repr(found)])


def checked(folder: Path, overlay: str) -> tuple[Finding, ...]:
    (folder / "fleet.yaml").write_bytes(BASE.read_bytes())
    (folder / "fleet.case.yaml").write_text(overlay, encoding="utf-8")
    return check(folder / "fleet.yaml", "case").findings


@pytest.mark.parametrize("way", WAYS)
def test_a_pasted_secret_is_not_printed(tmp_path: Path, way: str) -> None:
    text = way.replace("CANARY", CANARY)
    assert leaks(printed(checked(tmp_path, text))) == []
    (tmp_path / "fleet.yaml").write_text(text, encoding="utf-8")
    assert leaks(printed(check(tmp_path / "fleet.yaml", "default").findings)) == []


def test_there_are_as_many_ways_as_were_found() -> None:
    assert len(set(WAYS)) == len(WAYS) >= 59
    assert all("CANARY" in way or "Zq7can" in way for way in WAYS)


@pytest.mark.parametrize("number", range(len(PLACES)), ids=lambda number: ".".join(map(str, PLACES[number])))
def test_no_place_of_the_schema_shows_what_means_a_secret(number: int) -> None:
    for value in _VALUES:
        text = yaml.safe_dump(spec_with(PLACES[number], value), width=1000)
        hidden = Hidden(text)
        lines = "\n".join(hidden.line(line) for line in range(text.count("\n")))
        assert leaks(lines) == []


SHAPES = fleet_shapes()
CLOSED = [path for path in PLACES if SHAPES.below(SHAPES.at(path), "unheard")[0] is UNKNOWN]


@pytest.mark.parametrize("path", CLOSED, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("key", ["apikye", "unheard"])
def test_no_place_of_the_schema_shows_what_stands_under_a_key_that_it_does_not_know(
    path: tuple[str | int, ...], key: str
) -> None:
    text = yaml.safe_dump(spec_with(path, {key: CANARY}), width=1000)
    hidden = Hidden(text)
    assert leaks("\n".join(hidden.line(line) for line in range(text.count("\n")))) == []


@pytest.mark.parametrize("number", range(0, len(PLACES), 3), ids=lambda number: ".".join(map(str, PLACES[number])))
def test_no_finding_about_a_place_prints_the_secret(tmp_path: Path, number: int) -> None:
    value = _VALUES[number // 3 % len(_VALUES)]
    found = checked(tmp_path, yaml.safe_dump(spec_with(PLACES[number], value), width=1000))
    assert leaks(printed(found)) == []


@pytest.mark.parametrize(
    "value",
    ["args: {api-key: CANARY}", "args: {hf-token: [CANARY]}", "args: {seed: 'https://u:CANARY@h/'}", "apikye: CANARY"],
)
def test_no_verb_prints_it(gen: Gen, value: str) -> None:
    spec = Path("fleet.yaml")
    text = spec.read_text().replace("version: 0.32.15", f"version: 0.32.15, {value}")
    spec.write_text(text.replace("CANARY", CANARY))
    runs = [("validate", "fleet.yaml", "-o", name) for name in REPORTS]
    runs += [("validate", "fleet.yaml", "--all-envs"), ("render", "fleet.yaml"), ("render", "fleet.yaml", "--check")]
    runs += [("explain", "fleet.yaml", path) for path in ("models.small", "small/local", "models.small.engine.args")]
    runs += [("explain", "fleet.yaml"), ("preflight", "fleet.yaml")]
    runs += [("diff", "fleet.yaml", "-o", name) for name in ("text", "markdown", "json")]
    for run in runs:
        done: Done = gen(*run)
        assert done.code == 1, run
        assert leaks(done.out + done.err) == [], run
