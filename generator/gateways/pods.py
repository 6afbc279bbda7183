"""What the pods of every gateway have in common, whether our chart makes them or a controller."""

from typing import Any

PRE_STOP_S = 15
"""Until endpoints, load balancers and callers' connections have noticed that a pod goes."""

ANYWHERE: list[dict[str, Any]] = [
    {"namespaceSelector": {}},
    *({"ipBlock": {"cidr": cidr}} for cidr in ("0.0.0.0/0", "::/0")),
]
"""Peers of a network policy. Load balancers may call pods directly, from addresses that nobody knows before."""
