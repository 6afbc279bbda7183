"""Addresses as seen from where they are used: in a container `localhost` is the container, and names have an end."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from generator.core.finding import Finding, Findings, Path, path_text
from generator.core.frozen import frozen
from generator.core.kinds import network as kinds
from generator.core.spec import Fleet, ModelRef, walk

HOST = "host.docker.internal"
"""The docker host, as its containers see it; gen writes the entry that Linux needs for the name."""

_ITSELF = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "localhost6"})
_OF_DESKTOPS = frozenset(
    {
        HOST,
        "gateway.docker.internal",
        "kubernetes.docker.internal",
        "docker.for.mac.localhost",
        "docker.for.win.localhost",
        "host.containers.internal",
        "host.lima.internal",
        "host.minikube.internal",
        "host.k3d.internal",
    }
)
"""What container runtimes on a desktop call the host."""
_IN_CLUSTERS = (".svc", ".cluster.local")
_MULTICAST = re.compile(r"[^.]+\.local")

_URL = re.compile(
    r"(?:https?|grpcs?|wss?|rediss?|postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|amqps?|nats|kafka)://.+"
)
_BARE = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::[0-9]+)?(?:/.*)?")
# Variables and arguments that name whom a program calls, though there is no scheme before the host.
_CALLED = re.compile(
    r"(.*_)?(ENDPOINT|PROXY|URL|URI)S?|(REDIS|POSTGRES|PG|DB|DATABASE|MYSQL|MONGO|KAFKA|NATS)_?(HOST|ADDR)"
)
# Those that name who may call, or where callers find the program, are of another place: a browser's, mostly.
_OF_CALLERS = re.compile(r"ORIGIN|CORS|REDIRECT|CALLBACK|REFERER|PUBLIC|EXTERNAL|LISTEN|BIND|NO_PROXY|PROXY_BASE_URL")


Values = dict[Path, object]
Services = Mapping[str, set[str]]
"""Of variables and arguments, by their places, which end in their names."""


@frozen
class Use:
    """An address, where it is written, the cluster that it is used in, and who calls it there."""

    path: Path
    address: str
    cluster: str
    caller: str

    @property
    def host(self) -> str:
        """The host in small letters; empty where there is none."""
        return host_of(self.address)


def host_of(address: str) -> str:
    """The host of an address with or without a scheme, in small letters; empty where it cannot be read."""
    try:
        if "://" in address:
            return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
    match = _BARE.fullmatch(address)
    return match["host"].strip("[]").rstrip(".").lower() if match else ""


def addresses(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Each address means what its caller sees. One that is wrong in several places is told once."""
    told: set[tuple[Path, str]] = set()
    services = _services(fleet)
    for use in dict.fromkeys(uses(fleet)):
        spec = fleet.clusters.get(use.cluster)
        if spec is None or not findings.intact(("clusters", use.cluster, "platform")):
            continue
        finding = _itself(fleet, use) or _unknown(fleet, use, services) or _unpublished(fleet, use)
        if finding and (use.path, finding.id) not in told:
            told.add((use.path, finding.id))
            yield finding


def uses(fleet: Fleet) -> Iterator[Use]:
    """Every address of the spec that a container calls."""
    yield from _gateways(fleet)
    for path, network in walk.networks(fleet):
        named = {"http": network.proxy.http, "https": network.proxy.https} if network.proxy else {}
        for field, url in named.items():
            for cluster in _below(fleet, path) if url else ():
                yield Use((*path, "proxy", field), str(url), cluster, "every container")
    for name, spec in fleet.clusters.items():
        if spec.kubernetes and spec.prometheus and spec.prometheus.url:
            yield Use(("clusters", name, "prometheus", "url"), spec.prometheus.url, name, "KEDA")
    yield from _of_programs(fleet)


def _of_programs(fleet: Fleet) -> Iterator[Use]:
    """What engines and gateways are told by variables and arguments."""
    for path, settings in walk.settings(fleet):
        values: Values = {(*path, "env", name): value for name, value in settings.env.items()}
        if settings.engine:
            values.update({(*path, "engine", "args", name): value for name, value in settings.engine.args.items()})
        for cluster in _running(fleet, path) if values else ():
            yield from _called(values, cluster, "the engine")
    for name, gateway in fleet.gateways.items():
        env: Values = {("gateways", name, "env", variable): value for variable, value in gateway.env.items()}
        yield from _called(env, gateway.cluster, f"gateway `{name}`")


def _gateways(fleet: Fleet) -> Iterator[Use]:
    """Providers, and the endpoints of other clusters, as the gateways that call them see them."""
    for name, gateway in fleet.gateways.items():
        caller = f"gateway `{name}`"
        for route in gateway.routes or fleet.routes:
            for ref in _backends(fleet, route):
                provider = fleet.providers.get(ref.provider or "")
                if provider and provider.url:
                    yield Use(("providers", str(ref.provider), "url"), provider.url, gateway.cluster, caller)
                for model, placement in walk.reached(fleet, ref):
                    other = fleet.models[model].placements[placement].cluster
                    endpoint = fleet.clusters[other].endpoint if other in fleet.clusters else None
                    if other != gateway.cluster and endpoint:
                        yield Use(("clusters", other, "endpoint", "url"), endpoint.url, gateway.cluster, caller)


def _backends(fleet: Fleet, route: str) -> Iterator[ModelRef]:
    for name in walk.chain(fleet, route):
        yield from (ref for _, ref in walk.backends(name, fleet.routes[name]))
        for _, override in walk.overrides(fleet, name):
            yield from override


def _below(fleet: Fleet, path: Path) -> list[str]:
    """The clusters for which a proxy counts: one, or all that have none of their own."""
    if path[0] == "clusters":
        return [str(path[1])]
    return [name for name, spec in fleet.clusters.items() if not (spec.network and spec.network.proxy)]


def _running(fleet: Fleet, path: Path) -> list[str]:
    """The clusters of the placements that take settings from this layer."""
    if path == ("defaults",):
        return list(dict.fromkeys(item.cluster for _, _, _, item in walk.placements(fleet)))
    placements = fleet.models[str(path[1])].placements
    return [placements[str(path[3])].cluster] if path[3:] else list({item.cluster: 0 for item in placements.values()})


def _called(values: Values, cluster: str, caller: str) -> Iterator[Use]:
    """The addresses among variables or arguments; several may stand in one, with commas between them."""
    for path, value in values.items():
        word = str(path[-1]).replace("-", "_").upper()
        if _OF_CALLERS.search(word):
            continue
        texts = [str(text) for text in (value if isinstance(value, list) else [value])]
        for address in (part.strip() for text in texts for part in text.split(",")):
            if _URL.fullmatch(address) or (_CALLED.fullmatch(word) and _loops_back(address)):
                yield Use(path, address, cluster, caller)


def _loops_back(address: str) -> bool:
    host = host_of(address)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in _ITSELF


def _is_itself(host: str) -> bool:
    """Whether the name leads back to whoever calls it; to call 0.0.0.0 is to call oneself, too."""
    short = _short_form(host)
    try:
        address = ip_address(host if short is None else short)
    except ValueError:
        return host in _ITSELF or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _short_form(host: str) -> int | None:
    """The address that a host such as `127.1` or `0x7f.1` stands for, as resolvers read it; none for any other."""
    parts = host.split(".")
    if len(parts) > 4 or not all(re.fullmatch(r"0x[0-9a-f]{1,8}|[0-9]{1,10}", part) for part in parts):
        return None
    try:
        numbers = [int(part, 16 if part.startswith("0x") else 8 if part.startswith("0") else 10) for part in parts]
    except ValueError:
        return None
    value = numbers[-1] + sum(number << 8 * (3 - place) for place, number in enumerate(numbers[:-1]))
    return value if value < 1 << 32 else None


def _itself(fleet: Fleet, use: Use) -> Finding | None:
    if not _is_itself(use.host):
        return None
    docker = not fleet.clusters[use.cluster].kubernetes
    there = "a container of docker host" if docker else "a pod of"
    return kinds.CALLS_ITSELF.at(
        use.path,
        f"`{use.host}` is the container that calls it",
        cause=f"{use.caller} calls it in {there} {use.cluster}, where nothing else answers at this address",
        help=_from_docker(use) if docker else _from_kubernetes(use),
    )


def _from_docker(use: Use) -> str:
    right = re.sub(rf"(?i)\[?{re.escape(use.host)}\.?\]?", HOST, use.address, count=1)
    own = "name a model of the fleet in the route; " if use.path[0] == "providers" else ""
    return f"{own}for what runs on the host write `{right}`, and let it listen on an address that containers reach"


def _from_kubernetes(use: Use) -> str:
    own = "name a model of the fleet in the route; " if use.path[0] == "providers" else ""
    return f"{own}write the name of its Service, `NAME.NAMESPACE.svc`, or its address outside of the cluster"


def _unknown(fleet: Fleet, use: Use, services: Services) -> Finding | None:
    """A name that the caller's cluster cannot resolve, as far as the fleet tells."""
    cluster, host = fleet.clusters[use.cluster], use.host
    elsewhere = use.path[0] == "clusters" and use.path[2:3] == ("endpoint",)
    if host in _OF_DESKTOPS and (cluster.kubernetes or host != HOST):
        why = "it is the host of a container runtime on a desktop, which no pod knows"
        cure = "write the host's own name or address"
        if not cluster.kubernetes:
            why, cure = "this runtime has another name for its host", f"write `{HOST}`"
    elif host.endswith(_IN_CLUSTERS) and (elsewhere or not cluster.kubernetes):
        why = "it is a name of Kubernetes' own DNS, which is known inside of its cluster alone"
        cure = "write the host of its Ingress, load balancer or HTTPRoute"
    elif _MULTICAST.fullmatch(host):
        why = "names under `.local` are found by multicast, which containers do not take part in"
        cure = "write its IP address, or a name that DNS knows"
    elif "." not in host and host not in services[use.cluster] and (owner := _owner(fleet, host, services)):
        why = f"it is the name of a container in {owner}, which is known on that host alone"
        cure = f"name the model in the route, and write how {owner} is reached as its `endpoint`"
    elif elsewhere and host == "{service}":
        why = "it becomes the bare name of a service, which is known in its own cluster alone"
        cure = "write a whole name, such as `https://{service}.example.com`"
    else:
        return None
    place = f"{'a pod of' if cluster.kubernetes else 'a container of docker host'} {use.cluster}"
    return kinds.NAME_NOT_KNOWN_THERE.at(
        use.path,
        f"`{host}` is not known where it is called",
        cause=f"{use.caller} calls it in {place}; {why}",
        help=cure,
    )


def _unpublished(fleet: Fleet, use: Use) -> Finding | None:
    """A port of a docker host that is called from other places and published on the host's loopback alone."""
    if use.host == HOST:
        return _on_loopback(
            fleet,
            use,
            use.cluster,
            "containers come to their host from outside of its loopback",
            "name the model in the route, which needs no port",
        )
    # Behind `https` stands a program of the user's own, which may well listen on the same port elsewhere.
    if use.path[2:3] == ("endpoint",) and use.address.startswith("http://"):
        return _on_loopback(
            fleet,
            use,
            str(use.path[1]),
            f"{use.caller} in {use.cluster} comes from another machine",
            "write the address that is called as `bind` of the cluster (`0.0.0.0`: all), and a `key` in its `endpoint`",
        )
    return None


def _on_loopback(fleet: Fleet, use: Use, cluster: str, why: str, cure: str) -> Finding | None:
    bind = fleet.clusters[cluster].bind
    if fleet.clusters[cluster].kubernetes or not _loops_back(bind):
        return None
    port = _port(use.address)
    for path, _, _, item in walk.placements(fleet):
        if item.cluster == cluster and item.host_port and port in ("{port}", str(item.host_port)):
            return kinds.PUBLISHED_ON_LOOPBACK.at(
                use.path,
                f"port {item.host_port} of {cluster} is published on {bind} alone",
                cause=f"{path_text(path)} has it as `hostPort`, and {why}",
                help=cure,
            )
    return None


def _port(address: str) -> str:
    """The port as it is written; empty where there is none."""
    match = re.match(r"[^/]*//[^/?#]*:([0-9]+|\{port\})(?:[/?#]|$)", address)
    return match[1] if match else ""


def _services(fleet: Fleet) -> Services:
    """By cluster the names that containers of a docker host call each other by, and Services of a namespace."""
    services: dict[str, set[str]] = {name: set() for name in fleet.clusters}
    for _, model, name, placement in walk.placements(fleet):
        services.setdefault(placement.cluster, set()).add(f"{model}-{name}")
    for name, gateway in fleet.gateways.items():
        spec = fleet.clusters.get(gateway.cluster)
        services.setdefault(gateway.cluster, set()).add(name if spec and spec.kubernetes else f"{name}.gateway")
    return services


def _owner(fleet: Fleet, host: str, services: Services) -> str:
    """The docker host of the fleet on which a container is called so; empty where none is."""
    hosts = [name for name, spec in fleet.clusters.items() if not spec.kubernetes]
    return next((name for name in hosts if host in services[name]), "")
