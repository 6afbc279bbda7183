"""Routes as Envoy AI Gateway takes them: models by header, tiers as priorities; and the policies of each route."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from generator.core.frozen import frozen
from generator.core.plan import Backend, CooldownPlan, RoutePlan, TimeoutPlan
from generator.core.plan.variants import variants
from generator.gateways.calls import BYTES_PER_TOKEN, ENGINE_IDLE_S, MOVES_ON, TENANT_HEADER, UNLIMITED
from generator.gateways.envoy_gateway.words import (
    AI_GATEWAY,
    ENVOY_GATEWAY,
    GATEWAY_API,
    MASTER,
    MODEL,
    Place,
    Words,
    span,
    target,
    upstream,
)
from generator.render.emit import Shared

_NAMES = 60
"""Public names in one AIGatewayRoute: the rule of an HTTPRoute that is made of it holds 64 matches."""
_VALUES = 256
"""Names in one rule of authorization."""
_HEAVIEST = 1_000_000
_SHORTEST_S = 0.001

Group = tuple[Backend, ...]


@frozen
class Part:
    """Calls of one route that have an object of their own: by their headers, each set of them an alternative."""

    name: str
    groups: tuple[Group, ...]
    matches: list[list[Words]]


def objects(place: Place) -> Iterator[Words]:
    """Every route, how its backends are treated, and who may call it."""
    api = f"{ENVOY_GATEWAY}/v1alpha1"
    for route in place.gateway.routes:
        name, made = place.routes[route.name], list(parts(place, route))
        for part in made:
            yield _route(place, route, part)
            traffic = {"targetRefs": [target("HTTPRoute", part.name)], **_traffic(place, route, part)}
            yield place.thing(api, "BackendTrafficPolicy", part.name, spec=traffic)
        # What stands in the gateway's own policy, the keys, is merged in.
        targets = [target("HTTPRoute", part.name) for part in made]
        security = {"targetRefs": targets, "mergeType": "StrategicMerge", "authorization": _admitted(place, route)}
        yield place.thing(api, "SecurityPolicy", name, spec=security)


def parts(place: Place, route: RoutePlan) -> Iterator[Part]:
    """The variants of the route's calls, in as many objects as they take.

    The match of more headers goes first. A pattern of names adds none to the list of models.
    """
    name = place.routes[route.name]
    anyone: Words = {"name": MODEL, "type": "RegularExpression", "value": "|".join(map(re.escape, route.names))}
    for variant in variants(route):
        # Backends in the order of their priority.
        groups = tuple(group for stage in variant.stages for group in stage.tier.groups)
        if variant.over:
            size = {"name": "content-length", "type": "RegularExpression"}
            longer = {**size, "value": over(variant.over * BYTES_PER_TOKEN)}
            known = {"name": TENANT_HEADER, "type": "RegularExpression", "value": ".+"}
            yield Part(f"{name}.long", groups, [[anyone, longer, known]])
        elif variant.tenant:
            by = {"name": TENANT_HEADER, "type": "Exact", "value": variant.tenant}
            yield Part(f"{name}.of-{variant.tenant}", groups, [[anyone, by]])
        else:
            yield from _by_name(name, route, groups)


def _by_name(name: str, route: RoutePlan, groups: tuple[Group, ...]) -> Iterator[Part]:
    for number, start in enumerate(range(0, len(route.names), _NAMES)):
        names = route.names[start : start + _NAMES]
        matches = [[{"name": MODEL, "type": "Exact", "value": public}] for public in names]
        yield Part(f"{name}.{number}" if number else name, groups, matches)


def over(number: int) -> str:
    """A regular expression for whole numbers, written without leading zeros, that are at least this one."""
    digits = str(number)
    patterns = [rf"[1-9]\d{{{len(digits)},}}", digits]
    for index, digit in enumerate(digits):
        if digit != "9":
            rest = len(digits) - index - 1
            higher = "9" if digit == "8" else f"[{int(digit) + 1}-9]"
            patterns.append(digits[:index] + higher + (rf"\d{{{rest}}}" if rest else ""))
    return "|".join(patterns)


def _route(place: Place, route: RoutePlan, part: Part) -> Words:
    refs = [
        _ref(place, item, share, priority)
        for priority, group in enumerate(part.groups)
        for item, share in zip(group, _shares(group), strict=True)
    ]
    rule = {
        "matches": [{"headers": headers} for headers in part.matches],
        "backendRefs": refs,
        # Without it a call ends after a minute.
        "timeouts": {"request": span(route.timeouts.total_s)},
        "modelsOwnedBy": place.plan.fleet,
    }
    parents = [{"group": GATEWAY_API, "kind": "Gateway", "name": place.gateway.name}]
    spec = {"parentRefs": parents, "rules": [rule]}
    return place.thing(f"{AI_GATEWAY}/v1beta1", "AIGatewayRoute", part.name, spec=spec)


def _shares(group: Group) -> list[int]:
    """Weights as the Gateway API takes them: none above a million, and none that is nothing."""
    heaviest = max(item.weight for item in group)
    if heaviest <= _HEAVIEST:
        return [item.weight or 1 for item in group]
    return [max(1, round(item.weight * _HEAVIEST / heaviest)) for item in group]


def _ref(place: Place, backend: Backend, share: int, priority: int) -> Words:
    return {
        "name": place.upstreams[upstream(backend)],
        "modelNameOverride": backend.model,
        "weight": share,
        "priority": priority,
    }


def _traffic(place: Place, route: RoutePlan, part: Part) -> Words:
    backends = [item for group in part.groups for item in group]
    caps = [item.max_parallel for item in backends]
    limits = _limits(place, route)
    return {
        "retry": _retries(route, part.groups),
        "timeout": _patience(route.timeouts, local=any(item.kind == "placement" for item in backends)),
        "healthCheck": _health(route.cooldown),
        # One limit for all of them, and only where each has one.
        "circuitBreaker": _at_most(sum(caps) if all(caps) else UNLIMITED),
        **_stuck(route),
        **({"rateLimit": {"local": {"rules": limits}}} if limits else {}),
    }


@cache
def _patience(times: TimeoutPlan, *, local: bool) -> Shared:
    idle = {"connectionIdleTimeout": span(ENGINE_IDLE_S)} if local else {}
    # Silence before the first token counts as well.
    silence = span(max(times.idle_s, times.first_token_s))
    return Shared({"tcp": {"connectTimeout": span(times.connect_s)}, "http": {**idle, "streamIdleTimeout": silence}})


@cache
def _health(cooldown: CooldownPlan) -> Shared:
    passive = {
        "consecutive5XxErrors": cooldown.failures,
        "consecutiveGatewayErrors": cooldown.failures,
        "interval": "1s",
        "baseEjectionTime": span(cooldown.pause_s),
        "maxEjectionPercent": 100,
    }
    # When all backends are out they are all asked: that is better than none.
    return Shared({"panicThreshold": 1, "passive": passive})


@cache
def _at_most(limit: int) -> Shared:
    """Envoy's own limits are 1,024 of each."""
    others = dict.fromkeys(("maxConnections", "maxPendingRequests", "maxParallelRetries"), UNLIMITED)
    return Shared({"maxParallelRequests": limit, **others})


def _stuck(route: RoutePlan) -> Words:
    """What keeps calls at one backend; by what stands in a body none can be chosen."""
    if route.sticky in {"", "user"}:
        return {}
    header = {"name": TENANT_HEADER if route.sticky == "tenant" else route.sticky_header}
    return {"loadBalancer": {"type": "ConsistentHash", "consistentHash": {"type": "Headers", "headers": [header]}}}


def _retries(route: RoutePlan, steps: Sequence[Group]) -> Words:
    """One count for the whole match. Each priority gets as many attempts as the widest of those that others follow."""
    each = min(max((len(group) for group in steps[:-1]), default=1), route.max_retries + 1)
    moves = len(steps) > 1
    causes = route.fallback_on if moves else tuple(MOVES_ON)
    triggers = [*_lost(route, moves=moves), *(["retriable-status-codes"] if set(causes) & set(MOVES_ON) else [])]
    count = each * (len(steps) - 1) + route.max_retries if triggers else 0
    return {
        "numRetries": count,
        **({"numAttemptsPerPriority": each} if moves else {}),
        **({"retryOn": _triggers(tuple(triggers), causes)} if triggers else {}),
        "perRetry": _each(route.timeouts.first_token_s, route.backoff_base_s, route.backoff_max_s),
    }


@cache
def _each(first_token_s: float, base_s: float, longest_s: float) -> Shared:
    base = max(base_s, _SHORTEST_S)
    wait = {"baseInterval": span(base), "maxInterval": span(max(longest_s, base))}
    return Shared({"timeout": span(first_token_s), "backOff": wait})


def _lost(route: RoutePlan, *, moves: bool) -> list[str]:
    """What Envoy calls the loss of an attempt without an answer; `reset` stands for a late first token as well."""
    if not moves or {"first-token-timeout", "5xx"} & set(route.fallback_on):
        return ["reset"]
    return ["connect-failure", "refused-stream"] if "connect" in route.fallback_on else []


@cache
def _triggers(triggers: tuple[str, ...], causes: tuple[str, ...]) -> Shared:
    codes = [code for cause in causes for code in MOVES_ON.get(cause, ())]
    return Shared({"triggers": triggers, **({"httpStatusCodes": codes} if codes else {})})


def _limits(place: Place, route: RoutePlan) -> list[Words]:
    return [
        {
            "clientSelectors": [{"headers": [{"name": TENANT_HEADER, "type": "Exact", "value": tenant.name}]}],
            "limit": {"requests": tenant.requests_per_minute, "unit": "Minute"},
        }
        for tenant in place.gateway.tenants
        if tenant.requests_per_minute and route.name in tenant.routes
    ]


def _admitted(place: Place, route: RoutePlan) -> Words:
    callers = [*(tenant.name for tenant in place.gateway.tenants if route.name in tenant.routes), MASTER]
    rules = [
        {
            "action": "Allow",
            "principal": {"headers": [{"name": TENANT_HEADER, "values": callers[start : start + _VALUES]}]},
        }
        for start in range(0, len(callers), _VALUES)
    ]
    return {"defaultAction": "Deny", "rules": rules}
