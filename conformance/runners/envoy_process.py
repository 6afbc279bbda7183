"""A real Envoy on the files of a rendered gateway, as its container would see them: mounts and keys as files."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from conformance.runners.process import free_port
from generator.core.plan.service import SECRETS
from generator.gateways.envoy.clusters import TRUSTED
from generator.gateways.envoy.words import ADMIN_PORT, HOME, METRICS_PORT, PORT, RUN

START_S = 300
WHERE = "from envoy import _bin; print(list(_bin.__path__)[0])"


def program(python: Path) -> Path:
    """Envoy's program in the environment of the given Python."""
    done = subprocess.run([python, "-c", WHERE], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()) / "envoy"


class EnvoyProcess:
    """Envoy on a copy of `gateway` (a folder with `envoy.yaml` and `xds/`); use it as a context.

    `keys` are the values of secrets by variable, written where the container would have them. The folder of `xds/` is
    laid out as Kubernetes mounts a ConfigMap: each file is a link through `..data`, which `change` swings in one step.
    `command` is what its container starts; without it Envoy is started by itself, which ends without waiting for calls.
    """

    def __init__(
        self,
        program: Path,
        gateway: Path,
        home: Path,
        keys: Mapping[str, str],
        *,
        trusted: str = TRUSTED,
        workers: int = 1,
        command: Sequence[str] = (),
    ) -> None:
        self.program, self.home, self.workers = program, home, workers
        self.port, self.admin_port, self.metrics_port = free_port(), free_port(), free_port()
        self.places = {HOME: str(home / "etc"), SECRETS: str(home / "secrets"), TRUSTED: trusted}
        for folder in ("etc/xds", "secrets"):
            (home / folder).mkdir(parents=True)
        for name, value in keys.items():
            (home / "secrets" / name).write_text(f"{value}\n")
        self.bootstrap = home / "etc" / "envoy.yaml"
        ports = {PORT: self.port, ADMIN_PORT: self.admin_port, METRICS_PORT: self.metrics_port}
        text = self._moved((gateway / "envoy.yaml").read_text())
        for old, new in ports.items():
            assert f"port_value: {old}\n" in text
            text = text.replace(f"port_value: {old}\n", f"port_value: {new}\n")
        self.bootstrap.write_text(text.replace("address: 0.0.0.0", "address: 127.0.0.1"))
        script = (gateway / RUN).read_text()
        for old in (PORT, ADMIN_PORT):
            assert script.count(f"={old} ") == 1
            script = script.replace(f"={old} ", f"={ports[old]} ")
        (home / "etc" / RUN).write_text(script)
        self.command = [self._moved(word) for word in command] or [str(program), "-c", str(self.bootstrap)]
        self.tables = {path.name: self._moved(path.read_text()) for path in sorted((gateway / "xds").glob("*.yaml"))}
        self._generation = 0
        self._swing()
        self.process: subprocess.Popen[bytes] | None = None

    def _moved(self, text: str) -> str:
        for old, new in self.places.items():
            text = text.replace(old, new)
        return text

    def _swing(self) -> None:
        """Write all tables into a new folder and make `..data` point there, in one step."""
        xds = self.home / "etc" / "xds"
        self._generation += 1
        folder = xds / f"..{self._generation}"
        folder.mkdir()
        for name, text in self.tables.items():
            (folder / name).write_text(text)
            if not (xds / name).is_symlink():
                (xds / name).symlink_to(Path("..data") / name)
        (xds / "..new").symlink_to(folder.name)
        (xds / "..new").rename(xds / "..data")

    def table(self, name: str) -> Any:
        """The resources of a file of `xds/`."""
        return yaml.safe_load(self.tables[f"{name}.yaml"])["resources"]

    def change(self, name: str, resources: Any) -> None:
        """Replace a file of `xds/` as a ConfigMap is replaced."""
        self.tables[f"{name}.yaml"] = yaml.safe_dump({"resources": resources})
        self._swing()

    def validate(self) -> subprocess.CompletedProcess[str]:
        """Envoy's own judgement of the bootstrap."""
        command = [str(self.program), "--mode", "validate", "-c", str(self.bootstrap)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def __enter__(self) -> "EnvoyProcess":
        self._log = (self.home / "log").open("wb")
        options = ("--use-dynamic-base-id", "--concurrency", str(self.workers), "-l", "warning")
        self.process = subprocess.Popen(
            [*self.command, *options],
            env={**os.environ, "PATH": f"{self.program.parent}:{os.environ['PATH']}"},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait(self) -> None:
        """Until it serves."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"envoy ended:\n{self.log()[-4000:]}")
            try:
                if self.admin("GET", "/ready") == "LIVE\n":
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"envoy does not serve after {START_S} s:\n{self.log()[-4000:]}")

    def admin(self, method: str, path: str) -> str:
        """What the administration says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        try:
            connection.request(method, path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def stats(self, pattern: str) -> dict[str, int]:
        """Counters whose name matches."""
        found = json.loads(self.admin("GET", f"/stats?format=json&filter={pattern}"))["stats"]
        return {item["name"]: item["value"] for item in found if "name" in item}

    def run(self, command: Sequence[str]) -> int:
        """The code that a command of the container ends with."""
        return subprocess.run([self._moved(word) for word in command], capture_output=True, check=False).returncode

    def watches(self) -> int:
        """How many instances of inotify it has."""
        assert self.process is not None
        found = 0
        for file in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # one that was closed meanwhile
                found += file.readlink().name == "anon_inode:inotify"
        return found

    def log(self) -> str:
        """All it has said, its access log included."""
        return (self.home / "log").read_text(errors="replace")

    def accesses(self) -> list[dict[str, Any]]:
        """The access log, flushed."""
        self.admin("POST", "/reopen_logs")
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def stop(self) -> None:
        """End this process, and what it has started, by its own id."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self._log.close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
