"""Envoy's listeners: one for callers, three inside the process with the filters of their steps, one for Prometheus."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.core.plan import GatewayPlan
from generator.gateways.calls import TENANT_HEADER
from generator.gateways.envoy.words import (
    ADMINISTRATION,
    HEALTH,
    LISTENERS,
    METRICS_PATH,
    METRICS_PORT,
    PORT,
    Words,
    discovered,
    extension,
    named,
)

LONGEST_PROMPT = 32 * 1024 * 1024
"""Bytes of a call's body. It is kept until the call is answered, for the next backend."""

HELD = 1024 * 1024
"""Bytes of an answer that wait at each step for a caller who reads slowly, before the backend has to wait as well."""

MODEL = "x-fleet-model"
USER = "x-fleet-user"
TRANSFORM = "envoy.filters.http.transform"
TENANT, CALLER, HOP, BACKEND = "fleet.tenant", "fleet.user", "fleet.hop", "fleet.backend"
"""The Lua filters, which routes configure by these names."""

# What only this gateway may say, and what would let a caller steer retries and timeouts.
_OURS = (MODEL, USER, TENANT_HEADER, "x-fleet-tier", "x-fleet-backend", "x-fleet-cause")
_FLAGS = {
    # A full backend is busy, not broken: no 5xx, which would put it out of its tier.
    "full": (("UO",), 429),
    "first-token-timeout": (("UT", "SI"), 504),
    "connect": (("UF", "UC", "UR", "LR", "UPE", "UH"), 502),
}
"""Response flags of an attempt that ended without an answer, by what the route table calls the cause."""

_CODES = {401: "invalid_api_key", 404: "model_not_found", 413: "prompt_too_long", 429: "rate_limit_exceeded"}


def listeners(gateway: GatewayPlan, scripts: Mapping[str, str], first_event: str) -> list[Words]:
    """The four listeners in the order of a call. `first_event` is the Wasm filter in base64."""
    hop = _lua(scripts["hop"], HOP)
    filters = {
        "tenants": [_health(), _lua(scripts["tenant"], TENANT), *_rates(gateway)],
        "routes": _asked(gateway, scripts["user"]),
        "tiers": [hop],
        "backends": [
            hop,
            _lua(scripts["backend"], BACKEND),
            named(TRANSFORM, extension("filters.http.transform.v3.TransformConfig")),
            _hold(first_event),
        ],
    }
    return [_listener(gateway, name, filters[name]) for name in LISTENERS]


def metrics() -> Words:
    """Where Prometheus reads, without a key: two paths of the administration and none that changes anything."""
    opened = [
        {
            "match": {"path": path, "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]},
            "route": {"cluster": ADMINISTRATION, "timeout": "30s", "prefix_rewrite": asked},
        }
        # All else stands at zero: 200 routes have 150,000 lines of it.
        for path, asked in ((METRICS_PATH, f"{METRICS_PATH}?usedonly"), ("/ready", "/ready"))
    ]
    fields: Words = {
        "stat_prefix": "metrics",
        "route_config": {"name": "metrics", "virtual_hosts": [{"name": "metrics", "domains": ["*"], "routes": opened}]},
        "http_filters": [_router()],
        "use_remote_address": True,
        "normalize_path": True,
        "request_headers_timeout": "10s",
    }
    return {"name": "metrics", "address": _everywhere(METRICS_PORT), "filter_chains": [_chain(fields)]}


def _listener(gateway: GatewayPlan, name: str, filters: list[Words]) -> Words:
    public = name == "tenants"
    # The direction is what `run.sh` closes when the process is to end: running calls still need the others.
    outside = {"address": _everywhere(PORT), "traffic_direction": "INBOUND"}
    place = outside if public else {"internal_listener": {}}
    fields: Words = {
        "stat_prefix": name,
        "rds": {"route_config_name": name, "config_source": discovered(name)},
        "http_filters": [*([] if public else [_whole()]), *filters, _router()],
        # The limits of a call are those of its route.
        "stream_idle_timeout": "0s",
        "local_reply_config": {"mappers": list(_mappers(name))},
        **(_public(gateway) if public else _inside()),
    }
    return {
        "name": name,
        **place,
        "per_connection_buffer_limit_bytes": HELD,
        "filter_chains": [_chain(fields)],
    }


def _everywhere(port: int) -> Words:
    return {"socket_address": {"address": "0.0.0.0", "port_value": port}}  # noqa: S104 - a port of the container


def _chain(fields: Words) -> Words:
    manager = extension("filters.network.http_connection_manager.v3.HttpConnectionManager", **fields)
    return {"filters": [named("envoy.filters.network.http_connection_manager", manager)]}


def _router() -> Words:
    return named("envoy.filters.http.router", extension("filters.http.router.v3.Router", suppress_envoy_headers=True))


def _public(gateway: GatewayPlan) -> Words:
    remove: list[Words] = [{"remove": name} for name in _OURS]
    remove.append({"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}})
    mutation = extension("http.early_header_mutation.header_mutation.v3.HeaderMutation", mutations=remove)
    return {
        "use_remote_address": True,
        "server_name": gateway.name,
        "delayed_close_timeout": "0.1s",
        "normalize_path": True,
        "merge_slashes": True,
        "request_headers_timeout": "10s",
        "request_timeout": "120s",
        "common_http_protocol_options": {"idle_timeout": "300s", "headers_with_underscores_action": "REJECT_REQUEST"},
        "early_header_mutation_extensions": [named("envoy.http.early_header_mutation.header_mutation", mutation)],
        "access_log": [
            named(
                "envoy.access_loggers.stdout",
                extension("access_loggers.stream.v3.StdoutAccessLog", log_format={"json_format": _LOG}),
            )
        ],
    }


def _inside() -> Words:
    # A broken stream is to reach the caller at once, not a second later at each step.
    return {
        "use_remote_address": False,
        "skip_xff_append": True,
        "generate_request_id": False,
        "preserve_external_request_id": True,
        "delayed_close_timeout": "0s",
    }


_LOG = {
    "time": "%START_TIME%",
    "requestId": "%REQ(X-REQUEST-ID)%",
    "tenant": "%REQ(X-FLEET-TENANT)%",
    "model": "%RESP(X-FLEET-MODEL)%",
    "tier": "%RESP(X-FLEET-TIER)%",
    "upstream": "%RESP(X-FLEET-BACKEND)%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ)%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "firstByteMs": "%RESPONSE_DURATION%",
    "durationMs": "%DURATION%",
    "bytesIn": "%BYTES_RECEIVED%",
    "bytesOut": "%BYTES_SENT%",
}


def _mappers(name: str) -> Iterator[Words]:
    """How this listener words its own answers: as OpenAI's errors, and inside with the cause for the step before."""
    causes = _FLAGS.items() if name in {"tiers", "backends"} else ()
    for cause, (flags, status) in causes:
        # A tier whose every backend is left out has nobody to ask.
        yield {
            "filter": {"response_flag_filter": {"flags": list(flags)}},
            "status_code": status,
            "headers_to_add": [_header("x-fleet-cause", cause)],
            "body_format_override": _error("server_error", cause.replace("-", "_")),
        }
    if name == "routes":
        yield {
            "filter": {"response_flag_filter": {"flags": ["DT"]}},
            "status_code": 504,
            "body_format_override": _error("server_error", "timeout"),
        }
    if name == "tenants":
        yield {
            "filter": {"response_flag_filter": {"flags": ["UO"]}},
            "status_code": 429,
            "body_format_override": _error("requests", "rate_limit_exceeded"),
        }
        yield {"filter": _status("EQ", 404), "body_format_override": _error("invalid_request_error", "unknown_url")}
    for status, code in _CODES.items():
        yield {"filter": _status("EQ", status), "body_format_override": _error("invalid_request_error", code)}
    yield {"filter": _status("GE", 400), "body_format_override": _error("server_error", "gateway_error")}


def _status(comparison: str, code: int) -> Words:
    value = {"default_value": code, "runtime_key": "fleet.none"}
    return {"status_code_filter": {"comparison": {"op": comparison, "value": value}}}


def _error(kind: str, code: str) -> Words:
    return {"json_format": {"error": {"message": "%LOCAL_REPLY_BODY%", "type": kind, "code": code}}}


def _header(key: str, value: str) -> Words:
    return {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _health() -> Words:
    path = [{"name": ":path", "string_match": {"exact": HEALTH}}]
    config = extension("filters.http.health_check.v3.HealthCheck", pass_through_mode=False, headers=path)
    return named("envoy.filters.http.health_check", config)


def _lua(source: str, name: str) -> Words:
    return named(name, extension("filters.http.lua.v3.Lua", default_source_code={"inline_string": source}))


def _rates(gateway: GatewayPlan) -> Iterator[Words]:
    """A bucket for each tenant with a limit. It holds a minute's calls and is filled once a minute."""
    limited = [tenant for tenant in gateway.tenants if tenant.requests_per_minute]
    if not limited:
        return
    always: Words = {"default_value": {"numerator": 100}}
    buckets = [
        {
            "entries": [{"key": "tenant", "value": tenant.name}],
            "token_bucket": {
                "max_tokens": tenant.requests_per_minute,
                "tokens_per_fill": tenant.requests_per_minute,
                "fill_interval": "60s",
            },
        }
        for tenant in limited
    ]
    by_tenant = {"request_headers": {"header_name": TENANT_HEADER, "descriptor_key": "tenant"}}
    fields: dict[str, Any] = {
        "stat_prefix": "tenants",
        "filter_enabled": always,
        "filter_enforced": always,
        "rate_limits": [{"actions": [by_tenant]}],
        "descriptors": buckets,
    }
    yield named(
        "envoy.filters.http.local_ratelimit", extension("filters.http.local_ratelimit.v3.LocalRateLimit", **fields)
    )


def _whole() -> Words:
    """Takes a call's whole body before it goes on. One that came in chunks has its length from here on."""
    return named(
        "envoy.filters.http.buffer", extension("filters.http.buffer.v3.Buffer", max_request_bytes=LONGEST_PROMPT)
    )


def _asked(gateway: GatewayPlan, user: str) -> list[Words]:
    """Reads the model from the body, and the user where that counts."""
    by_user = any(route.sticky == "user" for route in gateway.routes)
    wanted = {MODEL: "model", **({USER: "user"} if by_user else {})}
    change = {
        "headers_mutations": [
            {"append": {"header": {"key": name, "value": f"%REQUEST_BODY({key})%"}, "append_action": "ADD_IF_ABSENT"}}
            for name, key in wanted.items()
        ]
    }
    config = extension(
        "filters.http.transform.v3.TransformConfig", request_transformation=change, clear_route_cache=True
    )
    return [named(TRANSFORM, config), *([_lua(user, CALLER)] if by_user else [])]


def _hold(code: str) -> Words:
    config = {
        "name": "first-event",
        "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"inline_bytes": code}}},
        "allow_on_headers_stop_iteration": True,
    }
    return named("envoy.filters.http.wasm", extension("filters.http.wasm.v3.Wasm", config=config))
