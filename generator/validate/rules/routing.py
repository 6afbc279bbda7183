"""The way of a call: no circles, no backend twice, and an address for everything."""

import re
from collections import defaultdict
from collections.abc import Iterator

from generator.core.finding import Finding, Findings, Path, path_text
from generator.core.kinds import rules as kinds
from generator.core.spec import BackendRef, Fleet
from generator.validate.rules import walk

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN_PLACEHOLDERS = ("service", "port")


def loops(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A chain of fallbacks ends. One loop is one mistake, told at its first route by name."""
    for name in fleet.routes:
        chain = walk.chain(fleet, name)
        if fleet.routes[chain[-1]].fallback == name and name == min(chain):
            yield kinds.FALLBACK_LOOP.at(
                ("routes", name, "fallback"),
                f"the fallbacks of `{name}` come back to it",
                cause=" > ".join((*chain, name)),
                help="remove one of these fallbacks",
            )


def twice(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A call meets each backend once: in the tiers, and in the tiers of the routes that follow."""
    for name, route in fleet.routes.items():
        seen: dict[tuple[str, str], Path] = {}
        yield from _repeated(fleet, list(walk.tiers(name, route)), seen)
        following = [item for other in walk.chain(fleet, name)[1:] for item in walk.tiers(other, fleet.routes[other])]
        repeated = next(_repeated(fleet, following, dict(seen), only=seen), None)
        if repeated is not None:
            yield Finding(repeated.kind, ("routes", name, "fallback"), repeated.message, repeated.cause, repeated.help)
        uses = [item for item in walk.backends(name, route) if "context" in item[0][2:3]]
        yield from _repeated(fleet, uses, {})


def _repeated(
    fleet: Fleet,
    refs: list[tuple[Path, BackendRef]],
    seen: dict[tuple[str, str], Path],
    only: dict[tuple[str, str], Path] | None = None,
) -> Iterator[Finding]:
    """A finding for each reference to something in `seen`, which grows; with `only`, to something in there."""
    for path, ref in refs:
        keys = _identities(fleet, ref)
        again = next((key for key in keys if key in (seen if only is None else only)), None)
        if again is not None:
            what = f"placement `{again[0]}/{again[1]}`" if ref.provider is None else f"`{ref.model}` of {ref.provider}"
            yield kinds.BACKEND_TWICE.at(
                path,
                f"{what} is on this way twice",
                cause=f"{path_text(seen[again])} and {path_text(path)} lead to it",
                help="remove one of them"
                if ref.placement or ref.provider
                else "remove one of them, or name single placements",
            )
        for key in keys:
            seen.setdefault(key, path)


def _identities(fleet: Fleet, ref: BackendRef) -> list[tuple[str, str]]:
    if ref.provider is not None:
        return [(f"provider {ref.provider}", ref.model)]
    return walk.reached(fleet, ref)


def providers(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A provider's backend has no placement, and a provider that only speaks OpenAI's API has its own address."""
    for name, route in fleet.routes.items():
        for path, ref in walk.backends(name, route):
            if ref.provider is not None and ref.placement is not None:
                yield kinds.PLACEMENT_OF_PROVIDER.at(
                    (*path, "placement"),
                    f"a placement of provider `{ref.provider}`",
                    cause="only models of this fleet have placements",
                    help="remove `placement`, or `provider` when a model of this fleet is meant",
                )
    for name, provider in fleet.providers.items():
        path = ("providers", name, "url")
        if provider.api == "openai-compatible" and provider.url is None and findings.intact(path):
            yield kinds.PROVIDER_URL.at(
                path,
                f"provider `{name}` has no `url`",
                cause="`openai-compatible` names a style, not a company",
                help="add `url: https://...`, as far as `/v1`",
            )


def endpoints(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """What a gateway calls in another cluster has an address there. A missing one is one mistake for all callers."""
    callers: dict[str, list[str]] = defaultdict(list)
    for name, gateway in fleet.gateways.items():
        for path, cluster in _called(fleet, gateway.routes or list(fleet.routes)):
            if cluster != gateway.cluster:
                callers[cluster].append(f"gateway {name} in {gateway.cluster} for {path_text(path)}")
    for cluster, needs in callers.items():
        spec = fleet.clusters.get(cluster)
        if spec is not None and spec.endpoint is None and findings.intact(("clusters", cluster, "endpoint")):
            unique = list(dict.fromkeys(needs))
            yield kinds.NO_ENDPOINT.at(
                ("clusters", cluster, "endpoint"),
                f"cluster `{cluster}` has no `endpoint`",
                cause=f"needed by {'; '.join(unique[:3])}{f' and {len(unique) - 3} more' if len(unique) > 3 else ''}",
                help=f"add `endpoint: {{url: https://...}}` to clusters.{cluster}, or call placements beside the gateway",
            )


def _called(fleet: Fleet, names: list[str]) -> Iterator[tuple[Path, str]]:
    """Path and cluster of every placement that calls to these routes can reach."""
    for first in names:
        for number, name in enumerate(walk.chain(fleet, first)):
            refs = walk.tiers(name, fleet.routes[name]) if number else walk.backends(name, fleet.routes[name])
            for path, ref in refs:
                for model, placement in walk.reached(fleet, ref):
                    yield path, fleet.models[model].placements[placement].cluster


def placeholders(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """An endpoint's URL has no placeholder but the two that are filled in."""
    for name, cluster in fleet.clusters.items():
        unknown = (
            [word for word in _PLACEHOLDER.findall(cluster.endpoint.url) if word not in _KNOWN_PLACEHOLDERS]
            if cluster.endpoint
            else []
        )
        if unknown:
            yield kinds.ENDPOINT_PLACEHOLDER.at(
                ("clusters", name, "endpoint", "url"),
                f"`{{{unknown[0]}}}` is not filled in",
                cause="only `{service}` and `{port}` are",
                help="did you mean `{service}`?" if unknown[0] != "ports" else "did you mean `{port}`?",
            )
