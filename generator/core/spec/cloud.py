"""The cloud's own cluster that pools belong to."""

from generator.core.spec.base import SpecModel, Text, spec_field


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
