"""Clusters: where containers run."""

from typing import Annotated, Literal

from pydantic import Field

from generator.core.spec.base import Labels, Name, Secret, Size, SpecModel, Text, Url, spec_field
from generator.core.spec.cloud import CloudCluster
from generator.core.spec.network import Network
from generator.core.spec.pool import Pool
from generator.core.spec.state import State

Capability = Literal[
    "cluster-autoscaler",
    "device-plugin",
    "envoy-gateway",
    "gateway-api",
    "gpu-operator",
    "karpenter",
    "keda",
    "prometheus-operator",
]
Autoscaler = Literal["cluster-autoscaler", "karpenter"]


class Prometheus(SpecModel):
    """The Prometheus that scrapes this cluster."""

    url: Url | None = spec_field(
        None,
        "Where it answers queries.",
        changes="helm: KEDA trigger's serverAddress, who may scrape",
        examples=["http://prometheus.monitoring:9090"],
    )
    labels: Labels = spec_field(
        {},
        "Labels by which it selects PodMonitors.",
        changes="helm: PodMonitor labels",
        examples=[{"release": "kube-prometheus"}],
    )


class Endpoint(SpecModel):
    """How other clusters reach the engines of this one."""

    url: Url = spec_field(
        ...,
        "Base URL. `{service}` becomes the placement's service name, `{port}` its port.",
        changes="litellm: api_base of backends in this cluster, for gateways elsewhere",
        examples=["https://desk.example.com", "https://{service}.use1.example.com"],
    )
    key: Secret | None = spec_field(
        None,
        "Bearer key that the engines of this cluster ask for.",
        changes="compose, helm: the engine's key variable; litellm: api_key",
        examples=[{"env": "DESK_KEY"}],
    )


class Cluster(SpecModel):
    """A place that runs containers."""

    platform: Text = spec_field(..., "What kind of place this is.", changes="which targets are written for it")
    region: Text | None = spec_field(
        None, "Cloud region.", changes="terraform: region, instance type", examples=["us-east-1"]
    )
    cluster: CloudCluster | None = spec_field(
        None,
        "The cloud's cluster that the pools belong to: an existing one, or one to create.",
        changes="terraform: cluster, subnets, identity of the nodes",
    )
    namespace: Name = spec_field(
        "inference",
        "Kubernetes namespace of the releases.",
        changes="helm: names in queries; litellm: host names of backends",
    )
    has: list[Capability] = spec_field(
        [],
        "What is installed there. No custom resource is written for what is not listed, and no chart for what is.",
        changes="helm: ScaledObject (keda), PodMonitor (prometheus-operator), HTTPRoute (gateway-api); cluster: charts "
        "of the others",
        examples=[["keda", "prometheus-operator"]],
    )
    autoscaler: Autoscaler | None = spec_field(
        None,
        "Who starts and ends nodes (EKS only). `cluster-autoscaler`, which is meant when nothing is said, resizes node "
        "groups that Terraform makes; `karpenter` starts machines itself, by NodePools, and Terraform makes its "
        "identity.",
        changes="cluster: karpenter.yaml, add-ons, priorities.yaml; terraform: the root module",
        examples=["karpenter"],
    )
    storage_class: Name | None = spec_field(
        None,
        "StorageClass of model caches; without one a cache dies with its pod.",
        changes="helm: persistent volume claim",
        examples=["gp3"],
    )
    shared_storage_class: Name | None = spec_field(
        None,
        "StorageClass of `ReadWriteMany` claims: a job fetches the weights of a placement into one, once, and all its "
        "replicas start from there (vLLM and TGI, repositories of the hub). Without it each new pod fetches them.",
        changes="helm: persistent volume claim and job of a placement, a mount of its pods, startupProbe",
        examples=["efs"],
    )
    download_rate: Size = spec_field(
        "100Mi",
        "Bytes a second at which a node fetches weights; it decides how long a start may take.",
        changes="helm: startupProbe; compose: start_period",
        examples=["400Mi"],
    )
    prometheus: Prometheus | None = spec_field(None, "Its Prometheus.", changes="helm: ScaledObject, PodMonitor")
    endpoint: Endpoint | None = spec_field(
        None, "How other clusters reach it.", changes="litellm: api_base, api_key; compose, helm: the engine's key"
    )
    network: Network | None = spec_field(
        None,
        "Proxy and authorities of this cluster, in place of the fleet's.",
        changes="compose, helm: variables and a mount of every container",
    )
    state: State | None = spec_field(None, "Terraform state.", changes="terraform: backend.tf")
    bind: Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]+$")] = spec_field(
        "127.0.0.1",
        "Host address on which a docker cluster publishes ports.",
        changes="compose: ports",
        examples=["0.0.0.0"],  # noqa: S104 -- an example
    )
    pools: dict[Name, Pool] = spec_field({}, "GPU pools by name.", changes="terraform: node groups; helm: placement")

    @property
    def kubernetes(self) -> bool:
        """Whether Kubernetes runs the containers, as it does everywhere but on a docker host."""
        return self.platform != "docker"
