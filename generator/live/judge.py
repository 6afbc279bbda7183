"""Judges what the clouds answered against what the plan needs. The same words for every cloud."""

from collections.abc import Iterator, Mapping, Sequence

from generator.core.finding import Finding, Severity
from generator.core.frozen import frozen
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.clouds.gke import GkeCluster
from generator.core.words import counted
from generator.live.answers import ClusterFacts, Offering, Quota
from generator.live.outcome import Outcome, answered, joined, problem

BOUGHT = ("on-demand", "spot", "flex-start")
"""The ways of buying that use a quota. Reserved machines used theirs when they were reserved."""


def cluster(plan: ClusterPlan, facts: ClusterFacts | None) -> Outcome:
    """Whether the existing cluster is there and takes nodes."""
    path = (*plan.path, "cluster")
    if facts is None:
        place = (plan.cloud.zone if isinstance(plan.cloud, GkeCluster) else None) or plan.region
        missing = problem(
            kinds.NO_CLUSTER,
            path,
            f"there is no cluster {plan.existing!r} in {place}",
            cause=f"asked as {plan.name}: platform {plan.platform}, region {plan.region}{_owner(plan)}",
            help="check the name and the region; a cluster that gen is to create is `cluster: {create: ...}`",
        )
        return answered(plan.name, "cluster", plan.existing, "not there", missing)
    answer = ", ".join(word for word in (facts.status, facts.version, " ".join(facts.zones)) if word)
    if facts.region not in ("", plan.region):
        elsewhere = problem(
            kinds.NO_CLUSTER,
            path,
            f"the cluster {plan.existing!r} is in {facts.region}, not in {plan.region}",
            cause=f"its nodes are in its own region{_owner(plan)}",
            help=f"write `region: {facts.region}`, or name a cluster of {plan.region}",
        )
        return answered(plan.name, "cluster", plan.existing, answer, elsewhere)
    if facts.ready:
        return answered(plan.name, "cluster", plan.existing, answer)
    busy = problem(
        kinds.CLUSTER_NOT_READY,
        path,
        f"the cluster {plan.existing!r} takes no node pools now",
        cause=f"its state is {facts.status}",
        help="wait until it is ready, or repair it, before you apply",
    )
    return answered(plan.name, "cluster", plan.existing, answer, busy)


def _owner(plan: ClusterPlan) -> str:
    return f", {plan.cloud.owner}" if plan.cloud and plan.cloud.owner else ""


def offerings(
    plan: ClusterPlan,
    zones: Mapping[str, Sequence[str]],
    offered: Mapping[str, Offering],
    *,
    every_zone: bool,
) -> Outcome:
    """Whether the region, and the zones of each pool (by its name), offer the pool's instance types."""
    return joined(
        _offered(plan, pool, type_, zones[pool.name], offered.get(type_), every_zone=every_zone)
        for pool in plan.pools
        for type_ in pool.instance_types
    )


def _offered(
    plan: ClusterPlan,
    pool: NodePool,
    type_: str,
    zones: Sequence[str],
    offering: Offering | None,
    *,
    every_zone: bool,
) -> Outcome:
    subject = f"{type_} ({pool.name})"
    severity = Severity.ERROR if type_ == pool.instance_types[0] else Severity.WARNING
    if offering is None:
        missing = problem(
            kinds.TYPE_NOT_OFFERED,
            pool.path,
            f"{type_} is not offered in {plan.region}",
            cause=f"{plan.region} lists no such type today",
            help="leave `instanceTypes` out and let one be chosen, or take a region that has it",
            severity=severity,
        )
        return answered(plan.name, "offering", subject, "not offered", missing)
    if offering.closed:
        closed = problem(
            kinds.TYPE_CLOSED,
            pool.path,
            f"{type_} is not open to this account in {plan.region}",
            cause=offering.closed,
            help="ask the cloud's support to open the type for the account, or take another type or region",
            severity=severity,
        )
        return answered(plan.name, "offering", subject, offering.closed, closed)
    findings = list(_zone_findings(plan, pool, type_, zones, offering, severity, every_zone=every_zone))
    return answered(plan.name, "offering", subject, " ".join(sorted(offering.zones)) or "offered", *findings)


def _zone_findings(
    plan: ClusterPlan,
    pool: NodePool,
    type_: str,
    zones: Sequence[str],
    offering: Offering,
    severity: Severity,
    *,
    every_zone: bool,
) -> Iterator[Finding]:
    lacking = [zone for zone in zones if zone not in offering.zones]
    if not lacking or (len(lacking) < len(zones) and not every_zone):
        return
    has = ", ".join(sorted(offering.zones)) or "no zone"
    yield problem(
        kinds.TYPE_NOT_IN_ZONES,
        pool.path,
        f"{type_} is not offered in {', '.join(lacking)}",
        cause=f"the pool's zones are {', '.join(zones)}; of {plan.region} {has} has the type",
        help=_zone_cure(plan, offering),
        severity=severity,
    )


def _zone_cure(plan: ClusterPlan, offering: Offering) -> str:
    have = ", ".join(sorted(offering.zones))
    if not have:
        return "take a type that has zones here, or remove `zones`"
    if plan.cloud and plan.cloud.zoned_by_subnets:
        return f"add a subnet in {have} to `cluster.subnets`"
    quoted = ", ".join(f'"{zone}"' if zone.isdigit() else zone for zone in sorted(offering.zones))
    return f"write `zones: [{quoted}]` on the pool"


@frozen
class Charge:
    """What one way of buying a pool takes of a quota: units for each of its nodes at the largest scale.

    `running` are nodes of the same kind that the cluster has already; the quota's use counts them.
    """

    plan: ClusterPlan
    pool: NodePool
    capacity: str
    units: float
    running: int

    @property
    def need(self) -> float:
        """Units at the largest scale."""
        return self.units * self.pool.max_nodes

    @property
    def held(self) -> float:
        """Units of the need that are in use by the pool itself."""
        return self.units * min(self.running, self.pool.max_nodes)


def quota(region: str, code: str, charges: Sequence[Charge], actual: Quota | None) -> Outcome:
    """Whether a quota is large enough for all that draws on it at once."""
    clusters = ", ".join(dict.fromkeys(charge.plan.name for charge in charges))
    largest = max(charges, key=lambda charge: charge.need)
    place = region or "all regions"
    if actual is None:
        unknown = problem(
            kinds.QUOTA_UNKNOWN,
            largest.pool.path,
            f"{place} lists no quota {code}",
            cause=f"the pools need {_sum(charges):g} of it at their largest",
            help=f"look for {code} on the cloud's quota page",
        )
        return answered(clusters, "quota", f"{code} {place}", "not listed", unknown)
    need, free = _sum(charges), actual.left + sum(charge.held for charge in charges)
    answer = f"{actual.limit:g} {actual.unit}, {actual.used:g} used; needed {need:g}"
    subject = f"{actual.name} ({code}) {place}" if actual.name != code else f"{code} {place}"
    if need <= free:
        return answered(clusters, "quota", subject, answer)
    return answered(clusters, "quota", subject, answer, _too_small(place, charges, actual, largest))


def _too_small(place: str, charges: Sequence[Charge], quota: Quota, largest: Charge) -> Finding:
    need, held = _sum(charges), sum(charge.held for charge in charges)
    first = any(charge.capacity == charge.pool.capacity[0] for charge in charges)
    own = f", {held:g} of them by these pools" if held else ""
    parts = ", ".join(
        f"{charge.plan.name}/{charge.pool.name} {charge.capacity} {charge.pool.max_nodes} x {charge.units:g}"
        for charge in charges
    )
    code = f" ({quota.code})" if quota.code != quota.name else ""
    return problem(
        kinds.QUOTA_TOO_SMALL,
        largest.pool.path,
        f"quota {quota.name}{code} in {place} is too small: {need:g} {quota.unit} needed, {quota.left + held:g} left",
        cause=f"the limit is {quota.limit:g}, {quota.used:g} in use{own}; needed: {parts}",
        help=f"ask for at least {quota.used - held + need:g} on the cloud's quota page, or lower `nodes.max`",
        severity=Severity.ERROR if first else Severity.WARNING,
    )


def _sum(charges: Sequence[Charge]) -> float:
    return sum(charge.need for charge in charges)


def no_known_quota(plan: ClusterPlan, pool: NodePool, type_: str, capacity: str) -> Outcome:
    """The warning for a type of which the catalogue does not know how it is counted."""
    finding = problem(
        kinds.QUOTA_UNKNOWN,
        pool.path,
        f"it is not known which quota counts {capacity} nodes of {type_}",
        cause=f"the catalogue's list of quotas has none for it; at its largest the pool has "
        f"{counted(pool.max_nodes, 'node')}",
        help="look at the cloud's quota page before the pool grows",
    )
    return answered(plan.name, "quota", f"{type_} {capacity}", "not known which", finding)
