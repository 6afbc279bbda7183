"""Upstreams as Envoy Gateway takes them: an address, the API that is spoken there, its authority and its key."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from generator.core.plan import Backend, SecretRef
from generator.gateways.envoy_gateway.words import (
    AI_GATEWAY,
    ENVOY_GATEWAY,
    GATEWAY_API,
    Place,
    Words,
    reached,
    upstream,
)

_TARGETS = 16
"""Backends that one BackendSecurityPolicy may be for."""


def objects(place: Place) -> Iterator[Words]:
    """Every upstream once, then the keys."""
    using: dict[SecretRef, list[str]] = {ref: [] for ref in place.secrets}
    for key, backend in _upstreams(place).items():
        name = place.upstreams[key]
        yield from _upstream(place, backend, name)
        if backend.key:
            using[backend.key].append(name)
    for ref, users in using.items():
        yield from _keys(place, place.secrets[ref], users)


def _upstreams(place: Place) -> dict[str, Backend]:
    by_id = {item.id: item for route in place.gateway.routes for item in reached(route)}
    return {upstream(item): item for _, item in sorted(by_id.items())}


def _upstream(place: Place, backend: Backend, name: str) -> Iterator[Words]:
    url = urlsplit(backend.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    yield place.thing(f"{ENVOY_GATEWAY}/v1alpha1", "Backend", name, spec={"endpoints": [_endpoint(url, port)]})
    yield place.thing(
        f"{AI_GATEWAY}/v1beta1",
        "AIServiceBackend",
        name,
        spec={
            "schema": {"name": "OpenAI", "prefix": f"{url.path.rstrip('/').removesuffix('/v1')}/v1"},
            "backendRef": {"group": ENVOY_GATEWAY, "kind": "Backend", "name": name},
        },
    )
    if url.scheme == "https":
        yield place.thing(
            f"{GATEWAY_API}/v1",
            "BackendTLSPolicy",
            name,
            spec={
                "targetRefs": [{"group": ENVOY_GATEWAY, "kind": "Backend", "name": name}],
                "validation": {"hostname": url.hostname, **_authorities(place)},
            },
        )


def _authorities(place: Place) -> Words:
    """Those of the cluster, under the one key that Envoy Gateway reads (`ca.crt`), or else those of Envoy's system."""
    found = place.cluster.authorities
    if found is None:
        return {"wellKnownCACertificates": "System"}
    kind = "ConfigMap" if found.kind == "configMap" else "Secret"
    return {"caCertificateRefs": [{"group": "", "kind": kind, "name": found.ref}]}


def _endpoint(url: SplitResult, port: int) -> Words:
    host = url.hostname or ""
    try:
        return {"ip": {"address": str(ip_address(host)), "port": port}}
    except ValueError:
        return {"fqdn": {"hostname": host, "port": port}}


def _keys(place: Place, secret: str, users: Sequence[str]) -> Iterator[Words]:
    """One key for its upstreams, in as many policies as it takes."""
    for number, start in enumerate(range(0, len(users), _TARGETS), 1):
        refs = [
            {"group": AI_GATEWAY, "kind": "AIServiceBackend", "name": name} for name in users[start : start + _TARGETS]
        ]
        yield place.thing(
            f"{AI_GATEWAY}/v1beta1",
            "BackendSecurityPolicy",
            secret if number == 1 else f"{secret}.{number}",
            spec={"targetRefs": refs, "type": "APIKey", "apiKey": {"secretRef": {"name": secret}}},
        )
