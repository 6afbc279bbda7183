"""A real Envoy as its container runs it: what Prometheus may read, what its health check sees, and how it ends."""

import http.client
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.runners.envoy_process import EnvoyProcess, program
from generator import resources
from generator.gateways.bundle import bundles
from generator.targets.compose import gateway
from generator.targets.compose.env import Variables
from generator.targets.gateway.target import GATEWAY
from tests import route_fleets
from tests.consumers.envoy_calls import Fake, ask, chat, fakes, got
from tests.consumers.patience import PATIENCE_S, wait_until
from tests.consumers.tools import tool
from tests.trees import lay_out

pytestmark = pytest.mark.consumer("envoy")


DRAIN_S = 60
"""As long as the longest call may take; a process that ends before did not wait for that."""

Start = Callable[[], "Operated"]
"""Makes an Envoy that is started as its container starts it."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A gateway with a route to a stream that can be held up, and one to an answer that can."""
    Fake.calls.clear()
    Fake.hold.set()
    with fakes() as port:
        yield lambda: Operated(tmp_path, port)


class Operated(EnvoyProcess):
    """Envoy, started and asked for its health by the commands of the Compose service."""

    def __init__(self, folder: Path, port: int) -> None:
        names = ("steady-pause", "held-wait")
        times = {"firstToken": "60s", "idle": "60s", "total": f"{DRAIN_S}s"}
        spec = route_fleets.fleet(
            providers={
                name: {"api": "openai-compatible", "url": f"http://127.0.0.1:{port}/{name}/v1"} for name in names
            },
            models={"unused": route_fleets.model("desk")},
            routes={
                name.partition("-")[0]: {"tiers": [[{"provider": name, "model": "m"}]], "timeouts": times}
                for name in names
            },
            gateways={"edge": {"kind": "envoy", "cluster": "desk"}},
        )
        plan, _ = route_fleets.plan(spec)
        lay_out(GATEWAY.render(plan), folder)
        [item] = bundles(plan)
        assert item.service is not None
        _, self.service = gateway.service(item.gateway, item.service, "127.0.0.1", Variables())
        super().__init__(
            program(tool("envoy")),
            folder / "gateway" / "edge",
            folder / "home",
            {"ENVOY_MASTER_KEY": "sk-made-up-root"},
            workers=2,
            command=[*self.service["entrypoint"], *self.service["command"]],
        )

    def healthy(self) -> bool:
        """What the health check says."""
        kind, *command = self.service["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(command) == 0


def metrics(process: EnvoyProcess, method: str, path: str) -> tuple[int, str]:
    """The status and the text of what Prometheus's port answers."""
    connection = http.client.HTTPConnection("127.0.0.1", process.metrics_port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def asked(role: str) -> None:
    """Wait until a fake was asked."""
    wait_until(lambda: bool(got(role)), f"a call of {role}")


def ended(process: EnvoyProcess) -> float:
    """How long it takes to end, seconds."""
    started = time.monotonic()
    assert process.process is not None
    process.process.wait(PATIENCE_S)
    return time.monotonic() - started


def asked_to_end(process: Operated) -> None:
    """SIGTERM, as Docker and the kubelet send it; returns when nobody new comes in."""
    assert process.process is not None
    process.process.terminate()
    wait_until(lambda: not process.healthy(), "the health check fails")


def test_prometheus_reads_the_metrics_and_nothing_else(start: Start) -> None:
    with start() as process:
        assert chat(process, "steady", key="root").whole
        status, text = metrics(process, "GET", "/stats/prometheus")
        assert status == 200
        assert (
            'envoy_http_downstream_rq_xx{envoy_response_code_class="2",envoy_http_conn_manager_prefix="tenants"} 1'
            in text
        )
        assert 'envoy_cluster_upstream_rq_total{envoy_cluster_name="backend/steady-pause_m"} 1' in text
        assert 'envoy_cluster_upstream_rq_total{envoy_cluster_name="backend/held-wait_m"}' not in text, "never used"
        assert metrics(process, "GET", "/ready") == (200, "LIVE\n")
        for method, path in (
            ("POST", "/quitquitquit"),
            ("POST", "/stats/prometheus"),
            ("GET", "/config_dump"),
            ("GET", "/stats/prometheus/../../config_dump"),
            ("GET", "/stats/prometheus%2f..%2fconfig_dump"),
            ("GET", "/"),
        ):
            assert metrics(process, method, path)[0] == 404, path
        assert ask(process, "GET", "/stats/prometheus", key="root").status == 404
        assert process.admin("GET", "/server_info").startswith("{")


def test_a_stream_that_runs_at_the_end_ends_whole(start: Start) -> None:
    process = start()
    assert not process.healthy()
    with process, ThreadPoolExecutor(1) as pool:
        assert process.healthy()
        idle = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
        idle.request("GET", "/health")
        assert idle.getresponse().read() == b""
        Fake.hold.clear()
        stream = pool.submit(chat, process, "steady", key="root")
        asked("steady-pause")
        asked_to_end(process)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", process.port))
        # Prometheus sees it to the end, and a connection that was open takes its last call.
        assert metrics(process, "GET", "/stats/prometheus")[0] == 200
        idle.request("GET", "/health")
        last = idle.getresponse()
        assert (last.status, last.headers["connection"]) == (503, "close")
        assert not stream.done()
        Fake.hold.set()
        answer = stream.result()
        assert (answer.status, answer.whole) == (200, True)
        assert answer.body.endswith(b"data: [DONE]\n\n")
        assert ended(process) < DRAIN_S


def test_nothing_is_waited_for_when_nothing_runs(start: Start) -> None:
    with start() as process:
        assert chat(process, "steady", key="root").whole
        asked_to_end(process)
        assert ended(process) < DRAIN_S


def test_a_call_has_no_longer_than_the_longest_may_take(start: Start) -> None:
    process = start()
    assert process.service["command"][0] == str(DRAIN_S)
    process.command[process.command.index(str(DRAIN_S))] = "1"
    with process, ThreadPoolExecutor(1) as pool:
        Fake.hold.clear()
        call = pool.submit(chat, process, "held", key="root")
        asked("held-wait")
        assert process.process is not None
        process.process.terminate()
        assert 0.9 < ended(process) < DRAIN_S
        Fake.hold.set()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            call.result()


def test_it_ends_with_the_word_of_an_envoy_that_failed(start: Start) -> None:
    process = start()
    process.bootstrap.write_text("static_resources: {listenerz: []}\n")
    with pytest.raises(AssertionError, match="envoy ended"):
        process.__enter__()
    assert process.process is not None
    assert process.process.returncode == 1


@pytest.mark.consumer("shellcheck")
def test_the_script_is_clean() -> None:
    linter = tool("shellcheck").with_name("shellcheck")
    script = resources.templates() / "envoy" / "run.sh"
    options = ("--enable=all", "--exclude=SC2250,SC2312")
    done = subprocess.run([linter, *options, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
