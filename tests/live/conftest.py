"""What the tests of preflight and refresh share: a guard against the internet, and clouds on the loopback."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import main
from tests.consumers.patience import PATIENCE_S
from tests.consumers.tools import tool
from tests.gen_command import Done
from tests.live.cases import Case
from tests.live.loopback import Cloud, serving

HERE = Path(__file__).parent
LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0"}
TRIED = {"169.254.169.254", "metadata.google.internal", "iamcredentials.googleapis.com"}
"""Where the clouds' own libraries look unasked, for a machine's identity or its bounds: they are refused, and go on."""

Preflight = Callable[..., Done]


@pytest.fixture(autouse=True)
def only_the_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """No test reaches the internet, nor this machine's own credentials; one that tries fails at its end."""
    look_up, connect, outside = socket.getaddrinfo, socket.socket.connect, []

    def guard(host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name not in LOOPBACK:
            if name not in TRIED:
                outside.append(name)
            raise OSError(f"a test may not reach {name}")

    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        guard(host)
        return look_up(host, *arguments, **options)

    def connected(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            guard(address[0])
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)
    monkeypatch.setattr(socket.socket, "connect", connected)
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "ARM_", "GOOGLE_", "CLOUDSDK_"))]:
        monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield outside
    assert outside == []


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The account of `moto_cloud.py`: its endpoint and its subnets."""
    python = tool("moto")
    log = tmp_path_factory.mktemp("moto") / "moto.log"
    with log.open("w") as errors:
        server = subprocess.Popen(
            [python, HERE / "moto_cloud.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line, log.read_text()
            yield json.loads(line)
        finally:
            server.communicate(timeout=PATIENCE_S)


@pytest.fixture
def aws(moto: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An AWS on the loopback: moto, and before it whatever a test says instead."""
    with serving(moto["endpoint"]) as cloud:
        monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        yield cloud


@pytest.fixture
def preflight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Preflight:
    """Runs `gen preflight` on the text of a spec."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795651200")

    def run(spec: str, *arguments: str, terminal: bool = False) -> Done:
        (tmp_path / "fleet.yaml").write_text(spec, encoding="utf-8")
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
        with pytest.raises(SystemExit) as stop:
            main(["preflight", "fleet.yaml", *arguments])
        captured = capsys.readouterr()
        return Done(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def robot() -> dict[str, str]:
    """A service account of Google with a key of its own."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": "acme",
        "client_email": "gen@acme.iam.gserviceaccount.com",
        "client_id": "1",
        "private_key_id": "1",
        "private_key": key.private_bytes(*form).decode(),
    }


@pytest.fixture
def gcp(robot: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A Google Cloud on the loopback, which gives out tokens too."""
    from generator.live.gcp import client

    with serving() as cloud:
        file = tmp_path / "robot.json"
        file.write_text(json.dumps({**robot, "token_uri": f"{cloud.url}/token"}))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "none"))
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        for name, path in (("COMPUTE", ""), ("CONTAINER", ""), ("STORAGE", "/storage/v1")):
            monkeypatch.setattr(client, name, f"{cloud.url}{path}")
        yield cloud


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An Azure on the loopback; its tokens are given out by the test."""
    from azure.core.credentials import AccessToken

    from generator.live.azure import session

    class Given:
        def __init__(self, **_: Any) -> None:
            self.token = "e30.eyJ1cG4iOiJhZGFAYWNtZS5leGFtcGxlIn0.s"

        def get_token(self, *_: str) -> AccessToken:
            return AccessToken(self.token, 4102444800)

    with serving() as cloud:
        monkeypatch.setattr(session, "DefaultAzureCredential", Given)
        monkeypatch.setattr(session, "MANAGEMENT", cloud.url)
        yield cloud


def played(case: Case, preflight: Preflight, spec: str) -> None:
    """See that a failure gives its finding, once, at its line, with its words, and its exit code."""
    done = preflight(case.spec(spec), "-o", "json")
    assert done.out, done.err
    found = [item for item in json.loads(done.out)["findings"] if item["id"] == case.id]
    assert found, done.out
    assert done.code == case.code, done.out
    text = " ".join(f"{item['message']} {item['cause']} {item['help']}" for item in found)
    assert [words for words in case.says if words not in text] == [], text
    if case.line:
        assert {item["line"] for item in found} == {case.line}
    others = {item["id"] for item in json.loads(done.out)["findings"]} - {case.id}
    assert others == set(), done.out
