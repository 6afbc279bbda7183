"""AKS: pools become node pools of an existing cluster, one for each way of buying."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from generator.clouds import rented
from generator.clouds.created import created
from generator.clouds.groups import Naming, apart
from generator.clouds.machines import compact_findings, disk_findings, one_zone, upgrade_findings
from generator.clouds.nodes import taints
from generator.clouds.settings import without_effect
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import clouds as kinds
from generator.core.plan import NodePool, TaintPlan
from generator.core.plan.clouds.aks import AksCluster, AksNodes
from generator.core.spec import CloudCluster, Cluster, Pool

LIMITS = rented.Limits(
    platform="aks",
    pool="an AKS node pool",
    capacities=frozenset({"on-demand", "spot", "reserved"}),
    max_nodes=1000,
    min_disk_gib=30,
    max_disk_gib=2048,
    disk="the system disk of an AKS node has 30 to 2048 GiB",
    domains=("kubernetes.azure.com",),
    spot_notice_s=30,
    max_types=10,
    types="each is a node pool, whose name has one digit for it",
    pods=(10, 250),
    why_pods="AKS takes 10 to 250 pods a node",
)
SPOT_TAINT = TaintPlan("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule")
"""AKS asks for it on every spot node."""

SHORT = 8
"""Of the twelve characters of a node pool's name.

Two tell the way of buying, one the place of its type in the list, one a pool that stands in for another.
"""
_SUFFIXES = {"on-demand": "od", "spot": "sp", "reserved": "rs"}
"""What tells the way of buying in the name of a node pool."""

_CLUSTER = {
    "bind": "ports are published by docker clusters only",
    "autoscaler": "the autoscaler of nodes is the platform's own",
}
_THEIRS = {
    "node_role": "AKS nodes have the identity of their cluster",
    "project": "projects are Google's",
    "zone": "AKS clusters span a region; `zones` of a pool decide those of nodes",
}
_ID = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/"
_SUBNET = re.compile(rf"{_ID}Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+", re.IGNORECASE)
_RESERVATION = re.compile(rf"{_ID}Microsoft\.Compute/capacityReservationGroups/[^/]+", re.IGNORECASE)
_FORM = "/subscriptions/.../resourceGroups/.../providers/"


class Azure:
    """The `aks` platform."""

    lacks: Set[str] = frozenset({"device-plugin"})

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Region, resource group and cluster must be there; the short names of pools must differ."""
        yield from without_effect(cluster, path, _CLUSTER)
        yield from rented.settings(
            cluster, path, LIMITS, "westeurope", "{azurerm: {storageAccount: myaccount, container: tfstate}}"
        )
        if cluster.cluster is not None:
            yield from _existing(cluster.cluster, (*path, "cluster"))
        yield from _names(cluster, path)

    def cluster(self, name: str, cluster: Cluster, path: Path) -> tuple[AksCluster, Iterable[Finding]]:
        """Subscription, resource group, and the subnet of its nodes."""
        theirs = cluster.cluster or CloudCluster()
        made, findings = created(name, cluster, path)
        plan = AksCluster(
            name=made.name if made else theirs.existing or "",
            created=made,
            resource_group=theirs.resource_group or "",
            subscription=theirs.subscription,
            subnet=theirs.subnets[0] if theirs.subnets else None,
        )
        return plan, findings

    def node_pool(
        self, name: str, pool: Pool, cluster: Cluster, path: Path
    ) -> tuple[NodePool | None, Iterable[Finding]]:
        """The node pools of a pool."""
        choice = rented.market(cluster, LIMITS).choose(pool, path)
        findings = [
            *choice.findings,
            *_findings(pool, path),
            *disk_findings("aks", pool, choice.types, path),
            *compact_findings("aks", pool, choice.types, path, one_zone(pool)),
        ]
        if not choice.types or pool.nodes.max == 0:
            return None, findings
        groups = apart(name, pool, choice.types, naming(short_name(name)))
        nodes = AksNodes(
            **rented.nodes(pool, choice, LIMITS, groups),
            zones=tuple(sorted(set(pool.zones))),
            surge=rented.upgrade(pool).surge,
        )
        spot = (SPOT_TAINT,) if "spot" in pool.capacity else ()
        return replace(rented.node_pool(name, pool, path, choice, nodes, LIMITS), platform_taints=spot), findings


def naming(short: str) -> Naming:
    """AKS calls the scale set after the node pool."""
    return Naming(
        lambda _key, capacity, index: f"{short}{_SUFFIXES.get(capacity, capacity)}{index or ''}",
        "^aks-",
        "-[0-9]+-vmss$",
    )


def short_name(name: str) -> str:
    """The beginning of a node pool's name in AKS: lower-case letters and digits, a letter first."""
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return (letters if letters[:1].isalpha() else f"p{letters}")[:SHORT]


def _existing(theirs: CloudCluster, path: Path) -> Iterator[Finding]:
    yield from without_effect(theirs, path, _THEIRS)
    if theirs.resource_group is None:
        cause = "a cluster's name is unique in its resource group"
        yield rented.missing(path, LIMITS, "resourceGroup", cause, "resourceGroup: my-group")
    form = f"{_FORM}Microsoft.Network/virtualNetworks/.../subnets/..."
    for index, subnet in enumerate(theirs.subnets):
        if not _SUBNET.fullmatch(subnet):
            yield rented.malformed((*path, "subnets", index), "subnet of Azure", subnet, form)
        elif index:
            yield kinds.MALFORMED_ID.at(
                (*path, "subnets", index),
                "an AKS node pool has one subnet",
                cause=f"subnets lists {len(theirs.subnets)}",
                help="keep the first one",
            )


def _names(cluster: Cluster, path: Path) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in sorted(cluster.pools):
        short = short_name(name)
        other = seen.setdefault(short, name)
        if other != name:
            yield kinds.SHORT_NAMES_COLLIDE.at(
                (*path, "pools", name),
                f"{name!r} and {other!r} would both be called {short!r} in AKS",
                cause=f"AKS keeps {SHORT} lower-case letters and digits of a pool's name",
                help="let the names differ at the front",
                on_key=True,
            )


def _findings(pool: Pool, path: Path) -> Iterator[Finding]:
    yield from rented.findings(pool, path, LIMITS)
    if set(pool.capacity) == {"spot"}:
        yield from without_effect(pool, path, {"upgrade": "AKS decides how spot nodes are upgraded"})
    else:
        yield from upgrade_findings(pool, path, both=False, own=False)
    yield from without_effect(pool, path, {"hosts": rented.HOSTS})
    for index, zone in enumerate(pool.zones):
        if zone not in ("1", "2", "3"):
            yield kinds.ZONE_ELSEWHERE.at(
                (*path, "zones", index),
                f"{zone!r} is not a zone of Azure",
                cause="zones have numbers there",
                help='write a list such as `zones: ["1", "2"]`',
            )
    for index, taint in enumerate(taints(pool)):
        if taint.key.startswith("kubernetes.azure.com/"):
            yield kinds.PLATFORM_TAINT.at(
                (*path, "taints", index),
                f"AKS keeps `{taint.key}` to itself",
                cause="taints below kubernetes.azure.com are those of the platform",
                help="remove the taint, or give it a key of your own; that of spot nodes is set without being asked",
            )
    yield from rented.without_reservation(
        pool,
        path,
        "`reserved` nodes of AKS need the capacity reservation group that they come from",
        f"{_FORM}Microsoft.Compute/capacityReservationGroups/...",
        Severity.ERROR,
    )
    if pool.reservation is not None and not _RESERVATION.fullmatch(pool.reservation.id):
        form = f"{_FORM}Microsoft.Compute/capacityReservationGroups/..."
        where = (*path, "reservation", "id")
        yield rented.malformed(where, "capacity reservation group of Azure", pool.reservation.id, form)


AZURE = Azure()
