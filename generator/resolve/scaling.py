"""How many replicas, on which signal, and how a new version replaces the old without waiting for a GPU for ever."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from generator.core.finding import Finding, Path
from generator.core.kinds import resolve as kinds
from generator.core.plan import Autoscaling, Decision, Rollout, Workload
from generator.resolve.candidate import Candidate

POLLING_S = 15
COOLDOWN_S = 300
# Scale out while the running replicas still have some room: a new one takes minutes to come.
TARGET_SHARE = 0.8


def autoscaling(item: Candidate, workload: Workload, concurrency: int) -> tuple[Autoscaling | None, list[Finding]]:
    """KEDA's work for a range of replicas; None when they are fixed, or, with a finding, when it cannot work."""
    replicas, path = item.placement.replicas, (*item.path, "replicas")
    if replicas.min == replicas.max or item.cluster.platform == "docker":
        return None, []
    if not workload.running_metric:
        return None, [
            kinds.NO_SCALING_METRIC.at(
                path,
                f"{workload.engine} has no metric to scale {item.service} on",
                cause="it reports neither requests in progress nor a queue",
                help=f"give a fixed number: `replicas: {replicas.max}`",
            )
        ]
    prometheus = item.fleet.clusters[item.cluster.name].prometheus
    if "keda" not in item.cluster.has or prometheus is None or prometheus.url is None:
        return None, [_missing(item, prometheus_known=bool(prometheus and prometheus.url))]
    threshold = max(1, math.floor(concurrency * TARGET_SHARE))
    return Autoscaling(prometheus.url, _query(item, workload), threshold, POLLING_S, COOLDOWN_S), []


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
    # A Deployment's pods are named <service>-<template hash>-<5 characters>; that leaves out longer service names.
    selector = f'{{namespace="{item.cluster.namespace}",pod=~"{item.service}-[a-z0-9]+-[a-z0-9]{{5}}"}}'
    return f"sum({workload.running_metric}{selector}) + sum({workload.waiting_metric}{selector})"


def rollouts(items: Sequence[Candidate]) -> Mapping[Path, Rollout]:
    """How each placement (by spec path) is replaced.

    A pod more than before needs GPUs that are free. Where the pool at its largest has a free place for every placement
    in it, a new pod comes first; else an old one goes first, since the new pod would wait for ever.
    """
    by_pool: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for item in items:
        by_pool[item.cluster.name, item.pool.name if item.pool else ""].append(item)
    found: dict[Path, Rollout] = {}
    for group in by_pool.values():
        roomy = spare_gpus(group) >= sum(item.gpus for item in group)
        rollout = Rollout(surge=1, unavailable=0) if roomy else Rollout(surge=0, unavailable=1)
        found.update({item.path: rollout for item in group})
    return found


def spare_gpus(group: Sequence[Candidate]) -> int:
    """GPUs of one pool that are free when every placement in it runs at its largest."""
    pool = group[0].pool
    if pool is None:
        return 0
    used = sum(item.gpus * item.placement.replicas.max for item in group)
    return pool.max_nodes * pool.gpus_per_node - used


def decisions(item: Candidate, autoscaling_plan: Autoscaling | None, rollout: Rollout) -> list[Decision]:
    """Why it scales and rolls out as it does."""
    path = (*item.path, "replicas")
    replicas = item.placement.replicas
    count = str(replicas.min) if replicas.min == replicas.max else f"{replicas.min} to {replicas.max}"
    signal = f"scaled at {autoscaling_plan.threshold} requests a replica" if autoscaling_plan else "fixed"
    order = (
        "a new pod first: the pool has room for one more of each placement"
        if rollout.surge
        else "an old pod goes first: the full pool has no free GPU for another"
    )
    return [
        Decision("replicas", count, signal, path),
        Decision("rollout", f"surge {rollout.surge}, unavailable {rollout.unavailable}", order, path),
    ]
