"""What a rented pool becomes in its cloud: node groups by way of buying and type, in the order of trial."""

import hashlib
import re
from collections.abc import Callable, Iterator

from generator.core.plan import NodeGroup
from generator.core.spec import Pool

RESERVED = "reserved"
_LABEL = 63
_CLASS = "fleetgen-"

Pattern = Callable[[str, str, int], str]
"""Finds the cloud's name of a group: of its key, its way of buying and the place of its type in the pool's list."""


def together(name: str, pool: Pool, types: tuple[str, ...], pattern: Pattern) -> tuple[NodeGroup, ...]:
    """A group for each way of buying, which takes all types (EKS)."""
    return _groups(((way, f"{name}-{way}", taken(way, types), 0) for way in _ways(pool)), pool, pattern)


def apart(name: str, pool: Pool, types: tuple[str, ...], pattern: Pattern) -> tuple[NodeGroup, ...]:
    """A group for each way of buying and each type (GKE, AKS). All types are tried before the next way of buying."""
    parts = (
        (way, f"{name}-{way}-{type_}" if index else f"{name}-{way}", (type_,), index)
        for way in _ways(pool)
        for index, type_ in enumerate(taken(way, types))
    )
    return _groups(parts, pool, pattern)


def taken(way: str, types: tuple[str, ...]) -> tuple[str, ...]:
    """The types that are bought in a way: a reservation is of one type, which is the first."""
    return types[:1] if way == RESERVED else types


def compute_class(name: str, groups: tuple[NodeGroup, ...]) -> str:
    """The ComputeClass of a pool; none where there is nothing to choose. GKE keeps names with `gke` in front."""
    if len(groups) < 2:
        return ""
    if len(_CLASS) + len(name) <= _LABEL:
        return f"{_CLASS}{name}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{_CLASS}{name[: _LABEL - len(_CLASS) - len(digest) - 1]}-{digest}"


def literally(text: str) -> str:
    """A text as a part of a regular expression of Go and of Python."""
    return re.sub(r"([.+*?()\[\]{}|^$\\])", r"\\\1", text)


def _ways(pool: Pool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pool.capacity))


def _groups(
    parts: Iterator[tuple[str, str, tuple[str, ...], int]], pool: Pool, pattern: Pattern
) -> tuple[NodeGroup, ...]:
    listed = list(parts)
    return tuple(
        NodeGroup(
            key=key,
            pattern=pattern(key, way, index),
            capacity=way,
            instance_types=types,
            min_nodes=pool.nodes.min if place == 0 else 0,
            # Ten apart, so that somebody may put a group of their own between two.
            priority=10 * (len(listed) - place),
        )
        for place, (way, key, types, index) in enumerate(listed)
    )
