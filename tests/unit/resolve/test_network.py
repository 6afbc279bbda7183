"""The variables of containers: both spellings of a proxy, a NO_PROXY that knows what is near, the user's own word."""

from typing import Any

import pytest

from generator.core.plan import SecretRef
from generator.resolve.network import PROXIES, Surrounding, stays_inside

NEAR = ("localhost", "127.0.0.1", "::1", ".svc")
AROUND = Surrounding((("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", ".corp")), NEAR)
NOTHING = Surrounding((), NEAR)
SECRET = SecretRef("PROXY_URL", "proxy", "url")


@pytest.mark.parametrize("name", [*PROXIES, *(name.lower() for name in PROXIES)])
@pytest.mark.parametrize("value", ["http://own:1", SECRET, ""])
def test_a_proxy_in_one_spelling_is_in_both(name: str, value: Any) -> None:
    env = NOTHING.around({name: value})
    assert env[name.upper()] == env[name.lower()] == value
    assert env["NO_PROXY"] == env["no_proxy"] == "localhost,127.0.0.1,::1,.svc"


def test_two_spellings_with_two_values_stay() -> None:
    env = NOTHING.around({"http_proxy": "http://a:1", "HTTP_PROXY": "http://b:1"})
    assert (env["http_proxy"], env["HTTP_PROXY"]) == ("http://a:1", "http://b:1")


def test_what_is_written_closer_wins() -> None:
    env = AROUND.around({"https_proxy": "http://own:1"})
    assert env["HTTPS_PROXY"] == env["https_proxy"] == "http://own:1"
    assert env["NO_PROXY"].startswith(".corp,localhost")


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ("", "localhost,127.0.0.1,::1,.svc"),
        ("a.example, 127.0.0.1", "a.example,127.0.0.1,localhost,::1,.svc"),
        ("*", "*"),
        (SECRET, SECRET),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_is_near_follows_what_is_given(name: str, given: Any, result: Any) -> None:
    env = AROUND.around({name: given})
    assert env["NO_PROXY"] == env["no_proxy"] == result


def test_hosts_of_one_container_alone_come_last() -> None:
    assert AROUND.around({}, ["vllm-desk"])["no_proxy"] == ".corp,localhost,127.0.0.1,::1,.svc,vllm-desk"


@pytest.mark.parametrize(
    ("variable", "value", "added"),
    [
        ("HF_ENDPOINT", "http://10.1.2.3:8080", ["10.1.2.3"]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317", ["collector"]),
        ("AWS_ENDPOINT_URL", "https://minio.corp.internal", ["minio.corp.internal"]),
        ("HF_ENDPOINT", "https://hf-mirror.com", []),
        ("ALL_PROXY", "http://10.1.2.3:3128", []),
        ("ODD", "http://[", []),
    ],
)
def test_what_variables_lead_to_near_by_is_reached_directly(variable: str, value: str, added: list[str]) -> None:
    env = AROUND.around({variable: value})
    assert env["no_proxy"].split(",") == [".corp", *NEAR, *added]


def test_without_a_proxy_nothing_is_added() -> None:
    assert NOTHING.around({"TZ": "UTC"}) == {"TZ": "UTC"}
    assert NOTHING.around({"no_proxy": "x"}) == {"no_proxy": "x"}


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://10.0.0.1:8000/v1", True),
        ("http://[fd00::1]/v1", True),
        ("http://169.254.169.254", True),
        ("http://chat-desk:8000", True),
        ("http://chat.inference.svc:8000", True),
        ("http://box.local", True),
        ("http://llm.corp.internal", True),
        ("https://api.openai.com/v1", False),
        ("https://8.8.8.8/v1", False),
        ("https://local.example.com", False),
    ],
)
def test_a_private_address_is_near(url: str, *, near: bool) -> None:
    assert stays_inside(url) == near
