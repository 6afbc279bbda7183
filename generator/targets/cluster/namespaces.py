"""The namespaces of a cluster, with the pod security that their pods meet."""

from collections.abc import Iterator
from typing import Any

from generator.core.labels import part_of
from generator.core.plan import ClusterPlan, PlacementPlan, Plan
from generator.render.emit import yaml_documents
from generator.render.header import header

STANDARD = "v1.30"
"""The Pod Security Standards of the oldest Kubernetes that the chart runs on; a newer one is not met unseen."""
LEVELS = ("restricted", "baseline", "privileged")


def files(plan: Plan, cluster: ClusterPlan) -> Iterator[tuple[str, str]]:
    """`namespace.yaml`, where anything runs."""
    placements = plan.placements_in(cluster.name)
    objects = []
    if placements or any(gateway.cluster == cluster.name for gateway in plan.gateways):
        objects.append(_namespace(plan, cluster.namespace, level(plan, cluster)))
    charts = {addon.namespace for addon in cluster.addons} - {"kube-system"}
    objects += [_namespace(plan, name, "privileged") for name in sorted(charts)]
    if objects:
        on_top = header(f"Namespaces of cluster {cluster.name}", "kubectl apply -f namespace.yaml")
        yield "namespace.yaml", yaml_documents(objects, on_top)


def level(plan: Plan, cluster: ClusterPlan) -> str:
    """The strictest level that all pods of the namespace meet."""
    levels = [_level(placement) for placement in plan.placements_in(cluster.name)]
    if any(gateway.cluster == cluster.name for gateway in plan.gateways):
        # The gateway's own chart decides what its pods ask for, and by default that is not the strictest.
        levels.append("baseline")
    return max(levels, key=LEVELS.index)


def _level(placement: PlacementPlan) -> str:
    workload = placement.workload
    if any(volume.kind == "host" for volume in workload.volumes):
        return "privileged"
    return "restricted" if workload.security.non_root else "baseline"


def _namespace(plan: Plan, name: str, enforced: str) -> dict[str, Any]:
    labels = {
        **part_of(plan.fleet),
        "pod-security.kubernetes.io/enforce": enforced,
        "pod-security.kubernetes.io/enforce-version": STANDARD,
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
