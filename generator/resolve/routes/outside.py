"""What a gateway makes of the network around it: variables that are its own, a proxy it does not use, authorities."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from generator.catalog.facts import GatewayFacts
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import network as kinds
from generator.core.plan import GatewayPlan
from generator.core.spec import Fleet
from generator.resolve import network


def check(fleet: Fleet, plan: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    """A finding for each of these."""
    yield from _reserved(fleet, plan, facts)
    yield from _proxy(plan, facts)
    yield from _authorities(fleet, plan, facts)


def _reserved(fleet: Fleet, plan: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    spec = fleet.gateways[plan.name]
    secrets = {ref.env for ref in plan.secrets}
    for field, names in (("env", spec.env), ("secretEnv", spec.secret_env)):
        for name in names:
            if name in secrets:
                cause = "it holds a secret that the gateway's routes, `masterKey` or `database` refer to"
            elif name in facts.environment or name in facts.reserved:
                cause = f"the container of {plan.kind} has a value of its own for it, which other files count on"
            else:
                continue
            yield kinds.GATEWAY_VARIABLE.at(
                (*plan.path, field, name),
                f"`{name}` is set by gen for {plan.kind}",
                cause=cause,
                help="remove it" if name not in secrets else "remove it, or give the other secret another name",
                on_key=True,
            )


def _proxy(plan: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    """Providers that calls reach past the proxy, by a gateway that reads no proxy from its environment."""
    if facts.proxies:
        return
    direct = str(plan.given.get(network.NO_PROXY, "")).split(",")
    hosts = sorted({host for host in _proxied(plan) if not _is_direct(host, direct)})
    if hosts:
        more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
        yield kinds.PROXY_NOT_USED.at(
            (*plan.path, "kind"),
            f"{plan.kind} does not use the proxy: it calls {hosts[0]}{more} directly",
            cause=f"{plan.kind} takes no proxy from its environment; where only the proxy may leave, these calls fail",
            help=f"use `kind: litellm`, or, where `{hosts[0]}` is reached without the proxy, list it in `noProxy`",
        )


def _proxied(plan: GatewayPlan) -> Iterator[str]:
    """The hosts of backends whose kind of address the variables name a proxy for."""
    schemes = {name.upper().removesuffix("_PROXY").lower() for name, value in plan.given.items() if value}
    for backend in plan.backends:
        url = urlsplit(backend.url)
        if url.hostname and {"all", url.scheme} & schemes:
            yield url.hostname


def _is_direct(host: str, direct: Iterable[str]) -> bool:
    """Whether an entry of NO_PROXY is for this host."""
    return any(_matches(host, entry.strip().lower()) for entry in direct)


def _matches(host: str, entry: str) -> bool:
    if entry in ("*", host):
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        return bool(entry) and host.endswith(f".{entry.lstrip('.')}")


def _authorities(fleet: Fleet, plan: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    found = network.authorities(fleet, plan.cluster) if plan.cluster in fleet.clusters else None
    if found is None or not facts.authorities_key or found.key in ("", facts.authorities_key):
        return
    path: Path = (*network.place(fleet, plan.cluster, "ca"), found.kind, "key")
    yield kinds.AUTHORITIES_UNDER_ANOTHER_KEY.at(
        path,
        f"gateway `{plan.name}` looks for the authorities under `{facts.authorities_key}`",
        cause=f"{plan.kind} reads no other key of {found.ref}, unless it has one key only",
        help=f"rename the key in {found.ref} and here to `{facts.authorities_key}`",
        severity=Severity.WARNING,
    )
