"""Judges reservations and the place of the Terraform state."""

from collections.abc import Iterator, Sequence

from generator.core.finding import Finding, Severity
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.state import S3State, TerraformState
from generator.live.answers import Reservation, Store
from generator.live.outcome import Outcome, problem, told


def reservation(plan: ClusterPlan, pool: NodePool, zones: Sequence[str], found: Reservation | None) -> Outcome:
    """Whether the reservation of a pool is there, active, of its type and zone, and large enough."""
    id_ = pool.reservation or ""
    subject = id_.rpartition("/")[2]
    if found is None:
        missing = problem(
            kinds.NO_RESERVATION_THERE,
            (*pool.path, "reservation"),
            f"there is no reservation {id_!r} in {plan.region}",
            cause="the account that was asked has none of this id",
            help="check the id, the region and the account; a reservation of another account must be shared with it",
        )
        return told(plan.name, "reservation", subject, "not there", missing)
    answer = f"{found.status}, {found.free} of {found.total} free, {' '.join((*found.types, *found.zones))}"
    return told(plan.name, "reservation", subject, answer, *_reservation_findings(pool, zones, found))


def _reservation_findings(pool: NodePool, zones: Sequence[str], found: Reservation) -> Iterator[Finding]:
    path = (*pool.path, "reservation")
    if not found.active:
        yield problem(
            kinds.RESERVATION_INACTIVE,
            path,
            f"the reservation {pool.reservation!r} is {found.status}",
            cause="nodes start in an active one only",
            help="name an active reservation, or wait for its beginning",
        )
    elif not set(found.types) & set(pool.instance_types):
        yield problem(
            kinds.RESERVATION_DISAGREES,
            path,
            f"the reservation is for {', '.join(found.types) or 'nothing'}, the pool has {pool.instance_types[0]}",
            cause="a node uses a reservation of its own type only",
            help=f"write `instanceTypes: [{found.types[0]}]`, or name another reservation"
            if found.types
            else "name another reservation",
        )
    elif zones and found.zones and not set(zones) & set(found.zones):
        yield problem(
            kinds.RESERVATION_DISAGREES,
            path,
            f"the reservation is in {', '.join(found.zones)}, and the pool is not",
            cause=f"the zones of the pool are {', '.join(zones)}",
            help=f"let the pool have nodes in {', '.join(found.zones)}",
        )
    else:
        yield from _size(pool, found)


def _size(pool: NodePool, found: Reservation) -> Iterator[Finding]:
    path = (*pool.path, "reservation")
    if found.total < pool.max_nodes:
        alone = set(pool.capacity) == {"reserved"}
        yield problem(
            kinds.RESERVATION_SMALL,
            path,
            f"the reservation holds {found.total} machines, the pool may have {pool.max_nodes}",
            cause=f"{found.free} of {found.total} are free; nodes.max is {pool.max_nodes}",
            help=f"enlarge the reservation, or write `nodes.max: {max(found.total, 1)}`",
            severity=Severity.ERROR if alone else Severity.WARNING,
        )
    elif found.free < pool.max_nodes:
        yield problem(
            kinds.RESERVATION_SMALL,
            path,
            f"{found.free} of the reservation's {found.total} machines are free, the pool may have {pool.max_nodes}",
            cause="others, or nodes of this pool, use the rest",
            help="nothing is to do when the pool's own nodes use them; else enlarge the reservation",
            severity=Severity.WARNING,
        )


def store(plan: ClusterPlan, state: TerraformState, found: Store | None) -> Outcome:
    """Whether the place of the state is there, ours, in its region, and keeps versions."""
    path = (*plan.path, "state")
    subject = f"{state.backend} {state.store}"
    if found is None:
        missing = problem(
            kinds.NO_STATE_STORE,
            path,
            f"there is no {state.place}",
            cause="the cloud says so, or the account that was asked has none of this name",
            help="make it once, with versions kept, or correct the name",
        )
        return told(plan.name, "state", subject, "not there", missing)
    if found.foreign:
        foreign = problem(
            kinds.STATE_FOREIGN,
            path,
            f"the {state.place} belongs to another account",
            cause="it exists, it refuses these credentials, and it is not among the account's own",
            help="take a name that nobody has, or let its owner allow this account",
        )
        return told(plan.name, "state", subject, "of another owner", foreign)
    answer = f"there, {'versions kept' if found.versioned else 'no versions'}{f', {found.region}' * bool(found.region)}"
    return told(plan.name, "state", subject, answer, *_store_findings(plan, state, found))


def _store_findings(plan: ClusterPlan, state: TerraformState, found: Store) -> Iterator[Finding]:
    path = (*plan.path, "state")
    if isinstance(state, S3State) and found.region and found.region != state.region:
        yield problem(
            kinds.STATE_ELSEWHERE,
            path,
            f"the {state.place} is in {found.region}",
            cause=f"state.{state.backend}.region is {state.region}",
            help=f"write `region: {found.region}`",
        )
    if not found.versioned:
        yield problem(
            kinds.STATE_UNVERSIONED,
            path,
            f"the {state.place} keeps no earlier versions",
            cause="versioning is off",
            help="switch versioning on",
        )
