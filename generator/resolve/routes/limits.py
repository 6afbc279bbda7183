"""What the files of a kind of gateway have no place for: its limits, and where it can run."""

from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from generator.catalog.facts import GatewayFacts
from generator.core.finding import Finding, Path
from generator.core.kinds import routing as kinds
from generator.core.plan import GatewayPlan, RoutePlan
from generator.core.spec import Fleet


def check(fleet: Fleet, gateway: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    """An error for each thing that cannot be written down for a gateway of this kind."""
    cluster = fleet.clusters.get(gateway.cluster)
    if facts.kubernetes_only and cluster is not None and not cluster.kubernetes:
        yield kinds.GATEWAY_CANNOT_HOLD.at(
            (*gateway.path, "cluster"),
            f"a gateway of kind {gateway.kind} needs Kubernetes, and {gateway.cluster!r} is a docker host",
            cause="it is a set of Kubernetes objects, which controllers in the cluster turn into pods",
            help="put it into a cluster that runs Kubernetes, or use kind `envoy`, which runs in one container",
        )
        return
    for route in gateway.routes:
        yield from _backends(gateway, route, facts.limits)
        yield from _tenants(gateway, route, facts.limits)
        if facts.kubernetes_only:
            yield from _addresses(gateway, route)


def _backends(gateway: GatewayPlan, route: RoutePlan, limits: Mapping[str, int]) -> Iterator[Finding]:
    most = limits.get("backends", 0)
    further = sum(len(tier.backends) for tier in route.tiers[1:])
    counts: list[tuple[Path, int]] = [((*route.path, "tiers"), sum(len(tier.backends) for tier in route.tiers))]
    counts += [((*route.path, "context"), len(route.context.tier.backends))] if route.context else []
    for tenant, tier in sorted(route.overrides.items()):
        counts.append((("tenants", tenant, "weights", route.name), len(tier.backends) + further))
    for path, count in counts:
        if most and count > most:
            yield kinds.GATEWAY_CANNOT_HOLD.at(
                path,
                f"{gateway.kind} cannot hold the {count} backends of route {route.name!r}",
                cause=f"all of them stand in one rule of an HTTPRoute, which holds {most}",
                help="name fewer placements or providers, or use another kind of gateway",
                on_key=True,
            )


def _tenants(gateway: GatewayPlan, route: RoutePlan, limits: Mapping[str, int]) -> Iterator[Finding]:
    most = limits.get("limitedTenants", 0)
    limited = [item.name for item in gateway.tenants if item.requests_per_minute and route.name in item.routes]
    if most and len(limited) > most:
        yield kinds.GATEWAY_CANNOT_HOLD.at(
            route.path,
            f"{gateway.kind} cannot limit {len(limited)} tenants of route {route.name!r}",
            cause=f"a BackendTrafficPolicy holds {most} limits, and every tenant with requestsPerMinute takes one",
            help="serve some of the tenants by a second gateway, or use another kind",
            on_key=True,
        )


def _addresses(gateway: GatewayPlan, route: RoutePlan) -> Iterator[Finding]:
    """Names and IP addresses of one route would become several clusters, which Envoy AI Gateway passes over."""
    by_number = [item for item in route.backends if _at_number(item.url)]
    named = [item.id for item in route.backends if not _at_number(item.url)]
    secure = [item for item in by_number if item.url.startswith("https:")]
    for item, cause in [
        *((item, f"a certificate is checked by the name of its host, and {item.url} has none") for item in secure),
        *((item, f"{item.url} is an IP address, and {named[0]} has a name") for item in by_number[:1] if named),
    ][:1]:
        yield kinds.GATEWAY_CANNOT_HOLD.at(
            item.path,
            f"{gateway.kind} cannot call {item.id} at an IP address in route {route.name!r}",
            cause=cause,
            help="give the host a name in DNS and write that into the URL",
        )


@cache
def _at_number(url: str) -> bool:
    try:
        ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True
