"""What each gateway was last seen to make of each row, as data; docs/gateways.md is made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from conformance.bench import Run
from conformance.deviations import DEVIATIONS
from conformance.rows import ROWS
from generator.catalog import reader
from generator.render.emit import yaml_text

FOLDER = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One cell: the level that was seen, and how the gateway differs, empty where it is exact."""

    level: str
    how: str


def write(run: Run) -> None:
    """Keep what was seen."""
    rows = {outcome.row.name: outcome.level for outcome in run.outcomes}
    data = {"gateway": run.kind, "version": reader.gateway(run.kind).version, "rows": rows}
    FOLDER.joinpath(f"{run.kind}.yaml").write_text(yaml_text(data, "Written by `make conformance`."), encoding="utf-8")


def version(kind: str) -> str:
    """The version that was seen; empty for a kind that never ran."""
    path = FOLDER / f"{kind}.yaml"
    return str(yaml.safe_load(path.read_text(encoding="utf-8"))["version"]) if path.exists() else ""


def read(kind: str) -> Mapping[str, Recorded]:
    """Every row's cell, in the order of the rows; `not-run` where nothing was seen."""
    path = FOLDER / f"{kind}.yaml"
    seen = yaml.safe_load(path.read_text(encoding="utf-8"))["rows"] if path.exists() else {}
    deviations = DEVIATIONS.get(kind, {})
    return {
        row.name: Recorded(seen.get(row.name, "not-run"), deviations[row.name].how if row.name in deviations else "")
        for row in ROWS
    }


def level(levels: Sequence[str]) -> str:
    """The level of a behaviour from those of its rows: exact only where each of them is."""
    ran = set(levels) - {"not-run"}
    if not ran:
        return "not-run"
    if set(levels) == {"exact"} or ran == {"not-possible"}:
        return ran.pop()
    return "approximated"


def behaviours(kind: str) -> Mapping[str, str]:
    """The level of every behaviour that a row proves."""
    cells = read(kind)
    names = dict.fromkeys(row.behaviour for row in ROWS)
    return {name: level([cells[row.name].level for row in ROWS if row.behaviour == name]) for name in names}
