"""Judges reservations and the place of the Terraform state."""

from collections.abc import Iterator, Sequence

from generator.core.finding import Finding, Severity
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.state import S3State, TerraformState
from generator.core.words import counted
from generator.live.answers import Reservation, Store
from generator.live.outcome import Outcome, answered, problem


def reservation(plan: ClusterPlan, pool: NodePool, zones: Sequence[str], actual: Reservation | None) -> Outcome:
    """Whether the reservation of a pool is there, active, of its type and zone, and large enough."""
    id_ = pool.reservation or ""
    subject = id_.rpartition("/")[2]
    if actual is None:
        missing = problem(
            kinds.NO_RESERVATION_THERE,
            (*pool.path, "reservation"),
            f"there is no reservation {id_!r} in {plan.region}",
            cause="the account that was asked has none of this id",
            help="check the id, the region and the account; a reservation of another account must be shared with it",
        )
        return answered(plan.name, "reservation", subject, "not there", missing)
    answer = f"{actual.status}, {actual.free} of {actual.total} free, {' '.join((*actual.types, *actual.zones))}"
    return answered(plan.name, "reservation", subject, answer, *_reservation_findings(pool, zones, actual))


def _reservation_findings(pool: NodePool, zones: Sequence[str], reservation: Reservation) -> Iterator[Finding]:
    path, types = (*pool.path, "reservation"), ", ".join(reservation.types)
    if not reservation.active:
        yield problem(
            kinds.RESERVATION_INACTIVE,
            path,
            f"the reservation {pool.reservation!r} is {reservation.status}",
            cause="nodes start in an active one only",
            help="name an active reservation, or wait for its beginning",
        )
    elif not set(reservation.types) & set(pool.instance_types):
        yield problem(
            kinds.RESERVATION_DISAGREES,
            path,
            f"the reservation is for {types or 'nothing'}, the pool has {pool.instance_types[0]}",
            cause="a node uses a reservation of its own type only",
            help=f"write `instanceTypes: [{reservation.types[0]}]`, or name another reservation"
            if reservation.types
            else "name another reservation",
        )
    elif zones and reservation.zones and not set(zones) & set(reservation.zones):
        yield problem(
            kinds.RESERVATION_DISAGREES,
            path,
            f"the reservation is in {', '.join(reservation.zones)}, and the pool is not",
            cause=f"the zones of the pool are {', '.join(zones)}",
            help=f"let the pool have nodes in {', '.join(reservation.zones)}",
        )
    else:
        yield from _size(pool, reservation)


def _size(pool: NodePool, reservation: Reservation) -> Iterator[Finding]:
    free, total = reservation.free, reservation.total
    path = (*pool.path, "reservation")
    if total < pool.max_nodes:
        alone = set(pool.capacity) == {"reserved"}
        yield problem(
            kinds.RESERVATION_SMALL,
            path,
            f"the reservation holds {counted(total, 'machine')}, the pool may have {pool.max_nodes}",
            cause=f"{free} of {total} are free; nodes.max is {pool.max_nodes}",
            help=f"enlarge the reservation, or write `nodes.max: {max(total, 1)}`",
            severity=Severity.ERROR if alone else Severity.WARNING,
        )
    elif free < pool.max_nodes:
        yield problem(
            kinds.RESERVATION_SMALL,
            path,
            f"{free} of the reservation's {counted(total, 'machine')} can be had, the pool may have {pool.max_nodes}",
            cause="others, or nodes of this pool, use the rest",
            help="nothing needs doing when the pool's own nodes use them; else enlarge the reservation",
            severity=Severity.WARNING,
        )


def store(plan: ClusterPlan, state: TerraformState, actual: Store | None) -> Outcome:
    """Whether the place of the state is there, ours, in its region, and keeps versions."""
    path = (*plan.path, "state")
    subject = f"{state.backend} {state.store}"
    if actual is None:
        missing = problem(
            kinds.NO_STATE_STORE,
            path,
            f"there is no {state.place}",
            cause="the cloud says so, or the account that was asked has none of this name",
            help="make it once, with versions kept, or correct the name",
        )
        return answered(plan.name, "state", subject, "not there", missing)
    if actual.foreign:
        foreign = problem(
            kinds.STATE_FOREIGN,
            path,
            f"the {state.place} belongs to another account",
            cause="it exists, it refuses these credentials, and it is not among the account's own",
            help="take a name that nobody has, or let its owner allow this account",
        )
        return answered(plan.name, "state", subject, "of another owner", foreign)
    answer = (
        f"there, {'versions kept' if actual.versioned else 'no versions'}{f', {actual.region}' * bool(actual.region)}"
    )
    return answered(plan.name, "state", subject, answer, *_store_findings(plan, state, actual))


def _store_findings(plan: ClusterPlan, state: TerraformState, store: Store) -> Iterator[Finding]:
    path = (*plan.path, "state")
    if isinstance(state, S3State) and store.region and store.region != state.region:
        yield problem(
            kinds.STATE_ELSEWHERE,
            path,
            f"the {state.place} is in {store.region}",
            cause=f"state.{state.backend}.region is {state.region}",
            help=f"write `region: {store.region}`",
        )
    if not store.versioned:
        yield problem(
            kinds.STATE_UNVERSIONED,
            path,
            f"the {state.place} keeps no earlier versions",
            cause="versioning is off",
            help="switch versioning on",
        )
