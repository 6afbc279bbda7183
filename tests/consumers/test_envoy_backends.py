"""What a real Envoy does for the backends themselves: certificates, how many calls at a time, health, cooldown."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conformance.runners.envoy_process import EnvoyProcess, program
from generator.targets.gateway.target import GATEWAY
from tests import route_fleets
from tests.consumers.certificates import certificates
from tests.consumers.envoy_calls import FLOOD, Fake, chat, fakes, got, headers
from tests.consumers.http2 import EVENTS, GoingAway, going_away
from tests.consumers.patience import wait_until
from tests.consumers.tools import tool
from tests.trees import lay_out

pytestmark = pytest.mark.consumer("envoy")
NAMES: list[str | None] = []
"""The server names that the upstream was asked for over TLS."""


def secure(pem: Path) -> ThreadingHTTPServer:
    """A fake behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _, name, __: NAMES.append(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    return server


def fleet(plain: int, tls: int, going: int) -> Any:
    """Routes to one placement in the gateway's own cluster, one in another, and to providers behind TLS."""
    quick = {"timeouts": {"firstToken": "8s", "idle": "8s", "total": "20s"}, "retries": {"max": 0}}
    spare = [{"provider": "spare", "model": "m"}]
    return route_fleets.fleet(
        clusters={
            "cloud": {"platform": "eks"},
            "desk": {"platform": "docker", "endpoint": {"url": f"http://127.0.0.1:{plain}/far-wait"}},
        },
        providers={
            name: {"api": "openai-compatible", "url": f"{url}/{name}/v1"}
            for name, url in {
                "spare": f"http://127.0.0.1:{plain}",
                "trusted": f"https://localhost:{tls}",
                "impostor": f"https://127.0.0.1:{tls}",
                "going": f"https://localhost:{going}",
                "flaky-503": f"http://127.0.0.1:{plain}",
                "endless-flood": f"http://127.0.0.1:{plain}",
            }.items()
        },
        models={"far": route_fleets.model("desk"), "near": route_fleets.model("cloud")},
        routes={
            "trusted": {"tiers": [[{"provider": "trusted", "model": "m"}]], **quick},
            "going": {"tiers": [[{"provider": "going", "model": "m"}]], **quick},
            "impostor": {"tiers": [[{"provider": "impostor", "model": "m"}], spare], **quick},
            "full": {"tiers": [[{"model": "far"}], spare], **quick},
            "healthy": {"tiers": [[{"model": "near"}], spare], **quick},
            "endless": {"tiers": [[{"provider": "endless-flood", "model": "m"}]], **quick},
            "flaky": {"tiers": [[{"provider": "flaky-503", "model": "m"}], spare], **quick},
        },
        gateways={"edge": {"kind": "envoy", "cluster": "cloud"}},
    )


def nearby(clusters: Any, port: int) -> Any:
    """The clusters with the engine on the loopback, asked for its health ten times a second."""
    [engine] = [item for item in clusters if item["name"] == "backend/near/cloud"]
    [endpoint] = engine["load_assignment"]["endpoints"][0]["lb_endpoints"]
    endpoint["endpoint"]["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": port}
    engine["health_checks"][0].update(interval="0.1s", no_traffic_interval="0.1s")
    return clusters


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyProcess]:
    """A running Envoy with two workers. The engine in its cluster is looked for on the loopback."""
    folder = tmp_path_factory.mktemp("backends")
    authority, pem = certificates(tool("moto"), folder, "localhost")
    server = secure(pem)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with fakes() as port, going_away(pem) as going:
        spec = fleet(port, server.server_address[1], going)
        items = [
            route_fleets.placement("far", "desk", "desk", concurrency=2, host_port=8000),
            route_fleets.placement("near", "cloud", "cloud", concurrency=4),
        ]
        plan, _ = route_fleets.plan(spec, items)
        lay_out(GATEWAY.render(plan), folder)
        keys = {"ENVOY_MASTER_KEY": "sk-made-up-root"}
        process = EnvoyProcess(
            program(tool("envoy")),
            folder / "gateway" / "edge",
            folder / "home",
            keys,
            trusted=str(authority),
            workers=2,
        )
        process.change("clusters", nearby(process.table("clusters"), port))
        with process:
            yield process
    server.shutdown()


def test_a_provider_is_asked_by_its_name_over_tls(gateway: EnvoyProcess) -> None:
    answer = chat(gateway, "trusted", key="root")
    assert (answer.status, answer.backend, answer.whole) == (200, "trusted", True)
    assert "localhost" in NAMES


def test_a_provider_that_goes_away_costs_no_call(gateway: EnvoyProcess) -> None:
    """GOAWAY of HTTP/2 lets the stream that runs end, and the next call takes another connection."""
    answers = [chat(gateway, "going", key="root") for _ in range(5)]
    assert [(answer.status, answer.whole) for answer in answers] == [(200, True)] * 5
    assert {answer.body for answer in answers} == {b"".join(EVENTS)}
    assert GoingAway.calls == GoingAway.connections == 5


def test_a_certificate_of_another_name_is_not_trusted(gateway: EnvoyProcess) -> None:
    answer = chat(gateway, "impostor", key="root")
    assert (answer.status, answer.backend) == (200, "spare")
    assert got("impostor") == []


def test_a_full_backend_is_passed_over_and_not_put_out(gateway: EnvoyProcess) -> None:
    Fake.hold.clear()
    with ThreadPoolExecutor(2) as pool:
        first = [pool.submit(chat, gateway, "full", key="root") for _ in range(2)]
        wait_until(lambda: len(got("far-wait")) == 2, "two calls under way")
        assert [chat(gateway, "full", key="root").backend for _ in range(5)] == ["spare"] * 5
        Fake.hold.set()
    assert [item.result().json for item in first] == [{"role": "far-wait"}] * 2
    assert chat(gateway, "full", key="root").json == {"role": "far-wait"}


def test_an_engine_whose_health_fails_is_not_asked(gateway: EnvoyProcess) -> None:
    def tier() -> str:
        return chat(gateway, "healthy", key="root").headers["x-fleet-tier"]

    for well, expected in ((True, "healthy/1"), (False, "healthy/2")):
        Fake.well = well
        wait_until(lambda expected=expected: tier() == expected, f"{expected} while the engine's health is {well}")
    Fake.well = True


def test_a_backend_that_fails_twice_is_left_out(gateway: EnvoyProcess) -> None:
    answers = [chat(gateway, "flaky", key="root") for _ in range(2)]
    out = r"^cluster\..*flaky.*\.outlier_detection\.ejections_active$"
    wait_until(lambda: sum(gateway.stats(out).values()) > 0, "the backend is left out")
    answers += [chat(gateway, "flaky", key="root") for _ in range(4)]
    assert {answer.backend for answer in answers} == {"spare"}
    assert len(got("flaky-503")) == 2


def test_a_backend_waits_for_a_caller_who_reads_slowly(gateway: EnvoyProcess) -> None:
    """What is under way stays far below the answer, most of it in the system's own buffers, and nothing is lost."""
    body = json.dumps({"model": "endless", "stream": True, "messages": []})
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    connection.request("POST", "/v1/chat/completions", body, headers("root"))
    answer = connection.getresponse()
    before = -1
    while Fake.flooded != before:
        before = Fake.flooded
        time.sleep(0.5)
    assert Fake.flooded < FLOOD / 2
    assert sum(len(part) for part in iter(lambda: answer.read(1 << 20), b"")) == FLOOD
    connection.close()
