"""How many replicas, on which signal, and how a new version replaces the old without waiting for a GPU for ever."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from generator.core.finding import Finding, Path
from generator.core.kinds import resolve as kinds
from generator.core.plan import Autoscaling, Decision, Rollout, Workload
from generator.core.words import counted
from generator.resolve.placements.candidate import Candidate

POLLING_S = 15
COOLDOWN_S = 300
# Scale out while the running replicas still have some room: a new one takes minutes to come.
TARGET_SHARE = 0.8
# Of pod names: the longest template hash, and what is kept before the random end.
HASH_LENGTH = 10
POD_PREFIX_LENGTH = 58


def autoscaling(item: Candidate, workload: Workload, at_once: int) -> Autoscaling | None:
    """KEDA's work for a range of replicas; None when they are fixed, or when it cannot work, as `check` says.

    `at_once` is how many requests a replica works on at the same time.
    """
    prometheus = item.cluster_spec.prometheus
    if not _ranges(item) or not workload.running_metric or "keda" not in item.cluster.has:
        return None
    if prometheus is None or prometheus.url is None:
        return None
    target = item.placement.replicas.target or max(1, math.floor(at_once * TARGET_SHARE))
    return Autoscaling(prometheus.url, _query(item, workload), target, POLLING_S, COOLDOWN_S)


def check(item: Candidate, workload: Workload, scale: Autoscaling | None, at_once: int) -> Iterator[Finding]:
    """Why a range of replicas is not scaled as it should be."""
    if not _ranges(item):
        return
    if not workload.running_metric:
        yield kinds.NO_SCALING_METRIC.at(
            (*item.path, "replicas"),
            f"{workload.engine} has no metric to scale {item.service} on",
            cause="it reports neither requests in progress nor a queue",
            help=f"give a fixed number: `replicas: {item.placement.replicas.max}`",
        )
    elif scale is None:
        prometheus = item.cluster_spec.prometheus
        yield _missing(item, prometheus_known=bool(prometheus and prometheus.url))
    elif scale.threshold > at_once:
        yield _late(item, scale.threshold, at_once)


def _ranges(item: Candidate) -> bool:
    """Whether the replicas are a range, where somebody can change their number."""
    replicas = item.placement.replicas
    return replicas.min != replicas.max and item.cluster.kubernetes


def _late(item: Candidate, target: int, at_once: int) -> Finding:
    return kinds.TARGET_UNREACHABLE.at(
        (*item.path, "replicas", "target"),
        f"{item.service} is scaled only after callers wait",
        cause=f"a replica works on {counted(at_once, 'request')} at once, and the target is {target}: the rest is "
        "its queue",
        help=f"write `target: {max(1, math.floor(at_once * TARGET_SHARE))}`, or leave it out",
    )


def _missing(item: Candidate, *, prometheus_known: bool) -> Finding:
    name, replicas = item.cluster.name, item.placement.replicas
    lacks = [] if "keda" in item.cluster.has else ["`has: [keda]`"]
    lacks += [] if prometheus_known else ["`prometheus: {url: ...}`"]
    return kinds.MISSING_CAPABILITY.at(
        (*item.path, "replicas"),
        f"{replicas.min} to {replicas.max} replicas need KEDA and Prometheus in cluster {name!r}",
        cause=f"clusters.{name} has no {' and no '.join(lacks)}",
        help=f"add {' and '.join(lacks)} to clusters.{name}, or give a fixed number of replicas",
    )


def _query(item: Candidate, workload: Workload) -> str:
    """One number for the release: requests in progress and waiting. KEDA refuses a query with several results."""
    selector = f'{{namespace="{item.cluster.namespace}",pod=~"{_pods(item.service)}"}}'
    return f"sum({workload.running_metric}{selector}) + sum({workload.waiting_metric}{selector})"


def _pods(service: str) -> str:
    """Pattern of a Deployment's pods, `<service>-<template hash>-<5 characters>`; it leaves out longer service names.

    Kubernetes cuts what stands before the five characters, with its last dash, to 58.
    """
    cut = len(service) + len("-") + HASH_LENGTH + len("-") > POD_PREFIX_LENGTH
    return f"{service}-[a-z0-9]+(-[a-z0-9]{{5}})?" if cut else f"{service}-[a-z0-9]+-[a-z0-9]{{5}}"


def rollouts(items: Sequence[Candidate]) -> Mapping[Path, Rollout]:
    """How each placement (by spec path) is replaced.

    A pod more than before needs GPUs that are free. Where the pool at its largest has a place for one more of every
    placement in it, a new pod comes first; else an old one goes first, since the new pod would wait for ever.
    """
    by_pool: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for item in items:
        by_pool[item.cluster.name, item.pool.name if item.pool else ""].append(item)
    rollouts: dict[Path, Rollout] = {}
    for group in by_pool.values():
        room = has_room(group)
        rollouts.update({item.path: _rollout(item, room=room) for item in group})
    return rollouts


def _rollout(item: Candidate, *, room: bool) -> Rollout:
    if room:
        return Rollout(surge=1, unavailable=0)
    # A second pod beside a single one that still drains would only wait, and make an autoscaler of nodes look for more.
    return Rollout(surge=0, unavailable=1, recreate=item.placement.replicas.max == 1)


def has_room(group: Sequence[Candidate]) -> bool:
    """Whether a new pod of each placement in one pool finds a node, all running at their largest, however they lie.

    A replica's GPUs are in one node, so free GPUs help only where enough of them are together: a node is lost to a pod
    as soon as the others hold more of it than the pod leaves over. Sizes are multiples of `unit`, and so is what they
    hold.
    """
    pool = group[0].pool
    if pool is None:
        return True
    unit = math.gcd(*(item.gpus for item in group))
    held = sum(item.gpus * (item.placement.replicas.max + 1) for item in group)
    for item in group:
        spoils = unit * math.ceil((pool.gpus_per_node - item.gpus + 1) / unit)
        if item.gpus > pool.gpus_per_node or (held - item.gpus) // spoils >= pool.max_nodes:
            return False
    return True


def decisions(item: Candidate, autoscaling_plan: Autoscaling | None, rollout: Rollout, at_once: int) -> list[Decision]:
    """Why it scales, rolls out and is disrupted as it is."""
    path = (*item.path, "replicas")
    replicas = item.placement.replicas
    count = str(replicas.min) if replicas.min == replicas.max else f"{replicas.min} to {replicas.max}"
    signal = "fixed"
    if autoscaling_plan:
        how = "as written" if replicas.target else f"{TARGET_SHARE:g} of the {at_once} that one works on at once"
        each = autoscaling_plan.threshold
        signal = f"one more for each {'request' if each == 1 else f'{each} requests'} in progress and waiting: {how}"
    order = (
        "a new pod first: the pool has room for one more of each placement"
        if rollout.surge
        else "an old pod goes first: the full pool has no free GPU for another"
    )
    return [
        Decision("replicas", count, signal, path),
        Decision("rollout", _order(rollout), order, path),
        *([Decision("disruption", "one at a time", _drained(replicas.min), path)] if item.cluster.kubernetes else []),
    ]


def _order(rollout: Rollout) -> str:
    if rollout.recreate:
        return "recreate"
    return f"surge {rollout.surge}, unavailable {rollout.unavailable}"


def _drained(least: int) -> str:
    if least == 1:
        return "with one replica a budget of none would keep its node from ever being drained"
    return f"{least - 1} of {least} replicas {'stays' if least == 2 else 'stay'} while a node is drained"
