"""Names must work everywhere they end up: in DNS, in folders, as labels, in the variables of pods."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from unicodedata import combining, normalize

from generator.core.finding import Finding, Findings, Path, path_text
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, walk
from generator.validate.words import shown

LONGEST_LABEL = 63
LONGEST_SERVICE = 52  # leaves room for `keda-hpa-`, the longest of what is put around it
LONGEST_FLEET = 40  # a compose project is `<fleet>-<environment>-<cluster>`

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}")
_ROUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
# `<NAME>_PORT` of these Services is a variable that vLLM 0.33 reads; src vllm/envs.py.
_VLLM_READS = (
    "vllm",
    "vllm-dp-master",
    "vllm-ec-side-channel",
    "vllm-mooncake-bootstrap",
    "vllm-nixl-side-channel",
    "vllm-p2p-side-channel",
)


def labels(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Whatever is named in the spec, and the Kubernetes names that it mentions."""
    groups = (("clusters", fleet.clusters), ("providers", fleet.providers), ("tenants", fleet.tenants))
    yield from _label(("name",), fleet.name, _LABEL, LONGEST_FLEET, on_key=False)
    for group, names in groups:
        for name in names:
            yield from _label((group, name), name, _LABEL, LONGEST_LABEL)
    for cluster, spec in fleet.clusters.items():
        for name in spec.pools:
            yield from _label(("clusters", cluster, "pools", name), name, _LABEL, LONGEST_LABEL)
    for name in (*fleet.models, *fleet.gateways):
        yield from _label(("models" if name in fleet.models else "gateways", name), name, _SERVICE, LONGEST_LABEL)
    for path, _, name, _ in walk.placements(fleet):
        yield from _label(path, name, _LABEL, LONGEST_LABEL)


def kubernetes_names(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Names of Kubernetes objects that exist outside of the spec."""
    for name, cluster in fleet.clusters.items():
        yield from _label(("clusters", name, "namespace"), cluster.namespace, _LABEL, LONGEST_LABEL, on_key=False)
        yield from _object(("clusters", name, "storageClass"), cluster.storage_class)
        yield from _object(("clusters", name, "sharedStorageClass"), cluster.shared_storage_class)
    for path, spec in walk.settings(fleet):
        yield from _object((*path, "priorityClass"), spec.priority_class)
        yield from _object((*path, "serviceAccount"), spec.service_account)
    for path, _, secret in walk.secrets(fleet):
        if secret.secret is not None:
            yield from _object((*path, "secret", "name"), secret.secret.name)
            yield from _entry((*path, "secret", "key"), secret.secret.key)
    if fleet.images:
        yield from _object(("images", "pullSecret"), fleet.images.pull_secret)


def routes(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Public names are free in form, but must be plain and tell routes apart."""
    by_folded: dict[str, tuple[Path, str]] = {}
    for path, name in _public_names(fleet):
        if not _ROUTE.fullmatch(name):
            yield kinds.ROUTE_NAME.at(
                path,
                f"{shown(name)} cannot be a route's name",
                cause="clients send it as `model`, and gateways read some characters as patterns",
                help="use letters, digits and `._-:/`, beginning with a letter or digit",
                on_key=len(path) == 2,
            )
        place, first = by_folded.setdefault(re.sub(r"[._\s]", "-", name.casefold()), (path, name))
        if place != path:
            yield kinds.SAME_PUBLIC_NAME.at(
                path,
                f"{shown(name)} is the name of two routes, or one twice"
                if first == name
                else f"{shown(name)} and {shown(first)} can hardly be told apart",
                cause=f"{path_text(place)} has it already"
                if first == name
                else "they differ only in case or in `.`, `_`, `-`",
                help="rename one of them",
                on_key=len(path) == 2,
            )


def _public_names(fleet: Fleet) -> Iterator[tuple[Path, str]]:
    """Every name that clients may send as `model`: of routes, and their aliases."""
    for name in fleet.routes:
        yield ("routes", name), name
    for name, route in fleet.routes.items():
        for index, alias in enumerate(route.aliases):
            yield ("routes", name, "aliases", index), alias


def services(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """What placements and gateways are called in their cluster: `<model>-<placement>` and the gateway's name."""
    seen: dict[str, dict[str, Path]] = defaultdict(dict)
    for path, model, name, placement in walk.placements(fleet):
        service = f"{model}-{name}"
        own = max(len(model), len(name)) > LONGEST_LABEL  # has a finding of its own
        if len(service) > LONGEST_SERVICE and not own and findings.intact(path):
            yield _too_long(path, service, LONGEST_SERVICE, "`<model>-<placement>` is a service's name")
        first = seen[placement.cluster].setdefault(service, path)
        if first != path:
            yield kinds.SAME_SERVICE.at(
                path,
                f"a second service called `{service}` in {placement.cluster}",
                cause=f"{path_text(first)} gives the same `<model>-<placement>`",
                help="rename a placement",
                on_key=True,
            )
        yield from _vllm_service(fleet, path, service, placement.cluster)
    for name, gateway in fleet.gateways.items():
        yield from _gateway_service(fleet, name, seen[gateway.cluster])
        yield from _vllm_service(fleet, ("gateways", name), name, gateway.cluster)


def _gateway_service(fleet: Fleet, name: str, others: Mapping[str, Path]) -> Iterator[Finding]:
    """On a docker host a gateway's service has a dot in its name, which no other can have."""
    cluster, path = fleet.clusters.get(fleet.gateways[name].cluster), ("gateways", name)
    if cluster is None or not cluster.kubernetes:
        return
    if LONGEST_SERVICE < len(name) <= LONGEST_LABEL:
        yield _too_long(path, name, LONGEST_SERVICE, "a gateway's name is that of its service")
    if name in others:
        yield kinds.SAME_SERVICE.at(
            path,
            f"a second service called `{name}` in {fleet.gateways[name].cluster}",
            cause=f"{path_text(others[name])} gives the same `<model>-<placement>`",
            help="rename the gateway or the placement",
            on_key=True,
        )


def _vllm_service(fleet: Fleet, path: Path, service: str, cluster: str) -> Iterator[Finding]:
    """Docker gives containers no variables of their neighbours, so only Kubernetes is concerned."""
    known = fleet.clusters.get(cluster)
    if service in _VLLM_READS and known is not None and known.kubernetes:
        variable = f"{service.upper().replace('-', '_')}_PORT"
        yield kinds.VLLM_SERVICE.at(
            path,
            f"a Service called `{service}`",
            cause=f"Kubernetes gives its neighbours {variable}=tcp://..., which vLLM reads as its own setting",
            help=f"use another name, for example `{service}-serving`"
            if path[0] == "gateways"
            else "rename the placement or the model",
            on_key=True,
        )


def _label(path: Path, name: str, pattern: re.Pattern[str], longest: int, *, on_key: bool = True) -> Iterator[Finding]:
    if not pattern.fullmatch(name):
        first = "a letter" if pattern is _SERVICE else "a letter or digit"
        near = _mended(name, pattern)
        yield kinds.NO_LABEL.at(
            path,
            f"{shown(name)} is not a DNS label",
            cause=f"small letters, digits and `-`, {first} first, a letter or digit last",
            help=f"for example `{near}`" if near else "use another name",
            on_key=on_key,
        )
    elif len(name) > longest:
        yield _too_long(path, name, longest, "names are put together from it", on_key=on_key)


def _mended(name: str, pattern: re.Pattern[str]) -> str:
    plain = "".join(letter for letter in normalize("NFKD", name.casefold()) if not combining(letter))
    near = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SERVICE].rstrip("-")
    return near if pattern.fullmatch(near) else f"m{near}" if pattern.fullmatch(f"m{near}") else ""


def _object(path: Path, name: str | None) -> Iterator[Finding]:
    if name is not None and not _SUBDOMAIN.fullmatch(name):
        yield kinds.NO_LABEL.at(
            path,
            f"{shown(name)} cannot be the name of a Kubernetes object",
            cause="small letters, digits, `-` and `.`, a letter or digit at both ends",
            help="give the name as the cluster has it",
        )


def _entry(path: Path, key: str) -> Iterator[Finding]:
    if not _KEY.fullmatch(key) or key in {".", ".."}:
        yield kinds.NO_LABEL.at(
            path,
            f"{shown(key)} cannot be a key of a Kubernetes secret",
            cause="letters, digits, `-`, `_` and `.`, 253 at most",
            help="give the key as the secret has it",
        )


def _too_long(path: Path, name: str, longest: int, why: str, *, on_key: bool = True) -> Finding:
    return kinds.TOO_LONG.at(
        path,
        f"{shown(name)} has {len(name)} characters",
        cause=f"{why}, and may have {longest}",
        help=f"shorten it by {len(name) - longest}",
        on_key=on_key,
    )
