"""When Envoy refuses calls rather than run out of its container's memory."""

from generator.gateways.envoy.service import MEMORY_LIMIT_GIB
from generator.gateways.envoy.words import Words, extension, named

HEAP_BYTES = int(MEMORY_LIMIT_GIB * 2**30 * 0.8)
"""A fifth of the limit is for what the heap does not count: code, stacks of threads, and pages not yet given back."""

CONNECTION_BYTES = 128 * 1024
"""Of a caller's connection at rest and its call's way through four listeners, without a long prompt."""

CONNECTIONS = HEAP_BYTES // CONNECTION_BYTES
"""As many as the heap could hold at rest; the heap itself is what bounds calls with long prompts."""

_CONNECTIONS = "envoy.resource_monitors.global_downstream_max_connections"
_HEAP = "envoy.resource_monitors.fixed_heap"
_SHRINK, _REFUSE, _CLOSE = 0.75, 0.85, 0.95


def manager() -> Words:
    """The section `overload_manager`: further connections are closed; calls get 503 while memory is short."""
    connections = extension(
        "resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=CONNECTIONS,
    )
    heap = extension("resource_monitors.fixed_heap.v3.FixedHeapConfig", max_heap_size_bytes=HEAP_BYTES)
    return {
        "refresh_interval": "0.1s",
        "resource_monitors": [
            named(_CONNECTIONS, connections),
            named(_HEAP, heap),
        ],
        "actions": [
            _action("shrink_heap", _SHRINK),
            _action("stop_accepting_requests", _REFUSE),
            _action("stop_accepting_connections", _CLOSE),
        ],
    }


def _action(name: str, share: float) -> Words:
    return {"name": f"envoy.overload_actions.{name}", "triggers": [{"name": _HEAP, "threshold": {"value": share}}]}
