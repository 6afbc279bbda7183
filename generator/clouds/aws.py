"""EKS: pools become managed node groups of an existing cluster."""

import math
from collections.abc import Iterable, Iterator

from generator.clouds import instances
from generator.clouds.nodes import label_findings, pool_label, taints
from generator.clouds.settings import nearest, without_effect
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import clouds as kinds
from generator.core.plan import NodePool
from generator.core.spec import Cluster, Pool
from generator.core.units import gib
from generator.core.words import did_you_mean

# The NVIDIA image of Amazon Linux 2023 needs 20 GiB; a gp3 volume ends at 16 TiB.
MIN_DISK_GIB = 20
MAX_DISK_GIB = 16384

_CLUSTER = {"bind": "ports are published by docker clusters only"}
# The kubelet sets labels itself and refuses Kubernetes' own domains, but for these.
_KUBELET_MAY_SET = ("node.kubernetes.io", "kubelet.kubernetes.io")
_RESERVED_DOMAINS = ("kubernetes.io", "k8s.io", "eks.amazonaws.com")


class Aws:
    """The `eks` platform."""

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """Region and cluster must be there; the region should be one we know."""
        yield from without_effect(cluster, path, _CLUSTER)
        if cluster.cluster is None:
            yield _missing(path, "cluster", "node groups join an existing cluster", "cluster: {existing: my-cluster}")
        if cluster.region is None:
            yield _missing(path, "region", "node groups are created in a region", "region: us-east-1")
        elif cluster.region not in instances.regions("aws"):
            yield _unknown_region(cluster, cluster.region, path)

    def node_pool(
        self, name: str, pool: Pool, cluster: Cluster, path: Path
    ) -> tuple[NodePool | None, Iterable[Finding]]:
        """The node groups of a pool. An unknown region is told once, by `check`, and not held against the pool."""
        region = cluster.region if cluster.region in instances.regions("aws") else ""
        choice = instances.Market("aws", region or "").choose(pool, path)
        findings = [*choice.findings, *_findings(pool, path)]
        if not choice.type or pool.nodes.max == 0:
            return None, findings
        nodes = NodePool(
            name=name,
            path=path,
            gpu=pool.gpu,
            gpus_per_node=pool.gpus_per_node,
            min_nodes=pool.nodes.min,
            max_nodes=pool.nodes.max,
            capacity=tuple(dict.fromkeys(pool.capacity)),
            instance_types=(choice.type,),
            labels=dict(sorted({**pool_label(name), **pool.node_selector}.items())),
            taints=taints(pool),
            disk_gib=math.ceil(gib(pool.disk)),
            reservation=pool.reservation.id if pool.reservation else "",
            reservation_kind=pool.reservation.kind if pool.reservation else "",
            decisions=(choice.decision,) if choice.decision else (),
            memory_gib=choice.memory_gib,
        )
        return nodes, findings


def _missing(path: Path, setting: str, cause: str, cure: str) -> Finding:
    return kinds.MISSING_SETTING.at(
        path, f"an `eks` cluster needs `{setting}`", cause=cause, help=f"add `{cure}`", on_key=True
    )


def _unknown_region(cluster: Cluster, region: str, path: Path) -> Finding:
    """An error as long as a machine must be chosen there; with all types given there is nothing to choose."""
    given = all(pool.instance_type for pool in cluster.pools.values())
    known = sorted(instances.regions("aws"))
    return kinds.UNKNOWN_REGION.at(
        (*path, "region"),
        f"unknown region {region!r}",
        cause=f"the catalogue knows GPU machines in {len(known)} regions, not in this one",
        help=did_you_mean(region, known, count=2) or f"one of {', '.join(known)}",
        severity=Severity.WARNING if given else Severity.ERROR,
    )


def _findings(pool: Pool, path: Path) -> Iterator[Finding]:
    yield from list(label_findings(pool, path)) or _reserved_labels(pool, path)
    yield from _reservation(pool, path)
    if pool.nodes.max == 0:
        yield kinds.NODES_IMPOSSIBLE.at(
            nearest(pool, path, "nodes")[0],
            "an EKS node group needs an upper limit of at least one node",
            cause="nodes.max is 0",
            help="write `nodes: {min: 0, max: 1}`, or remove the pool",
        )
    if not MIN_DISK_GIB <= gib(pool.disk) <= MAX_DISK_GIB:
        yield kinds.DISK_SIZE.at(
            nearest(pool, path, "disk")[0],
            f"a root disk of {pool.disk} cannot be had",
            cause=f"the machine image needs {MIN_DISK_GIB} GiB, a gp3 volume has at most {MAX_DISK_GIB} GiB",
            help=f"write `disk: {MIN_DISK_GIB if gib(pool.disk) < MIN_DISK_GIB else MAX_DISK_GIB}Gi`",
        )


def _reservation(pool: Pool, path: Path) -> Iterator[Finding]:
    reserved = "reserved" in pool.capacity
    if reserved and pool.reservation is None:
        where, _ = nearest(pool, path, "capacity")
        yield kinds.NO_RESERVATION.at(
            where,
            "`reserved` nodes without a reservation start only in an open one of the same type and zone",
            cause="capacity lists `reserved`, and `reservation` is missing",
            help="add `reservation: {id: cr-...}`",
        )
    if not reserved:
        reason = f"capacity is {', '.join(pool.capacity)}; only `reserved` nodes use a reservation"
        yield from without_effect(pool, path, {"reservation": reason})


def _reserved_labels(pool: Pool, path: Path) -> Iterator[Finding]:
    for key in pool.node_selector:
        domain = key.rpartition("/")[0]
        if _within(domain, _RESERVED_DOMAINS) and not _within(domain, _KUBELET_MAY_SET):
            yield kinds.BAD_LABEL.at(
                (*path, "nodeSelector", key),
                f"nodes may not label themselves {key!r}",
                cause=f"{domain} is reserved, and the label would be set when a node registers",
                help="use a domain of your own; `fleetgen.dev/pool` is set without being asked",
                on_key=True,
            )


def _within(domain: str, parents: tuple[str, ...]) -> bool:
    return any(domain == parent or domain.endswith(f".{parent}") for parent in parents)


AWS = Aws()
