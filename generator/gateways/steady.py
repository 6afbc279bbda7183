"""A gateway without what follows from the number of replicas: what has to change before its pods are replaced."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from generator.core.plan import Backend, GatewayPlan, RoutePlan, Tier
from generator.render.emit import json_text


def at_one(gateway: GatewayPlan) -> GatewayPlan:
    """The gateway as if each placement had one replica, and backends shared calls as their weights are written."""
    return replace(gateway, routes=tuple(map(_route, gateway.routes)))


def checksum(texts: Mapping[str, str]) -> str:
    """SHA-256 of files by name, in hexadecimal."""
    return sha256(json_text(dict(sorted(texts.items()))).encode()).hexdigest()


def _route(route: RoutePlan) -> RoutePlan:
    return replace(
        route,
        tiers=tuple(map(_tier, route.tiers)),
        context=route.context and replace(route.context, tier=_tier(route.context.tier)),
        shadow=route.shadow and replace(route.shadow, tier=_tier(route.shadow.tier)),
        overrides={tenant: _tier(tier) for tenant, tier in route.overrides.items()},
    )


def _tier(tier: Tier) -> Tier:
    return Tier(tier.route, tuple(map(_backend, tier.backends)))


def _backend(backend: Backend) -> Backend:
    most = backend.max_parallel
    return replace(
        backend,
        weight=backend.share,
        concurrency=backend.concurrency // backend.replicas,
        max_parallel=most // backend.replicas if backend.capped else most,
    )
