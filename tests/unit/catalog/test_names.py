"""Names of GPUs and models as measurements and tables write them: each leads to the entry that is meant."""

import csv
from pathlib import Path

import pytest

from generator.catalog import names, reader

TRUTH = Path(__file__).resolve().parents[2] / "truth"
# What a row cannot say: which of two cards it was.
UNDECIDED = {"H200 (or H20) x8"}


def column(name: str) -> list[tuple[str, str]]:
    found = set()
    for path in sorted(TRUTH.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found |= {(path.name, row[name]) for row in csv.DictReader(stream)}
    return sorted(found)


@pytest.mark.parametrize(("file", "name"), column("gpu"))
def test_every_measured_gpu_is_in_the_catalogue(file: str, name: str) -> None:
    assert (reader.gpu(name) is not None) == (name not in UNDECIDED), f"{file}: {names.near(name, reader.gpus())}"


@pytest.mark.parametrize(("file", "name"), column("model"))
def test_every_measured_model_is_in_the_catalogue(file: str, name: str) -> None:
    assert reader.model(name) is not None, f"{file}: {names.near(name, reader.models())}"
