"""Deployments: each use of a backend in a model group of LiteLLM."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.core.plan import Backend, CooldownPlan, RoutePlan
from generator.core.tasks import Task, generates
from generator.gateways.litellm.environment import environment
from generator.gateways.litellm.groups import Group, Groups

USUAL = CooldownPlan()
"""The cooldown of routes that say nothing: whoever fails that often within these seconds is left out for as long.

LiteLLM itself never leaves out the only backend of a group without a fallback, which would refuse every call.
"""

NO_LIMIT = 10_000_000
"""More tokens than any prompt has."""

_MODES = {"chat": "chat", "complete": "completion", "embed": "embedding", "rerank": "rerank"}

# With no key of its own a deployment would be sent the key that LiteLLM finds in its environment for OpenAI itself.
_NO_KEY = "no-key"


def of_routes(routes: Sequence[tuple[RoutePlan, Groups]], inner: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The deployments of the routes; `inner` is told of those whose group callers do not name."""
    deployments = []
    for route, groups in routes:
        for group in groups:
            facts = {} if group is groups.first else inner
            deployments += list(_deployments(route, group, facts))
    _part_limits(deployments)
    return deployments


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
    if group.percent < 100:
        yield _nobody(group, facts)


def _nobody(group: Group, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Takes the copies that are not to be sent: LiteLLM answers them itself."""
    weight = sum(backend.weight for backend in group.tier.backends) * (100 - group.percent)
    return {
        "model_name": group.name,
        "litellm_params": {"model": "openai/nobody", "mock_response": "not copied", "weight": weight},
        "model_info": {"id": f"{group.name}@nobody", "mode": "chat", **facts},
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
        **_weight(group, backend),
        "timeout": number(times.total_s),
        "stream_timeout": number(max(times.first_token_s, times.idle_s)),
        "max_retries": 0,
        **({"max_parallel_requests": backend.max_parallel} if backend.max_parallel else {}),
        **({"cooldown_time": number(route.cooldown.pause_s)} if route.cooldown.pause_s != USUAL.pause_s else {}),
        **({"silent_model": group.copies} if group.copies else {}),
        **_passed(backend, route.task),
        **_costs(backend, route.task),
    }


def _passed(backend: Backend, task: str) -> dict[str, list[str]]:
    """What LiteLLM would leave out of a chat unless it knows the model for one of OpenAI's own."""
    return {"allowed_openai_params": ["user"]} if task == "chat" and backend.api in {"openai", "tgi"} else {}


def _weight(group: Group, backend: Backend) -> dict[str, int]:
    if group.percent < 100:
        return {"weight": backend.weight * group.percent}
    return {"weight": backend.weight} if len(group.tier.backends) > 1 else {}


def _costs(backend: Backend, task: Task) -> dict[str, float]:
    """USD a token of a provider's model, for what tenants spend; LiteLLM's own price may be another."""
    if backend.kind != "provider" or backend.price is None:
        return {}
    usd = {"input_cost_per_token": backend.price.input_usd, "output_cost_per_token": backend.price.output_usd}
    # What is not generated has no cache; LiteLLM warns of a model whose cost of one it does not know.
    none = {} if generates(task) else {"cache_read_input_token_cost": 0.0}
    return {**{name: round(price / 1e6, 12) for name, price in usd.items()}, **none}


def _prefix(backend: Backend, task: str) -> str:
    if backend.api == "ollama":
        return "ollama_chat" if task == "chat" else "ollama"
    # By the prefix of OpenAI, which has no such calls, LiteLLM refuses to rerank.
    if backend.api == "openai" and (backend.kind == "placement" or task == "rerank"):
        return "hosted_vllm"
    return "anthropic" if backend.api == "anthropic" else "openai"


def _api_base(backend: Backend) -> str:
    return f"{backend.url}/v1" if backend.api == "tgi" else backend.url


def _api_key(backend: Backend) -> str:
    if backend.key is not None:
        return environment(backend.key)
    return _NO_KEY if backend.url else ""


def number(seconds: float) -> int | float:
    """Seconds without a needless fraction."""
    return int(seconds) if seconds == int(seconds) else seconds
