"""What a docker host can do that Kubernetes cannot, and the other way round."""

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_address

from generator.core.finding import Finding, Findings, Path, path_text
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, walk

# By attribute name: why it does nothing there.
_DOCKER_ONLY = {
    "host_port": "only docker clusters publish host ports",
    "devices": "Kubernetes hands out the GPUs itself",
}
_KUBERNETES_ONLY = {
    "node_selector": "Docker schedules nothing by labels",
    "tolerations": "a docker host has no taints",
    "priority_class": "priority classes belong to Kubernetes",
    "service_account": "service accounts belong to Kubernetes",
}
_GATEWAY_DOCKER_ONLY = {"host_port": "only docker clusters publish host ports"}
_GATEWAY_KUBERNETES_ONLY = {
    "replicas": "a docker host runs one container of a gateway",
    "expose": "a docker host has no Ingress; `hostPort` and the cluster's `bind` say who reaches the gateway",
}


def ports(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """A host port of a docker cluster belongs to one container."""
    taken: dict[str, dict[int, Path]] = defaultdict(dict)
    claims = [
        ((*path, "hostPort"), placement.cluster, placement.host_port)
        for path, _, _, placement in walk.placements(fleet)
    ]
    claims += [
        (("gateways", name, "hostPort"), gateway.cluster, gateway.host_port) for name, gateway in fleet.gateways.items()
    ]
    for path, cluster, port in claims:
        if port is None or cluster not in fleet.clusters or fleet.clusters[cluster].kubernetes:
            continue
        first = taken[cluster].setdefault(port, path)
        if first != path:
            yield kinds.PORT_CLASH.at(
                path,
                f"host port {port} of {cluster} is taken",
                cause=f"{path_text(first)} claims it too",
                help=f"use another, for example {_free(taken[cluster], port)}",
            )


def servers(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """No engine's port on an address that others reach, unless the engine asks for a key."""
    open_to: dict[str, list[str]] = defaultdict(list)
    for path, _, _, placement in walk.placements(fleet):
        if placement.host_port is not None:
            open_to[placement.cluster].append(path_text(path))
    for name, cluster in fleet.clusters.items():
        asked = cluster.endpoint is not None and cluster.endpoint.key is not None
        if cluster.kubernetes or asked or not open_to[name] or _is_loopback(cluster.bind):
            continue
        first, *others = open_to[name]
        yield kinds.OPEN_SERVER.at(
            ("clusters", name, "bind"),
            f"whoever reaches {name} reaches its model servers, without a key",
            cause=f"{first}{f' and {len(others)} more' if others else ''} publishes its port on {cluster.bind}",
            help="add a `key` to the cluster's `endpoint`, or keep `bind: 127.0.0.1` and let callers use a gateway",
        )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _free(taken: dict[int, Path], port: int) -> int:
    """The next port that nobody claims; a host has more of them than a spec has lines for."""
    while port in taken:
        port = port + 1 if port < 65535 else 1024
    return port


def effects(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """No setting that the platform of the placement or gateway has no use for."""
    for path, _, _, placement in walk.placements(fleet):
        cluster = fleet.clusters.get(placement.cluster)
        if cluster is None:
            continue
        useless = _DOCKER_ONLY if cluster.kubernetes else _KUBERNETES_ONLY
        for field, why in useless.items():
            if field in placement.model_fields_set and getattr(placement, field):
                yield _no_effect((*path, placement.spelled(field)), why, placement.cluster, cluster.platform)
    yield from _gateways(fleet)


def _gateways(fleet: Fleet) -> Iterator[Finding]:
    for name, gateway in fleet.gateways.items():
        cluster = fleet.clusters.get(gateway.cluster)
        if cluster is None:
            continue
        useless = _GATEWAY_DOCKER_ONLY if cluster.kubernetes else _GATEWAY_KUBERNETES_ONLY
        for field, why in useless.items():
            if field in gateway.model_fields_set and getattr(gateway, field):
                path: Path = ("gateways", name, gateway.spelled(field))
                yield _no_effect(path, why, gateway.cluster, cluster.platform)


def _no_effect(path: Path, why: str, cluster: str, platform: str) -> Finding:
    return kinds.NO_EFFECT.at(
        path,
        f"`{path[-1]}` has no effect here",
        cause=f"{cluster} is of platform `{platform}`: {why}",
        help=f"remove `{path[-1]}`",
        on_key=True,
    )
