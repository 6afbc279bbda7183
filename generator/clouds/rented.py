"""What the clouds that rent machines share: the settings they need, and the limits of a pool."""

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

from generator.catalog.storage import storage_classes
from generator.clouds import RENTED, instances
from generator.clouds.groups import capacities
from generator.clouds.instances import Choice
from generator.clouds.machines import disk_decision, disk_type, pods_findings
from generator.clouds.nodes import label_findings, pool_label, reserved_labels, taints
from generator.clouds.settings import nearest, without_effect
from generator.core.finding import Finding, Path, Severity
from generator.core.frozen import frozen
from generator.core.kinds import clouds as kinds
from generator.core.kinds import rollouts
from generator.core.plan import NodePool
from generator.core.plan.clouds.rented import NodeGroup
from generator.core.spec import CloudCluster, Cluster, Pool, Upgrade
from generator.core.units import gib
from generator.core.words import did_you_mean

if TYPE_CHECKING:
    from generator.core.plan.clouds.any import AnyNodes

HOSTS = "the cloud names its nodes, and Terraform labels them"
"""Why `hosts` of a pool mean nothing where nodes are rented."""


@frozen
class Limits:
    """What a platform allows a pool. `pool` is its word for one, `capacities` are what it sells.

    `disk` says where the limits of the disk (GiB) come from; `domains` are those of labels that it sets itself.
    `spot_notice_s` is what it leaves a spot node between its notice and its end; `max_types` are a
    pool's instance types, and `types` says why; `pods` are the limits of what a node takes, and `why_pods` says why.
    """

    platform: str
    pool: str
    capacities: frozenset[str]
    max_nodes: int
    min_disk_gib: int
    max_disk_gib: int
    disk: str
    domains: tuple[str, ...]
    spot_notice_s: int
    max_types: int
    types: str
    pods: tuple[int, int]
    why_pods: str

    @property
    def cloud(self) -> str:
        """Whose machines they are: a cloud of the catalogue."""
        return RENTED[self.platform]


def settings(cluster: Cluster, path: Path, limits: Limits, region: str, state: str) -> Iterator[Finding]:
    """Region and cluster must be there; the region should be one we know. `region` and `state` are examples."""
    if cluster.cluster is None:
        yield missing(path, limits, "cluster", "GPU nodes join a cluster", "cluster: {existing: my-cluster}")
    elif (cluster.cluster.existing is None) == (cluster.cluster.create is None):
        yield _neither_nor_both(cluster.cluster, (*path, "cluster"))
    if cluster.region is None:
        yield missing(path, limits, "region", "machines are rented in a region", f"region: {region}")
    elif not instances.is_known(cluster.region, limits.cloud):
        yield _unknown_region(cluster, cluster.region, path, limits)
    yield from _one_holder(cluster, path, limits)
    if cluster.state is not None:
        yield from _states(cluster, path)
    elif cluster.pools:
        yield _local_state(path, re.sub(r"(region: )[a-z0-9-]+", rf"\g<1>{cluster.region or region}", state))


def _one_holder(cluster: Cluster, path: Path, limits: Limits) -> Iterator[Finding]:
    """A class of disks for what many nodes are to mount. Whoever made another class of that name knows better."""
    name = cluster.shared_storage_class
    classes = storage_classes(limits.platform) if name else None
    if classes and name in classes.one_node:
        yield rollouts.DISK_FOR_ALL.at(
            (*path, "sharedStorageClass"),
            f"`{name}` is a class of disks, which one node mounts at a time",
            cause="claims of it with ReadWriteMany stay pending, and with them the job and all pods",
            help=f"name {classes.shared}; `storageClass` is for the caches of single pods",
        )


def missing(path: Path, limits: Limits, setting: str, cause: str, cure: str) -> Finding:
    """The finding for a setting without which nothing can be created."""
    return kinds.MISSING_SETTING.at(
        path,
        f"a cluster of platform `{limits.platform}` needs `{setting}`",
        cause=cause,
        help=f"add `{cure}`",
        on_key=True,
    )


def malformed(path: Path, what: str, value: str, form: str) -> Finding:
    """The finding for an id of another cloud, or of none."""
    return kinds.MALFORMED_ID.at(
        path, f"{value!r} is no {what}", cause="each cloud forms its ids in its own way", help=f"write it as {form}"
    )


def market(cluster: Cluster, limits: Limits) -> instances.Market:
    """The machines of the region. An unknown region is told once, by `settings`, and not held against each pool."""
    region = cluster.region if instances.is_known(cluster.region, limits.cloud) else ""
    return instances.Market(limits.cloud, region or "")


def findings(pool: Pool, path: Path, limits: Limits) -> Iterator[Finding]:
    """What of a pool the platform refuses."""
    yield from list(label_findings(pool, path)) or reserved_labels(pool, path, limits.domains)
    yield from _capacities(pool, path, limits)
    yield from _reservation(pool, path)
    yield from _types(pool, path, limits)
    yield from pods_findings(pool, path, limits.pods, limits.why_pods)
    if not 1 <= pool.nodes.max <= limits.max_nodes:
        none = pool.nodes.max == 0
        yield kinds.NODES_IMPOSSIBLE.at(
            nearest(pool, path, "nodes")[0],
            f"{limits.pool} has an upper limit of 1 to {limits.max_nodes} nodes",
            cause=f"nodes.max is {pool.nodes.max}",
            help="write `nodes: {min: 0, max: 1}`, or remove the pool" if none else "split the pool into several",
        )
    small = gib(pool.disk) < limits.min_disk_gib
    if small or gib(pool.disk) > limits.max_disk_gib:
        yield kinds.DISK_SIZE.at(
            nearest(pool, path, "disk")[0],
            f"a root disk of {pool.disk} cannot be had",
            cause=limits.disk,
            help=f"write `disk: {limits.min_disk_gib if small else limits.max_disk_gib}Gi`",
        )


class Nodes(TypedDict):
    """The fields of `RentedNodes`, for the types of the clouds that add their own."""

    capacity: tuple[str, ...]
    instance_types: tuple[str, ...]
    groups: tuple[NodeGroup, ...]
    memory_gib: float
    vcpus: int
    spot_notice_s: int
    disk_gib: int
    disk_type: str | None
    max_pods: int | None
    unavailable: int


def nodes(pool: Pool, choice: Choice, limits: Limits, groups: tuple[NodeGroup, ...]) -> Nodes:
    """What every cloud rents for a pool."""
    return {
        "capacity": capacities(pool),
        "instance_types": choice.types,
        "groups": groups,
        "memory_gib": choice.memory_gib,
        "vcpus": choice.vcpus,
        "spot_notice_s": limits.spot_notice_s if "spot" in pool.capacity else 0,
        "disk_gib": math.ceil(gib(pool.disk)),
        "disk_type": disk_type(limits.platform, pool, choice.types),
        "max_pods": pool.max_pods,
        "unavailable": upgrade(pool).unavailable,
    }


def upgrade(pool: Pool) -> Upgrade:
    """How many nodes of a pool an upgrade takes at a time."""
    return pool.upgrade or Upgrade()


def node_pool(name: str, pool: Pool, path: Path, choice: Choice, cloud: "AnyNodes", limits: Limits) -> NodePool:
    """The pool as its cloud will rent it."""
    why_disk = disk_decision(limits.platform, pool, choice.types, path)
    return NodePool(
        name=name,
        path=path,
        gpu=pool.gpu,
        gpus_per_node=pool.gpus_per_node,
        min_nodes=pool.nodes.min,
        max_nodes=pool.nodes.max,
        labels=dict(sorted({**pool_label(name), **pool.node_selector}.items())),
        taints=taints(pool),
        platform_taints=(),
        hosts=(),
        decisions=tuple(decision for decision in (choice.decision, why_disk) if decision),
        cloud=cloud,
    )


def _neither_nor_both(theirs: CloudCluster, path: Path) -> Finding:
    both = theirs.existing is not None
    return kinds.EXISTING_OR_CREATED.at(
        path,
        "a cluster stands already or is created, " + ("not both" if both else "and this one is neither"),
        cause="`existing` and `create` are both given" if both else "neither `existing` nor `create` is given",
        help="keep one of them; an overlay takes the other away with `null`"
        if both
        else 'add `existing: my-cluster`, or `create: {version: "1.34"}`',
        on_key=True,
    )


def _unknown_region(cluster: Cluster, region: str, path: Path, limits: Limits) -> Finding:
    """An error as long as a machine must be chosen there; with all types given there is nothing to choose."""
    given = all(pool.instance_types for pool in cluster.pools.values())
    known = sorted(instances.regions(limits.cloud))
    return kinds.UNKNOWN_REGION.at(
        (*path, "region"),
        f"unknown region {region!r}",
        cause=f"the catalogue knows GPU machines in {len(known)} regions, not in this one",
        help=did_you_mean(region, known, count=2) or f"one of {', '.join(known)}",
        severity=Severity.WARNING if given else Severity.ERROR,
    )


def _local_state(path: Path, example: str) -> Finding:
    return kinds.LOCAL_STATE.at(
        path,
        "Terraform's state of this cluster stays on the machine that applies",
        cause="the cluster names no `state`",
        help=f"add `state: {example}`; what was applied before moves with `terraform init -migrate-state`",
        on_key=True,
    )


def _states(cluster: Cluster, path: Path) -> Iterator[Finding]:
    state = cluster.state
    written = [key for key in type(state).model_fields if getattr(state, key) is not None] if state else []
    if len(written) > 1:
        yield kinds.SEVERAL_STATES.at(
            (*path, "state"),
            f"the state can lie in one place, and {len(written)} are named",
            cause=f"state lists {', '.join(written)}",
            help="keep one of them; an overlay takes the other away with `null`",
            on_key=True,
        )


def _capacities(pool: Pool, path: Path, limits: Limits) -> Iterator[Finding]:
    where, _ = nearest(pool, path, "capacity")
    for capacity in sorted(set(pool.capacity) - limits.capacities):
        yield kinds.WAY_NOT_SOLD.at(
            where,
            f"`{limits.platform}` has no `{capacity}` nodes",
            cause=f"capacity lists `{capacity}`",
            help=f"choose from {', '.join(f'`{sold}`' for sold in sorted(limits.capacities - {'capacity-block'}))}",
        )
    if pool.reservation and pool.reservation.kind not in ("on-demand", *limits.capacities):
        yield kinds.WAY_NOT_SOLD.at(
            (*path, "reservation", "kind"),
            f"`{limits.platform}` has no reservations of kind `{pool.reservation.kind}`",
            cause="capacity blocks are sold by AWS",
            help="remove `kind`",
        )


def _reservation(pool: Pool, path: Path) -> Iterator[Finding]:
    if "reserved" not in pool.capacity:
        reason = f"capacity is {', '.join(pool.capacity)}; only `reserved` nodes use a reservation"
        yield from without_effect(pool, path, {"reservation": reason})


def _types(pool: Pool, path: Path, limits: Limits) -> Iterator[Finding]:
    """What is wrong with the list of types, whatever each of them is."""
    types = pool.instance_types or []
    if len(types) > limits.max_types:
        yield kinds.TYPES_IMPOSSIBLE.at(
            (*path, "instanceTypes"),
            f"{limits.pool} can have {limits.max_types} instance types, and {len(types)} are listed",
            cause=limits.types,
            help="keep those that are most likely to be had",
        )
    for index, type_ in enumerate(types):
        if type_ in types[:index]:
            yield kinds.TYPES_IMPOSSIBLE.at(
                (*path, "instanceTypes", index),
                f"{type_} is listed twice",
                cause="the list is the order in which types are tried, each of them once",
                help="remove one of the two",
            )
    if types[1:] and set(pool.capacity) == {"reserved"}:
        yield kinds.NO_EFFECT.at(
            (*path, "instanceTypes", 1),
            f"{type_list(types[1:])} will never be bought",
            cause="capacity is reserved, and a reservation is of one type, the first",
            help="remove the others, or add a way of buying such as `on-demand`",
        )


def type_list(types: list[str]) -> str:
    """Types in a sentence."""
    return " and ".join((", ".join(types[:-1]), types[-1])) if types[1:] else types[0]


def without_reservation(pool: Pool, path: Path, message: str, example: str, severity: Severity) -> Iterator[Finding]:
    """The finding for `reserved` nodes that do not say which reservation is theirs."""
    if "reserved" in pool.capacity and pool.reservation is None:
        yield kinds.NO_RESERVATION.at(
            nearest(pool, path, "capacity")[0],
            message,
            cause="capacity lists `reserved`, and `reservation` is missing",
            help=f"add `reservation: {{id: {example}}}`",
            severity=severity,
        )
