"""Placements that share a GPU of a docker host: what they hold of it together is not more than there is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from generator.catalog import reader
from generator.core.finding import Finding, Path, Severity
from generator.core.frozen import frozen
from generator.core.kinds import rollouts as kinds
from generator.core.units import gib
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.devices import DeviceIds, share
from generator.resolve.placements.sized import Sized
from generator.sizing.estimate import total

FREE_GIB = 0.5
"""What is left on a GPU for the driver, beside what its pool says that others have."""


@frozen
class _Part:
    """What a placement holds of a GPU, in GiB, and as words; `shrinks` where it can do with less."""

    gib: float
    words: str
    shrinks: bool


def check(
    items: Sequence[Candidate], numbers: Mapping[Path, DeviceIds], sized: Mapping[str, Sized]
) -> Iterator[Finding]:
    """A finding for each GPU whose placements need more than it has; `sized` are the servers by placement's id."""
    users: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for item in items:
        for number in dict.fromkeys(number for replica in numbers.get(item.path, ()) for number in replica):
            users[item.cluster.name, number].append(item)
    told: set[Path] = set()
    for (_, number), group in users.items():
        last = group[-1]
        if len(group) > 1 and last.path not in told:
            told.add(last.path)
            yield from _exceeding(number, group, sized)


def _exceeding(number: str, group: Sequence[Candidate], sized: Mapping[str, Sized]) -> Iterator[Finding]:
    last = group[-1]
    card = reader.gpu(last.pool_spec.gpu) if last.pool_spec else None
    if card is None or last.pool_spec is None:
        yield from _over_one(number, group)
        return
    parts = [part for part in (_part(item, card.memory_gib, sized.get(item.id)) for item in group) if part]
    others = max(gib(last.pool_spec.reserved) if last.pool_spec.reserved else 0.0, FREE_GIB)
    taken, room = sum(part.gib for part in parts), card.memory_gib - others
    if taken <= room:
        return
    yield kinds.SHARES_EXCEED_GPU.at(
        (*last.path, "devices"),
        f"GPU {number} of {last.cluster.name} has {room:.1f} GiB for its placements, which take {taken:.1f}",
        cause=f"{', '.join(part.words for part in parts)}; "
        f"{card.name} has {card.memory_gib:.1f} GiB, of which {others:g} are left free",
        help=_cure(group, parts, room, card.memory_gib),
        severity=Severity.WARNING if all(part.shrinks for part in parts) else Severity.ERROR,
    )


def _over_one(number: str, group: Sequence[Candidate]) -> Iterator[Finding]:
    """Of a card whose memory nobody knows it is certain that its shares come to one at most."""
    shares = {item.service: share(item) or 0.0 for item in group}
    if sum(shares.values()) >= 1:
        yield kinds.SHARES_EXCEED_GPU.at(
            (*group[-1].path, "devices"),
            f"the shares of GPU {number} of {group[-1].cluster.name} come to {sum(shares.values()):g} of it",
            cause=", ".join(f"{name} {held:g}" for name, held in shares.items() if held),
            help=f"lower them, or give {group[-1].service} another GPU",
        )


def _part(item: Candidate, card_gib: float, sized: Sized | None) -> _Part | None:
    """None for a placement of which is not known what it takes."""
    written = share(item)
    if written:
        held = written * card_gib
        return _Part(held, f"{item.service} {held:.1f} GiB ({written:g})", shrinks=False)
    if sized is None:
        return None
    held = total(sized.budget.terms).value + sized.budget.needed
    return _Part(held, f"{item.service} {held:.1f} GiB (its model)", shrinks=True)


def _cure(group: Sequence[Candidate], parts: Sequence[_Part], room: float, card_gib: float) -> str:
    fixed = sum(part.gib for part in parts if part.shrinks)
    shares = int(100 * (room - fixed) / card_gib) / 100
    written = len(parts) - sum(part.shrinks for part in parts)
    if written and shares > 0:
        whose = "the share" if written == 1 else "the shares, together,"
        return f"write {shares:g} at most as {whose} of this GPU, or give {group[-1].service} another"
    return f"give {group[-1].service} another GPU, a smaller model or a shorter `context`"
