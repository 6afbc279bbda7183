"""How callers outside of a cluster reach its gateway: host, entry point, and limits as long as the longest call."""

from collections.abc import Callable, Mapping

from generator.core.finding import Finding, Findings, Path
from generator.core.kinds import resolve as resolve_kinds
from generator.core.kinds import routing as kinds
from generator.core.plan import ExposePlan
from generator.core.spec import Cluster, Expose, Gateway

READY = "{ready}"
"""Stands in an annotation for the path that tells whether a pod can take calls, which the gateway's target knows."""

_LONGEST_ALB_S = 4000
_LARGEST_BODY = "64m"
"""A long prompt with a few pictures. ingress-nginx refuses more than 1 MiB unless it is told otherwise."""


def _nginx(seconds: int) -> dict[str, str]:
    """ingress-nginx ends a call after 60 s without a byte, and collects a stream before it passes it on."""
    return {
        "nginx.ingress.kubernetes.io/proxy-body-size": _LARGEST_BODY,
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": str(seconds),
        "nginx.ingress.kubernetes.io/proxy-send-timeout": str(seconds),
    }


def _alb(seconds: int) -> dict[str, str]:
    """AWS's load balancer ends a call after 60 s without a byte; pods are its targets, since no node port is open."""
    idle = min(seconds, _LONGEST_ALB_S)
    return {
        "alb.ingress.kubernetes.io/healthcheck-path": READY,
        "alb.ingress.kubernetes.io/load-balancer-attributes": f"idle_timeout.timeout_seconds={idle}",
        "alb.ingress.kubernetes.io/target-type": "ip",
    }


def _application_gateway(seconds: int) -> dict[str, str]:
    """Azure's application gateway ends a call after 30 s."""
    return {
        "appgw.ingress.kubernetes.io/health-probe-path": READY,
        "appgw.ingress.kubernetes.io/request-timeout": str(seconds),
    }


CLASSES: Mapping[str, Callable[[int], dict[str, str]]] = {
    "alb": _alb,
    "azure-application-gateway": _application_gateway,
    "nginx": _nginx,
}
"""What each ingress controller has to be told so that a call may take `seconds`, by the usual name of its class."""


def exposure(
    gateway: Gateway, path: Path, cluster: Cluster | None, longest_call_s: int, findings: Findings
) -> ExposePlan | None:
    """How the gateway at `path` is exposed; None where it is not. `longest_call_s` is in seconds."""
    spec = gateway.expose
    if spec is None or cluster is None or not cluster.kubernetes:
        return None
    at: Path = (*path, "expose")
    if spec.gateway is not None:
        if "gateway-api" not in cluster.has:
            findings.add(_no_gateway_api((*at, "gateway"), gateway.cluster))
        return ExposePlan(spec.host, parent=spec.gateway.name, parent_namespace=spec.gateway.namespace or "")
    return _ingress(spec, at, longest_call_s, findings)


def _ingress(spec: Expose, at: Path, longest_call_s: int, findings: Findings) -> ExposePlan | None:
    if spec.ingress is None:
        return None
    name, tls = spec.ingress.class_, spec.ingress.tls
    limits = CLASSES.get(name)
    if limits is None:
        findings.add(_unknown_class((*at, "ingress", "class"), name, longest_call_s))
    return ExposePlan(
        spec.host,
        ingress_class=name,
        annotations=limits(longest_call_s) if limits else {},
        tls_secret=tls.secret if tls else "",
    )


def _no_gateway_api(at: Path, cluster: str) -> Finding:
    return resolve_kinds.MISSING_CAPABILITY.at(
        at,
        f"an HTTPRoute needs the Gateway API in cluster {cluster!r}",
        cause=f"clusters.{cluster} has no `has: [gateway-api]`",
        help=f"add `has: [gateway-api]` to clusters.{cluster}, or expose the gateway by an `ingress`",
        on_key=True,
    )


def _unknown_class(at: Path, name: str, longest_call_s: int) -> Finding:
    return kinds.INGRESS_LIMITS_UNKNOWN.at(
        at,
        f"nothing is known of the limits of ingress class {name!r}",
        cause=f"calls may take {longest_call_s} s here, and many controllers end one after 30 or 60 s",
        help=f"set its timeouts to {longest_call_s} s and its buffering off yourself; known are "
        + ", ".join(sorted(CLASSES)),
    )
