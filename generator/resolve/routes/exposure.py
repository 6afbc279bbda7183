"""How callers outside of a cluster reach its gateway: host, entry point, and limits as long as the longest call."""

from generator.catalog import reader
from generator.catalog.facts import IngressFacts
from generator.core.finding import Finding, Findings, Path
from generator.core.kinds import resolve as resolve_kinds
from generator.core.kinds import routing as kinds
from generator.core.plan import ExposePlan
from generator.core.spec import Cluster, Expose, Gateway


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
    facts = reader.ingress().get(name)
    if facts is None:
        findings.add(_unknown_class((*at, "ingress", "class"), name, longest_call_s))
    if tls is None and (facts is None or facts.tls == "secret"):
        findings.add(_without_tls((*at, "ingress"), spec.host))
    return ExposePlan(
        spec.host,
        ingress_class=name,
        annotations=_annotations(facts, longest_call_s) if facts else {},
        tls_secret=tls.secret if tls else "",
    )


def _annotations(facts: IngressFacts, longest_call_s: int) -> dict[str, str]:
    """With its limits filled in; what depends on the kind of gateway is left to the gateway's target."""
    longest = min(longest_call_s, facts.longest_call_s or longest_call_s)
    return {key: value.replace("{longestCall}", str(longest)) for key, value in facts.annotations.items()}


def _without_tls(at: Path, host: str) -> Finding:
    return kinds.EXPOSED_WITHOUT_TLS.at(
        at,
        f"callers of {host} send their keys in clear text as far as the ingress controller",
        cause="the Ingress names no certificate",
        help="add `tls: {secret: NAME}`; leave it as it is where something before the controller ends TLS",
        on_key=True,
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
        + ", ".join(sorted(reader.ingress())),
    )
