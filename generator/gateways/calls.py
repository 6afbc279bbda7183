"""What every gateway has to know of calls and none of them owns."""

from collections.abc import Mapping

from generator.core.plan import GatewayPlan

TENANT_HEADER = "x-fleet-tenant"
"""In which gateways that tell tenants by their keys hand on who calls."""

MODELS_PATH = "/v1/models"
"""Lists what a caller's key opens."""

TASK_PATHS: Mapping[str, tuple[str, ...]] = {
    "chat": ("/v1/chat/completions", "/v1/completions"),
    "complete": ("/v1/completions",),
    "embed": ("/v1/embeddings",),
    "rerank": ("/v1/rerank",),
}
"""Where callers send the calls of each task."""

BYTES_PER_TOKEN = 3
"""Of a call's body. Fewer than most prompts have, so that a prompt moves rather too early than too late."""

MOVES_ON = {"429": (429,), "503": (503, 529), "5xx": (500, 501, 502, 504, 507, 520, 521, 522, 523, 524)}
"""Statuses by the cause of `fallbackOn` that they are."""

ENGINE_IDLE_S = 4
"""uvicorn, which most engines run in, closes a connection after five idle seconds; a call must not meet that."""

UNLIMITED = 1_000_000
"""Envoy's own limits are 1,024 calls and 3 retries at a time, in place of none."""


def public_paths(gateway: GatewayPlan, served: Mapping[str, tuple[str, ...]] = TASK_PATHS) -> tuple[str, ...]:
    """The paths that the gateway's callers need, sorted. `served` holds those that its kind serves, by task."""
    paths = {path for route in gateway.routes for path in served.get(route.task, ())}
    return tuple(sorted({MODELS_PATH, *paths}))
