"""Routes: the neutral route table of each gateway, for gateways of one's own and for review."""

from collections.abc import Iterator

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
from generator.render.emit import json_text
from generator.targets import route_table as table


class RoutesTarget:
    """`gateway/<gateway>/routes.json`."""

    name = "routes"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """One route table for each gateway."""
        for gateway in plan.gateways:
            text = json_text(document(plan, gateway).model_dump(by_alias=True))
            yield Artifact(f"gateway/{gateway.name}/routes.json", text.encode(), self.name)


ROUTES = RoutesTarget()


def document(plan: Plan, gateway: GatewayPlan) -> table.RouteTable:
    """The route table of one gateway."""
    return table.RouteTable(
        version=table.VERSION,
        fleet=plan.fleet,
        environment=plan.environment,
        gateway=table.GatewayEntry(
            name=gateway.name,
            kind=gateway.kind,
            version=gateway.version,
            cluster=gateway.cluster,
            master_key=_key(gateway.master_key),
        ),
        backends={item.id: _backend(item) for item in sorted(gateway.backends, key=lambda item: item.id)},
        routes={route.name: _route(route) for route in gateway.routes},
        tenants={tenant.name: _tenant(tenant) for tenant in gateway.tenants},
    )


def _backend(backend: Backend) -> table.BackendEntry:
    return table.BackendEntry.model_validate(
        {
            "kind": backend.kind,
            "api": backend.api,
            "url": backend.url,
            "model": backend.model,
            "key": _key(backend.key) if backend.key else None,
            "context": backend.context,
            "concurrency": backend.concurrency,
            "price": {"input": backend.price.input_usd, "output": backend.price.output_usd} if backend.price else None,
        }
    )


def _route(route: RoutePlan) -> table.RouteEntry:
    times = route.timeouts
    return table.RouteEntry.model_validate(
        {
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
            "sticky": route.sticky or None,
            "shadow": _shadow(route.shadow) if route.shadow else None,
            "overrides": {tenant: _shares(tier) for tenant, tier in route.overrides.items()},
        }
    )


def _context(rule: ContextPlan) -> dict[str, object]:
    return {"over": rule.over, "backends": _shares(rule.tier), "beyond": rule.beyond}


def _shadow(rule: ShadowPlan) -> dict[str, object]:
    return {"backends": _shares(rule.tier), "percent": rule.percent}


def _shares(tier: Tier) -> list[table.Share]:
    return [table.Share(backend=item.id, weight=item.weight, max_parallel=item.max_parallel) for item in tier.backends]


def _tenant(tenant: TenantPlan) -> table.TenantEntry:
    return table.TenantEntry.model_validate(
        {
            "key": _key(tenant.key),
            "routes": list(tenant.routes),
            "priority": tenant.priority,
            "limits": {
                "requestsPerMinute": tenant.requests_per_minute or None,
                "maxParallel": tenant.max_parallel or None,
            },
            "budget": {"usd": tenant.budget.usd, "per": tenant.budget.per} if tenant.budget else None,
        }
    )


def _key(ref: SecretRef) -> table.KeyRef:
    return table.KeyRef(env=ref.env, secret=ref.secret, key=ref.key)
