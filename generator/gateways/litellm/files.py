"""LiteLLM: the proxy's `config.yaml`, and the requests that create its tenants' keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.core.plan import GatewayPlan, Plan, RoutePlan, TenantPlan
from generator.core.plan.service import Service
from generator.gateways.litellm import deployments, router
from generator.gateways.litellm import groups as litellm_groups
from generator.gateways.litellm.environment import DATABASE, environment
from generator.gateways.litellm.groups import Groups
from generator.gateways.litellm.service import CONFIG, service
from generator.gateways.pods import admission
from generator.render.emit import json_text, yaml_text
from generator.render.header import owner

NOBODY = "fallbacks"
"""The team of groups that nobody calls by name. No key is in it."""

_PERIODS = {"day": "1d", "week": "7d", "month": "1mo"}


class LitellmGateway:
    """LiteLLM's proxy."""

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        """`config.yaml`, and `tenants.json` where there is a database to keep them."""
        made = {CONFIG: yaml_text(config(gateway), _header(gateway, plan))}
        if gateway.tenants and gateway.database:
            routes = _grouped(gateway)
            made["tenants.json"] = json_text([_key_request(tenant, routes) for tenant in gateway.tenants])
        return made

    def service(self, gateway: GatewayPlan) -> Service:
        """The container of the proxy."""
        return service(gateway)


LITELLM = LitellmGateway()


def config(gateway: GatewayPlan) -> dict[str, Any]:
    """The proxy's configuration."""
    routes = _grouped(gateway)
    return {
        "model_list": deployments.of_routes(routes, _unlisted(gateway)),
        "router_settings": router.settings(routes),
        "litellm_settings": {"callbacks": ["prometheus"], "drop_params": True, "json_logs": True},
        "general_settings": {
            "master_key": environment(gateway.master_key),
            **_keys(gateway),
            "cancel_on_disconnect": True,
        },
    }


def _grouped(gateway: GatewayPlan) -> list[tuple[RoutePlan, Groups]]:
    public = {name for route in gateway.routes for name in route.names}
    return [(route, litellm_groups.of_route(route, public)) for route in gateway.routes]


def _keys(gateway: GatewayPlan) -> dict[str, Any]:
    """Where tenants' keys are kept, and that a key which opens a route opens all of its tiers.

    Otherwise LiteLLM leaves out every fallback whose group the key does not name.
    """
    if gateway.database is None:
        return {}
    return {"database_url": f"os.environ/{DATABASE}", "enforce_fallback_model_access": False}


def _unlisted(gateway: GatewayPlan) -> dict[str, Any]:
    """What keeps a group that nobody calls by name out of the list of models.

    With a database an administrator sees every group none the less. Without one all calls come with the master key and
    so from an administrator, who may call the groups of any team but is not shown them.
    """
    return {"discoverable": False} if gateway.database else {"team_id": NOBODY}


def _key_request(tenant: TenantPlan, routes: Sequence[tuple[RoutePlan, Groups]]) -> dict[str, Any]:
    """The tenant's key by reference, and the body of its `/key/generate` request without the key.

    A route with weights of its own is an alias there, and the key must open what an alias stands for.
    """
    limits = {"rpm_limit": tenant.requests_per_minute, "max_parallel_requests": tenant.max_parallel}
    budget = tenant.budget
    own = {route.names: groups.own[tenant.name].name for route, groups in routes if tenant.name in groups.own}
    aliases = {name: group for names, group in own.items() for name in names}
    return {
        "key": {"env": tenant.key.env, "secret": tenant.key.secret, "key": tenant.key.key},
        "request": {
            "key_alias": tenant.name,
            "models": [*tenant.names, *own.values()],
            **({"aliases": aliases} if aliases else {}),
            **{name: limit for name, limit in limits.items() if limit},
            **({"max_budget": budget.usd, "budget_duration": _PERIODS[budget.per]} if budget else {}),
            "metadata": {"priority": tenant.priority},
        },
    }


def _header(gateway: GatewayPlan, plan: Plan) -> str:
    environment = " ".join(f"{name}={value}" for name, value in gateway.env.items())
    lines = (
        f"LiteLLM {gateway.version}: gateway {gateway.name} of {owner(plan)}.",
        f"Written by gen; edit the spec instead. Environment beside the keys: {environment or 'none'}",
    )
    return "\n".join([*lines, *admission(gateway, plan)])
