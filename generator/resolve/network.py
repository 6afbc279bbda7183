"""What every container is told of the network: proxies, hosts that are reached without them, authorities."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from generator.clouds import RENTED
from generator.core.finding import Finding, Path
from generator.core.frozen import frozen
from generator.core.kinds import network as kinds
from generator.core.plan import Backend, Container, SecretRef, Workload
from generator.core.plan.network import CA_FILE, AuthoritiesPlan
from generator.core.spec import Authorities, Cluster, Fleet, Proxy, walk
from generator.resolve.secrets import Secrets

Value = str | SecretRef

PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY")
NO_PROXY = "NO_PROXY"
_OF_PROXIES = (*PROXIES, NO_PROXY)
TRUST = ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Who reads which: AWS's libraries; curl; Node.js; Python's requests; OpenSSL, Go, Rust and Python's httpx."""

# The container itself (Ollama's own client calls 0.0.0.0), and what clouds tell their machines: the metadata of all
# three, and on EKS the identity of pods. Each by itself: not every program reads ranges of addresses.
_ITSELF = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 -- a name, nothing listens
_METADATA = ("169.254.169.254", "169.254.170.23", "metadata.google.internal")
_IN_CLUSTER = (".svc", ".cluster.local")
_HOST = "host.docker.internal"
_NEVER_OUTSIDE = (".local", ".internal", ".svc", ".localdomain", ".home.arpa")


@frozen
class Surrounding:
    """What stands around the containers of one cluster: variables by name, and hosts that no proxy may come before."""

    variables: tuple[tuple[str, Value], ...] = ()
    direct: tuple[str, ...] = ()

    def around(self, env: Mapping[str, Value], further: Iterable[str] = ()) -> dict[str, Value]:
        """An environment with what it lacks; its own values stay. `further` are hosts that are reached directly.

        Programs read proxies in capitals, in small letters, or in both; curl reads `http_proxy` alone.
        """
        known = {name.upper() for name in env if name.upper() in _OF_PROXIES}
        whole = {**env, **{name: value for name, value in self.variables if name not in {*env, *known}}}
        if not any(name.upper() in PROXIES for name in whole):
            return whole
        for name in (*PROXIES, NO_PROXY):
            value = whole.get(name, whole.get(name.lower()))
            if name == NO_PROXY:
                value = _joined(value, (*self.direct, *further, *_told(env)))
                whole[name] = whole[name.lower()] = value
            elif value is not None:
                whole.setdefault(name, value)
                whole.setdefault(name.lower(), value)
        return whole


def _told(env: Mapping[str, Value]) -> list[str]:
    """The hosts near by that variables lead to: a mirror of the hub, a collector, an object store of one's own."""
    texts = [value for name, value in env.items() if isinstance(value, str) and name.upper() not in _OF_PROXIES]
    return sorted({urlsplit(text).hostname or "" for text in texts if "://" in text and stays_inside(text)} - {""})


def _joined(given: Value | None, direct: Iterable[str]) -> Value:
    """What is given, then what it lacks. A list that is a secret, or says that no proxy is used, stays as it is."""
    if isinstance(given, SecretRef) or given == "*":
        return given
    own = [host.strip() for host in (given or "").split(",")]
    return ",".join(dict.fromkeys(host for host in (*own, *direct) if host))


def surrounding(fleet: Fleet, cluster: str, secrets: Secrets) -> Surrounding:
    """What stands around the containers of a cluster."""
    spec = fleet.clusters[cluster]
    variables: dict[str, Value] = {}
    if proxy := proxy_of(fleet, cluster):
        url = secrets.ref(proxy.secret) if proxy.secret else None
        named = {"HTTP_PROXY": url or proxy.http, "HTTPS_PROXY": url or proxy.https}
        variables |= {name: value for name, value in named.items() if value}
        if variables and proxy.no_proxy:
            variables[NO_PROXY] = ",".join(proxy.no_proxy)
    if authorities(fleet, cluster):
        variables.update(dict.fromkeys(TRUST, CA_FILE))
    return Surrounding(tuple(sorted(variables.items())), tuple(_direct(spec)))


def _direct(spec: Cluster) -> Iterator[str]:
    yield from _ITSELF
    yield from _METADATA
    if not spec.kubernetes:
        yield _HOST
        return
    yield from _IN_CLUSTER
    if spec.cluster and spec.cluster.create:
        yield spec.cluster.create.network.services
        yield spec.cluster.create.network.nodes


def proxy_of(fleet: Fleet, cluster: str) -> Proxy | None:
    """The proxy in front of a cluster; None where there is none."""
    found = _own(fleet, cluster, "proxy")
    return found if isinstance(found, Proxy) and (found.http or found.https or found.secret) else None


def _own(fleet: Fleet, cluster: str, field: str) -> object:
    """What the cluster says of its network, or else the fleet."""
    own = fleet.clusters[cluster].network
    if own is not None and getattr(own, field) is not None:
        return getattr(own, field)
    return getattr(fleet.network, field) if fleet.network else None


def place(fleet: Fleet, cluster: str, field: str) -> Path:
    """Where the spec says what holds for a cluster."""
    own = fleet.clusters[cluster].network
    by_cluster = own is not None and getattr(own, field) is not None
    return ("clusters", cluster, "network", field) if by_cluster else ("network", field)


def authorities(fleet: Fleet, cluster: str) -> AuthoritiesPlan | None:
    """Where the cluster's containers find the authorities that they trust; None where it is nowhere said for it."""
    found = _own(fleet, cluster, "ca")
    if not isinstance(found, Authorities):
        return None
    if not fleet.clusters[cluster].kubernetes:
        return AuthoritiesPlan("file", found.file) if found.file else None
    if found.config_map:
        return AuthoritiesPlan("configMap", found.config_map.name, found.config_map.key)
    return AuthoritiesPlan("secret", found.secret.name, found.secret.key) if found.secret else None


def dressed(workload: Workload, env: Mapping[str, Value], around: Surrounding) -> Workload:
    """The workload with the placement's variables and those of its surroundings in each of its containers.

    What fetches a model goes the same way as the server, asks the same hub and trusts the same authorities.
    """

    def dress(container: Container) -> Container:
        own = container.env
        whole = around.around({**own, **{name: value for name, value in env.items() if name not in own}})
        return container if whole == own else replace(container, env=whole)

    return replace(
        workload,
        main=dress(workload.main),
        init=tuple(map(dress, workload.init)),
        one_shot=tuple(map(dress, workload.one_shot)),
        jobs=tuple(map(dress, workload.jobs)),
    )


def near(fleet: Fleet, backends: Iterable[Backend]) -> list[str]:
    """The hosts of backends that no proxy stands before: models on machines of one's own, private addresses."""
    hosts: dict[str, None] = {}
    for backend in backends:
        host = urlsplit(backend.url).hostname or ""
        if host and (stays_inside(backend.url) or _on_own_machines(fleet, backend)):
            hosts[host] = None
    return sorted(hosts)


def _on_own_machines(fleet: Fleet, backend: Backend) -> bool:
    """Whether it is a model in a cluster that no cloud rents out."""
    if backend.kind != "placement":
        return False
    cluster = fleet.models[backend.fleet_model].placements[backend.placement].cluster
    return fleet.clusters[cluster].platform not in RENTED


def stays_inside(url: str) -> bool:
    """Whether an address can only be near by, so that no proxy outside could know it: a private one, a bare name."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_NEVER_OUTSIDE)


def check(fleet: Fleet) -> Iterator[Finding]:
    """What is said of the network and cannot be carried out."""
    for path, network in walk.networks(fleet):
        if network.proxy:
            yield from _proxy((*path, "proxy"), network.proxy)
    for name, spec in fleet.clusters.items():
        yield from _authorities(fleet, name, spec)


def _proxy(path: Path, proxy: Proxy) -> Iterator[Finding]:
    if proxy.secret and (proxy.http or proxy.https):
        other = "http" if proxy.http else "https"
        yield kinds.PROXY_TWICE.at(
            (*path, other),
            f"`secret` and `{other}` both name the proxy",
            cause="`secret` holds the URL for calls to `http` and to `https` addresses",
            help=f"remove `{other}`, or remove `secret` where the proxy asks for no login",
            on_key=True,
        )
    for index, entry in enumerate(proxy.no_proxy):
        right = entry.rpartition("://")[2].removeprefix("*").rstrip("/")
        if entry not in (right, "*"):
            yield kinds.DIRECT_HOST_UNREAD.at(
                (*path, "noProxy", index),
                f"`{entry}` is not read as you mean it by every program",
                cause="a list of hosts has no scheme and no `*.`: curl and Python compare the text as it is",
                help=f"write `{right}`" + (", which is for all hosts below" if right.startswith(".") else ""),
            )
    if proxy.no_proxy and not (proxy.http or proxy.https or proxy.secret):
        yield kinds.PROXY_TWICE.at(
            (*path, "noProxy"),
            "`noProxy` without a proxy",
            cause="neither `http`, `https` nor `secret` names one, so everything is reached directly",
            help="add `http` and `https`, or remove `noProxy`",
            on_key=True,
        )


def _authorities(fleet: Fleet, name: str, spec: Cluster) -> Iterator[Finding]:
    found = _own(fleet, name, "ca")
    if isinstance(found, Authorities) and found.file and not spec.kubernetes and not _on_host(found.file):
        yield kinds.AUTHORITIES_OUT_OF_REACH.at(
            (*place(fleet, name, "ca"), "file"),
            f"`{found.file}` is not a place on the docker host `{name}`",
            cause="Docker mounts the file from the host's disk, where only an absolute path without `..` is one place",
            help="write where it stands on the host, such as `/etc/ssl/certs/corp.pem`",
        )
    if found is None or authorities(fleet, name):
        return
    needed = "`configMap` or `secret`" if spec.kubernetes else "`file`"
    example = "configMap: {name: authorities, key: ca.crt}" if spec.kubernetes else "file: /etc/ssl/certs/corp.pem"
    yield kinds.AUTHORITIES_OUT_OF_REACH.at(
        place(fleet, name, "ca"),
        f"cluster `{name}` has nowhere to take the authorities from",
        cause=f"it is of platform `{spec.platform}`, which needs {needed}; given: {_given(fleet, name)}",
        help=f"add `{example}`; the other clusters keep their own",
        on_key=True,
    )


def _on_host(file: str) -> bool:
    return file.startswith("/") and ".." not in file.split("/")


def _given(fleet: Fleet, name: str) -> str:
    found = _own(fleet, name, "ca")
    named = (
        [f"`{type(found).spelled(field)}`" for field in sorted(found.model_fields_set)]
        if isinstance(found, Authorities)
        else []
    )
    return ", ".join(named) or "nothing"
