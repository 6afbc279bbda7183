"""Gateways and their route tables: tiers of backends as each gateway sees them, tenants, limits."""

import math
from collections.abc import Iterator, Mapping, Sequence

from generator.catalog import reader
from generator.catalog.facts import GatewayFacts
from generator.core.finding import Findings, Path
from generator.core.kinds import routing as kinds
from generator.core.plan import (
    BudgetPlan,
    ContextPlan,
    CooldownPlan,
    GatewayPlan,
    PlacementPlan,
    RoutePlan,
    SecretRef,
    ShadowPlan,
    TenantPlan,
    Tier,
    TimeoutPlan,
)
from generator.core.plan.routes import Sticky
from generator.core.spec import (
    Backoff,
    ContextRule,
    Cooldown,
    Fleet,
    Gateway,
    Limits,
    Retries,
    Shadow,
    Tenant,
    Timeouts,
)
from generator.core.units import seconds
from generator.resolve import images, network
from generator.resolve.routes import backends, capabilities, exposure, limits, lint, outside, tasks
from generator.resolve.routes.backends import View
from generator.resolve.secrets import Secrets

_FIRST_PORT = 4000
_STICKY: Mapping[str, Sticky] = {"": "", "tenant": "tenant", "user": "user"}

Decided = dict[tuple[tuple[object, ...], str], RoutePlan]
"""Routes by what they depend on beside the spec, and by name."""


def gateways(
    fleet: Fleet, placements: Sequence[PlacementPlan], secrets: Secrets, findings: Findings
) -> tuple[GatewayPlan, ...]:
    """The gateways that can be decided, by name; `findings` learns what each of them cannot honour."""
    plans = []
    ports = _host_ports(fleet)
    decided: Decided = {}
    unaddressed: set[str] = {provider.api for provider in fleet.providers.values() if not provider.url}
    for name in sorted(fleet.gateways):
        if findings.intact(("gateways", name)):
            known = reader.gateway(fleet.gateways[name].kind).addresses
            addresses = {api: url for api, url in sorted(known.items()) if api in unaddressed}
            seen = backends.view(fleet, fleet.gateways[name].cluster, placements, findings, secrets, addresses)
            plans.append(_gateway(seen, name, ports.get(name, 0), decided))
    return tuple(plans)


def _gateway(seen: View, name: str, host_port: int, decided: Decided) -> GatewayPlan:
    fleet, findings = seen.fleet, seen.findings
    spec = fleet.gateways[name]
    path: Path = ("gateways", name)
    facts = reader.gateway(spec.kind)
    routes = tuple(_routes(seen, name, decided))
    longest = math.ceil(max((route.timeouts.total_s for route in routes), default=0))
    cluster = fleet.clusters.get(spec.cluster)  # it has a finding of its own where it is broken
    scales = cluster is not None and cluster.kubernetes
    plan = GatewayPlan(
        name=name,
        path=path,
        kind=spec.kind,
        version=spec.version or facts.version,
        image=images.image(
            facts.repository, facts.tag.format(version=spec.version or facts.version), None, fleet.images
        ),
        cluster=spec.cluster,
        host_port=host_port,
        master_key=seen.secrets.master_key(name),
        database=seen.secrets.ref(spec.database) if spec.database else None,
        routes=routes,
        tenants=tuple(_tenants(seen, name, {route.name for route in routes})),
        env=_environment(facts, routes),
        given=_given(seen, spec, routes),
        min_replicas=spec.replicas.min if scales else 1,
        max_replicas=spec.replicas.max if scales else 1,
        expose=exposure.exposure(spec, path, cluster, longest, findings),
    )
    _check_version(plan, facts, findings)
    _check_database(fleet, plan, facts, findings)
    backends.check_addresses(seen, plan.backends)
    findings.extend(list(lint.check_tenants(plan)))
    findings.extend(list(limits.check(fleet, plan, facts)))
    findings.extend(list(outside.check(fleet, plan, facts)))
    findings.extend([item for item in capabilities.refused(plan, facts) if findings.intact(item.path)])
    findings.extend(list(capabilities.check(fleet, plan, facts)))
    return plan


def _routes(seen: View, gateway: str, decided: Decided) -> Iterator[RoutePlan]:
    """The gateway's routes. What another one serves in the same way from the same place is decided only once."""
    spec = seen.fleet.gateways[gateway]
    origin = (seen.cluster, tuple(seen.addresses.items()), tuple(spec.tenants))
    for name in sorted(spec.routes or seen.fleet.routes):
        if seen.findings.intact(("routes", name)):
            if (origin, name) not in decided:
                decided[origin, name] = _route(seen, gateway, name)
            yield decided[origin, name]


def _route(seen: View, gateway: str, name: str) -> RoutePlan:
    route = seen.fleet.routes[name]
    path: Path = ("routes", name)
    retries = route.retries or Retries()
    backoff = retries.backoff or Backoff()
    tiers = backends.with_caps([tier for tier in _tiers(seen, name, ()) if tier.backends])
    context = _context(seen, name, route.context) if route.context else None
    shadow = _shadow(seen, name, route.shadow) if route.shadow else None
    overrides = _overrides(seen, gateway, name, alone=len(tiers) == 1)
    further = [rule.tier for rule in (context, shadow) if rule is not None]
    by = route.sticky or ""
    sticky = _STICKY.get(by, "header")
    plan = RoutePlan(
        name=name,
        path=path,
        task=tasks.task(seen, name, [*tiers, *further, *overrides.values()]),
        tiers=tiers,
        timeouts=_timeouts(route.timeouts or Timeouts()),
        max_retries=retries.max,
        backoff_base_s=seconds(backoff.base),
        backoff_max_s=seconds(backoff.max),
        fallback_on=tuple(route.fallback_on),
        context=context,
        aliases=tuple(sorted(set(route.aliases))),
        cooldown=_cooldown(route.cooldown or Cooldown()),
        sticky=sticky,
        sticky_header=by if sticky == "header" else "",
        shadow=shadow,
        overrides=overrides,
    )
    _check_context(plan, seen.findings)
    seen.findings.extend(list(lint.check(seen.fleet, plan)))
    return plan


def _tiers(seen: View, name: str, before: tuple[str, ...]) -> Iterator[Tier]:
    """The route's tiers, then those of the route it falls back to. Validation reports a circle; here it just ends."""
    route = seen.fleet.routes[name]
    for index, refs in enumerate(route.tiers):
        tier = backends.tier(seen, name, refs, ("routes", name, "tiers", index))
        yield from backends.by_price(tier) if route.choose == "cheapest" else (tier,)
    following = route.fallback
    if following is not None and following not in (*before, name) and seen.findings.intact(("routes", following)):
        yield from _tiers(seen, following, (*before, name))


def _context(seen: View, name: str, rule: ContextRule) -> ContextPlan:
    return ContextPlan(rule.over, backends.tier(seen, name, rule.use, ("routes", name, "context", "use")), rule.beyond)


def _shadow(seen: View, name: str, spec: Shadow) -> ShadowPlan | None:
    tier = backends.shadow(seen, name, spec, ("routes", name, "shadow"))
    return ShadowPlan(tier, spec.share) if tier.backends else None


def _overrides(seen: View, gateway: str, name: str, *, alone: bool) -> dict[str, Tier]:
    """The tiers in place of a route's first one, by tenant; `alone` where no other tier follows.

    Where the cheapest backend is chosen there are no shares that a tenant could have others of.
    """
    fleet = seen.fleet
    overrides = {}
    for tenant in sorted(fleet.gateways[gateway].tenants or fleet.tenants):
        spec = fleet.tenants.get(tenant)
        if spec is None or not seen.findings.intact(("tenants", tenant)) or fleet.routes[name].choose == "cheapest":
            continue
        if name in spec.weights and name in spec.routes:
            tier = backends.tier(seen, name, spec.weights[name], ("tenants", tenant, "weights", name))
            if tier.backends:
                overrides[tenant] = tier if alone else backends.capped(tier)
    return overrides


def _cooldown(spec: Cooldown) -> CooldownPlan:
    return CooldownPlan(spec.failures, seconds(spec.pause))


def _timeouts(spec: Timeouts) -> TimeoutPlan:
    return TimeoutPlan(seconds(spec.connect), seconds(spec.first_token), seconds(spec.idle), seconds(spec.total))


def _check_context(route: RoutePlan, findings: Findings) -> None:
    if route.context is None:
        return
    over = route.context.over
    small = [backend for backend in route.context.tier.backends if 0 < backend.context <= over]
    for backend in small:
        findings.add(
            kinds.CONTEXT_RULE_TOO_SMALL.at(
                backend.path,
                f"prompts over {over} tokens do not fit {backend.id}",
                cause=f"its context is {backend.context} tokens, prompt and answer together",
                help=f"use a model with a context well over {over}, or lower over",
            )
        )
    first = min((item.context for item in route.tiers[0].backends if item.context), default=0) if route.tiers else 0
    if 0 < first < over:
        findings.add(
            kinds.CONTEXT_RULE_TOO_LATE.at(
                (*route.path, "context", "over"),
                f"prompts of {first} to {over} tokens are refused by the first tier of {route.name!r}",
                cause=f"the smallest context of the first tier is {first} tokens",
                help=f"set over to {first} or less",
            )
        )


def _tenants(seen: View, gateway: str, served: set[str]) -> Iterator[TenantPlan]:
    fleet, findings = seen.fleet, seen.findings
    named = fleet.gateways[gateway].tenants
    for name in sorted(named or fleet.tenants):
        path: Path = ("tenants", name)
        if name not in fleet.tenants or not findings.intact(path):
            continue
        tenant = fleet.tenants[name]
        routes = tuple(sorted(set(tenant.routes) & served))
        if routes:
            yield _tenant(seen, name, tenant, routes)
        elif named and served:
            findings.add(
                kinds.TENANT_WITHOUT_ROUTE.at(
                    ("gateways", gateway, "tenants", named.index(name)),
                    f"gateway {gateway!r} serves no route of tenant {name!r}",
                    cause=f"{name!r} may call {', '.join(sorted(tenant.routes))}; served: {', '.join(sorted(served))}",
                    help="add one of its routes to the gateway, or take the tenant off it",
                )
            )


def _tenant(seen: View, name: str, tenant: Tenant, routes: tuple[str, ...]) -> TenantPlan:
    own = tenant.limits or Limits()
    return TenantPlan(
        name=name,
        path=("tenants", name),
        key=seen.secrets.ref(tenant.key),
        routes=routes,
        priority=tenant.priority,
        requests_per_minute=own.requests_per_minute or 0,
        max_parallel=own.max_parallel or 0,
        aliases=tuple(sorted({alias for route in routes for alias in seen.fleet.routes[route].aliases})),
        budget=BudgetPlan(tenant.budget.usd, tenant.budget.per) if tenant.budget else None,
    )


def _environment(facts: GatewayFacts, routes: Sequence[RoutePlan]) -> dict[str, str]:
    """What the gateway's container needs; it has one backoff for all routes, so the longest waits win."""
    waits = {
        "backoffBase": max((route.backoff_base_s for route in routes), default=seconds(Backoff().base)),
        "longestCall": max((route.timeouts.total_s for route in routes), default=0),
        "backoffMax": max((route.backoff_max_s for route in routes), default=seconds(Backoff().max)),
    }
    texts = {key: f"{value:g}" for key, value in waits.items()}
    return {key: pattern.format(**texts) for key, pattern in sorted(facts.environment.items())}


def _given(seen: View, spec: Gateway, routes: Sequence[RoutePlan]) -> Mapping[str, str | SecretRef]:
    """The spec's variables, and what the network around the gateway asks for; it reaches what is near by directly."""
    written: dict[str, str | SecretRef] = {**spec.env}
    written.update({name: seen.secrets.ref(secret) for name, secret in spec.secret_env.items()})
    if spec.cluster not in seen.fleet.clusters:
        return written
    backends = {backend.id: backend for route in routes for backend in route.backends}
    return network.surrounding(seen.fleet, spec.cluster, seen.secrets).around(
        dict(sorted(written.items())), network.near(seen.fleet, backends.values())
    )


def _check_version(plan: GatewayPlan, facts: GatewayFacts, findings: Findings) -> None:
    path: Path = (*plan.path, "version")
    if plan.version in facts.refused:
        findings.add(
            kinds.GATEWAY_VERSION_REFUSED.at(
                path,
                f"{plan.kind} {plan.version} must not run",
                cause=facts.refused[plan.version],
                help=f"use {facts.version}, and replace every key that a gateway of this version ever held",
            )
        )
    elif plan.version != facts.version:
        findings.add(
            kinds.GATEWAY_VERSION_UNCHECKED.at(
                path,
                f"{plan.kind} {plan.version} is taken as {facts.version}",
                cause=f"its settings and behaviour are known for {facts.version} alone",
                help=f"remove version to run {facts.version}, or check the rendered file with the gateway itself",
            )
        )


def _check_database(fleet: Fleet, plan: GatewayPlan, facts: GatewayFacts, findings: Findings) -> None:
    if plan.database is not None and not facts.database:
        findings.add(
            kinds.GATEWAY_SETTING_IDLE.at(
                (*plan.path, "database"),
                f"`database` has no effect on a gateway of kind {plan.kind}",
                cause=f"{plan.kind} keeps nothing in a database: tenants stand in its files, their keys in secrets",
                help="remove `database`",
                on_key=True,
            )
        )
    if plan.database is not None or not plan.tenants or not facts.database:
        return
    named = bool(fleet.gateways[plan.name].tenants)
    count = len(plan.tenants)
    findings.add(
        kinds.TENANTS_NEED_DATABASE.at(
            (*plan.path, "tenants") if named else plan.path,
            f"{plan.kind} needs a database for tenants",
            cause=f"gateway {plan.name!r} admits {count} tenant{'s' if count > 1 else ''}"
            + ("" if named else ", all of the fleet, which is the default"),
            help="add database: {env: DATABASE_URL} with the URL of a Postgres",
            on_key=True,
        )
    )


def _host_ports(fleet: Fleet) -> dict[str, int]:
    """The host port of each gateway on a docker cluster: as written, otherwise the next free one from 4000."""
    ports: dict[str, int] = {}
    taken = {(item.cluster, item.host_port) for model in fleet.models.values() for item in model.placements.values()}
    taken |= {(gateway.cluster, gateway.host_port) for gateway in fleet.gateways.values()}
    for name, gateway in sorted(fleet.gateways.items()):
        cluster = fleet.clusters.get(gateway.cluster)
        if cluster is None or cluster.kubernetes:
            continue
        port = gateway.host_port or _FIRST_PORT
        while gateway.host_port is None and (gateway.cluster, port) in taken:
            port += 1
        taken.add((gateway.cluster, port))
        ports[name] = port
    return ports
