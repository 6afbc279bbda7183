"""The way of a call: no circles, no backend twice, and an address for everything."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from generator.core.finding import Finding, Findings, Path, path_text
from generator.core.kinds import rules as kinds
from generator.core.spec import BackendRef, Fleet, ModelRef, walk

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN_PLACEHOLDERS = ("service", "port")

Places = dict[tuple[str, str], Path]
"""Where each backend stands first: a placement by model and name, a provider's model by both."""


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
        tiers = [item for item in walk.tiers(name, route) if findings.intact(item[0])]
        uses = [item for item in walk.uses(name, route) if findings.intact(item[0])]
        own = _first_places(fleet, tiers)
        for refs, places in ((tiers, own), (uses, _first_places(fleet, uses))):
            # A model that stands for all placements may meet several of them: one mistake, so told once.
            reported: set[Path] = set()
            for path, ref in refs:
                before = _before(fleet, ref, places)
                if before not in (None, path) and before not in reported:
                    reported.add(before)
                    yield _repetition(path, ref, before, path)
        yield from _again_in_fallbacks(fleet, name, own, findings)
        later = _first_places(fleet, [item for item in tiers if item[0][3] != 0])
        for place, override in walk.overrides(fleet, name):
            yield from _again_in_tiers(fleet, place, override, later)


def _again_in_fallbacks(fleet: Fleet, name: str, own: Places, findings: Findings) -> Iterator[Finding]:
    """The first backend of the following routes that this route has tried already."""
    for other in walk.chain(fleet, name)[1:]:
        for path, ref in walk.tiers(other, fleet.routes[other]):
            before = _before(fleet, ref, own)
            if before is not None and findings.intact(path):
                yield _repetition(("routes", name, "fallback"), ref, before, path)
                return


def _again_in_tiers(fleet: Fleet, place: Path, override: Sequence[BackendRef], later: Places) -> Iterator[Finding]:
    """The first backend of a tenant's list that comes again: in the list itself, or in the tiers that follow it."""
    seen = dict(later)
    for position, ref in enumerate(override):
        path = (*place, position)
        before = _before(fleet, ref, seen)
        if before is not None:
            yield _repetition(path, ref, before, path)
            return
        seen |= _first_places(fleet, [(path, ref)])


def _first_places(fleet: Fleet, refs: Sequence[tuple[Path, ModelRef]]) -> Places:
    places: Places = {}
    for path, ref in refs:
        for key in _identities(fleet, ref):
            places.setdefault(key, path)
    return places


def _before(fleet: Fleet, ref: ModelRef, places: Places) -> Path | None:
    """Where one of the reference's backends stands first."""
    return min((places[key] for key in _identities(fleet, ref) if key in places), default=None, key=str)


def _repetition(where: Path, ref: ModelRef, first: Path, second: Path) -> Finding:
    single = ref.provider is not None or ref.placement is not None
    return kinds.BACKEND_TWICE.at(
        where,
        f"`{ref.model}`{f' of {ref.provider}' if ref.provider else ''} is on this way twice",
        cause=f"{path_text(first)} and {path_text(second)} lead to the same backend",
        help="remove one of them" if single else "remove one of them, or name single placements",
    )


def _identities(fleet: Fleet, ref: ModelRef) -> list[tuple[str, str]]:
    if ref.provider is not None:
        return [(f"provider {ref.provider}", ref.model)]
    return walk.reached(fleet, ref)


def providers(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A provider's backend has no placement, and a provider that only speaks OpenAI's API has its own address."""
    for path, ref in walk.references(fleet):
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
            if cluster != gateway.cluster and findings.intact(path):
                callers[cluster].append(f"gateway {name} in {gateway.cluster} for {path_text(path)}")
    for cluster, uses in callers.items():
        spec = fleet.clusters.get(cluster)
        if spec is not None and spec.endpoint is None and findings.intact(("clusters", cluster, "endpoint")):
            unique = list(dict.fromkeys(uses))
            yield kinds.NO_ENDPOINT.at(
                ("clusters", cluster, "endpoint"),
                f"cluster `{cluster}` has no `endpoint`",
                cause=f"needed by {'; '.join(unique[:3])}{f' and {len(unique) - 3} more' if len(unique) > 3 else ''}",
                help="add `endpoint: {url: https://...}` to it, or call placements in the gateway's cluster",
            )


def _called(fleet: Fleet, names: list[str]) -> Iterator[tuple[Path, str]]:
    """Path and cluster of every placement that calls to these routes can reach."""
    for first in names:
        for number, name in enumerate(walk.chain(fleet, first)):
            refs = list(walk.tiers(name, fleet.routes[name]) if number else walk.backends(name, fleet.routes[name]))
            for place, override in () if number else walk.overrides(fleet, name):
                refs += [((*place, position), ref) for position, ref in enumerate(override)]
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
