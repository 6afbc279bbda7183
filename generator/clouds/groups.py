"""What a rented pool becomes in its cloud: node groups by way of buying and type, in the order of trial."""

import re
from collections.abc import Callable, Iterator

from generator.core.frozen import frozen
from generator.core.plan.clouds.rented import NodeGroup
from generator.core.spec import Pool

RESERVED = "reserved"
_LABEL = 63
_CLASS = "fleetgen-"


@frozen
class Naming:
    """What a cloud calls a group: `name` of its key, its way of buying and the place of its type in the pool's list.

    `before` and `after` are what the cloud puts around it where the autoscaler sees it, as regular expressions.
    """

    name: Callable[[str, str, int], str]
    before: str
    after: str


def together(name: str, pool: Pool, types: tuple[str, ...], naming: Naming) -> tuple[NodeGroup, ...]:
    """A group for each way of buying, which takes all types (EKS)."""
    return _groups(
        ((capacity, f"{name}-{capacity}", taken(capacity, types), 0) for capacity in capacities(pool)), pool, naming
    )


def apart(name: str, pool: Pool, types: tuple[str, ...], naming: Naming) -> tuple[NodeGroup, ...]:
    """A group for each way of buying and each type (GKE, AKS). All types are tried before the next way of buying."""
    parts = (
        (capacity, f"{name}-{capacity}-{type_}" if index else f"{name}-{capacity}", (type_,), index)
        for capacity in capacities(pool)
        for index, type_ in enumerate(taken(capacity, types))
    )
    return _groups(parts, pool, naming)


def capacities(pool: Pool) -> tuple[str, ...]:
    """The ways of buying its nodes, first choice first, each once."""
    return tuple(dict.fromkeys(pool.capacity))


def taken(capacity: str, types: tuple[str, ...]) -> tuple[str, ...]:
    """The types that are bought in a way: a reservation is of one type, which is the first."""
    return types[:1] if capacity == RESERVED else types


def compute_class(name: str, groups: tuple[NodeGroup, ...]) -> str | None:
    """The ComputeClass of a pool; none where there is nothing to choose. GKE keeps names with `gke` in front."""
    if len(groups) < 2:
        return None
    if len(_CLASS) + len(name) <= _LABEL:
        return f"{_CLASS}{name}"
    import hashlib  # brings OpenSSL, for names that are too long

    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{_CLASS}{name[: _LABEL - len(_CLASS) - len(digest) - 1]}-{digest}"


def _literally(text: str) -> str:
    """A text as a part of a regular expression of Go and of Python."""
    return re.sub(r"([.+*?()\[\]{}|^$\\])", r"\\\1", text)


def _groups(
    parts: Iterator[tuple[str, str, tuple[str, ...], int]], pool: Pool, naming: Naming
) -> tuple[NodeGroup, ...]:
    listed = list(parts)
    return tuple(
        NodeGroup(
            key=key,
            name=(called := naming.name(key, capacity, index)),
            pattern=f"{naming.before}{_literally(called)}{naming.after}",
            capacity=capacity,
            instance_types=types,
            # Kept by the first choice alone: the others are there for when it has no capacity.
            min_nodes=pool.nodes.min if place == 0 else 0,
            # Ten apart, so that somebody may put a group of their own between two.
            priority=10 * (len(listed) - place),
            reservation=pool.reservation.id if pool.reservation and capacity == RESERVED else None,
            # Reserved nodes stand where their reservation does.
            compact=bool(pool.compact) and capacity != RESERVED,
        )
        for place, (capacity, key, types, index) in enumerate(listed)
    )
