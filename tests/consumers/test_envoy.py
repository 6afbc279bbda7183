"""A real Envoy serves the rendered files, and does for callers what the capability table says."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from conformance.runners.envoy_process import EnvoyProcess, program
from generator.gateways.envoy.routes import CALLERS_HEADERS
from scripts.generate.envoy_filter import FOLDER, built
from tests.consumers.envoy_calls import KEYS, LONG_S, Fake, ask, chat, fakes, got, headers
from tests.consumers.envoy_fleet import ROUTES, VALUES, keys, write
from tests.consumers.patience import wait_until
from tests.consumers.tools import tool

ROOT = Path(__file__).resolve().parents[2]
RENDERED = sorted(
    {path.parent for place in ("outputs", "tests/cases") for path in (ROOT / place).rglob("gateway/*/envoy.yaml")}
)
SECRETIVE = (
    *(
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "x-auth-token",
        "cookie",
        "proxy-authorization",
        "x-amz-security-token",
    ),
    *("openai-organization", "openai-project", "openai-beta", "anthropic-version", "anthropic-beta"),
    *("x-stainless-lang", "helicone-auth", "x-litellm-tags", "http-referer", "origin", "referer", "priority", "user"),
    *("x-forwarded-host", "x-real-ip", "forwarded", "via", "accept-language", "x-session-id"),
    *("x-envoy-max-retries", "x-envoy-upstream-rq-timeout-ms", "x-envoy-force-trace"),
    *("x-fleet-user", "x-fleet-tier", "x-fleet-backend", "x-fleet-tenant", "x-fleet-cause", "x-fleet-model"),
)
"""Of a caller: keys, accounts, places, orders to a proxy, and what only the gateway itself may say."""

pytestmark = pytest.mark.consumer("envoy")


def put_out(gateway: EnvoyProcess, cluster: str, backends: int = 1) -> None:
    """Wait until so many backends are left out: Envoy's main thread does that after an answer is passed on."""
    pattern = rf"^cluster\.{cluster}\.outlier_detection\.ejections_active$"
    wait_until(lambda: sum(gateway.stats(pattern).values()) == backends, f"{backends} out of {cluster}")


@pytest.fixture(scope="module")
def envoy() -> Path:
    """Envoy's program."""
    return program(tool("envoy"))


def test_something_is_rendered() -> None:
    assert RENDERED


@pytest.mark.parametrize("gateway", RENDERED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_takes_every_rendered_file(envoy: Path, gateway: Path, tmp_path: Path) -> None:
    process = EnvoyProcess(envoy, gateway, tmp_path, keys(gateway))
    judged = process.validate()
    assert judged.returncode == 0, judged.stderr[-2000:]
    with process:
        taken = process.stats(r"(\.cds|\.rds\..*|^sds\..*)\.update_(success|rejected)$")
        assert {name: count for name, count in taken.items() if name.endswith("rejected") and count} == {}
        assert {name for name, count in taken.items() if name.endswith("success") and not count} == set()
        assert len(taken) == 2 * len(process.tables)
        served = [item["match"]["headers"] for item in process.table("routes")[0]["virtual_hosts"][0]["routes"][:-1]]
        public = {header["string_match"]["exact"] for headers in served for header in headers[:1]}
        known = process.table("tenants")[0]["typed_per_filter_config"]["fleet.tenant"]["filter_context"]["keys"]
        listed = ask(process, "GET", "/v1/models", key=Path(known["*"]).read_text().strip())
        assert {item["id"] for item in listed.json["data"]} == public
    assert "deprecated" not in process.log()


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """The port of the fakes."""
    with fakes() as port:
        yield port


@pytest.fixture(scope="module")
def gateway(envoy: Path, upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyProcess]:
    """A running Envoy in front of the fakes."""
    folder = tmp_path_factory.mktemp("envoy")
    rendered = write(folder / "rendered", upstream)
    values = {name: f"sk-{name.lower()}" for name in keys(rendered)}
    values |= {name: KEYS[who] for name, who in VALUES.items()}
    with EnvoyProcess(envoy, rendered, folder / "home", values) as process:
        yield process


def test_each_backend_gets_its_own_host_path_key_and_model(gateway: EnvoyProcess) -> None:
    answer = chat(gateway, "three", prompt='say "model": "x"')
    assert answer.status == 200
    assert answer.backend == "spare"
    asked = ("three-503", "three2-503", "spare")
    for role in asked:
        headers, body = got(role)[-1]
        host = headers["host"].partition(":")[0]
        assert headers["path"] == f"/{role}/v1/chat/completions"
        assert headers["authorization"] == f"Bearer sk-key_{role.replace('-', '_')}"
        assert body == {
            "model": f"upstream-{role}",
            "stream": True,
            "messages": [{"role": "user", "content": 'say "model": "x"'}],
        }
        assert host in {"localhost", "127.0.0.1"}
        assert not {name for name in headers if name.startswith(("x-fleet", "x-envoy", "x-forwarded"))}
    assert {got(role)[-1][0]["host"].partition(":")[0] for role in asked} == {
        "localhost",
        "127.0.0.1",
    }


def test_a_replaced_key_counts_and_a_missing_one_is_told(gateway: EnvoyProcess) -> None:
    def sent() -> str:
        assert chat(gateway, "rotated").status == 200
        return got("rotated")[-1][0]["authorization"]

    file = gateway.home / "secrets" / "KEY_ROTATED"
    assert sent() == "Bearer sk-key_rotated"
    file.write_text("sk-new\n")
    wait_until(lambda: sent() == "Bearer sk-new", "the replaced key", step_s=0.5)
    before = len(got("keyless"))
    (gateway.home / "secrets" / "KEY_KEYLESS").unlink()
    answer = chat(gateway, "keyless")
    assert (answer.status, answer.json["error"]["code"], len(got("keyless"))) == (401, "invalid_api_key", before)


def test_keys_need_no_watch_of_their_own(gateway: EnvoyProcess) -> None:
    """Linux gives a user 128 instances of inotify, and Envoy takes one for each file that it watches."""
    assert len(list((gateway.home / "secrets").iterdir())) > 30
    assert gateway.watches() == len(gateway.tables) == 5


@pytest.mark.parametrize(
    "route", ["busy", "limited", "broken", "overloaded", "reset", "refused", "late", "slow", "inside"]
)
def test_moves_on_before_the_first_event(gateway: EnvoyProcess, route: str) -> None:
    answer = chat(gateway, route)
    assert (answer.status, answer.backend, answer.whole) == (200, "spare", True)
    assert answer.headers["x-fleet-tier"] == f"{route}/2"
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert b"error" not in answer.body
    assert (1.9 if route in {"late", "slow"} else 0) < answer.seconds < LONG_S


@pytest.mark.parametrize(("route", "status"), [("mistake", 400), ("wrongkey", 401), ("unknown", 404)])
def test_a_mistake_is_the_callers_answer(gateway: EnvoyProcess, route: str, status: int) -> None:
    answer = chat(gateway, route)
    assert (answer.status, answer.backend) == (status, f"{route}-{status}")
    assert answer.json == {"error": {"message": "no"}}


@pytest.mark.parametrize("route", ["cut", "still"])
def test_never_leaves_a_backend_after_its_first_event(gateway: EnvoyProcess, route: str) -> None:
    before = len(got("spare"))
    answer = chat(gateway, route)
    assert (answer.status, answer.headers["x-fleet-tier"], answer.whole) == (200, f"{route}/1", False)
    assert answer.body.count(b"data: ") == 2
    assert len(got("spare")) == before
    assert answer.seconds < LONG_S, "a silent backend is given up after idle"


def test_only_a_stream_without_an_end_gets_an_error(gateway: EnvoyProcess) -> None:
    done, lost = chat(gateway, "done"), chat(gateway, "lost")
    assert b"error" not in done.body
    assert done.body.endswith(b'"finish_reason": "length"}]}\n\n')
    assert (lost.status, lost.whole, lost.body.count(b'"error"')) == (200, True, 1)
    last = lost.body.decode().rstrip().rpartition("\n")[2]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "stream_broken"


def test_the_total_ends_a_stream_that_keeps_sending(gateway: EnvoyProcess) -> None:
    answer = chat(gateway, "short")
    assert not answer.whole
    assert 0.9 < answer.seconds < LONG_S


def test_the_last_error_is_passed_on(gateway: EnvoyProcess) -> None:
    answer = chat(gateway, "dead")
    assert (answer.status, answer.backend) == (429, "dead2-429")
    assert "x-fleet-cause" not in answer.headers


def test_a_sibling_is_asked_before_the_next_tier(gateway: EnvoyProcess) -> None:
    answers = [chat(gateway, "sibling") for _ in range(4)]
    put_out(gateway, "tier/sibling/1")
    failed = len(got("sib1-503"))
    answers += [chat(gateway, "sibling") for _ in range(4)]
    assert {answer.backend for answer in answers} == {"sib2"}
    assert len(got("sib1-503")) == failed >= 2, "out of its tier after two failures in a row"


def test_retries_stay_in_their_bounds(gateway: EnvoyProcess) -> None:
    assert chat(gateway, "again").backend == "spare"
    assert len(got("again-500")) in {2, 3}, "left out after the second failure, which may be before the last retry"
    assert chat(gateway, "atonce").backend == "spare"
    assert len(got("atonce-503")) == 1, "the next tier can answer a 503 at once"


def test_honours_retry_after(gateway: EnvoyProcess) -> None:
    answer = chat(gateway, "alone")
    assert answer.status == 429
    assert len(got("alone-429")) == 2
    assert 0.9 < answer.seconds < LONG_S


def test_only_what_the_route_lists_moves_on(gateway: EnvoyProcess) -> None:
    assert chat(gateway, "only503").status == 429


def test_weights_share_the_calls_of_a_tier(gateway: EnvoyProcess) -> None:
    assert Counter(chat(gateway, "shares").backend for _ in range(40)) == {"w3": 30, "w1": 10}


def test_a_backend_without_weight_waits_for_the_others_to_fail(gateway: EnvoyProcess) -> None:
    assert {chat(gateway, "zero").backend for _ in range(6)} == {"z1"}
    assert [chat(gateway, "zerodown").backend for _ in range(2)] == ["spare", "spare"]
    put_out(gateway, "tier/zerodown/1")
    assert [chat(gateway, "zerodown").backend for _ in range(2)] == ["y0", "y0"]


def test_long_prompts_go_elsewhere(gateway: EnvoyProcess) -> None:
    assert chat(gateway, "prompts").backend == "prompts"
    assert chat(gateway, "prompts", prompt="word " * 500).backend == "large"


def test_a_long_prompt_in_chunks_goes_elsewhere_too(gateway: EnvoyProcess) -> None:
    body = json.dumps({"model": "prompts", "messages": [{"role": "user", "content": "word " * 500}]}).encode()
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request("POST", "/v1/chat/completions", iter([body]), headers("gold"))
    answer = connection.getresponse()
    assert (answer.status, answer.headers["x-fleet-tier"]) == (200, "prompts/long")
    connection.close()


def test_no_header_of_a_caller_names_the_model(gateway: EnvoyProcess) -> None:
    assert chat(gateway, "no-such-model", x_fleet_model="plain").status == 404
    assert chat(gateway, "plain", x_fleet_model="busy").backend == "plain"


@pytest.mark.parametrize("role", ["plain", "sticky", "copied"])
def test_a_backend_gets_the_headers_that_are_named_and_no_others(gateway: EnvoyProcess, role: str) -> None:
    """Of a call, of one whose callers are told apart by a header, and of a copy."""
    before, strange = len(got(role)), [f"x-{token_hex(4)}" for _ in range(20)]
    sent = {name: f"callers-{name}" for name in (*SECRETIVE, *strange, "traceparent", "x-seat")}
    answer = chat(
        gateway, "plain" if role == "plain" else "sticky", **{k.replace("-", "_"): v for k, v in sent.items()}
    )
    assert answer.status == 200
    wait_until(lambda: len(got(role)) > before, "the backend was asked")
    seen = {name.lower(): value for name, value in got(role)[-1][0].items()}
    kept = {"traceparent", "x-seat"}  # a route of this gateway is sticky by the second
    assert {name for name, value in seen.items() if "callers-" in value} == kept
    assert set(seen) - {"path"} <= {"host", "authorization", *CALLERS_HEADERS, *kept}
    assert seen["authorization"].startswith("Bearer ")
    assert "gold" not in seen["authorization"].split()


@pytest.mark.parametrize("model", ["no-such-model", "kept", ""])
def test_an_unknown_model_is_not_found(gateway: EnvoyProcess, model: str) -> None:
    answer = chat(gateway, model)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["error"]["code"] == "model_not_found"
    assert answer.json["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("model", ["a\r\nx-evil: 1\r\n\r\nHTTP/1.1 200 OK\r\n", "a\nb", "x" * 70_000, 5, ["x"], "é"])
def test_a_models_name_is_only_compared(gateway: EnvoyProcess, model: Any) -> None:
    """A name with line ends must not become headers of its own, nor an answer to somebody else's call."""
    for _ in range(3):
        answer = ask(gateway, "POST", "/v1/chat/completions", {"model": model}, key="gold")
        assert answer.status == 404
        assert not {"x-evil", "x-fleet-model"} & set(answer.headers)
    assert chat(gateway, "plain").backend == "plain"


def test_a_body_that_is_no_json_is_not_found(gateway: EnvoyProcess) -> None:
    assert ask(gateway, "POST", "/v1/chat/completions", b"{", key="gold").status == 404


@pytest.mark.parametrize(
    "path", ["/v1/files", "/v1/load_lora_adapter", "/v1/chat/completions/../../metrics", "/metrics"]
)
def test_other_paths_of_a_backend_stay_closed(gateway: EnvoyProcess, path: str) -> None:
    assert ask(gateway, "POST", path, {"model": "plain"}, key="gold").status == 404


def test_only_known_keys_come_in(gateway: EnvoyProcess) -> None:
    before = len(Fake.calls)
    for key in ("", "golden", "GOLD", "made up"):
        answer = chat(gateway, "plain", key=key)
        assert (answer.status, answer.json["error"]["code"]) == (401, "invalid_api_key")
    assert chat(gateway, "plain", key="nobody", x_fleet_tenant="gold").status == 401
    assert len(Fake.calls) == before
    assert ask(gateway, "GET", "/health").status == 200


def test_a_tenant_sees_and_calls_its_own_routes_only(gateway: EnvoyProcess) -> None:
    def listed(key: str) -> set[str]:
        return {item["id"] for item in ask(gateway, "GET", "/v1/models", key=key).json["data"]}

    assert listed("gold") == set(ROUTES) - {"kept"}
    assert listed("root") == set(ROUTES)
    assert listed("narrow") == {"waiting"}
    assert chat(gateway, "kept", key="gold").status == 404
    assert chat(gateway, "kept", key="gold", x_fleet_tenant="*").status == 404
    assert chat(gateway, "kept", key="root").status == 200


def test_a_tenants_rate_is_limited(gateway: EnvoyProcess) -> None:
    answers = [chat(gateway, "plain", key="slow") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json["error"]["code"] == "rate_limit_exceeded"
    assert chat(gateway, "plain").status == 200


def test_a_tenants_calls_at_a_time_are_limited(gateway: EnvoyProcess) -> None:
    Fake.hold.clear()
    with ThreadPoolExecutor(3) as pool:
        first = [pool.submit(chat, gateway, "waiting", key="narrow") for _ in range(2)]
        wait_until(lambda: len(got("v-wait")) == 2, "two calls under way")
        third = chat(gateway, "waiting", key="narrow")
        Fake.hold.set()
    assert (third.status, third.json["error"]["code"]) == (429, "rate_limit_exceeded")
    assert [item.result().status for item in first] == [200, 200]


def test_a_changed_weight_counts_without_a_restart(gateway: EnvoyProcess) -> None:
    """The running stream is of the very tier that changes."""
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(chat, gateway, "steady")
        wait_until(lambda: bool(got("s1-long")), "the stream")
        before = gateway.table("clusters")
        [cluster] = [item for item in before if item["name"] == "tier/steady/1"]
        [endpoints] = cluster["load_assignment"]["endpoints"]
        first, second = endpoints["lb_endpoints"]
        assert (first["load_balancing_weight"], second["load_balancing_weight"]) == (100_000, 1)
        first["load_balancing_weight"], second["load_balancing_weight"] = 1, 100_000
        gateway.change("clusters", before)
        wait_until(lambda: chat(gateway, "steady").backend == "s2", "the changed weight")
        answer = stream.result()
    assert (answer.backend, answer.whole) == ("s1-long", True)
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert gateway.stats("cds.update_rejected") == {"cluster_manager.cds.update_rejected": 0}


def test_the_access_log_says_who_called_what(gateway: EnvoyProcess) -> None:
    chat(gateway, "busy", x_request_id="find-me")
    [line] = [item for item in gateway.accesses() if item["model"] == "busy"][-1:]
    assert line["tenant"] == "gold"
    assert line["tier"] == "busy/2"
    assert line["upstream"] == "spare:upstream-spare"
    assert line["status"] == 200
    assert line["firstByteMs"] <= line["durationMs"]
    assert "Bearer" not in gateway.log()


def test_no_key_stands_in_a_file(gateway: EnvoyProcess) -> None:
    text = gateway.bootstrap.read_text() + "".join(gateway.tables.values())
    text += gateway.admin("GET", "/config_dump") + gateway.admin("GET", "/config_dump?resource=dynamic_route_configs")
    assert "upstream-spare" in text
    assert "sk-" not in text


def test_the_filter_is_built_from_its_source(envoy: Path) -> None:
    assert built() == (FOLDER / "first-event.wasm").read_bytes()
