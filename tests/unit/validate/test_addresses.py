"""Every field of the spec that holds an address, as a docker host and a cluster see it, with what is wrong there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import resources
from generator.core.finding import path_text
from generator.pipeline import check
from tests.pasted import places

ITSELF = (
    "localhost",
    "127.0.0.1",
    "127.0.1.1",
    "[::1]",
    "0.0.0.0",
    "[::]",
    "api.localhost",
    "LOCALHOST",
    "[::ffff:127.0.0.1]",
)
FROM_DOCKER = (
    "vllm.inference.svc",
    "vllm.inference.svc.cluster.local",
    "box.local",
    "host.containers.internal",
    "m-far",
)
FROM_CLUSTER = ("host.docker.internal", "host.minikube.internal", "box.local", "m-far", "small-far")
FINE = {
    "desk": ("api.example.com", "host.docker.internal", "10.1.2.3", "box", "ad.corp.local", "m-here"),
    "k8s": ("api.example.com", "vllm.other.svc", "vllm.other.svc.cluster.local", "10.1.2.3", "box", "ad.corp.local"),
}

# Each place: where the address is written, from the cluster `{}` that it is used in, and what it must look like.
PLACES: dict[str, tuple[tuple[str, ...], str]] = {
    "provider": (("providers", "own", "url"), "http://{host}:11434/v1"),
    "endpoint": (("clusters", "far", "endpoint", "url"), "https://{host}:8443"),
    "proxy of the fleet": (("network", "proxy", "https"), "http://{host}:3128"),
    "proxy of a cluster": (("clusters", "{at}", "network", "proxy", "http"), "http://{host}:3128"),
    "hub, for all": (("defaults", "env", "HF_ENDPOINT"), "http://{host}:8080"),
    "proxy of a model": (("models", "m", "env", "HTTPS_PROXY"), "http://{host}:3128"),
    "collector of a placement": (
        ("models", "m", "placements", "here", "env", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        "http://{host}:4317",
    ),
    "object store": (("models", "m", "env", "AWS_ENDPOINT_URL_S3"), "http://{host}:9000"),
    "argument": (("models", "m", "engine", "args", "otlp-traces-endpoint"), "grpc://{host}:4317"),
    "cache of a gateway": (("gateways", "edge", "env", "REDIS_URL"), "redis://{host}:6379/0"),
    "collector of a gateway": (("gateways", "edge", "env", "OTEL_ENDPOINT"), "http://{host}:4318/v1/traces"),
}


def spec(at: str) -> dict[str, Any]:
    """A gateway and a model in `at`, more of both on a docker host elsewhere."""
    pool = {"pools": {"gpu": {"gpu": "l40s", "nodes": 2}}}
    here = {"desk": {"platform": "docker", **pool}, "k8s": {"platform": "kubernetes", **pool}}[at]
    placements = {"here": {"cluster": at, "pool": "gpu"}, "far": {"cluster": "far", "pool": "gpu"}}
    return {
        "apiVersion": "fleetgen/v1",
        "name": "acme",
        "clusters": {
            at: here,
            "far": {"platform": "docker", "endpoint": {"url": "https://far.example.com/{service}"}, **pool},
        },
        "providers": {"own": {"api": "openai-compatible", "url": "https://api.example.com/v1"}},
        "models": {
            "m": {"source": {"huggingface": "Qwen/Qwen3-4B"}, "engine": {"name": "vllm"}, "placements": placements},
            "small": {
                "source": {"huggingface": "Qwen/Qwen3-4B"},
                "engine": {"name": "vllm"},
                "placements": {"far": {"cluster": "far", "pool": "gpu"}},
            },
        },
        "routes": {"r": {"tiers": [[{"model": "m"}, {"model": "small"}], [{"provider": "own", "model": "x"}]]}},
        "gateways": {"edge": {"kind": "litellm", "cluster": at}},
    }


def told(at: str, place: str, host: str, folder: Path) -> list[tuple[str, str]]:
    """Id and place of what is said of an address."""
    steps, form = PLACES[place]
    whole: Any = spec(at)
    *above, last = [step.format(at=at) for step in steps]
    part = whole
    for step in above:
        part = part.setdefault(step, {})
    part[last] = form.replace("{host}", host)
    (folder / "fleet.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    found = check(folder / "fleet.yaml", "default").findings
    return [(item.id, path_text(item.path)) for item in found if item.id in ("GEN635", "GEN636")]


def where(place: str, at: str) -> str:
    return path_text(tuple(step.format(at=at) for step in PLACES[place][0]))


@pytest.mark.parametrize("at", ["desk", "k8s"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("host", ITSELF)
def test_a_loopback_address_is_the_container(at: str, place: str, host: str, tmp_path: Path) -> None:
    assert told(at, place, host, tmp_path) == [("GEN635", where(place, at))]


def _unknown() -> Iterator[tuple[str, str]]:
    yield from (("desk", host) for host in FROM_DOCKER)
    yield from (("k8s", host) for host in FROM_CLUSTER)


@pytest.mark.parametrize(("at", "host"), list(_unknown()))
@pytest.mark.parametrize("place", PLACES)
def test_a_name_of_elsewhere_is_not_known(at: str, place: str, host: str, tmp_path: Path) -> None:
    on_far = host.endswith("-far") and place in ("hub, for all", "proxy of a model", "argument", "object store")
    if place == "proxy of the fleet" or on_far:
        # It is used on the docker host `far` as well, whose own names it knows.
        assert set(told(at, place, host, tmp_path)) <= {("GEN636", where(place, at))}
    else:
        assert told(at, place, host, tmp_path) == [("GEN636", where(place, at))]


def _fine() -> Iterator[tuple[str, str, str]]:
    """But for names of one cluster in places that count for others as well."""
    shared = ("endpoint", "proxy of the fleet", "hub, for all", "proxy of a model", "object store", "argument")
    for at, hosts in FINE.items():
        for host in hosts:
            for place in PLACES:
                if place not in shared or not (".svc" in host or host == "m-here"):
                    yield at, host, place


@pytest.mark.parametrize(("at", "host", "place"), list(_fine()))
def test_other_names_are_nobodys_business(at: str, host: str, place: str, tmp_path: Path) -> None:
    assert told(at, place, host, tmp_path) == []


def test_keda_asks_no_prometheus_in_its_own_pod(tmp_path: Path) -> None:
    whole = spec("k8s")
    whole["clusters"]["k8s"]["prometheus"] = {"url": "http://localhost:9090"}
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    found = check(tmp_path / "fleet.yaml", "default").findings
    assert [path_text(item.path) for item in found if item.id == "GEN635"] == ["clusters.k8s.prometheus.url"]


@pytest.mark.parametrize(
    "variable", ["CORS_ORIGIN", "PROXY_BASE_URL", "NO_PROXY", "OAUTH_REDIRECT_URL", "METRICS_LISTEN_ADDR", "PUBLIC_URL"]
)
def test_what_callers_are_told_is_no_address_of_ours(variable: str, tmp_path: Path) -> None:
    whole = spec("desk")
    whole["gateways"]["edge"]["env"] = {variable: "http://localhost:3000"}
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    assert not [item for item in check(tmp_path / "fleet.yaml", "default").findings if item.id == "GEN635"]


def test_every_field_for_an_address_is_among_the_places() -> None:
    """By the schema: a URL is a text whose form begins so."""
    schema = json.loads((resources.schemas() / "fleet.schema.json").read_text(encoding="utf-8"))
    found = set()
    for path in places():
        shape = schema
        for step in path:
            if "$ref" in shape:
                shape = schema["$defs"][shape["$ref"].rpartition("/")[2]]
            below = shape.get("items") if isinstance(step, int) else shape.get("properties", {}).get(step)
            shape = below or shape.get("additionalProperties") or {}
        if str(shape.get("pattern", "")).startswith("^https?"):
            found.add(tuple("any" if step == "any" else step for step in path))
    known = {
        ("providers", "any", "url"),
        ("clusters", "any", "endpoint", "url"),
        ("clusters", "any", "prometheus", "url"),
        ("clusters", "any", "network", "proxy", "http"),
        ("clusters", "any", "network", "proxy", "https"),
        ("network", "proxy", "http"),
        ("network", "proxy", "https"),
    }
    assert found == known
