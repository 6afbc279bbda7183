"""Envoy's route configurations, one for each listener: who calls, which model, which tier, which backend."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from generator.core.plan import Backend, GatewayPlan, RoutePlan, SecretRef, ShadowPlan
from generator.gateways.calls import BYTES_PER_TOKEN, MODELS_PATH, MOVES_ON, TASK_PATHS, TENANT_HEADER
from generator.gateways.envoy import steps
from generator.gateways.envoy.listeners import BACKEND, MODEL, TENANT, TRANSFORM, USER
from generator.gateways.envoy.steps import Step, Walk
from generator.gateways.envoy.words import EVERYONE, Words, extension, key_file, named, plain, span, typed
from generator.render.emit import Shared

LONGEST_LIST = 4 * 1024 * 1024
"""Bytes of a list of models. Envoy's own limit, 4 KiB, would refuse the whole table of some fifty routes."""

CALLERS_HEADERS = (
    "accept",
    "content-length",
    "content-type",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "x-request-id",
)
"""What a backend learns of a caller's headers, beside one that a route's callers are told apart by.

Any other could be a key, a name of the caller's account, or an order to the backend.
"""

_PROTOCOL = "x-forwarded-proto"
"""Envoy writes it itself, and finds no route for a call that lacks it; backends do not get it."""

_AGAIN = (500, 501, 502, 504, 507)
_NEVER = 2**62
_QUICK = "0.001s"
_NOT_FORWARDED = (
    "accept-encoding",
    "cookie",
    "x-envoy-external-address",
    "x-forwarded-for",
    _PROTOCOL,
    MODEL,
    USER,
    TENANT_HEADER,
    "x-fleet-tier",
    "x-fleet-backend",
)


def tenants(gateway: GatewayPlan) -> Words:
    """Who calls: the keys' files, each tenant's list of models, and its own way in."""
    keys = {tenant.name: key_file(tenant.key) for tenant in gateway.tenants}
    served = {tenant.name: tenant.names for tenant in gateway.tenants}
    everyone = tuple(name for route in gateway.routes for name in route.names)
    routes = [_models(name, names) for name, names in {**served, EVERYONE: everyone}.items()]
    routes += [_tenant(name) for name in (*served, EVERYONE)]
    sticky = {route.sticky_header.lower() for route in gateway.routes if route.sticky_header}
    context = {
        "keys": {**keys, EVERYONE: key_file(gateway.master_key)},
        "headers": dict.fromkeys(sorted({*CALLERS_HEADERS, *sticky, _PROTOCOL}), True),
    }
    return _table(
        "tenants",
        [*routes, _missing("there is nothing at this path")],
        typed_per_filter_config={TENANT: _context(context)},
        response_headers_to_remove=["x-fleet-cause"],
    )


def _models(tenant: str, names: Sequence[str]) -> Words:
    models = [{"id": name, "object": "model", "created": 0, "owned_by": "fleet"} for name in names]
    return {
        "match": {"path": MODELS_PATH, "headers": [_exactly(TENANT_HEADER, tenant)]},
        "direct_response": {
            "status": 200,
            "body": {"inline_string": json.dumps({"object": "list", "data": models}, ensure_ascii=False)},
        },
        "response_headers_to_add": [_overwrite("content-type", "application/json")],
    }


def _tenant(name: str) -> Words:
    return {
        "match": {"prefix": "/v1/", "headers": [_exactly(TENANT_HEADER, name)]},
        "route": {"cluster": f"tenant/{name}", **_endless()},
    }


def routes(gateway: GatewayPlan) -> Words:
    """Which model: a route's tiers in order, for tenants that may call it; long prompts go elsewhere."""
    listed = [item for route in gateway.routes for item in _model(gateway, route)]
    return _table(
        "routes",
        [*listed, _missing("no such model, or the key may not use it; GET /v1/models lists those it may")],
    )


def _model(gateway: GatewayPlan, route: RoutePlan) -> Iterator[Words]:
    admitted = (*(tenant.name for tenant in gateway.tenants if route.name in tenant.routes), EVERYONE)
    names = "|".join(re.escape(name) for name in admitted)
    allowed: Words = {"name": TENANT_HEADER, "string_match": {"safe_regex": {"regex": names}}}
    called = "|".join(re.escape(name) for name in route.names)
    model: Words = {"name": MODEL, "string_match": {"safe_regex": {"regex": called}}}
    headers: list[Words] = [model if route.aliases else _exactly(MODEL, route.name)]
    for walk in steps.walks(route):
        tenant, over = walk.variant.tenant, walk.variant.over
        whose = _exactly(TENANT_HEADER, tenant) if tenant else allowed
        size = [_long(over)] if over else []
        yield _walk({**_called_at(route.task), "headers": [*headers, whose, *size]}, walk)


def _called_at(task: str) -> Words:
    """The calls of a task. Any other path of a backend stays closed: it would be asked with the gateway's own key."""
    paths = TASK_PATHS[task]
    return {"path": paths[0]} if len(paths) == 1 else {"safe_regex": {"regex": "|".join(map(re.escape, paths))}}


def _long(over: int) -> Words:
    return {"name": "content-length", "range_match": {"start": over * BYTES_PER_TOKEN, "end": _NEVER}}


def _walk(match: Words, walk: Walk) -> Words:
    route, tiers = walk.route, len(walk.steps)
    return {
        "match": match,
        # The name of the route, never the words of the call: those may hold line ends.
        "response_headers_to_add": [_overwrite(MODEL, plain(route.name))],
        "route": {
            "cluster": f"route/{walk.key}",
            "timeout": "0s",
            "idle_timeout": "0s",
            "max_stream_duration": {"max_stream_duration": span(route.timeouts.total_s)},
            **({"retry_policy": _moving_on(route.fallback_on, tiers)} if tiers > 1 else {}),
            **({"request_mirror_policies": [_copied(route.name, route.shadow)]} if route.shadow else {}),
        },
    }


def _copied(route: str, shadow: ShadowPlan) -> Words:
    share = {"default_value": {"numerator": shadow.percent, "denominator": "HUNDRED"}}
    return {"cluster": f"tier/{route}/shadow", "runtime_fraction": share}


@cache
def _moving_on(fallback_on: tuple[str, ...], tiers: int) -> Words:
    """From tier to tier by priority: each is asked once."""
    causes: list[str] = [name for name in ("connect", "first-token-timeout") if name in fallback_on]
    causes += ["full"] if {"429", "503"} & set(fallback_on) else []
    policy: Words = {
        "retry_on": "retriable-status-codes,retriable-headers",
        "retriable_status_codes": [code for name in fallback_on for code in MOVES_ON.get(name, ())],
        "retriable_headers": [_exactly("x-fleet-cause", cause) for cause in causes],
        "num_retries": tiers - 1,
        "retry_back_off": {"base_interval": _QUICK, "max_interval": _QUICK},
        "retry_priority": named(
            "envoy.retry_priorities.previous_priorities",
            extension("retry.priority.previous_priorities.v3.PreviousPrioritiesConfig", update_frequency=1),
        ),
    }
    return Shared(policy)


def tiers(gateway: GatewayPlan) -> Words:
    """Which tier: retries among its backends, and how long each may take to its first token."""
    return _table("tiers", [_tier(step) for step in steps.steps(gateway)])


def _tier(step: Step) -> Words:
    return {
        "match": {"prefix": "/", "headers": [_exactly("x-fleet-tier", step.key)]},
        "route": {"cluster": f"tier/{step.key}", **_endless(), "retry_policy": _retries(step), **_sticking(step.route)},
        "response_headers_to_add": [_overwrite("x-fleet-tier", plain(step.key))],
    }


def _sticking(route: RoutePlan) -> Words:
    """What calls are told apart by; one that lacks it is drawn like any other."""
    header = {"tenant": TENANT_HEADER, "user": USER}.get(route.sticky, route.sticky_header)
    return {"hash_policy": [{"header": {"header_name": header}}]} if header else {}


def _retries(step: Step) -> Words:
    siblings, route = len(step.tier.backends) - 1, step.route
    return _again(
        siblings,
        route.max_retries,
        span(route.timeouts.first_token_s),
        (span(route.backoff_base_s), span(max(route.backoff_max_s, route.backoff_base_s))),
        moves_on=not siblings and not step.last,
    )


@cache
def _again(siblings: int, retries: int, first_token: str, backoff: tuple[str, str], *, moves_on: bool) -> Words:
    """Retries in a tier. The only backend of one is not asked again for what the next tier can answer at once."""
    codes = _AGAIN if moves_on else (429, 503, 529, *_AGAIN)
    waits = siblings < retries
    base, longest = backoff
    policy: Words = {
        "retry_on": "retriable-status-codes" if moves_on else "retriable-status-codes,reset",
        "retriable_status_codes": list(codes),
        "num_retries": retries,
        "per_try_timeout": first_token,
        "retry_back_off": {"base_interval": base if waits else _QUICK, "max_interval": longest if waits else _QUICK},
    }
    if siblings:
        policy["retry_host_predicate"] = [
            named(
                "envoy.retry_host_predicates.previous_hosts",
                extension("retry.host.previous_hosts.v3.PreviousHostsPredicate"),
            )
        ]
        policy["host_selection_retry_max_attempts"] = str(4 * (siblings + 1))
    elif waits:
        policy["rate_limited_retry_back_off"] = {
            "reset_headers": [{"name": "retry-after", "format": "SECONDS"}],
            "max_interval": longest,
        }
    return Shared(policy)


def backends(gateway: GatewayPlan) -> Words:
    """Which backend: its host, path and model name, and how long it may be silent."""
    uses = steps.uses(gateway)
    return _table(
        "backends",
        [_backend(key, step, backend) for key, (step, backend) in uses.items()],
        request_headers_to_remove=list(_NOT_FORWARDED),
    )


def _backend(key: str, step: Step, backend: Backend) -> Words:
    cluster = f"{'copy' if step.copied else 'backend'}/{backend.id}"
    longest = {"max_stream_duration": {"max_stream_duration": span(step.route.timeouts.total_s)}}
    return {
        "match": {"prefix": "/v1/", "headers": [_exactly("x-fleet-backend", key)]},
        # Nobody ends a copy but its own limit of time.
        "route": {**_reached(cluster, backend.url, span(step.silence_s)), **(longest if step.copied else {})},
        "response_headers_to_add": [_overwrite("x-fleet-backend", plain(backend.id))],
        "typed_per_filter_config": _own(backend.model, backend.key),
    }


@cache
def _reached(cluster: str, address: str, silence: str) -> Words:
    url = urlsplit(address)
    base = url.path.removesuffix("/v1")
    return Shared(
        {
            "cluster": cluster,
            "timeout": "0s",
            "idle_timeout": "0s",
            "host_rewrite_literal": url.netloc,
            "prefix_rewrite": f"{base}/v1/",
            "retry_policy": {"num_retries": 0, "per_try_idle_timeout": silence},
        }
    )


@cache
def _own(model: str, key: SecretRef | None) -> Words:
    """What a backend calls the model, and the file with its key."""
    rename = {"body_transformation": {"action": "MERGE", "body_format": {"json_format": {"model": plain(model)}}}}
    config = extension("filters.http.transform.v3.TransformConfig", request_transformation=rename)
    return Shared({TRANSFORM: config, **({BACKEND: _context({"key": key_file(key)})} if key else {})})


def _context(values: Words) -> Words:
    """What a Lua filter is told by the route."""
    return extension("filters.http.lua.v3.LuaPerRoute", filter_context=values)


def _table(name: str, routes: list[Words], **fields: Any) -> Words:
    host = {"name": name, "domains": ["*"], "routes": routes}
    return typed(
        "config.route.v3.RouteConfiguration",
        name=name,
        **fields,
        max_direct_response_body_size_bytes=LONGEST_LIST,
        virtual_hosts=[host],
    )


def _missing(text: str) -> Words:
    return {"match": {"prefix": "/"}, "direct_response": {"status": 404, "body": {"inline_string": text}}}


def _endless() -> Words:
    return {"timeout": "0s", "idle_timeout": "0s"}


def _exactly(name: str, value: str) -> Words:
    return {"name": name, "string_match": {"exact": value}}


def _overwrite(key: str, value: str) -> Words:
    return {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
