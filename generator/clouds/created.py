"""Clusters that Terraform creates: what each cloud allows, and what is decided where the spec is silent."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from ipaddress import IPv4Network
from itertools import combinations

from generator.clouds.settings import nearest, without_effect
from generator.core.finding import Finding, Path
from generator.core.frozen import frozen
from generator.core.kinds import clouds as kinds
from generator.core.plan.clouds.rented import CreatedPlan
from generator.core.spec import CloudCluster, Cluster, CreatedCluster
from generator.core.words import counted


@frozen
class Creation:
    """What a cloud allows a new cluster.

    `machine` is that of the system pool when none is given. `name` is the form of names, `name_words` tells it.
    `zone` is the form of a zone, in which `{region}` stands for the region; `zones` is how many there must be.
    `prefixes` are the shortest and the longest prefix of each address range; `within` are the blocks that a range must
    lie in, where not all will do.
    """

    platform: str
    machine: str
    name: re.Pattern[str]
    name_words: str
    zone: str
    zone_example: str
    zones: int
    prefixes: Mapping[str, tuple[int, int]]
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


CREATION = {
    "eks": Creation(
        platform="eks",
        machine="m7i.large",
        name=re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"),
        name_words="up to 100 letters, digits, `-` and `_`",
        zone=r"{region}[a-g]",
        zone_example="{region}a",
        zones=2,
        prefixes={"nodes": (16, 22), "services": (12, 24)},
        within={"services": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")},
    ),
    "gke": Creation(
        platform="gke",
        machine="e2-standard-4",
        name=re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?"),
        name_words="up to 40 lower-case letters, digits and `-`, a letter first",
        zone=r"{region}-[a-z]",
        zone_example="{region}-a",
        zones=0,
        prefixes={"nodes": (8, 24), "pods": (9, 21), "services": (16, 24)},
    ),
    "aks": Creation(
        platform="aks",
        machine="Standard_D4ds_v5",
        name=re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"),
        name_words="up to 63 letters, digits, `-` and `_`",
        zone=r"[123]",
        zone_example="1",
        zones=0,
        prefixes={"nodes": (8, 24), "pods": (9, 21), "services": (12, 24)},
    ),
}
"""EKS: the range of a VPC is /16 at most, that of Services private and /12 to /24.
Names: the clouds' API references."""

_WIDE = 8  # a /8 is the largest block of addresses that anyone holds

_THEIRS = {
    "subnets": "a created cluster has a network of its own",
    "zone": "a created cluster spans its region; `create.zones` names the zones of its nodes",
}


def created(name: str, cluster: Cluster, path: Path) -> tuple[CreatedPlan | None, Iterable[Finding]]:
    """The cluster to create, called `name` by default, and what of it its cloud refuses. `path` is that of `create`.

    None where one stands already, or none is there at all.
    """
    theirs = cluster.cluster
    if theirs is None or theirs.create is None:
        return None, ()
    plan = _plan(theirs.create, name, CREATION[cluster.platform])
    return plan, _findings(plan, cluster, theirs, theirs.create, path)


def _plan(create: CreatedCluster, name: str, creation: Creation) -> CreatedPlan:
    return CreatedPlan(
        name=create.name or name,
        version=create.version,
        zones=tuple(sorted(set(create.zones))),
        nodes=create.network.nodes,
        pods=create.network.pods if "pods" in creation.prefixes else "",
        services=create.network.services,
        public_access=tuple(sorted(set(create.public_access))),
        machine=create.system.machine or creation.machine,
        min_nodes=create.system.nodes.min,
        max_nodes=create.system.nodes.max,
    )


def _findings(
    plan: CreatedPlan, cluster: Cluster, theirs: CloudCluster, create: CreatedCluster, path: Path
) -> Iterator[Finding]:
    creation = CREATION[cluster.platform]
    yield from without_effect(theirs, path[:-1], _THEIRS)
    yield from _name(plan, create, path, creation)
    yield from _zones(cluster, create, path, creation)
    yield from _networks(create, path, creation)
    yield from _public_access(create, path)
    if plan.min_nodes < 1:
        yield kinds.NODES_IMPOSSIBLE.at(
            (*path, "system", "nodes"),
            "the system pool needs a node",
            cause=f"system.nodes.min is {plan.min_nodes}, and the cluster's DNS has to run somewhere",
            help="write `nodes: {min: 2, max: 4}`, two for the sake of upgrades",
        )


def _name(plan: CreatedPlan, create: CreatedCluster, path: Path, creation: Creation) -> Iterator[Finding]:
    if not creation.name.fullmatch(plan.name):
        where, remark = nearest(create, path, "name")
        yield kinds.CLUSTER_NAME.at(
            where,
            f"{plan.name!r}{remark} cannot be the name of a cluster of platform `{creation.platform}`",
            cause=f"it has {counted(len(plan.name), 'character')}; a name there has {creation.name_words}",
            help="write `name: ` and a name of that form",
        )


def _zones(cluster: Cluster, create: CreatedCluster, path: Path, creation: Creation) -> Iterator[Finding]:
    region = cluster.region or ""
    example = creation.zone_example.format(region=region)
    if len(set(create.zones)) < creation.zones:
        yield kinds.MISSING_SETTING.at(
            nearest(create, path, "zones")[0],
            f"a created cluster of platform `{creation.platform}` needs {creation.zones} zones",
            cause=f"zones has {len(set(create.zones))}; the control plane stands in subnets of different zones",
            help=f"write `zones: [{example}, ...]`, those in which the GPUs are offered",
            on_key=True,
        )
    for index, zone in enumerate(create.zones):
        if not re.fullmatch(creation.zone.format(region=re.escape(region)), zone):
            yield kinds.ZONE_ELSEWHERE.at(
                (*path, "zones", index),
                f"{zone!r} is not a zone of {region}",
                cause="each cloud names its zones in its own way",
                help=f"write a zone such as `{example}`",
            )


def _networks(create: CreatedCluster, path: Path, creation: Creation) -> Iterator[Finding]:
    network, where = create.network, nearest(create, path, "network")[0]
    yield from without_effect(network, where, _unused(creation))
    ranges: dict[str, IPv4Network] = {}
    for name, (shortest, longest) in creation.prefixes.items():
        text, place = getattr(network, name), nearest(network, where, name)[0]
        try:
            ranges[name] = IPv4Network(text)
        except ValueError as error:
            yield _refused(place, f"{text} is no address range", str(error), "write a range such as `10.0.0.0/16`")
            continue
        if not shortest <= ranges[name].prefixlen <= longest:
            yield _refused(
                place,
                f"{text} is too {'large' if ranges[name].prefixlen < shortest else 'small'} for {name}",
                f"on `{creation.platform}` the prefix of {name} is /{shortest} to /{longest}",
                f"write a range of /{shortest} to /{longest}",
            )
        blocks = creation.within.get(name, ())
        if blocks and not any(ranges[name].subnet_of(IPv4Network(block)) for block in blocks):
            yield _refused(
                place,
                f"{text} cannot be the range of {name}",
                f"on `{creation.platform}` it lies within {', '.join(blocks)}",
                "write a range within one of them, such as `172.20.0.0/16`",
            )
    for one, other in combinations(ranges, 2):
        if ranges[one].overlaps(ranges[other]):
            yield _refused(
                nearest(network, where, other)[0],
                f"the ranges of {one} and {other} overlap",
                f"{one} has {ranges[one]}, {other} has {ranges[other]}",
                f"give `{other}` a range that is free",
            )


def _unused(creation: Creation) -> dict[str, str]:
    if "pods" in creation.prefixes:
        return {}
    return {"pods": "pods of EKS take addresses of the nodes' subnets"}


def _refused(path: Path, message: str, cause: str, help: str) -> Finding:
    return kinds.CLUSTER_NETWORK.at(path, message, cause=cause, help=help)


def _public_access(create: CreatedCluster, path: Path) -> Iterator[Finding]:
    for index, text in enumerate(create.public_access):
        place = (*path, "publicAccess", index)
        try:
            addresses = IPv4Network(text)
        except ValueError as error:
            yield _refused(place, f"{text} is no address range", str(error), "write one such as `203.0.113.0/24`")
            continue
        if addresses.prefixlen < _WIDE:
            yield kinds.OPEN_CONTROL_PLANE.at(
                place,
                f"{text} opens the control plane to {addresses.num_addresses} addresses",
                cause=f"its prefix is /{addresses.prefixlen}; no one network is larger than a /{_WIDE}",
                help="name the addresses that need it, such as `203.0.113.0/24`, or none for a private control plane",
            )
