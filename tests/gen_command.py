"""A fleet in a folder of its own and the `gen` command run in it, for the tests of the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.cli.main import main

SPEC = """\
apiVersion: fleetgen/v1
name: desk-chat
clusters:
  desk: {platform: docker}
models:
  small:
    source: {ollama: "qwen3:0.6b"}
    engine: {name: ollama, version: 0.32.15}
    context: 8192
    concurrency: 2
    placements:
      local: {cluster: desk}
routes:
  chat: {tiers: [[{model: small}]]}
gateways:
  edge: {kind: litellm, cluster: desk, hostPort: 4000}
"""
OVERLAY = "models: {small: {context: 4096}}\n"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Gen = Callable[..., Done]


@pytest.fixture
def gen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gen:
    """Runs gen in a folder that holds `fleet.yaml` and the overlay `prod`."""
    (tmp_path / "fleet.yaml").write_text(SPEC)
    (tmp_path / "fleet.prod.yaml").write_text(OVERLAY)
    monkeypatch.chdir(tmp_path)
    # What gen prints depends on the day: facts grow old.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795651200")

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        captured = capsys.readouterr()
        return Done(int(stop.value.code or 0), captured.out, captured.err)

    return run


def change(old: str, new: str, file: str = "fleet.yaml") -> None:
    path = Path(file)
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new))


def snapshot(folder: str) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}
