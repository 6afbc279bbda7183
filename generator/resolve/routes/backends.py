"""What a route reaches, seen from one gateway: addresses, keys and shares of a tier's calls."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from generator.catalog import reader
from generator.core.finding import Finding, Findings, Path
from generator.core.frozen import frozen
from generator.core.kinds import routing as kinds
from generator.core.plan import Backend, PlacementPlan, Price, Tier
from generator.core.spec import BackendRef, Fleet, ModelRef
from generator.core.tasks import Api
from generator.resolve.secrets import Secrets

_PROVIDER_APIS: Mapping[str, Api] = {"openai": "openai", "openai-compatible": "openai", "anthropic": "anthropic"}

Share = int | Fraction
"""Of a tier's calls, in the unit of the written weights."""

PAID = Price(0.0, 0.0)
"""What one call more costs on nodes of one's own."""


@frozen
class View:
    """The fleet as a gateway in `cluster` sees it; placements by model.

    `addresses` are those of providers that need none in the spec, by API, for gateways that do not know them.
    """

    fleet: Fleet
    cluster: str
    placements: Mapping[str, Sequence[PlacementPlan]]
    findings: Findings
    secrets: Secrets
    addresses: Mapping[str, str]


def view(
    fleet: Fleet,
    cluster: str,
    placements: Iterable[PlacementPlan],
    findings: Findings,
    secrets: Secrets,
    addresses: Mapping[str, str] | None = None,
) -> View:
    """The view of a gateway in `cluster`."""
    by_model: dict[str, list[PlacementPlan]] = defaultdict(list)
    for placement in placements:
        by_model[placement.model].append(placement)
    return View(fleet, cluster, by_model, findings, secrets, addresses or {})


def tier(seen: View, route: str, refs: Sequence[BackendRef], path: Path) -> Tier:
    """The backends of one tier. One that appears twice is one, with both shares."""
    return Tier(route, _weighted(part for index, ref in enumerate(refs) for part in _parts(seen, ref, (*path, index))))


def _weighted(parts: Iterable[tuple[Backend, Share]]) -> tuple[Backend, ...]:
    shares: dict[str, Share] = defaultdict(int)
    written: dict[str, int] = defaultdict(int)
    backends: dict[str, Backend] = {}
    for backend, share in parts:
        shares[backend.id] += share
        written[backend.id] += backend.share
        backends.setdefault(backend.id, backend)
    weights = whole_weights(shares)
    return tuple(
        backend
        if (backend.weight, backend.share) == (weights[key], written[key])
        else replace(backend, weight=weights[key], share=written[key])
        for key, backend in backends.items()
    )


def shadow(seen: View, route: str, ref: ModelRef, path: Path) -> Tier:
    """What gets copies of a route's calls: the placements of a model, by what they can run, or a provider's model."""
    as_backend = BackendRef(model=ref.model, placement=ref.placement, provider=ref.provider)
    return Tier(route, _weighted(_parts(seen, as_backend, path)))


def by_price(tier: Tier) -> Iterator[Tier]:
    """The tier's backends as tiers of one price each, cheapest first; what has no price comes last.

    The cheapest backend that is healthy answers, on every gateway that knows tiers.
    """
    prices = sorted({_blended(backend) for backend in tier.backends})
    for price in prices:
        yield replace(tier, backends=tuple(item for item in tier.backends if _blended(item) == price))


def _blended(backend: Backend) -> float:
    return math.inf if backend.price is None else backend.price.blended_usd


def with_caps(tiers: Sequence[Tier]) -> tuple[Tier, ...]:
    """The tiers with the limits of their placements: all that they can run, but in the last tier none.

    What is more than their largest scale can run moves on. Below that scale calls wait in the engine, which is what
    makes it scale.
    """
    return (*map(capped, tiers[:-1]), *tiers[-1:])


def capped(tier: Tier) -> Tier:
    """The tier with the limits of its placements."""
    return Tier(tier.route, tuple(map(_capped, tier.backends)))


def _capped(backend: Backend) -> Backend:
    idle = backend.max_parallel or not backend.concurrency
    return backend if idle else replace(backend, max_parallel=backend.concurrency, capped=True)


def whole_weights(shares: Mapping[str, Share]) -> dict[str, int]:
    """The smallest whole multiples of the shares that keep their proportions, never smaller than what was written."""
    scale = math.lcm(*(share.denominator for share in shares.values()))
    return {key: int(share * scale) for key, share in shares.items()}


def _parts(seen: View, ref: BackendRef, path: Path) -> Iterator[tuple[Backend, Share]]:
    """The reference's backends and shares. Placements share a weight by how many requests they can run at once."""
    if ref.provider is not None:
        if not seen.findings.intact(("providers", ref.provider)):
            return
        yield _provider(seen, ref, ref.provider, path), ref.weight
        return
    chosen = [item for item in seen.placements.get(ref.model, ()) if ref.placement in {None, item.name}]
    slots = [item.max_replicas * max(item.concurrency, 1) for item in chosen]
    for item, own in zip(chosen, slots, strict=True):
        if not seen.findings.intact(("clusters", item.cluster, "endpoint")):
            continue
        backend = _placement(seen, item, ref, path)
        if backend is not None:
            yield backend, Fraction(ref.weight * own, sum(slots)) if len(slots) > 1 else ref.weight


def _provider(seen: View, ref: BackendRef, name: str, path: Path) -> Backend:
    provider = seen.fleet.providers[name]
    api = _PROVIDER_APIS[provider.api]
    url = (provider.url or seen.addresses.get(provider.api, "")).rstrip("/")
    return Backend(
        path=path,
        provider=name,
        api=api,
        # Clients of Anthropic's API add the version themselves.
        url=url.removesuffix("/v1") if api == "anthropic" else url,
        model=ref.model,
        key=seen.secrets.ref(provider.key) if provider.key else None,
        weight=ref.weight,
        share=ref.weight,
        context=0,
        concurrency=0,
        max_parallel=ref.max_parallel or 0,
        price=_price(provider.api, ref.model),
    )


def _price(api: str, model: str) -> Price | None:
    facts = reader.provider_model(api, model)
    return Price(facts.input_usd, facts.output_usd) if facts is not None and facts.input_usd else None


def _placement(seen: View, item: PlacementPlan, ref: BackendRef, path: Path) -> Backend | None:
    address = _address(seen, item)
    if address is None:
        return None
    api = reader.engine(item.workload.engine).api
    return Backend(
        path=path,
        fleet_model=item.model,
        placement=item.name,
        api=api,
        url=f"{address}/v1" if api == "openai" else address,
        model=item.workload.served_names[0],
        key=seen.secrets.endpoint_key(item.cluster),
        weight=ref.weight,
        share=ref.weight,
        replicas=item.max_replicas,
        context=item.context,
        concurrency=item.concurrency * item.max_replicas,
        max_parallel=ref.max_parallel or 0,
        price=PAID,
        health=item.workload.probe.path if item.cluster == seen.cluster else "",
    )


def _address(seen: View, item: PlacementPlan) -> str | None:
    """The engine's address, without a trailing slash or `/v1`; None where validation has found that there is none."""
    cluster, port = seen.fleet.clusters[item.cluster], item.workload.port.number
    if item.cluster == seen.cluster:
        host = f"{item.service}.{cluster.namespace}.svc" if cluster.kubernetes else item.service
        return f"http://{host}:{port}"
    if cluster.endpoint is None:
        return None
    # The version belongs to the API that is spoken there, not to the place.
    url = cluster.endpoint.url.rstrip("/").removesuffix("/v1")
    if not cluster.kubernetes and "{port}" in url:
        if not item.host_port:
            seen.findings.add(_unpublished(item, url))
            return None
        port = item.host_port
    return url.replace("{service}", item.service).replace("{port}", str(port))


def _unpublished(item: PlacementPlan, url: str) -> Finding:
    return kinds.ENDPOINT_PORT_UNPUBLISHED.at(
        item.path,
        f"{item.id} has no hostPort, which the endpoint of {item.cluster!r} asks for",
        cause=f"the endpoint is {url}, and on a docker host {{port}} is the host port",
        help=f"add hostPort: {item.workload.port.number} to the placement, or remove {{port}} from the endpoint",
        on_key=True,
    )


def check_addresses(seen: View, backends: Iterable[Backend]) -> None:
    """Add a finding for each endpoint whose one address stands for several services."""
    placements = {item.id: item for group in seen.placements.values() for item in group}
    by_url: dict[tuple[str, str], set[str]] = defaultdict(set)
    for backend in backends:
        if backend.kind == "placement" and placements[backend.id].cluster != seen.cluster:
            by_url[placements[backend.id].cluster, backend.url].add(placements[backend.id].service)
    for (cluster, url), services in sorted(by_url.items()):
        if len(services) > 1:
            seen.findings.add(
                kinds.ENDPOINT_AMBIGUOUS.at(
                    ("clusters", cluster, "endpoint", "url"),
                    f"{len(services)} services of {cluster!r} would be reached at the same address",
                    cause=f"{', '.join(sorted(services))} are all called at {url}",
                    help="put {service} or {port} into the URL",
                )
            )
