"""Numbers and times that must fit each other."""

from collections.abc import Iterator

from generator.core.finding import Finding, Findings, Path
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, NodeRange, PodRange, Replicas, SpecModel, Timeouts, walk
from generator.core.units import duration, seconds

_TIMEOUTS = ("connect", "first_token", "idle", "total")


def counts(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """`min` is not above `max`."""
    for cluster, spec in fleet.clusters.items():
        for name, pool in spec.pools.items():
            yield from _range(("clusters", cluster, "pools", name, "nodes"), pool.nodes)
        if spec.cluster is not None and spec.cluster.create is not None:
            create: Path = ("clusters", cluster, "cluster", "create")
            yield from _range((*create, "system", "nodes"), spec.cluster.create.system.nodes)
    for path, _, _, placement in walk.placements(fleet):
        yield from _range((*path, "replicas"), placement.replicas)
    for name, gateway in fleet.gateways.items():
        yield from _range(("gateways", name, "replicas"), gateway.replicas)


def replicas(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Something must run, and a docker host scales nothing."""
    for path, _, _, placement in walk.placements(fleet):
        least, most = placement.replicas.min, placement.replicas.max
        cluster = fleet.clusters.get(placement.cluster)
        if least == 0:
            yield kinds.SCALE_TO_ZERO.at(
                (*path, "replicas", "min"),
                "scale to zero is not supported yet",
                cause="an engine without a replica reports no waiting calls, so nothing would start it",
                help="write `min: 1`",
            )
        elif cluster is not None and not cluster.kubernetes and least < most:
            yield kinds.DOCKER_RANGE.at(
                (*path, "replicas"),
                f"{least} to {most} replicas on a docker cluster",
                cause=f"nothing scales containers on {placement.cluster}",
                help=f"write `replicas: {most}`",
            )


def backoff(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """The first wait is not above the longest."""
    for name, route in fleet.routes.items():
        spec = route.retries.backoff if route.retries else None
        if spec and seconds(spec.base) > seconds(spec.max):
            path = ("routes", name, "retries", "backoff")
            written = [field for field in ("base", "max") if field in spec.model_fields_set]
            yield kinds.MIN_OVER_MAX.at(
                (*path, written[0]),
                f"the first wait, {spec.base}, is longer than the longest, {spec.max}",
                cause=_defaults(spec, ("base", "max")) or "`base` is above `max`",
                help=f"set `max` to {spec.base} or more",
            )


def timeouts(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """The total leaves room for the first token and one pause; nothing is zero."""
    for name, route in fleet.routes.items():
        spec, path = route.timeouts, ("routes", name, "timeouts")
        if spec is None or not findings.intact(path):
            continue
        zeros = [field for field in _TIMEOUTS if seconds(getattr(spec, field)) == 0]
        for field in zeros:
            yield kinds.NO_TIME.at(
                (*path, spec.spelled(field)),
                f"a timeout of zero for `{spec.spelled(field)}`",
                cause="gateways disagree about whether it means at once or never",
                help=f"write `{getattr(Timeouts(), field)}`, the default, or what the calls need",
            )
        if not zeros:
            yield from _total(path, spec)


def weights(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Some backend of every tier takes calls."""
    for name, route in fleet.routes.items():
        lists: list[tuple[Path, int]] = [
            (("routes", name, "tiers", number), sum(ref.weight for ref in tier))
            for number, tier in enumerate(route.tiers)
        ]
        if route.context:
            lists.append((("routes", name, "context", "use"), sum(ref.weight for ref in route.context.use)))
        lists += [(path, sum(ref.weight for ref in refs)) for path, refs in walk.overrides(fleet, name)]
        for path, total in lists:
            if total == 0:
                yield kinds.ZERO_WEIGHTS.at(
                    path,
                    "all weights of this tier are zero",
                    cause="no backend of it would ever be called",
                    help="give one of them a weight, or remove the tier",
                )


def _range(path: Path, spec: NodeRange | PodRange | Replicas) -> Iterator[Finding]:
    if spec.min > spec.max:
        yield kinds.MIN_OVER_MAX.at(
            path,
            f"`min` {spec.min} is above `max` {spec.max}",
            cause=f"{path[-1]} cannot be at least {spec.min} and at most {spec.max}",
            help=f"set `max` to {spec.min} or more, or `min` to {spec.max} or less",
        )


def _total(path: Path, spec: Timeouts) -> Iterator[Finding]:
    first, idle, total = (seconds(value) for value in (spec.first_token, spec.idle, spec.total))
    if total >= first + idle:
        return
    parts = ("total", "first_token", "idle")
    field = next(field for field in parts if field in spec.model_fields_set)
    yield kinds.TOTAL_TIMEOUT.at(
        (*path, spec.spelled(field)),
        f"total {spec.total} is less than firstToken {spec.first_token} plus idle {spec.idle}",
        cause=f"a call that keeps to both may take {duration(first + idle)}{_defaults(spec, parts, '; ')}",
        help=f"set `total` to {duration(first + idle)} or more, or lower the others",
    )


def _defaults(spec: SpecModel, fields: tuple[str, ...], before: str = "") -> str:
    """Which of the numbers nobody wrote."""
    unwritten = [
        f"`{spec.spelled(field)}: {getattr(spec, field)}`" for field in fields if field not in spec.model_fields_set
    ]
    return (
        f"{before}{' and '.join(unwritten)} {'is the default' if len(unwritten) == 1 else 'are defaults'}"
        if unwritten
        else ""
    )
