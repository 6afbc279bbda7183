"""Clusters and their nodes in the plan document."""

from typing import Literal

from pydantic import Field

from generator.render.document import Document
from generator.render.plan.rows import CountEntry, DecisionEntry, TaintEntry


class GroupEntry(Document):
    """A node group by which a pool's nodes are bought: what Terraform is told of it, or Karpenter."""

    pool: str = Field(description="The pool.")
    name: str = Field(description="What the cloud calls it, or the beginning of that.")
    capacity: Literal["on-demand", "spot", "reserved", "flex-start"] = Field(description="How its nodes are bought.")
    capacity_block: bool = Field(description="Whether the reservation is a capacity block (EKS).")
    reservation: str | None = Field(description="The cloud's id of the reservation that serves it.")
    instance_types: list[str] = Field(description="Types of its machines, first choice first.")
    accelerator: str | None = Field(description="The GPU as the node group names it; null where it does not (AKS).")
    gpus_per_node: int = Field(description="GPUs of a node.")
    local_ssds: int = Field(description="Local SSDs that it is told of (GKE).")
    disk_gib: int = Field(description="Root disk of a node.")
    disk_type: str | None = Field(description="Type of the root disk; the platform's own when null.")
    min_nodes: int = Field(description="Nodes that always run.")
    max_nodes: int = Field(description="Nodes at most.")
    max_pods: int | None = Field(description="Pods of a node at most; the platform's number when null.")
    compact: bool = Field(description="Whether its nodes stand close together.")
    max_surge: int = Field(description="Nodes that an upgrade may start beside those that run (GKE, AKS).")
    max_unavailable: int = Field(description="Nodes that an upgrade may take away at a time.")
    zones: list[str] = Field(description="Zones of its nodes; empty where the cluster's subnets or zones decide.")
    labels: dict[str, str] = Field(description="Labels of its nodes.")
    taints: list[TaintEntry] = Field(description="Taints that are declared on its nodes.")


class NetworkEntry(Document):
    """Address ranges (CIDR) of a created cluster."""

    nodes: str = Field(description="Of nodes.")
    pods: str | None = Field(description="Of pods; null where they take addresses of the nodes' range.")
    services: str = Field(description="Of Services.")


class CreatedEntry(Document):
    """A cluster that Terraform creates."""

    kubernetes_version: str = Field(description="Minor version of Kubernetes.")
    zones: list[str] = Field(description="Its zones; empty where the cloud chooses them.")
    network: NetworkEntry = Field(description="Its address ranges.")
    public_access: list[str] = Field(description="Addresses that reach its control plane; private without any.")
    machine: str = Field(description="Machine of its system nodes.")
    nodes: CountEntry = Field(description="Its system nodes.")


class CloudEntry(Document):
    """What only a cluster of a cloud has. What its cloud does not know is null, or empty."""

    platform: Literal["eks", "gke", "aks"] = Field(description="The platform.")
    cluster_name: str = Field(description="The cluster's name in the cloud.")
    location: str = Field(description="Its region, or its zone where it is a zonal one.")
    project: str | None = Field(description="Project (GKE).")
    subscription: str | None = Field(description="Subscription (AKS); that of whoever runs Terraform when null.")
    resource_group: str | None = Field(description="Resource group (AKS).")
    subnets: list[str] = Field(description="Subnets of the nodes; the cluster's own when empty.")
    node_role: str | None = Field(description="Identity of the nodes; one is created when null.")
    created: CreatedEntry | None = Field(description="The cluster to create; null where it stands already.")
    node_groups: dict[str, GroupEntry] = Field(description="Node groups by key, the address in Terraform.")


class StateEntry(Document):
    """Where Terraform keeps its state."""

    backend: Literal["s3", "gcs", "azurerm"] = Field(description="Terraform's name of the backend.")
    store: str = Field(description="Bucket, or storage account and container.")
    region: str | None = Field(description="Region of the bucket (S3).")
    key: str = Field(description="Key, or prefix.")


class KarpenterEntry(Document):
    """Karpenter in place of node groups."""

    role: str = Field(description="Name of the IAM role of its nodes.")
    queue: str = Field(description="Name of its queue of interruptions.")
    image: str = Field(description="Machine image of its nodes.")
    installed: bool = Field(description="Whether its controller is there already.")


class PoolEntry(Document):
    """A pool: GPU nodes of one kind."""

    gpu: str = Field(description="The GPU.")
    gpus_per_node: int = Field(description="GPUs of a node.")
    nodes: CountEntry = Field(description="Its nodes.")
    labels: dict[str, str] = Field(description="Labels by which pods find the nodes.")
    taints: list[TaintEntry] = Field(description="Taints of the nodes, those that the platform sets included.")
    hosts: list[str] = Field(description="Nodes by name, where they exist already and are named.")
    groups: list[str] = Field(description="Keys of its node groups, first choice first; empty where nothing is rented.")
    decisions: dict[str, DecisionEntry] = Field(description="What was decided, by setting, and why.")


class ClusterEntry(Document):
    """A cluster."""

    platform: str = Field(description="The platform.")
    region: str | None = Field(description="Region.")
    namespace: str | None = Field(description="Namespace of its releases; null for a docker host.")
    has: list[str] = Field(description="What is installed there.")
    storage_class: str | None = Field(description="StorageClass of caches; they die with the pod when null.")
    addons: dict[str, str] = Field(description="Charts that it lacks, each with its version.")
    karpenter: KarpenterEntry | None = Field(description="Karpenter, where it starts the nodes.")
    state: StateEntry | None = Field(description="Terraform's state; local when null.")
    cloud: CloudEntry | None = Field(description="The cloud's half; null where no cloud runs it.")
    pools: dict[str, PoolEntry] = Field(description="Pools by name.")
