"""The `config.json` files that a spec names: read once, beside the spec, and never a crash."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.core.finding import Findings
from generator.load.configs import read_config
from generator.load.fleet import LoadedFleet, load_fleet
from generator.load.settings import Unread

HELD = {"model_type": "llama", "hidden_size": 4096}
SPEC = """\
models:
  chat:
    source: {huggingface: acme/chat, config: models/chat.json}
    placements:
      a: {source: {config: models/other.json}}
      b: {cluster: use1}
"""


def load(folder: Path, overlay: str = "") -> tuple[LoadedFleet, Findings]:
    (folder / "fleet.yaml").write_text(SPEC)
    (folder / "fleet.prod.yaml").write_text(overlay)
    findings = Findings()
    loaded = load_fleet(folder / "fleet.yaml", "prod" if overlay else "default", findings)
    assert loaded is not None
    return loaded, findings


def write(folder: Path, name: str, held: Any) -> None:
    file = folder / "models" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(held))


def test_a_path_becomes_what_the_file_holds(tmp_path: Path) -> None:
    write(tmp_path, "chat.json", HELD)
    write(tmp_path, "other.json", {"model_type": "qwen3"})
    loaded, findings = load(tmp_path)
    assert len(findings) == 0
    chat = loaded.data["models"]["chat"]
    assert chat["source"] == {"huggingface": "acme/chat", "config": HELD}
    assert chat["placements"] == {"a": {"source": {"config": {"model_type": "qwen3"}}}, "b": {"cluster": "use1"}}
    assert loaded.base.data["models"]["chat"]["source"]["config"] == "models/chat.json"


def test_the_overlay_replaces_a_path_and_never_mixes_two_files(tmp_path: Path) -> None:
    write(tmp_path, "chat.json", HELD)
    write(tmp_path, "other.json", {"model_type": "qwen3"})
    loaded, _ = load(tmp_path, "models: {chat: {source: {config: models/other.json}}}")
    assert loaded.data["models"]["chat"]["source"]["config"] == {"model_type": "qwen3"}
    loaded, _ = load(tmp_path, "models: {chat: {source: {config: {hidden_size: 1}}}}")
    assert loaded.data["models"]["chat"]["source"]["config"] == {"hidden_size": 1}


def test_a_file_that_is_missing_is_found_where_it_was_named(tmp_path: Path) -> None:
    write(tmp_path, "chat.json", HELD)
    write(tmp_path, "othr.json", HELD)
    loaded, findings = load(tmp_path)
    [finding] = findings
    assert finding.path == ("models", "chat", "placements", "a", "source", "config")
    assert loaded.locate(finding.path).line == 5
    assert (finding.id, finding.cause) == ("GEN255", "No such file or directory")
    assert "did you mean `models/othr.json`?" in finding.help
    assert loaded.data["models"]["chat"]["placements"]["a"]["source"] == {}
    overlaid, findings = load(tmp_path, "models: {chat: {placements: {a: {source: {config: models}}}}}")
    [finding] = findings
    assert overlaid.locate(finding.path).file.endswith("fleet.prod.yaml")


def test_a_folder_names_the_file_in_it(tmp_path: Path) -> None:
    write(tmp_path, "config.json", HELD)
    _, findings = load(tmp_path, "models: {chat: {source: {config: models}, placements: null}}")
    assert [finding.help for finding in findings] == ["write `config: models/config.json`"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "no JSON object"),
        (b"{", "not JSON: line 1"),
        (b"\xff", "no UTF-8"),
        (b'{"a": NaN}', "NaN is not a finite number"),
        (b'{"a": 1e400}', "1e400 is not a finite number"),
        (b"[" * 100_000, "cannot be used|not JSON|can be used"),
        (b" " * (5 * 2**20), "more than 4 MiB"),
        (None, "No such file"),
    ],
)
def test_a_file_that_says_nothing(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_bytes(content)
    found = read_config(path)
    assert isinstance(found, Unread)
    assert any(part in found.reason for part in reason.split("|"))


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_config(path) == {}
