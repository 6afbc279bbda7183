"""Add-ons: a chart of our own around each one that the cluster lacks, with one pinned dependency and its values."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.core import layout
from generator.core.merge import merge_patch
from generator.core.plan import AddonPlan, ClusterPlan, Plan
from generator.render.emit import yaml_text
from generator.render.header import header, owner
from generator.targets.cluster import charts_gateways, charts_gpus, charts_scaling

_Values = Callable[[ClusterPlan], dict[str, Any]]
_VALUES: Mapping[str, _Values] = {
    "ai-gateway-crds-helm": charts_gateways.definitions,
    "ai-gateway-helm": charts_gateways.ai_gateway,
    "cluster-autoscaler": charts_scaling.cluster_autoscaler,
    "gateway-helm": charts_gateways.envoy_gateway,
    "gpu-operator": charts_gpus.gpu_operator,
    "karpenter": charts_scaling.karpenter,
    "nvidia-device-plugin": charts_gpus.device_plugin,
}
"""What each chart is told of the cluster."""


def files(plan: Plan, cluster: ClusterPlan) -> Iterator[tuple[str, str]]:
    """`Chart.yaml` and `values.yaml` of every add-on."""
    for addon in cluster.addons:
        folder = f"{layout.ADDONS}/{addon.chart}"
        yield f"{folder}/Chart.yaml", yaml_text(_chart(addon), _header(plan, cluster, addon))
        values = merge_patch(_VALUES[addon.chart](cluster), _mirrored(addon, plan))
        yield f"{folder}/values.yaml", yaml_text({addon.chart: values})


def _mirrored(addon: AddonPlan, plan: Plan) -> dict[str, Any]:
    """The images of the mirror, and the secret that it asks for, as values of the chart."""
    forms = {"name": [plan.pull_secret], "object": [{"name": plan.pull_secret}]}
    values: dict[str, Any] = {}
    for path, value in {**addon.images, **{path: forms[form] for path, form in addon.pull_secrets.items()}}.items():
        *above, last = path.split(".")
        part = values
        for step in above:
            part = part.setdefault(step, {})
        part[last] = value
    return values


def _header(plan: Plan, cluster: ClusterPlan, addon: AddonPlan) -> str:
    return header(
        f"For cluster {cluster.name} of {owner(plan)}",
        "helm dependency update .",
        f"helm upgrade --install {addon.chart} . -n {addon.namespace}",
        *(
            [f"Secret {plan.pull_secret} of namespace {addon.namespace}: pulls its images"]
            if addon.pull_secrets
            else []
        ),
    )


def _chart(addon: AddonPlan) -> dict[str, Any]:
    version = addon.version.removeprefix("v")
    return {
        "apiVersion": "v2",
        "name": addon.chart,
        "description": f"{addon.chart} {version}, with the values of this cluster.",
        "type": "application",
        "version": version,
        "dependencies": [{"name": addon.chart, "version": addon.version, "repository": addon.repository}],
    }
