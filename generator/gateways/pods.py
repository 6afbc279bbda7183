"""What the pods of every gateway have in common, whether our chart makes them or a controller."""

from typing import Any

from generator.core.labels import ADMITTED
from generator.core.plan import GatewayPlan, Plan

PRE_STOP_S = 15
"""Until endpoints, load balancers and callers' connections have noticed that a pod goes."""

ANYWHERE: list[dict[str, Any]] = [
    {"namespaceSelector": {}},
    *({"ipBlock": {"cidr": cidr}} for cidr in ("0.0.0.0/0", "::/0")),
]
"""Peers of a network policy. Load balancers may call pods directly, from addresses that nobody knows before."""


def admission(gateway: GatewayPlan, plan: Plan) -> tuple[str, ...]:
    """What a header says of the label that the gateway's pods need; nothing on a docker host."""
    guarded = any(cluster.name == gateway.cluster and cluster.kubernetes for cluster in plan.clusters)
    words = f"Its pods need the label {ADMITTED}: the models' network policies let in nobody else."
    return (words,) if guarded else ()
