"""LiteLLM's router settings: what follows what, how often a backend is asked again, and who stays where."""

import re
from collections.abc import Sequence
from typing import Any

from generator.core.plan import RoutePlan
from generator.gateways.litellm.deployments import USUAL, number
from generator.gateways.litellm.groups import Group, Groups

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

SESSIONS = re.compile(r"x-litellm-trace-id|x-(.+-)?session-id", re.IGNORECASE)
"""Headers whose value LiteLLM takes for a session."""


def settings(routes: Sequence[tuple[RoutePlan, Groups]]) -> dict[str, Any]:
    """The section `router_settings`."""
    entries = [(name, route, groups) for route, groups in routes for name in _entries(route, groups)]
    fallbacks = [{name: [group.name for group in groups.further]} for name, _, groups in entries if groups.further]
    copies = [groups.shadow.name for _, groups in routes if groups.shadow]
    long = [{name: [groups.long.name]} for name, _, groups in entries if groups.long]
    policies = {group.name: _retries(route, group) for route, groups in routes for group in groups.answering}
    sticky = {name: flags for route, groups in routes for name, flags in _sticky(route, groups)}
    return {
        "routing_strategy": "simple-shuffle",
        # Drawing again may hit the same backend; this asks each of its siblings before the next tier.
        "enable_weighted_failover": True,
        "num_retries": max((route.max_retries for route, _ in routes), default=0),
        "model_group_retry_policy": {
            **policies,
            **{name: policies[route.name] for route, _ in routes for name in route.names},
            **{name: {"DefaultRetries": 0} for name in copies},
        },
        "allowed_fails": USUAL.failures - 1,
        "cooldown_time": number(USUAL.pause_s),
        # A copy that fails would go the way of the call that it was made of.
        "fallbacks": [*fallbacks, *({name: []} for name in copies)],
        "max_fallbacks": max((_steps(groups) for _, groups in routes), default=0),
        # A caller's mistake (400) is the caller's answer, not a reason to ask the next backend.
        "fallback_on_unsupported_params": False,
        "enable_pre_call_checks": bool(long),
        "context_window_fallbacks": long,
        "model_group_alias": {alias: route.name for route, _ in routes for alias in route.aliases},
        **({"model_group_affinity_config": sticky} if sticky else {}),
    }


def _entries(route: RoutePlan, groups: Groups) -> list[str]:
    """What the route's calls can be for at first.

    LiteLLM looks fallbacks up by the name that was called, so an alias needs entries of its own.
    """
    return [*route.names, *(group.name for group in groups.own.values())]


def _sticky(route: RoutePlan, groups: Groups) -> list[tuple[str, list[str]]]:
    """The groups in which callers stay at one backend, and what LiteLLM knows them by."""
    if route.sticky == "tenant":
        flags = ["deployment_affinity"]
    elif SESSIONS.fullmatch(route.sticky_header):
        flags = ["session_affinity"]
    else:
        return []
    return [(group.name, flags) for group in groups.answering if len(group.tier.backends) > 1]


def _steps(groups: Groups) -> int:
    """How often a call can move on, from backend to backend and from group to group."""
    return sum(len(group.tier.backends) for group in groups.answering)


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
