"""The cloud's own cluster that pools belong to."""

from typing import Annotated

from pydantic import Field

from generator.core.spec.base import Cidr, SpecModel, Text, spec_field
from generator.core.spec.pool import NodeRange, Shorthand


class ClusterNetwork(SpecModel):
    """Address ranges of a created cluster. They may overlap with no network that the cluster shall reach."""

    nodes: Cidr = spec_field(
        "10.0.0.0/16",
        "Addresses of the nodes; on EKS of the pods as well.",
        changes="terraform: network of the cluster",
        examples=["10.20.0.0/16"],
    )
    pods: Cidr = spec_field(
        "10.64.0.0/14",
        "Addresses of the pods (GKE, AKS).",
        changes="terraform: range of the pods",
        examples=["10.128.0.0/14"],
    )
    services: Cidr = spec_field(
        "172.20.0.0/16",
        "Addresses of Services inside the cluster.",
        changes="terraform: range of Services",
        examples=["172.21.0.0/16"],
    )


class SystemPool(SpecModel):
    """The nodes without GPUs that run what every cluster needs: DNS, controllers, gateways."""

    machine: Text | None = spec_field(
        None,
        "Machine type; m7i.large (EKS), e2-standard-4 (GKE) or Standard_D4ds_v5 (AKS) when missing.",
        changes="terraform: machine of the system pool",
        examples=["m7i.xlarge"],
    )
    nodes: Annotated[NodeRange, Shorthand(1, 1000)] = spec_field(
        {"min": 2, "max": 4},
        "Nodes, fixed (`2`) or a range.",
        changes="terraform: limits of the system pool",
        examples=[3, {"min": 2, "max": 6}],
    )


class CreatedCluster(SpecModel):
    """A cluster that Terraform creates: private control plane, own network, encrypted, logged."""

    version: Annotated[str, Field(pattern=r"^1\.[0-9]{2}$")] = spec_field(
        ...,
        "Kubernetes version. A new one is an upgrade, which the plan of Terraform shows.",
        changes="terraform: version of control plane and nodes",
        examples=["1.34"],
    )
    name: Text | None = spec_field(
        None,
        "Its name in the cloud; `<fleet>-<environment>-<cluster>` when missing.",
        changes="terraform: cluster_name",
        examples=["acme-use1"],
    )
    zones: Annotated[list[Text], Field(max_length=6)] = spec_field(
        [],
        "Zones of the cluster. EKS needs two or more, a subnet in each; GKE and AKS choose by themselves when empty.",
        changes="terraform: subnets, node_locations, zones",
        examples=[["us-east-1a", "us-east-1b"]],
    )
    network: ClusterNetwork = spec_field({}, "Its address ranges.", changes="terraform: network of the cluster")
    public_access: Annotated[list[Cidr], Field(max_length=40)] = spec_field(
        [],
        "Addresses from which the control plane can be reached over the internet; none when empty.",
        changes="terraform: public access to the control plane",
        examples=[["203.0.113.0/24"]],
    )
    system: SystemPool = spec_field({}, "Nodes of the cluster's own pods.", changes="terraform: system pool")


class CloudCluster(SpecModel):
    """The cloud's cluster that the pools belong to: one that stands already, or one that Terraform creates."""

    existing: Text | None = spec_field(
        None, "Name of a cluster that stands already.", changes="terraform: cluster_name", examples=["platform-use1"]
    )
    create: CreatedCluster | None = spec_field(
        None,
        "A cluster of its own for the fleet, with its network and a small pool for the cluster's own pods.",
        changes="terraform: the root module creates the cluster",
        examples=[{"version": "1.34"}],
    )
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
