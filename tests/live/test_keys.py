"""Docker hosts: every failure of the keys of a project, what Compose itself reads of a `.env`, and no value printed."""

import json
import os
import secrets
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.core.plan import SecretUse
from generator.live import keys
from tests.consumers.patience import PATIENCE_S
from tests.consumers.tools import tool
from tests.live.cases import Case
from tests.live.conftest import Preflight, played
from tests.live.docker_host import CASES, SPEC, VALUES, dotenv

Put = Callable[[str], None]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Writes the `.env` of the host; the surroundings set none of its variables."""
    for name in VALUES:
        monkeypatch.delenv(name, raising=False)

    def write(text: str) -> None:
        folder = tmp_path / "outputs" / "acme" / "default" / "compose" / "desk"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".env").write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failure(case: Case, put: Put, preflight: Preflight) -> None:
    put(case.dotenv)
    played(case, preflight, SPEC)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("output", ["text", "json", "sarif", "github", "gitlab"])
def test_no_value_is_printed(case: Case, output: str, put: Put, preflight: Preflight) -> None:
    put(case.dotenv)
    done = preflight(SPEC, "-o", output)
    values = [line.partition("=")[2].strip("' ") for line in case.dotenv.splitlines()]
    shown = [value for value in values if len(value) > 3 and value in done.out + done.err]
    assert shown == []


def test_all_is_well(put: Put, preflight: Preflight) -> None:
    put(dotenv())
    done = preflight(SPEC)
    assert done.code == 0, done.out
    assert [line.split()[2] for line in done.out.splitlines()[1:]] == sorted(VALUES)
    assert "what was asked is as the fleet needs it" in done.err


def test_the_environment_comes_first(put: Put, preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    put(dotenv(GOLD_KEY=None))
    monkeypatch.setenv("GOLD_KEY", VALUES["GOLD_KEY"])
    assert preflight(SPEC).code == 0
    monkeypatch.setenv("MASTER_KEY", "sk-1234")
    document = json.loads(preflight(SPEC, "-o", "json").out)
    assert [item["id"] for item in document["findings"]] == ["GEN561"]
    # Compose refuses a variable that the environment sets to nothing, whatever the file says.
    monkeypatch.setenv("MASTER_KEY", "")
    document = json.loads(preflight(SPEC, "-o", "json").out)
    assert [item["id"] for item in document["findings"]] == ["GEN560"]


def test_elsewhere_there_is_nothing_to_ask(put: Put, preflight: Preflight) -> None:
    done = preflight(SPEC)
    assert done.code == 0
    assert "there is no outputs/acme/default/compose/desk/.env here" in done.out


def test_a_file_that_is_none(tmp_path: Path, put: Put, preflight: Preflight) -> None:
    put("")
    file = tmp_path / "outputs/acme/default/compose/desk/.env"
    file.unlink()
    os.mkfifo(file)
    assert preflight(SPEC).code == 0


def test_a_named_folder_of_outputs(tmp_path: Path, put: Put, preflight: Preflight) -> None:
    put(dotenv(GOLD_KEY="sk-gold"))
    (tmp_path / "outputs").rename(tmp_path / "rendered")
    assert preflight(SPEC, "--out", "rendered").code == 1


@pytest.mark.parametrize(
    "random",
    [lambda: secrets.token_hex(32), lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(24), uuid.uuid4],
    ids=["hex-256", "hex-128", "base64-192", "uuid"],
)
def test_a_random_key_is_no_weak_one(random: Callable[[], object], put: Put, preflight: Preflight) -> None:
    put(dotenv(GOLD_KEY=f"sk-{random()}"))
    assert preflight(SPEC).code == 0


LINES = [
    "KEY=plain",
    "KEY='single $HOME # kept'",
    'KEY="double # kept"',
    "KEY=before # comment",
    "KEY = spaced ",
    "export KEY=exported",
    "KEY=a=b",
    "KEY=first\nKEY=second",
    "# KEY=no\nKEY=yes",
    "KEY=",
    "KEY=one$HOME",
    "KEY=one${HOME}",
    'KEY="one$HOME"',
    "KEY=cost$5",
    "\ufeffKEY=marked",
    "KEY=crlf\r\nOTHER=x\r\n",
]


@pytest.mark.consumer("compose")
@pytest.mark.parametrize("text", LINES)
def test_compose_reads_the_same(text: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(text.encode())
    (tmp_path / "compose.yaml").write_text('services: {a: {image: x, environment: {SEEN: "${KEY-unset}"}}}\n')
    surroundings = {"PATH": os.environ["PATH"], "HOME": "/home/ada"}
    command = [tool("compose"), "--env-file", file, "--file", tmp_path / "compose.yaml", "config", "--format", "json"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    seen = json.loads(done.stdout)["services"]["a"]["environment"]["SEEN"].replace("$$", "$")
    value = (keys._filed(file) or {}).get("KEY")
    assert value is not None
    changed = "has a `$`, where Compose puts the value of another variable"
    said = [wrong for wrong, _ in keys._malformed(value, [SecretUse("x", "provider", ())])]
    assert (seen != value.text) == (changed in said), (seen, value)
