"""Clusters and their GPU pools: where containers run."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler

from generator.core.spec.base import Name, Secret, Size, SpecModel, Text, Url, spec_field

Capacity = Literal["on-demand", "spot", "reserved", "flex-start"]
Capability = Literal["keda", "prometheus-operator"]
Labels = dict[Text, str]


class NodeRange(SpecModel):
    """How many nodes a pool has."""

    min: Annotated[int, Field(ge=0, le=10_000)] = spec_field(
        ..., "Nodes that always run.", changes="terraform: lower limit of the autoscaler", examples=[0]
    )
    max: Annotated[int, Field(ge=0, le=10_000)] = spec_field(
        ..., "Nodes at most.", changes="terraform: upper limit of the autoscaler", examples=[4]
    )


@dataclass(frozen=True, slots=True)
class Shorthand:
    """The JSON Schema of `4` or `{min: 4, max: 4}`, without a union: keywords of one type leave the other alone."""

    minimum: int
    maximum: int

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What pydantic asks for when it builds the schema, with the range's own in `core_schema`."""
        closed = handler.resolve_ref_schema(handler(core_schema))
        return {
            "type": ["integer", "object"],
            "minimum": self.minimum,
            "maximum": self.maximum,
            "properties": closed["properties"],
            "required": closed["required"],
            "additionalProperties": False,
        }


class Taint(SpecModel):
    """A node taint, and with it the toleration of every pod in the pool."""

    key: Text = spec_field(
        ..., "Taint key.", changes="terraform, helm: taint and toleration", examples=["nvidia.com/gpu"]
    )
    value: str = spec_field("", "Taint value.", changes="terraform, helm: taint and toleration", examples=["present"])
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = spec_field(
        "NoSchedule", "What the taint does.", changes="terraform, helm: taint and toleration"
    )


class Reservation(SpecModel):
    """A capacity reservation that the `reserved` nodes use."""

    id: Text = spec_field(
        ...,
        "Id of the reservation: EKS takes its id, GKE its name, AKS the resource id of a capacity reservation group.",
        changes="terraform: capacity_reservation_target, reservation_affinity, capacity_reservation_group_id",
        examples=["cr-0a1b2c3d4e5f60718"],
    )
    kind: Literal["on-demand", "capacity-block"] = spec_field(
        "on-demand",
        "How it was bought: open-ended, or as a block for some days (EKS).",
        changes="terraform: capacity_type, the launch template's market",
    )


class Pool(SpecModel):
    """GPU nodes of one kind in one cluster."""

    gpu: Text = spec_field(
        ...,
        "GPU by its usual name, in any spelling.",
        changes="terraform: instance type; compose, helm: the checks",
        examples=["l4"],
    )
    gpus_per_node: Annotated[int, Field(ge=1, le=16)] = spec_field(
        1, "GPUs in each node.", changes="terraform: instance type; compose: device ids", examples=[1]
    )
    nodes: Annotated[NodeRange, Shorthand(0, 10_000)] = spec_field(
        ...,
        "Nodes, fixed (`2`) or a range.",
        changes="terraform: limits of the autoscaler; helm: upper limit of replicas",
        examples=[2, {"min": 0, "max": 4}],
    )
    capacity: Annotated[list[Capacity], Field(min_length=1)] = spec_field(
        ["on-demand"],
        "Ways to buy the nodes, first choice first; each becomes a node group. `flex-start` is GKE's alone.",
        changes="terraform: one node group a kind, with its capacity_type, spot, flex_start or priority",
        examples=[["spot", "on-demand"]],
    )
    instance_type: Text | None = spec_field(
        None,
        "Instance type, when it is not to be chosen from the catalogue.",
        changes="terraform: instance_types",
        examples=["g6.2xlarge"],
    )
    zones: Annotated[list[Text], Field(max_length=20)] = spec_field(
        [],
        "Zones of the nodes (GKE, AKS); the cluster's own when empty. GPUs are not in every zone of a region.",
        changes="terraform: node_locations, zones",
        examples=[["europe-west4-a"], ["1", "2"]],
    )
    reservation: Reservation | None = spec_field(
        None, "Reservation of the `reserved` nodes.", changes="terraform: capacity reservation of the nodes"
    )
    disk: Size = spec_field(
        "200Gi", "Root disk of each node.", changes="terraform: size of the root disk", examples=["500Gi"]
    )
    node_selector: Labels = spec_field(
        {},
        "Labels by which pods find these nodes, beside `fleetgen.dev/pool`. Created on cloud nodes, expected on "
        "existing ones; on a `kubernetes` cluster these replace `fleetgen.dev/pool`.",
        changes="terraform: node labels; helm: nodeSelector",
        examples=[{"nvidia.com/gpu.product": "NVIDIA-L40S"}],
    )
    taints: list[Taint] = spec_field(
        [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
        "Taints of the nodes; every pod placed here tolerates them.",
        changes="terraform: taint; helm: tolerations",
    )


class ExistingCluster(SpecModel):
    """A cloud's cluster that stands already."""

    existing: Text = spec_field(..., "Its name.", changes="terraform: cluster_name", examples=["platform-use1"])
    subnets: list[Text] = spec_field(
        [],
        "Subnets of the GPU nodes. EKS takes the cluster's own when empty; AKS takes one, by its resource id, unless "
        "it made the network itself.",
        changes="terraform: subnet_ids, vnet_subnet_id",
        examples=[["subnet-0a1b2c3d"]],
    )
    node_role: Text | None = spec_field(
        None,
        "Identity of the nodes: ARN of an IAM role (EKS), e-mail of a service account (GKE); created when missing.",
        changes="terraform: node_role_arn, service_account",
        examples=["arn:aws:iam::111122223333:role/gpu-nodes", "gpu-nodes@my-project.iam.gserviceaccount.com"],
    )
    project: Text | None = spec_field(
        None, "Google Cloud project (GKE).", changes="terraform: project", examples=["acme-platform"]
    )
    zone: Text | None = spec_field(
        None,
        "Zone of a zonal cluster (GKE); a regional one has none.",
        changes="terraform: location",
        examples=["europe-west4-a"],
    )
    resource_group: Text | None = spec_field(
        None, "Resource group of the cluster (AKS).", changes="terraform: resource_group_name", examples=["rg-platform"]
    )
    subscription: Text | None = spec_field(
        None,
        "Azure subscription by its id (AKS); `ARM_SUBSCRIPTION_ID` of whoever runs Terraform when missing.",
        changes="terraform: subscription_id",
        examples=["00000000-0000-0000-0000-000000000000"],
    )


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


class S3State(SpecModel):
    """Terraform state in an S3 bucket."""

    bucket: Text = spec_field(..., "Bucket.", changes="terraform: backend.tf", examples=["acme-tfstate"])
    region: Text = spec_field(..., "Region of the bucket.", changes="terraform: backend.tf", examples=["us-east-1"])
    key: Text | None = spec_field(
        None,
        "Object key; `<fleet>/<environment>/<cluster>.tfstate` when missing.",
        changes="terraform: backend.tf",
        examples=["inference/use1.tfstate"],
    )


class GcsState(SpecModel):
    """Terraform state in a Cloud Storage bucket."""

    bucket: Text = spec_field(..., "Bucket.", changes="terraform: backend.tf", examples=["acme-tfstate"])
    prefix: Text | None = spec_field(
        None,
        "Folder in the bucket; `<fleet>/<environment>/<cluster>` when missing.",
        changes="terraform: backend.tf",
        examples=["inference/euw4"],
    )


class AzurermState(SpecModel):
    """Terraform state in a container of an Azure storage account, which is asked with Entra ID and no account key."""

    storage_account: Text = spec_field(
        ..., "Storage account.", changes="terraform: backend.tf", examples=["acmetfstate"]
    )
    container: Text = spec_field(..., "Container.", changes="terraform: backend.tf", examples=["tfstate"])
    key: Text | None = spec_field(
        None,
        "Blob; `<fleet>/<environment>/<cluster>.tfstate` when missing.",
        changes="terraform: backend.tf",
        examples=["inference/weu.tfstate"],
    )


class State(SpecModel):
    """Where Terraform keeps its state: one of these, local when nothing is said."""

    s3: S3State | None = spec_field(None, "An S3 bucket, with a lock file.", changes="terraform: backend.tf")
    gcs: GcsState | None = spec_field(None, "A Cloud Storage bucket.", changes="terraform: backend.tf")
    azurerm: AzurermState | None = spec_field(None, "An Azure storage account.", changes="terraform: backend.tf")


class Cluster(SpecModel):
    """A place that runs containers."""

    platform: Text = spec_field(..., "What kind of place this is.", changes="which targets are written for it")
    region: Text | None = spec_field(
        None, "Cloud region.", changes="terraform: region, instance type", examples=["us-east-1"]
    )
    cluster: ExistingCluster | None = spec_field(
        None, "The cloud's cluster to add pools to.", changes="terraform: cluster, subnets, identity of the nodes"
    )
    namespace: Name = spec_field(
        "inference",
        "Kubernetes namespace of the releases.",
        changes="helm: names in queries; litellm: host names of backends",
    )
    has: list[Capability] = spec_field(
        [],
        "What is installed there. No custom resource is written for what is not listed.",
        changes="helm: ScaledObject (keda), PodMonitor (prometheus-operator)",
        examples=[["keda", "prometheus-operator"]],
    )
    storage_class: Name | None = spec_field(
        None,
        "StorageClass of model caches; without one a cache dies with its pod.",
        changes="helm: persistent volume claim",
        examples=["gp3"],
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
