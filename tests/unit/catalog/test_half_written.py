"""An entry that somebody has begun to write: the reader says which file, which entry and which key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import resources
from generator.catalog import engines, reader
from generator.core.errors import BugError

ENTRIES: list[tuple[str, str, Callable[[], Any], str]] = [
    ("engines/ghost.yaml", "title: Ghost\n", lambda: engines.read("ghost"), "the key 'repository'"),
    ("gateways/ghost.yaml", "title: Ghost\n", lambda: reader.gateway.__wrapped__("ghost"), "the key 'capabilities'"),
    ("charts.yaml", "ghost:\n  version: 1\n", reader.charts.__wrapped__, "entry `ghost`: the key 'images'"),
    ("gpus.yaml", "ghost:\n  gib: 1\n", lambda: reader.gpus.__wrapped__()["ghost"], "entry `ghost`: the key 'gib'"),
    ("pool_changes.yaml", "ghost: {}\n", lambda: reader.pool_changes.__wrapped__("elsewhere"), "entry `elsewhere`"),
    ("providers.yaml", "ghost:\n", reader.providers.__wrapped__, "entry `ghost`: 'NoneType'"),
]


@pytest.mark.parametrize(("file", "text", "read", "told"), ENTRIES)
def test_what_is_missing_is_told(
    file: str, text: str, read: Callable[[], Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "catalog", lambda: tmp_path)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    with pytest.raises(BugError) as raised:
        read()
    assert f"generator/catalog/data/{file}" in raised.value.message
    assert told in raised.value.message


def test_what_is_not_there_is_no_mistake_of_an_entry() -> None:
    assert reader.gpus().get("ghost") is None
