"""GKE: pools become node pools of an existing cluster, one for each way of buying."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from generator.catalog import reader
from generator.clouds import rented
from generator.clouds.created import created
from generator.clouds.groups import Naming, apart, compute_class
from generator.clouds.machines import compact_findings, disk_findings, local_ssds, one_zone, upgrade_findings
from generator.clouds.nodes import taints
from generator.clouds.settings import without_effect
from generator.core.accelerators import RESOURCE
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import clouds as kinds
from generator.core.plan import NodePool, TaintPlan
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes
from generator.core.spec import CloudCluster, Cluster, Pool

LIMITS = rented.Limits(
    platform="gke",
    pool="a GKE node pool",
    capacities=frozenset({"on-demand", "spot", "reserved", "flex-start"}),
    max_nodes=10_000,
    min_disk_gib=10,
    max_disk_gib=65536,
    disk="a boot disk has 10 to 65536 GiB",
    domains=("cloud.google.com", "gke.io"),
    spot_notice_s=30,
    max_types=20,
    types="each is a node pool, and GKE's autoscaler slows down with many of them",
    pods=(8, 256),
    why_pods="GKE takes 8 to 256 pods a node",
)
OWN_TAINT = TaintPlan(RESOURCE, "present", "NoSchedule")
"""GKE sets it on every node with GPUs, whatever the spec says."""

CLASS = "cloud.google.com/compute-class"
"""Label and taint of the nodes of a ComputeClass; pods that select the label are started where the class says."""

_CLUSTER = {
    "bind": "ports are published by docker clusters only",
    "autoscaler": "the autoscaler of nodes is the platform's own",
}
_THEIRS = {
    "subnets": "nodes live in the subnet of their cluster",
    "resource_group": "resource groups are Azure's",
    "subscription": "subscriptions are Azure's",
}
_RESERVATION = re.compile(
    r"(projects/[a-z0-9:.-]+/reservations/)?[a-z]([a-z0-9-]*[a-z0-9])?(/reservationBlocks/[a-z0-9-]+)?"
)
_ACCOUNT = re.compile(r"[^@\s]+@[a-z0-9.-]+\.gserviceaccount\.com")

# 40 characters at most, of which Terraform adds six of what replaces the node pool.
NAMING = Naming(lambda key, _capacity, _index: key[:33].removesuffix("-"), "^", "-[0-9a-f]{6}$")


class Gcp:
    """The `gke` platform."""

    lacks: Set[str] = frozenset()

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Region, project and cluster must be there; a zone must lie in the region."""
        yield from without_effect(cluster, path, _CLUSTER)
        yield from rented.settings(cluster, path, LIMITS, "europe-west4", "{gcs: {bucket: my-bucket}}")
        if cluster.cluster is not None:
            yield from _existing(cluster.cluster, cluster, (*path, "cluster"))

    def cluster(self, name: str, cluster: Cluster, path: Path) -> tuple[GkeCluster, Iterable[Finding]]:
        """Project, zone, and identity of its nodes."""
        theirs = cluster.cluster or CloudCluster()
        made, findings = created(name, cluster, path)
        plan = GkeCluster(
            name=made.name if made else theirs.existing or "",
            created=made,
            project=theirs.project or "",
            zone=theirs.zone,
            node_role=theirs.node_role,
        )
        return plan, findings

    def node_pool(
        self, name: str, pool: Pool, cluster: Cluster, path: Path
    ) -> tuple[NodePool | None, Iterable[Finding]]:
        """The node pools of a pool."""
        choice = rented.market(cluster, LIMITS).choose(pool, path)
        accelerators = {type_: _accelerators(type_, pool) for type_ in choice.types}
        in_zone = "" if cluster.cluster and cluster.cluster.zone else one_zone(pool)
        findings = [
            *choice.findings,
            *_findings(pool, cluster, path),
            *disk_findings("gke", pool, choice.types, path),
            *compact_findings("gke", pool, choice.types, path, in_zone),
        ]
        unknown = [index for index, type_ in enumerate(choice.types) if len(accelerators[type_]) != 1]
        findings += [_no_accelerator(pool, choice.types[index], (*path, "instanceTypes", index)) for index in unknown]
        if not choice.types or unknown or pool.nodes.max == 0:
            return None, findings
        groups = apart(name, pool, choice.types, NAMING)
        nodes = GkeNodes(
            **rented.nodes(pool, choice, LIMITS, groups),
            zones=tuple(sorted(set(pool.zones))),
            accelerators={type_: accelerators[type_][0] for type_ in choice.types},
            local_ssds=local_ssds(LIMITS.platform, choice.types),
            compute_class=compute_class(name, groups),
            surge=rented.upgrade(pool).surge,
        )
        return _chosen_by_class(
            rented.node_pool(name, pool, path, choice, nodes, LIMITS), nodes.compute_class
        ), findings


def _chosen_by_class(pool: NodePool, of_class: str | None) -> NodePool:
    """The pool with the taint that GKE sets, and with the label and taint of its ComputeClass."""
    own = tuple(taint for taint in pool.taints if taint != OWN_TAINT)
    if of_class is None:
        return replace(pool, taints=own, platform_taints=(OWN_TAINT,))
    labels = dict(sorted({**pool.labels, CLASS: of_class}.items()))
    asked = (*own, TaintPlan(CLASS, of_class, "NoSchedule"))
    return replace(pool, labels=labels, taints=asked, platform_taints=(OWN_TAINT,))


def _existing(theirs: CloudCluster, cluster: Cluster, path: Path) -> Iterator[Finding]:
    yield from without_effect(theirs, path, _THEIRS)
    if theirs.project is None:
        yield rented.missing(
            path, LIMITS, "project", "a cluster's name is unique in its project", "project: my-project"
        )
    if theirs.zone is not None:
        yield from _zone(theirs.zone, cluster, (*path, "zone"))
    if theirs.node_role is not None and not _ACCOUNT.fullmatch(theirs.node_role):
        form = "NAME@PROJECT.iam.gserviceaccount.com"
        yield rented.malformed((*path, "nodeRole"), "service account of Google", theirs.node_role, form)


def _zone(zone: str, cluster: Cluster, path: Path) -> Iterator[Finding]:
    region = cluster.region
    if region is not None and not re.fullmatch(rf"{re.escape(region)}-[a-z]", zone):
        yield kinds.ZONE_ELSEWHERE.at(
            path,
            f"{zone!r} is not a zone of {region}",
            cause="a zone is the region and a letter",
            help=f"write a zone such as `{region}-a`",
        )


def _accelerators(type_: str, pool: Pool) -> list[str]:
    """GKE's words for the GPU: that of the machine, or all of the GPU's where the machine is not known."""
    machines = reader.instances(LIMITS.cloud)
    if type_ in machines:
        return [machines[type_].accelerator]
    return sorted({item.accelerator for item in reader.instances_with(LIMITS.cloud, pool.gpu)})


def _no_accelerator(pool: Pool, type_: str, where: Path) -> Finding:
    known = sorted(item.type for item in reader.instances_with(LIMITS.cloud, pool.gpu))
    return kinds.UNKNOWN_INSTANCE_TYPE.at(
        where,
        f"GKE's name of the GPU in {type_!r} is not known",
        cause=f"a node pool has to name its accelerator; known types with {pool.gpu}: {', '.join(known) or 'none'}",
        help=f"write `instanceTypes: [{known[0]}]`" if known else "use a GPU that the catalogue knows on Google Cloud",
        severity=Severity.ERROR,
    )


def _findings(pool: Pool, cluster: Cluster, path: Path) -> Iterator[Finding]:
    yield from rented.findings(pool, path, LIMITS)
    if set(pool.capacity) == {"flex-start"}:
        yield from without_effect(pool, path, {"upgrade": "flex-start nodes are replaced when they end"})
    else:
        yield from upgrade_findings(pool, path, both=True, own=False)
    yield from without_effect(pool, path, {"hosts": rented.HOSTS})
    for index, zone in enumerate(pool.zones):
        yield from _zone(zone, cluster, (*path, "zones", index))
    for index, taint in enumerate(taints(pool)):
        if taint.key == OWN_TAINT.key and taint != OWN_TAINT:
            yield kinds.PLATFORM_TAINT.at(
                (*path, "taints", index),
                f"GKE sets the taint `{taint.key}` itself",
                cause=f"it is {OWN_TAINT.value}:{OWN_TAINT.effect} there, the pool says {taint.value}:{taint.effect}",
                help="remove the taint, or give it a key of your own",
            )
    yield from rented.without_reservation(
        pool,
        path,
        "`reserved` nodes without a reservation start only in an open one of the same type and zone",
        "my-reservation",
        Severity.WARNING,
    )
    if pool.reservation is not None and not _RESERVATION.fullmatch(pool.reservation.id):
        form = "NAME or projects/PROJECT/reservations/NAME"
        yield rented.malformed((*path, "reservation", "id"), "reservation of Google", pool.reservation.id, form)


GCP = Gcp()
