"""What a gateway cannot do of what its routes ask, by the catalogue's capability table."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from generator.catalog import reader
from generator.catalog.facts import Capability, GatewayFacts
from generator.core.finding import Finding, Path
from generator.core.frozen import frozen
from generator.core.kinds import routing as kinds
from generator.core.plan import GatewayPlan, RoutePlan
from generator.core.spec import Backoff, Fleet, Retries, Route, Timeouts
from generator.core.units import duration, seconds
from generator.core.words import counted

_CAUSES = tuple(Route.model_fields["fallback_on"].get_default(call_default_factory=True))

_VERDICTS = {
    "approximated": "{gateway} only approximates {asked}",
    "not-possible": "{gateway} cannot honour {asked}",
    "not-run": "{gateway} was never seen to honour {asked}",
}
_CURES = {
    "approximated": "nothing needs changing; docs/gateways.md lists what each gateway can do",
    "not-possible": "remove the value, or live with the difference; docs/gateways.md lists what each gateway can do",
    "not-run": "try it before you count on it: no test of ours could run it; docs/gateways.md says what was run",
}


_EXPECTED = {
    "apis": "chat, completions and embeddings",
    "callerKeys": "401 for an unknown key",
    "context.overflow": "the next tier for a prompt that a backend finds too long",
    "disconnect": "an end at the backend when the caller leaves",
    "models": "the public names, and no others, in the list of models",
    "passThrough": "answers as they came",
    "retries.retryAfter": "waiting as long as Retry-After says",
    "streamBreaks": "one error in a stream that breaks",
    "streamErrors": "the next tier for an error at the start of a stream",
    "upstreams": "a key and a model name of its own for each backend",
}
"""Behaviours that no field of the spec asks for, and what callers expect of them."""


@frozen
class Ask:
    """A behaviour that a route asks for. `path` is where it is written, None when it is a default."""

    behaviour: str
    text: str
    path: Path | None


def check(fleet: Fleet, gateway: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    """A warning for each written value that cannot be honoured; one info for each that is approximated.

    Defaults share one info at the gateway, so that a fleet which writes little reads little, and so does all that is
    asked of a kind that never ran.
    """
    asks: dict[str, list[Ask]] = defaultdict(list)
    for ask in _asks(fleet, gateway):
        asks[ask.behaviour].append(ask)
    defaults = {}
    unseen = [name for name in sorted(asks) if facts.never_ran and facts.capabilities[name].level == "not-run"]
    if unseen:
        yield _unseen(gateway, unseen)
        asks = {name: group for name, group in asks.items() if name not in unseen}
    for behaviour, group in sorted(asks.items()):
        capability = facts.capabilities[behaviour]
        if capability.level == "exact":
            continue
        written = [ask for ask in group if ask.path is not None]
        yield from _written(gateway.kind, capability, written)
        if not written:
            defaults[group[0].text] = capability
    if defaults:
        yield _defaulted(gateway, defaults)
    yield from _unread_headers(gateway, facts)


def _unread_headers(gateway: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    """A warning for each sticky header that the gateway does not look at."""
    for route in gateway.routes:
        header = route.sticky_header
        if header and facts.sticky_headers and not re.fullmatch(facts.sticky_headers, header, re.IGNORECASE):
            yield kinds.CANNOT_HONOUR.at(
                (*route.path, "sticky"),
                f"{gateway.kind} does not tell callers apart by {header}",
                cause=f"it reads headers of the form {facts.sticky_headers} alone",
                help="use x-session-id, or a gateway of another kind",
            )


def refused(gateway: GatewayPlan, facts: GatewayFacts) -> Iterator[Finding]:
    """An error for each backend whose API the gateway cannot speak for the route's task."""
    if not facts.speaks:
        return
    for route in gateway.routes:
        for backend in route.backends:
            spoken = facts.speaks.get(backend.api, ())
            if route.task not in spoken:
                yield kinds.API_NOT_SPOKEN.at(
                    backend.path,
                    f"{gateway.kind} cannot send {route.task} calls to {backend.id}",
                    cause=f"the API there is {backend.api}"
                    + (f", for which it knows {' and '.join(spoken)} only" if spoken else ", which it does not know"),
                    help=_elsewhere(route.task, backend.api),
                )


def _elsewhere(task: str, api: str) -> str:
    """Who could send such calls: another kind of gateway, or nobody."""
    able = [f"`{kind}`" for kind in reader.gateway_kinds() if task in reader.gateway(kind).speaks.get(api, ())]
    other = f", or use a gateway of kind {' or '.join(able)}" if able else ""
    return f"take the backend off the route{other}"


def _written(gateway: str, capability: Capability, asks: Sequence[Ask]) -> Iterator[Finding]:
    refused = capability.level == "not-possible"
    for ask in asks if refused else asks[:1]:
        kind = kinds.CANNOT_HONOUR if refused else kinds.APPROXIMATED
        more = "" if refused or len(asks) == 1 else f" (and {len(asks) - 1} more like it)"
        yield kind.at(
            ask.path or (),
            _VERDICTS[capability.level].format(gateway=gateway, asked=ask.text),
            cause=f"it {capability.how}{more}",
            help=_CURES[capability.level],
        )


def _unseen(gateway: GatewayPlan, behaviours: Sequence[str]) -> Finding:
    return kinds.APPROXIMATED.at(
        (*gateway.path, "kind"),
        f"no test of ours ever ran a gateway of kind {gateway.kind}",
        cause=f"its files ask for {', '.join(behaviours)}, and nobody saw it do so",
        help="try it before you count on it; docs/gateways.md tells by these names what the files ask for",
    )


def _defaulted(gateway: GatewayPlan, defaults: Mapping[str, Capability]) -> Finding:
    """One info for all that nobody wrote: the impossible with its how, the rest by its name in docs/gateways.md."""
    lacking = [f"{text}: it {item.how}" for text, item in defaults.items() if item.level == "not-possible"]
    nearly = [item.behaviour for item in defaults.values() if item.level != "not-possible"]
    return kinds.APPROXIMATED.at(
        gateway.path,
        f"{gateway.kind} does not do exactly what {counted(len(defaults), 'default')} of the routes "
        f"{'says' if len(defaults) == 1 else 'say'}",
        cause="; ".join([*lacking, *([f"nearly, or never tried: {', '.join(nearly)}"] if nearly else [])]),
        help="nothing needs changing: nobody wrote these; docs/gateways.md tells by these names what the gateway does",
        on_key=True,
    )


def _asks(fleet: Fleet, gateway: GatewayPlan) -> Iterator[Ask]:
    for plan in gateway.routes:
        spec = fleet.routes[plan.name]
        yield from _timeouts(spec.timeouts, plan)
        yield from _retries(spec.retries, plan)
        yield from _backoff(spec.retries, plan)
        yield from _fallback(spec, plan)
        yield from _rules(plan)
        yield from _backends(plan)
    yield from _unwritten(gateway)
    for tenant in gateway.tenants:
        if tenant.requests_per_minute or tenant.max_parallel:
            yield Ask("tenants.limits", "limits", (*tenant.path, "limits"))
        yield Ask("tenants", f"tenant {tenant.name}", tenant.path)
        if tenant.priority != "normal":
            yield Ask("tenants.priority", f"priority {tenant.priority}", (*tenant.path, "priority"))
        if tenant.budget:
            yield Ask("tenants.budget", "budget", (*tenant.path, "budget"))
        for route in gateway.routes:
            if tenant.name in route.overrides:
                path = (*tenant.path, "weights", route.name)
                yield Ask("tenants.weights", f"weights of {tenant.name} for {route.name}", path)


def _rules(plan: RoutePlan) -> Iterator[Ask]:
    """What a route asks for beside its tiers."""
    if plan.context:
        yield Ask("context", f"context.over {plan.context.over}", (*plan.path, "context", "over"))
    if plan.context and plan.context.beyond != "reject":
        yield Ask("context.beyond", f"context.beyond {plan.context.beyond}", (*plan.path, "context", "beyond"))
    if plan.sticky and any(len(tier.backends) > 1 for tier in (*plan.tiers, *plan.overrides.values())):
        yield Ask(f"sticky.{plan.sticky}", f"sticky {plan.sticky_key}", (*plan.path, "sticky"))
    if plan.shadow:
        yield Ask("shadow", f"a copy of {plan.shadow.percent} % of calls", (*plan.path, "shadow"))
    if plan.aliases:
        yield Ask("aliases", f"aliases {', '.join(plan.aliases)}", (*plan.path, "aliases"))


def _backends(plan: RoutePlan) -> Iterator[Ask]:
    """What single backends of a route need, at the place that names them."""
    for backend in plan.backends:
        if backend.api == "anthropic":
            yield Ask("api.anthropic", f"calls to {backend.id}", backend.path)
        if backend.max_parallel:
            yield Ask("concurrency", "limits of calls at once", None)


def _unwritten(gateway: GatewayPlan) -> Iterator[Ask]:
    """What every call counts on although no field names it."""
    if gateway.routes:
        yield from (Ask(behaviour, text, None) for behaviour, text in _EXPECTED.items())


def _timeouts(spec: Timeouts | None, plan: RoutePlan) -> Iterator[Ask]:
    given, path, times = spec or Timeouts(), (*plan.path, "timeouts"), plan.timeouts
    keys = [("connect", "connect", given.connect), ("total", "total", given.total)]
    if times.first_token_s < times.idle_s:
        keys.append(("first_token", "firstToken", given.first_token))
    if times.idle_s < times.first_token_s:
        keys.append(("idle", "idle", given.idle))
    for field, key, value in keys:
        yield _ask(f"timeouts.{key}", value, (*path, key), written=field in given.model_fields_set)


def _retries(spec: Retries | None, plan: RoutePlan) -> Iterator[Ask]:
    siblings = max((len(tier.backends) - 1 for tier in plan.tiers), default=0)
    if siblings > plan.max_retries:
        written = spec is not None and "max" in spec.model_fields_set
        text = f"retries.max {plan.max_retries}" + ("" if written else " (the default)")
        yield Ask("retries.max", text, (*plan.path, "retries", "max") if written else None)


def _backoff(spec: Retries | None, plan: RoutePlan) -> Iterator[Ask]:
    if not plan.max_retries:
        return
    given = (spec.backoff if spec else None) or Backoff()
    path = (*plan.path, "retries", "backoff")
    for key, value in (("base", given.base), ("max", given.max)):
        yield _ask(f"retries.backoff.{key}", value, (*path, key), written=key in given.model_fields_set)


def _ask(behaviour: str, value: str, path: Path, *, written: bool) -> Ask:
    text = f"{behaviour} {duration(seconds(value))}"
    return Ask(behaviour, text if written else f"{text} (the default)", path if written else None)


def _fallback(spec: Route, plan: RoutePlan) -> Iterator[Ask]:
    if len(plan.tiers) < 2:
        return
    missing = [cause for cause in _CAUSES if cause not in spec.fallback_on]
    if missing:
        yield Ask("fallbackOn", f"fallbackOn without {', '.join(missing)}", (*plan.path, "fallbackOn"))
    yield Ask("clientErrors", "no fallback on a caller's mistake", None)
