"""Suggestions are a slip or two away, not merely alike."""

import pytest

from generator.catalog import names, reader
from generator.core.words import nearest, slips


@pytest.mark.parametrize(("word", "other", "count"), [("rtx-4900", "rtx-4090", 1), ("l40-s", "l40s", 1), ("", "ab", 2)])
def test_slips_are_counted(word: str, other: str, count: int) -> None:
    assert slips(word, other) == slips(other, word) == count


@pytest.mark.parametrize(
    "name", ["rx-7900-xt", "rx-9070", "rx-580", "gtx-1080-ti", "rtx-9000", "mi210", "m3-ultra", "k80"]
)
def test_what_is_merely_alike_is_not_suggested(name: str) -> None:
    assert names.near(name, reader.gpus()) == ()


def test_a_slip_away_is_suggested() -> None:
    assert names.near("rtx-4900", reader.gpus())[0] == "rtx-4090"
    assert names.near("l40-s", reader.gpus())[0] == "l40s"
    assert nearest("clutser", ["cluster", "clutter"])[0] in {"cluster", "clutter"}
