"""Envoy's clusters: tenants, routes, tiers and backends, with their limits."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from generator.core.plan import Backend, CooldownPlan, GatewayPlan
from generator.gateways.calls import ENGINE_IDLE_S, UNLIMITED
from generator.gateways.envoy import steps as envoy_steps
from generator.gateways.envoy.steps import Step
from generator.gateways.envoy.words import ADMIN_PORT, ADMINISTRATION, EVERYONE, Words, extension, named, span, typed
from generator.render.emit import Shared

TRUSTED = "/etc/ssl/certs/ca-certificates.crt"
"""The authorities of the image's system."""

_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_PROVIDER_IDLE_S = 55


def clusters(gateway: GatewayPlan, trusted: str = TRUSTED) -> Iterator[Words]:
    """Every cluster, in the order of a call."""
    allowed = {tenant.name: tenant.max_parallel for tenant in gateway.tenants}
    for name, limit in {**allowed, EVERYONE: 0}.items():
        yield _inside(f"tenant/{name}", [_hop("routes", "tenant", name)], circuit_breakers=_at_most(limit))
    for route in gateway.routes:
        for walk in envoy_steps.walks(route):
            hops = [_hop("tiers", "tier", step.key) for step in walk.steps]
            yield _inside(f"route/{walk.key}", *([hop] for hop in hops), circuit_breakers=_at_most(0))
    for step in envoy_steps.steps(gateway):
        yield _tier(step)
    for step in envoy_steps.shadows(gateway):
        yield _inside(f"tier/{step.key}", *_shares(step), circuit_breakers=_at_most(0))
    limits, connect = envoy_steps.limits(gateway), _connect_times(envoy_steps.steps(gateway))
    for backend in envoy_steps.backends(envoy_steps.steps(gateway)).values():
        yield _backend(f"backend/{backend.id}", backend, connect[backend.id], limits[backend.id], trusted)
    # Copies must not take the room of calls.
    connect = _connect_times(envoy_steps.shadows(gateway))
    for backend in envoy_steps.backends(envoy_steps.shadows(gateway)).values():
        yield _backend(f"copy/{backend.id}", backend, connect[backend.id], 0, trusted)


def administration() -> Words:
    """The administration of this very process, for what others may see of it."""
    address = {"socket_address": {"address": "127.0.0.1", "port_value": ADMIN_PORT}}
    return {
        "name": ADMINISTRATION,
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": ADMINISTRATION,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }


def _connect_times(steps: Iterable[Step]) -> dict[str, float]:
    """How long a backend may take to accept, by id: the longest of the routes that reach it."""
    times: dict[str, float] = {}
    for step in steps:
        for item in step.tier.backends:
            times[item.id] = max(times.get(item.id, 0), step.route.timeouts.connect_s)
    return times


def _inside(name: str, *priorities: Sequence[Words], **fields: Any) -> Words:
    """A cluster whose endpoints are a listener of this process, told apart by what they hand on."""
    return typed(
        "config.cluster.v3.Cluster",
        name=name,
        type="STATIC",
        connect_timeout="1s",
        transport_socket=_handing_on(),
        load_assignment={
            "cluster_name": name,
            # One backend that works keeps all calls of its priority.
            "policy": {"overprovisioning_factor": 100_000},
            "endpoints": [
                {"priority": number, "lb_endpoints": list(endpoints)} for number, endpoints in enumerate(priorities)
            ],
        },
        **fields,
    )


@cache
def _handing_on() -> Words:
    """The connection to a listener of this process, with what an endpoint says of itself."""
    raw = named("envoy.transport_sockets.raw_buffer", extension("transport_sockets.raw_buffer.v3.RawBuffer"))
    socket = extension(
        "transport_sockets.internal_upstream.v3.InternalUpstreamTransport",
        passthrough_metadata=[{"kind": {"host": {}}, "name": "fleet"}],
        transport_socket=raw,
    )
    return Shared(named("envoy.transport_sockets.internal_upstream", socket))


def _hop(listener: str, kind: str, key: str, weight: int = 1) -> Words:
    address = {"envoy_internal_address": {"server_listener_name": listener, "endpoint_id": key}}
    return {
        "endpoint": {"address": address},
        "load_balancing_weight": weight,
        "metadata": {"filter_metadata": {"fleet": {kind: key}}},
    }


def _tier(step: Step) -> Words:
    drawn: Words = {"lb_policy": "ROUND_ROBIN"}
    if step.route.sticky:
        # By what the route's hash_policy names. A table of this size keeps shares true to a percent.
        drawn = {"lb_policy": "MAGLEV", "maglev_lb_config": {"table_size": 10007}}
    return _inside(
        f"tier/{step.key}",
        *_shares(step),
        **drawn,
        circuit_breakers=_at_most(0, share_of_retries=25),
        # In the last tier a backend that is out is better than none: all are asked when all are out.
        common_lb_config={"healthy_panic_threshold": {"value": 1 if step.last else 0}},
        outlier_detection=_ejection(step.route.cooldown),
    )


def _shares(step: Step) -> Iterator[list[Words]]:
    """The backends of a tier by weight, and behind them those without one."""
    for group in step.tier.groups:
        yield [_hop("backends", "backend", step.use(item), item.weight or 1) for item in group]


@cache
def _ejection(cooldown: CooldownPlan) -> Words:
    return Shared(
        {
            "consecutive_5xx": cooldown.failures,
            "enforcing_consecutive_5xx": 100,
            "consecutive_gateway_failure": cooldown.failures,
            "enforcing_consecutive_gateway_failure": 100,
            "enforcing_success_rate": 0,
            "interval": "1s",
            "base_ejection_time": span(cooldown.pause_s),
            "max_ejection_time": span(cooldown.pause_s),
            "max_ejection_percent": 100,
        }
    )


@cache
def _at_most(limit: int, share_of_retries: int = 0) -> Words:
    """So many calls at a time; 0 means no limit. One more is refused at once: with fewer connections it would wait.

    `share_of_retries` bounds retries, in percent of the calls that run.
    """
    open_ended = dict.fromkeys(("max_connections", "max_pending_requests"), UNLIMITED)
    retries: Words = {"max_retries": UNLIMITED}
    if share_of_retries:
        retries = {"retry_budget": {"budget_percent": {"value": share_of_retries}, "min_retry_concurrency": 10}}
    return Shared({"thresholds": [{**open_ended, "max_requests": limit or UNLIMITED, **retries}]})


def _backend(name: str, backend: Backend, connect_s: float, limit: int, trusted: str) -> Words:
    url = urlsplit(backend.url)
    secure = url.scheme == "https"
    host, port = url.hostname or "", url.port or (443 if secure else 80)
    endpoint = {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
    health = {"health_checks": [_health(backend.health, url.netloc)]} if backend.health else {}
    return typed(
        "config.cluster.v3.Cluster",
        name=name,
        type="STRICT_DNS" if backend.kind == "placement" else "LOGICAL_DNS",
        dns_lookup_family="V4_PREFERRED",
        connect_timeout=span(connect_s),
        circuit_breakers=_at_most(limit),
        load_assignment={"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
        **health,
        common_lb_config={"healthy_panic_threshold": {"value": 0}},
        typed_extension_protocol_options={_OPTIONS: _protocol(backend, secure=secure)},
        **({"transport_socket": _tls(host, trusted)} if secure else {}),
    )


def _health(path: str, host: str) -> Words:
    return {
        "timeout": "2s",
        "interval": "5s",
        "no_traffic_interval": "5s",
        "unhealthy_threshold": 3,
        "healthy_threshold": 1,
        "http_health_check": {"path": path, "host": host},
    }


def _protocol(backend: Backend, *, secure: bool) -> Words:
    """How a backend is spoken to."""
    version: Words = {"explicit_http_config": {"http_protocol_options": {}}}
    if secure:
        version = {"auto_config": {"http_protocol_options": {}, "http2_protocol_options": {}}}
    idle = span(ENGINE_IDLE_S if backend.kind == "placement" else _PROVIDER_IDLE_S)
    return extension(
        "upstreams.http.v3.HttpProtocolOptions",
        common_http_protocol_options={"idle_timeout": idle},
        **version,
    )


def _tls(host: str, trusted: str) -> Words:
    context: Words = {
        "trusted_ca": {"filename": trusted},
        "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": host}}],
    }
    common: Words = {"validation_context": context, "alpn_protocols": ["h2", "http/1.1"]}
    return named(
        "envoy.transport_sockets.tls",
        extension("transport_sockets.tls.v3.UpstreamTlsContext", sni=host, common_tls_context=common),
    )
