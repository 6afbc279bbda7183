"""EKS: pools become managed node groups of a cluster."""

from collections.abc import Iterable, Iterator, Set

from generator.catalog import makers
from generator.clouds import rented
from generator.clouds.created import created
from generator.clouds.groups import Naming, together
from generator.clouds.karpenter import karpenter, karpenter_findings, karpenter_subnets
from generator.clouds.machines import compact_findings, disk_findings, upgrade_findings
from generator.clouds.settings import without_effect
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import hardware
from generator.core.plan import NodePool
from generator.core.plan.clouds.eks import EksCluster, EksNodes
from generator.core.spec import CloudCluster, Cluster, Pool

# The NVIDIA image of Amazon Linux 2023 needs 20 GiB; a gp3 volume ends at 16 TiB.
LIMITS = rented.Limits(
    platform="eks",
    pool="an EKS node group",
    capacities=frozenset({"on-demand", "spot", "reserved", "capacity-block"}),
    max_nodes=10_000,
    min_disk_gib=20,
    max_disk_gib=16384,
    disk="the machine image needs 20 GiB, a gp3 volume has at most 16384 GiB",
    domains=("eks.amazonaws.com",),
    spot_notice_s=120,
    max_types=20,
    types="a managed node group takes up to 20",
    pods=(8, 250),
    why_pods="AWS counts up to 250 pods a node, and its own agents take some",
)
_CLUSTER = {"bind": "ports are published by docker clusters only"}
_THEIRS = {
    "project": "EKS clusters belong to an account, not to a Google project",
    "zone": "EKS clusters span a region; subnets decide the zones of nodes",
    "resource_group": "resource groups are Azure's",
    "subscription": "subscriptions are Azure's",
}
_POOL = {"zones": "the zones of EKS nodes follow from their subnets", "hosts": rented.HOSTS}

# EKS calls the autoscaling group after the node group, which has Terraform's 26 characters behind its name.
NAMING = Naming(lambda key, _capacity, _index: key[:36], "^eks-", "-[0-9a-f]{26}-")


class Aws:
    """The `eks` platform."""

    lacks: Set[str] = frozenset({"autoscaler", "device-plugin"})

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Region and cluster must be there; the region should be one we know."""
        yield from without_effect(cluster, path, _CLUSTER)
        yield from rented.settings(cluster, path, LIMITS, "us-east-1", "{s3: {bucket: my-bucket, region: us-east-1}}")
        if cluster.cluster is not None:
            yield from without_effect(cluster.cluster, (*path, "cluster"), _THEIRS)
            if cluster.autoscaler == "karpenter":
                yield from karpenter_subnets(cluster.cluster, (*path, "cluster"))
            role = cluster.cluster.node_role
            if role is not None and not role.startswith("arn:"):
                yield rented.malformed(
                    (*path, "cluster", "nodeRole"), "IAM role", role, "arn:aws:iam::ACCOUNT:role/NAME"
                )

    def cluster(self, name: str, cluster: Cluster, path: Path) -> tuple[EksCluster, Iterable[Finding]]:
        """Subnets and identity of its nodes, and Karpenter where that starts them."""
        theirs = cluster.cluster or CloudCluster()
        made, findings = created(name, cluster, path)
        called = made.name if made else theirs.existing or ""
        plan = EksCluster(
            name=called,
            created=made,
            subnets=tuple(theirs.subnets),
            node_role=theirs.node_role,
            karpenter=karpenter(cluster, called),
        )
        return plan, findings

    def node_pool(
        self, name: str, pool: Pool, cluster: Cluster, path: Path
    ) -> tuple[NodePool | None, Iterable[Finding]]:
        """The node groups of a pool."""
        choice = rented.market(cluster, LIMITS).choose(pool, path)
        findings = [
            *choice.findings,
            *_findings(pool, path),
            *disk_findings("eks", pool, choice.types, path),
            *compact_findings("eks", pool, choice.types, path, _one_zone(cluster)),
        ]
        if not choice.types or pool.nodes.max == 0:
            return None, findings
        if cluster.autoscaler == "karpenter":
            findings += karpenter_findings(pool, path)
        groups = together(name, pool, choice.types, NAMING)
        block = pool.reservation is not None and pool.reservation.kind == "capacity-block"
        nodes = EksNodes(**rented.nodes(pool, choice, LIMITS, groups), capacity_block=block)
        return rented.node_pool(name, pool, path, choice, nodes, LIMITS), findings


def _one_zone(cluster: Cluster) -> str:
    """What is missing for a pool in one zone; the module takes the first subnet of a cluster that it creates."""
    theirs = cluster.cluster
    if theirs is None or not theirs.existing or len(theirs.subnets) == 1:
        return ""
    return f"the cluster's `subnets` names {len(theirs.subnets)}, and each is in a zone"


def _findings(pool: Pool, path: Path) -> Iterator[Finding]:
    yield from rented.findings(pool, path, LIMITS)
    yield from _architecture(pool, path)
    yield from without_effect(pool, path, _POOL)
    if pool.upgrade is not None:
        yield from without_effect(pool.upgrade, (*path, "upgrade"), {"surge": "EKS starts as many nodes as it needs"})
    yield from upgrade_findings(pool, path, both=True, own=True)
    yield from rented.without_reservation(
        pool,
        path,
        "`reserved` nodes without a reservation start only in an open one of the same type and zone",
        "cr-...",
        Severity.WARNING,
    )
    if pool.reservation is not None and not pool.reservation.id.startswith("cr-"):
        where = (*path, "reservation", "id")
        yield rented.malformed(where, "capacity reservation of AWS", pool.reservation.id, "cr-0a1b2c3d4e5f60718")


def _architecture(pool: Pool, path: Path) -> Iterator[Finding]:
    """Machines with other CPUs than the machine image of the node groups is for."""
    for index, type_ in enumerate(pool.instance_types or ()):
        if cpus := makers.machine(LIMITS.cloud, type_)[1]:
            yield hardware.IMAGE_ARCHITECTURE.at(
                (*path, "instanceTypes", index),
                f"{type_} has {cpus} CPUs, and nodes are started from a machine image for amd64",
                cause="the node groups of EKS are of `AL2023_x86_64_NVIDIA`",
                help="use another type; `gen catalog list instances` prints those that are known",
            )


AWS = Aws()
