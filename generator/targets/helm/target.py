"""Helm: a values file for each placement and gateway, and their charts. All Kubernetes YAML stands in the charts."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.errors import BugError
from generator.core.labels import part_of
from generator.core.merge import merge_patch
from generator.core.plan import (
    Autoscaling,
    ClusterPlan,
    PlacementPlan,
    Plan,
    Rollout,
    TolerationPlan,
    Volume,
    Workload,
)
from generator.gateways.bundle import bundles
from generator.render.emit import yaml_text
from generator.render.header import header, owner
from generator.render.verbatim import verbatim
from generator.targets.helm import gateway as helm_gateway
from generator.targets.helm.parts import (
    authorities,
    authorities_lines,
    filled,
    monitor,
    quantity,
    scraping,
    secret_lines,
)
from generator.targets.helm.workload import Workloads, WorkloadValues

CHART = layout.chart("model-server")
NODE_READY_S = 900
"""A cloud node with a GPU boots, registers and pulls an image of some ten GiB in this time."""


class HelmTarget:
    """Values files for the clusters that run Kubernetes."""

    name = "helm"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """A values file for each placement and gateway, and verbatim the charts that are used."""
        kubernetes = {cluster.name: cluster for cluster in plan.clusters if cluster.kubernetes}
        used, workloads = False, Workloads()
        yield from _gateways(plan, kubernetes)
        for placement in plan.placements:
            if cluster := kubernetes.get(placement.cluster):
                used = True
                release = values(placement, workloads.of(placement.workload), cluster, plan)
                text = yaml_text(release, _header(placement, cluster, plan))
                path = layout.release(cluster.name, placement.service)
                yield Artifact(path, text.encode(), self.name)
        for name, content in verbatim("helm/model-server") if used else ():
            yield Artifact(f"{CHART}/{name}", content, self.name)


def _gateways(plan: Plan, kubernetes: Mapping[str, ClusterPlan]) -> Iterator[Artifact]:
    used = False
    for item in bundles(plan):
        cluster, service = kubernetes.get(item.gateway.cluster), item.service
        if cluster is None or service is None:
            continue
        used = True
        release = helm_gateway.values(item, service, cluster, plan)
        text = yaml_text(release, helm_gateway.head(item.gateway, service, cluster, plan))
        yield Artifact(layout.gateway_release(cluster.name, item.gateway.name), text.encode(), HelmTarget.name)
    for name, content in verbatim("helm/gateway") if used else ():
        yield Artifact(f"{helm_gateway.CHART}/{name}", content, HelmTarget.name)


def values(placement: PlacementPlan, runs: WorkloadValues, cluster: ClusterPlan, plan: Plan) -> Mapping[str, Any]:
    """The release's values, patched; `runs` are those of its workload.

    Raises:
        BugError: the workload asks for what the chart cannot run; engines know the platform and do not.
    """
    workload = placement.workload
    if workload.one_shot:
        raise BugError(f"{placement.id}: one-shot containers have no place in a Deployment")
    values: Any = {
        "fullnameOverride": placement.service,
        "model": placement.model,
        "commonLabels": part_of(plan.fleet),
        **runs.container,
        **({"imagePullSecrets": [plan.pull_secret]} if plan.pull_secret else {}),
        **authorities(cluster),
        **runs.ports,
        **_replicas(placement),
        **runs.resources,
        **_scheduling(placement),
        "security": runs.security,
        "volumes": {volume.name: _volume(volume, placement) for volume in workload.volumes},
        **_files(workload),
        **runs.life,
        **_disruption(placement),
        **_metrics(workload, cluster),
    }
    for patch in placement.patches:
        if patch.target == HelmTarget.name:
            values = merge_patch(values, patch.merge)
    return filled(values)


def _header(placement: PlacementPlan, cluster: ClusterPlan, plan: Plan) -> str:
    path, workload = layout.release(cluster.name, placement.service), placement.workload
    containers = (*workload.jobs, *workload.init, workload.main)
    return header(
        f"{placement.id} of {owner(plan)}",
        f"helm upgrade --install {placement.service} {layout.beside(path, CHART)} -n {cluster.namespace}"
        f" -f {layout.beside(path, path)}",
        *secret_lines((value for item in containers for value in item.env.values()), plan),
        *authorities_lines(cluster),
    )


def _replicas(placement: PlacementPlan) -> dict[str, Any]:
    timing, shutdown = placement.workload.timing, placement.workload.shutdown
    scale = placement.autoscaling
    return {
        **(_autoscaling(placement, scale) if scale else {"replicaCount": placement.min_replicas}),
        "strategy": _strategy(placement.rollout),
        # An old pod drains, a node comes up, jobs fill what the new pod waits for, it starts: only then is there
        # progress to report.
        "progressDeadlineSeconds": shutdown.grace_s + NODE_READY_S + placement.workload.jobs_s + timing.startup_s,
    }


def _strategy(rollout: Rollout) -> dict[str, Any]:
    if rollout.recreate:
        return {"type": "Recreate"}
    return {"maxSurge": rollout.surge, "maxUnavailable": rollout.unavailable}


def _autoscaling(placement: PlacementPlan, scale: Autoscaling) -> dict[str, Any]:
    return {
        "autoscaling": {
            "enabled": True,
            "minReplicas": placement.min_replicas,
            "maxReplicas": placement.max_replicas,
            "pollingInterval": scale.polling_s,
            "cooldownPeriod": scale.cooldown_s,
            "prometheus": {"serverAddress": scale.server, "query": scale.query, "threshold": scale.threshold},
        }
    }


def _scheduling(placement: PlacementPlan) -> dict[str, Any]:
    account = placement.service_account
    values = {
        "nodeSelector": placement.node_selector,
        "tolerations": [_toleration(toleration) for toleration in placement.tolerations],
        "serviceAccount": {"create": False, "name": account} if account else {},
    }
    return {**values, **({"priorityClassName": placement.priority_class} if placement.priority_class else {})}


def _toleration(toleration: TolerationPlan) -> dict[str, str]:
    parts = {
        "key": toleration.key,
        "operator": toleration.operator,
        "value": toleration.value,
        "effect": toleration.effect,
    }
    return {key: value for key, value in parts.items() if value}


def _volume(volume: Volume, placement: PlacementPlan) -> dict[str, Any]:
    size = {"size": quantity(volume.size_gib)} if volume.size_gib else {}
    if volume.kind == "shared" or (volume.kind == "cache" and placement.storage_class):
        return _claim(volume, placement)
    if volume.kind == "memory":
        return {"type": "memory", **size}
    if volume.kind == "host":
        return {"type": "hostPath", "path": volume.ref}
    if volume.kind == "claim":
        return {"type": "claim", "claim": volume.ref.partition("/")[0]}
    if volume.kind == "files":
        return {"type": "files"}
    return {"type": "emptyDir", **size}


def _claim(volume: Volume, placement: PlacementPlan) -> dict[str, Any]:
    size = quantity(volume.size_gib)
    if volume.kind == "cache":
        # A claim that outlives its pod would have one holder: a second replica would wait for it, or need other pods.
        return {"type": "ephemeral", "size": size, "storageClass": placement.storage_class}
    # Kubernetes makes no claim smaller, and not every class makes one larger: another size is another claim.
    claim = f"{placement.service}-{volume.name}-{size.lower()}"
    return {
        "type": "persistent",
        "size": size,
        "storageClass": volume.ref,
        "accessMode": "ReadWriteMany",
        "claim": claim,
    }


def _files(workload: Workload) -> dict[str, Any]:
    """The user's own files: texts as they are, others in base64, as a ConfigMap has them."""
    texts, binary = {}, {}
    for name, held in workload.files.items():
        try:
            texts[name] = held.decode()
        except UnicodeDecodeError:
            binary[name] = b64encode(held).decode()
    return {"files": texts, "binaryFiles": binary}


def _disruption(placement: PlacementPlan) -> dict[str, Any]:
    if placement.disruption is None:
        return {}
    return {"podDisruptionBudget": {"enabled": True, "maxUnavailable": placement.disruption.max_unavailable}}


def _metrics(workload: Workload, cluster: ClusterPlan) -> dict[str, Any]:
    """Who may scrape, and the object that makes them."""
    return filled({"networkPolicy": scraping(cluster), **monitor(cluster)}) if workload.metrics_path else {}


HELM = HelmTarget()
