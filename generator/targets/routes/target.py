"""Routes: the neutral route table of each gateway, for gateways of one's own and for review."""

from collections.abc import Iterator

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.plan import (
    Backend,
    ContextPlan,
    GatewayPlan,
    Plan,
    RoutePlan,
    SecretRef,
    ShadowPlan,
    TenantPlan,
    Tier,
)
from generator.targets.routes import table

Entry = dict[str, object]


class RoutesTarget:
    """`gateway/<gateway>/routes.json`."""

    name = "routes"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """One route table for each gateway."""
        for gateway in plan.gateways:
            text = document(plan, gateway).model_dump_json(by_alias=True, indent=2)
            yield Artifact(layout.route_table(gateway.name), f"{text}\n".encode(), self.name)


ROUTES = RoutesTarget()


def document(plan: Plan, gateway: GatewayPlan) -> table.RouteTable:
    """The route table of one gateway."""
    backends = {item.id: item for item in gateway.backends}
    # Checked as a whole: entry by entry takes three times as long.
    return table.RouteTable.model_validate(
        {
            "version": table.VERSION,
            "fleet": plan.fleet,
            "environment": plan.environment,
            "gateway": {
                "name": gateway.name,
                "kind": gateway.kind,
                "version": gateway.version,
                "cluster": gateway.cluster,
                "masterKey": _key(gateway.master_key),
            },
            "backends": {id: _backend(item) for id, item in sorted(backends.items())},
            "routes": {route.name: _route(route) for route in gateway.routes},
            "tenants": {tenant.name: _tenant(tenant) for tenant in gateway.tenants},
        }
    )


def _backend(backend: Backend) -> Entry:
    return {
        "kind": backend.kind,
        "api": backend.api,
        "url": backend.url,
        "model": backend.model,
        "key": _key(backend.key) if backend.key else None,
        "context": backend.context,
        "concurrency": backend.concurrency,
        "price": {"input": backend.price.input_usd, "output": backend.price.output_usd} if backend.price else None,
    }


def _route(route: RoutePlan) -> Entry:
    times = route.timeouts
    return {
        "task": route.task,
        "aliases": list(route.aliases),
        "tiers": [{"route": tier.route, "backends": _shares(tier)} for tier in route.tiers],
        "timeouts": {
            "connect": times.connect_s,
            "firstToken": times.first_token_s,
            "idle": times.idle_s,
            "total": times.total_s,
        },
        "retries": {
            "max": route.max_retries,
            "backoff": {"base": route.backoff_base_s, "max": route.backoff_max_s},
        },
        "fallbackOn": list(route.fallback_on),
        "cooldown": {"failures": route.cooldown.failures, "pause": route.cooldown.pause_s},
        "context": _context(route.context) if route.context else None,
        "sticky": route.sticky_key or None,
        "shadow": _shadow(route.shadow) if route.shadow else None,
        "overrides": {tenant: _shares(tier) for tenant, tier in route.overrides.items()},
    }


def _context(rule: ContextPlan) -> Entry:
    return {"over": rule.over, "backends": _shares(rule.tier), "beyond": rule.beyond}


def _shadow(rule: ShadowPlan) -> Entry:
    return {"backends": _shares(rule.tier), "percent": rule.percent}


def _shares(tier: Tier) -> list[Entry]:
    return [{"backend": item.id, "weight": item.weight, "maxParallel": item.max_parallel} for item in tier.backends]


def _tenant(tenant: TenantPlan) -> Entry:
    return {
        "key": _key(tenant.key),
        "routes": list(tenant.routes),
        "priority": tenant.priority,
        "limits": {
            "requestsPerMinute": tenant.requests_per_minute or None,
            "maxParallel": tenant.max_parallel or None,
        },
        "budget": {"usd": tenant.budget.usd, "per": tenant.budget.per} if tenant.budget else None,
    }


def _key(ref: SecretRef) -> Entry:
    return {"env": ref.env, "secret": ref.secret, "key": ref.key}
