"""GPUs of docker hosts: every container gets its own, by number, but for those that say what they share."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.core.finding import Finding, Path
from generator.core.kinds import resolve as kinds
from generator.core.words import counted
from generator.resolve.placements.candidate import Candidate
from generator.sizing.servers import SERVERS
from generator.sizing.servers.protocol import server

DeviceIds = tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Devices:
    """GPU numbers by the paths of placements, a tuple a replica, and why some have none."""

    numbers: dict[Path, DeviceIds] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def devices(items: Iterable[Candidate]) -> Devices:
    """The GPUs of each docker placement.

    GPUs are numbered across the host's pools, by pool name. Numbers that the spec gives are taken first; the others are
    handed out in the order of models and placements, to first replicas before second ones: so the first replicas of
    all keep their GPUs when one of them gets another.
    """
    hosts: dict[str, list[Candidate]] = defaultdict(list)
    for item in items:
        # A replica that fits into no node has its own finding already.
        if not item.cluster.kubernetes and item.pool is not None and item.gpus <= item.pool.gpus_per_node:
            hosts[item.cluster.name].append(item)
    claims = Devices()
    for host in hosts.values():
        _hand_out(host, claims)
    return claims


def _hand_out(items: Sequence[Candidate], claims: Devices) -> None:
    owner: dict[int, Candidate] = {}
    for item in (item for item in items if item.placement.devices):
        problems = list(_wrong(item, owner))
        numbers = [] if problems else item.placement.devices
        owner.update(dict.fromkeys(numbers, item))
        claims.numbers[item.path] = _per_replica(numbers, item.gpus)
        claims.findings += problems
    _spread([item for item in items if not item.placement.devices], owner, claims)


def _spread(items: Sequence[Candidate], owner: dict[int, Candidate], claims: Devices) -> None:
    """GPUs for those of whom no number is written, a replica of each at a time."""
    served: list[Candidate] = []
    for item in items:
        problems = list(_lacking(item, owner, [other for other in served if other.pool is item.pool]))
        claims.findings += problems
        served += [] if problems else [item]
    numbers: dict[Path, list[int]] = {item.path: [] for item in items}
    for turn in range(max((item.placement.replicas.max for item in served), default=0)):
        for item in served:
            if turn < item.placement.replicas.max:
                mine = _free(item, owner)
                owner.update(dict.fromkeys(mine, item))
                numbers[item.path] += mine
    claims.numbers.update({item.path: _per_replica(numbers[item.path], item.gpus) for item in items})


def _range(item: Candidate) -> range:
    first = 0
    for pool in item.cluster.pools:
        size = pool.gpus_per_node * pool.max_nodes
        if item.pool is not None and pool.name == item.pool.name:
            return range(first, first + size)
        first += size
    return range(0)


def _need(item: Candidate) -> int:
    return item.gpus * item.placement.replicas.max


def _free(item: Candidate, owner: Mapping[int, Candidate]) -> list[int]:
    """The first numbers of the pool that nobody has, as many as one replica needs."""
    return [number for number in _range(item) if number not in owner][: item.gpus]


def _wrong(item: Candidate, owner: Mapping[int, Candidate]) -> Iterator[Finding]:
    """What is wrong with numbers that the spec gives."""
    numbers, need, have = item.placement.devices, _need(item), _range(item)
    path = (*item.path, "devices")
    if len(set(numbers)) != need or any(number not in have for number in numbers):
        yield kinds.DEVICE_MISSING.at(
            path,
            f"{item.service} needs {counted(need, 'GPU')} of its own in pool {item.placement.pool!r}",
            cause=f"devices lists {sorted(set(numbers))}; the pool has {_numbers(have)}",
            help=f"list {need} of the numbers {_numbers(have)}, or leave `devices` out",
        )
    elif taken := [number for number in numbers if number in owner and not _share(item, owner[number])]:
        yield _clash(item, path, f"GPU {taken[0]} belongs to {owner[taken[0]].service} already")


def _share(*items: Candidate) -> bool:
    """Whether all of them keep to a part of a GPU: the share that is written, or what their model takes."""
    return all(share(item) is not None for item in items)


def share(item: Candidate) -> float | None:
    """The share of a GPU that a placement keeps to: as written, 0 where its engine takes what the model needs.

    None where nothing bounds it, or where nothing is known of its engine.
    """
    name = item.settings.engine
    if name not in SERVERS:
        return None
    serving = server(name)
    written: float | None = serving.arguments.asked(item.settings.args).get("utilization")
    return 0.0 if written is None and serving.spills else written


def _numbers(have: range) -> str:
    return f"{have.start} to {have.stop - 1}" if len(have) > 1 else f"{have.start}"


def _lacking(item: Candidate, owner: Mapping[int, Candidate], before: Sequence[Candidate]) -> Iterator[Finding]:
    """That the pool has too few GPUs left for it and those `before` it."""
    need, have = _need(item), _range(item)
    free = sum(number not in owner for number in have) - sum(map(_need, before))
    if free < need:
        others = sorted({item.service for item in (*before, *(owner[number] for number in have if number in owner))})
        verb = "hold" if len(others) > 1 else "holds"
        held = f"{', '.join(others) or 'nobody'} {verb} the others"
        cause = f"it needs {need}; pool {item.placement.pool!r} has {counted(len(have), 'GPU')}, {free} free; {held}"
        yield _clash(item, (*item.path, "pool"), cause)


def _clash(item: Candidate, path: Path, cause: str) -> Finding:
    return kinds.GPU_CLAIMED_TWICE.at(
        path,
        f"no GPU of its own for {item.service} on {item.cluster.name}",
        cause=cause,
        help="raise the pool's `gpusPerNode` if the host has more GPUs; else lower `replicas`, give other `devices`, "
        f"place it on another host, or let them share a GPU: {_sharing(item)}",
    )


def _sharing(item: Candidate) -> str:
    """What makes placements of one GPU share it."""
    told = "name its number in `devices` of each"
    arguments = server(item.settings.engine).arguments.fields if item.settings.engine in SERVERS else {}
    name = next((name for name, field_ in arguments.items() if field_ == "utilization"), "")
    return f"{told}, and give each a share by `{name}`, such as 0.4" if name else told


def _per_replica(numbers: Sequence[int], size: int) -> DeviceIds:
    return tuple(tuple(str(number) for number in numbers[at : at + size]) for at in range(0, len(numbers), size))
