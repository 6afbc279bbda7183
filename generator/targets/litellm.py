"""LiteLLM: the proxy's `config.yaml`, a model group for each tier, and the requests that create its tenants' keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.core.artifact import Artifact
from generator.core.lazy import kept
from generator.core.plan import Backend, CooldownPlan, GatewayPlan, Plan, RoutePlan, SecretRef, TenantPlan, Tier
from generator.render.emit import json_text, yaml_text

USUAL = CooldownPlan()
"""The cooldown of routes that say nothing: whoever fails that often within these seconds is left out for as long.

LiteLLM itself never leaves out the only backend of a group without a fallback, which would refuse every call.
"""

NO_LIMIT = 10_000_000
"""More tokens than any prompt has."""

NOBODY = "fallbacks"
"""The team of groups that only fallbacks use. No key is in it."""

LABEL = "fleetgen.dev/gateway=true"
"""By it the chart's network policies know gateways, or namespaces of gateways."""

_MODES = {"chat": "chat", "complete": "completion", "embed": "embedding", "rerank": "rerank"}
_CAUSES = {
    "429": "RateLimitErrorRetries",
    "503": "ServiceUnavailableErrorRetries",
    "first-token-timeout": "TimeoutErrorRetries",
}
_CALLERS = (
    "AuthenticationErrorRetries",
    "BadRequestErrorRetries",
    "ContentPolicyViolationErrorRetries",
    "NotFoundErrorRetries",
)
"""Errors that a second try does not mend."""

# With no key of its own a deployment would be sent the key that LiteLLM finds in its environment for OpenAI itself.
_NO_KEY = "no-key"


@dataclass(frozen=True, slots=True)
class Group:
    """A tier as a model group. `last` when no other group follows; `limit` is the longest prompt, 0 for none."""

    name: str
    tier: Tier
    last: bool
    limit: int = 0


class LitellmTarget:
    """`config.yaml`, and `tenants.json` where there is a database to keep them."""

    name = "litellm"

    @kept
    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The files of every gateway of kind `litellm`."""
        for gateway in plan.gateways:
            if gateway.kind != self.name:
                continue
            folder = f"gateway/{gateway.name}"
            text = yaml_text(config(gateway), _header(plan, gateway))
            yield Artifact(f"{folder}/config.yaml", text.encode(), self.name)
            if gateway.tenants and gateway.database:
                requests = [_key_request(tenant) for tenant in gateway.tenants]
                yield Artifact(f"{folder}/tenants.json", json_text(requests).encode(), self.name)


LITELLM = LitellmTarget()


def config(gateway: GatewayPlan) -> dict[str, Any]:
    """The proxy's configuration."""
    public = {route.name for route in gateway.routes}
    groups = {route.name: route_groups(route, public) for route in gateway.routes}
    inner = _unlisted(gateway)
    deployments = [
        deployment
        for route in gateway.routes
        for group in groups[route.name]
        for deployment in _deployments(route, group, {} if group.name == route.name else inner)
    ]
    _part_limits(deployments)
    return {
        "model_list": deployments,
        "router_settings": _router(gateway.routes, groups),
        "litellm_settings": {"callbacks": ["prometheus"], "drop_params": True, "json_logs": True},
        "general_settings": {
            "master_key": _environment(gateway.master_key),
            **_keys(gateway),
            "cancel_on_disconnect": True,
        },
    }


def _keys(gateway: GatewayPlan) -> dict[str, Any]:
    """Where tenants' keys are kept, and that a key which opens a route opens all of its tiers.

    Otherwise LiteLLM leaves out every fallback whose group the key does not name.
    """
    if gateway.database is None:
        return {}
    return {"database_url": _environment(gateway.database), "enforce_fallback_model_access": False}


def _unlisted(gateway: GatewayPlan) -> dict[str, Any]:
    """What keeps a group of further tiers out of the list of models.

    With a database an administrator sees every group none the less. Without one all calls come with the master key and
    so from an administrator, who may call the groups of any team but is not shown them.
    """
    return {"discoverable": False} if gateway.database else {"team_id": NOBODY}


def route_groups(route: RoutePlan, public: set[str]) -> list[Group]:
    """The route's model groups: the first tier under the public name, the others, and last the one of long prompts."""
    limit = route.context.over if route.context else 0
    further = range(2, len(route.tiers) + 1)
    names = [route.name, *(_unused(f"{route.name}/tier-{number}", public) for number in further)]
    last = len(route.tiers) - 1
    groups = [Group(names[index], tier, index == last, 0 if index else limit) for index, tier in enumerate(route.tiers)]
    if route.context:
        groups.append(Group(_unused(f"{route.name}/long", public), route.context.tier, last=True))
    return groups


def _unused(name: str, public: set[str]) -> str:
    while name in public:
        name += "+"
    return name


def _deployments(route: RoutePlan, group: Group, facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    fails = _allowed_fails(route)
    for backend in group.tier.backends:
        limit = group.limit or backend.context
        yield {
            "model_name": group.name,
            "litellm_params": _params(route, group, backend),
            "model_info": {
                "id": f"{group.name}@{backend.id}",
                "mode": _MODES[route.task],
                **({"max_input_tokens": limit} if limit else {}),
                **({"allowed_fails": fails} if fails != USUAL.failures - 1 else {}),
                **facts,
            },
        }


def _allowed_fails(route: RoutePlan) -> int:
    """Failures that keep a backend in. Retries count as failures: fewer than these would end them early."""
    return max(route.cooldown.failures - 1, route.max_retries)


def _part_limits(deployments: Sequence[dict[str, Any]]) -> None:
    """Give a deployment without a prompt limit one that nobody reaches, where another of the same name has a limit.

    LiteLLM keeps limits by upstream name: a limit of one deployment holds for every other that says nothing.
    """
    limited = {item["litellm_params"]["model"] for item in deployments if "max_input_tokens" in item["model_info"]}
    for item in deployments:
        if item["litellm_params"]["model"] in limited:
            item["model_info"].setdefault("max_input_tokens", NO_LIMIT)


def _params(route: RoutePlan, group: Group, backend: Backend) -> dict[str, Any]:
    times = route.timeouts
    base, key = _api_base(backend), _api_key(backend)
    return {
        "model": f"{_prefix(backend, route.task)}/{backend.model}",
        **({"api_base": base} if base else {}),
        **({"api_key": key} if key else {}),
        **({"weight": backend.weight} if len(group.tier.backends) > 1 else {}),
        "timeout": _number(times.total_s),
        "stream_timeout": _number(max(times.first_token_s, times.idle_s)),
        "max_retries": 0,
        **({"max_parallel_requests": backend.max_parallel} if backend.max_parallel else {}),
        **({"cooldown_time": _number(route.cooldown.pause_s)} if route.cooldown.pause_s != USUAL.pause_s else {}),
        **_costs(backend),
    }


def _costs(backend: Backend) -> dict[str, float]:
    """USD a token of a provider's model, for what tenants spend; LiteLLM's own price may be another."""
    if backend.kind != "provider" or backend.price is None:
        return {}
    usd = {"input_cost_per_token": backend.price.input_usd, "output_cost_per_token": backend.price.output_usd}
    return {name: round(price / 1e6, 12) for name, price in usd.items()}


def _prefix(backend: Backend, task: str) -> str:
    if backend.api == "ollama":
        return "ollama" if task == "embed" else "ollama_chat"
    if backend.api == "openai" and backend.kind == "placement":
        return "hosted_vllm"
    return "anthropic" if backend.api == "anthropic" else "openai"


def _api_base(backend: Backend) -> str:
    return f"{backend.url}/v1" if backend.api == "tgi" else backend.url


def _api_key(backend: Backend) -> str:
    if backend.key is not None:
        return _environment(backend.key)
    return _NO_KEY if backend.url else ""


def _router(routes: Sequence[RoutePlan], groups: Mapping[str, Sequence[Group]]) -> dict[str, Any]:
    # LiteLLM looks all of these up by the name that was called, so an alias needs entries of its own.
    called = [(name, route) for route in routes for name in route.names]
    fallbacks = {name: [group.name for group in groups[route.name][1 : len(route.tiers)]] for name, route in called}
    long = {name: [groups[route.name][-1].name] for name, route in called if route.context}
    policies = {group.name: _retries(route, group) for route in routes for group in groups[route.name]}
    return {
        "routing_strategy": "simple-shuffle",
        # Drawing again may hit the same backend; this asks each of its siblings before the next tier.
        "enable_weighted_failover": True,
        "num_retries": max((route.max_retries for route in routes), default=0),
        "model_group_retry_policy": {**policies, **{name: policies[route.name] for name, route in called}},
        "allowed_fails": USUAL.failures - 1,
        "cooldown_time": _number(USUAL.pause_s),
        "fallbacks": [{name: following} for name, following in fallbacks.items() if following],
        "max_fallbacks": max((_steps(groups[route.name]) for route in routes), default=0),
        # A caller's mistake (400) is the caller's answer, not a reason to ask the next backend.
        "fallback_on_unsupported_params": False,
        "enable_pre_call_checks": bool(long),
        "context_window_fallbacks": [{name: following} for name, following in long.items()],
        "model_group_alias": {alias: route.name for route in routes for alias in route.aliases},
    }


def _steps(groups: Sequence[Group]) -> int:
    """How often a call can move on, from backend to backend and from group to group."""
    return sum(len(group.tier.backends) for group in groups)


def _retries(route: RoutePlan, group: Group) -> dict[str, int]:
    """Retries of each backend by error; its siblings count as retries.

    The only backend of a tier is not asked again for what another tier can answer at once.
    """
    siblings = len(group.tier.backends) - 1
    retries = max(route.max_retries - siblings, 0)
    if not retries:
        return {"DefaultRetries": 0}
    moves_on = not siblings and not group.last
    causes = [name for cause, name in _CAUSES.items() if moves_on and cause in route.fallback_on]
    return {"DefaultRetries": retries, **dict.fromkeys([*causes, *_CALLERS], 0)}


def _key_request(tenant: TenantPlan) -> dict[str, Any]:
    """The tenant's key by reference, and the body of its `/key/generate` request without the key."""
    limits = {"rpm_limit": tenant.requests_per_minute, "max_parallel_requests": tenant.max_parallel}
    return {
        "key": {"env": tenant.key.env, "secret": tenant.key.secret, "key": tenant.key.key},
        "request": {
            "key_alias": tenant.name,
            "models": list(tenant.names),
            **{name: limit for name, limit in limits.items() if limit},
            "metadata": {"priority": tenant.priority},
        },
    }


def _environment(ref: SecretRef) -> str:
    return f"os.environ/{ref.env}"


def _number(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds


def _header(plan: Plan, gateway: GatewayPlan) -> str:
    needs = " ".join(f"{name}={value}" for name, value in gateway.env.items())
    guarded = any(cluster.name == gateway.cluster and cluster.kubernetes for cluster in plan.clusters)
    return (
        f"LiteLLM {gateway.version}: gateway {gateway.name} of fleet {plan.fleet}, environment {plan.environment}.\n"
        f"Written by gen; edit the spec instead. Environment beside the keys: {needs or 'none'}"
        + (f"\nIts pods need the label {LABEL}: the models' network policies let in nobody else." if guarded else "")
    )
