"""What the controllers of Envoy Gateway and Envoy AI Gateway are told, so that they work together."""

from typing import Any

from generator.core.plan import ClusterPlan
from generator.gateways.calls import TENANT_HEADER

_EVERYTHING = {"includeAll": True}
_CONTROLLER = "ai-gateway-controller.envoy-ai-gateway-system.svc.cluster.local"
_CONTROLLER_PORT = 1063


def definitions(cluster: ClusterPlan) -> dict[str, Any]:
    """The chart holds definitions alone and has no values."""
    return {}


def ai_gateway(cluster: ClusterPlan) -> dict[str, Any]:
    """Metrics by tenant: Envoy says who calls before the calls are counted."""
    return {"controller": {"metricsRequestHeaderAttributes": f"{TENANT_HEADER}:tenant"}}


def envoy_gateway(cluster: ClusterPlan) -> dict[str, Any]:
    """What AI Gateway asks for, and gateways' pods beside the models, whose network policies let them in there."""
    translator = {
        "translation": dict.fromkeys(("listener", "route", "cluster", "secret"), _EVERYTHING),
        "post": ["Translation", "Cluster", "Route"],
    }
    return {
        "config": {
            "envoyGateway": {
                "provider": {"type": "Kubernetes", "kubernetes": {"deploy": {"type": "GatewayNamespace"}}},
                "extensionApis": {"enableBackend": True},
                "extensionManager": {
                    "hooks": {"xdsTranslator": translator},
                    "service": {"fqdn": {"hostname": _CONTROLLER, "port": _CONTROLLER_PORT}},
                },
            }
        }
    }
