"""GPUs of docker hosts: every container gets its own, by number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from generator.core.finding import Findings, Path
from generator.core.kinds import resolve as kinds
from generator.resolve.placements.candidate import Candidate

DeviceIds = tuple[tuple[str, ...], ...]


def devices(items: Sequence[Candidate], findings: Findings) -> Mapping[Path, DeviceIds]:
    """GPU numbers of each docker placement, a tuple a replica.

    GPUs are numbered across the host's pools, by pool name. Numbers that the spec gives are taken first; the others are
    handed out in the order of models and placements.
    """
    hosts: dict[str, list[Candidate]] = defaultdict(list)
    for item in items:
        # A replica that fits into no node has its own finding already.
        if not item.cluster.kubernetes and item.pool is not None and item.gpus <= item.pool.gpus_per_node:
            hosts[item.cluster.name].append(item)
    found: dict[Path, DeviceIds] = {}
    for host in hosts.values():
        found.update(_host(host, findings))
    return found


def _host(items: Sequence[Candidate], findings: Findings) -> dict[Path, DeviceIds]:
    owner: dict[int, Candidate] = {}
    found: dict[Path, DeviceIds] = {}
    for item in sorted(items, key=lambda candidate: not candidate.placement.devices):
        numbers = _given(item, owner, findings) if item.placement.devices else _free(item, owner, findings)
        owner.update(dict.fromkeys(numbers, item))
        found[item.path] = _per_replica(numbers, item.gpus)
    return found


def _range(item: Candidate) -> range:
    first = 0
    for pool in item.cluster.pools:
        size = pool.gpus_per_node * pool.max_nodes
        if item.pool is not None and pool.name == item.pool.name:
            return range(first, first + size)
        first += size
    return range(0)


def _given(item: Candidate, owner: Mapping[int, Candidate], findings: Findings) -> list[int]:
    numbers, path = item.placement.devices, (*item.path, "devices")
    need, have = item.gpus * item.placement.replicas.max, _range(item)
    wrong = [number for number in numbers if number not in have]
    if wrong or len(set(numbers)) != need:
        findings.add(
            kinds.DEVICE_MISSING.at(
                path,
                f"{item.service} needs {need} different GPUs of pool {item.placement.pool!r}",
                cause=f"devices lists {sorted(set(numbers))}; the pool has {have.start} to {have.stop - 1}",
                help=f"list {need} of the numbers {have.start} to {have.stop - 1}, or leave `devices` out",
            )
        )
        return []
    taken = [number for number in numbers if number in owner]
    if taken:
        _clash(item, path, f"GPU {taken[0]} belongs to {owner[taken[0]].service} already", findings)
        return []
    return numbers


def _free(item: Candidate, owner: Mapping[int, Candidate], findings: Findings) -> list[int]:
    need, have = item.gpus * item.placement.replicas.max, _range(item)
    free = [number for number in have if number not in owner]
    if len(free) >= need:
        return free[:need]
    others = sorted({owner[number].service for number in have if number in owner})
    held = f"{', '.join(others)} hold the others" if others else "nobody holds the others"
    cause = f"it needs {need}; pool {item.placement.pool!r} has {len(have)} GPUs, {len(free)} of them free; {held}"
    _clash(item, (*item.path, "pool"), cause, findings)
    return []


def _clash(item: Candidate, path: Path, cause: str, findings: Findings) -> None:
    findings.add(
        kinds.GPU_CLAIMED_TWICE.at(
            path,
            f"no GPU of its own for {item.service} on {item.cluster.name}",
            cause=cause,
            help="give each placement other `devices`, fewer replicas, or another pool",
        )
    )


def _per_replica(numbers: Sequence[int], size: int) -> DeviceIds:
    return tuple(tuple(str(number) for number in numbers[at : at + size]) for at in range(0, len(numbers), size))
