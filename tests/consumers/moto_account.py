"""An AWS account that moto plays, with an EKS cluster that GPU pools can join. Run with the Python of `.tools/moto`.

Writes one JSON line with its endpoint on the loopback and what stands in the account. It serves until its input ends,
so that it never outlives the test that started it, and writes a last line with what is left in the account then.
"""

import json
import os
import sys
from functools import partial
from typing import Any

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # read on import; without it no policy of AWS's own is there

import boto3
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.server import ThreadedMotoServer

REGION, CLUSTER = "us-east-1", "platform-use1"
ASSUME = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def complete_node_groups(client: Any) -> None:
    """EKS makes an autoscaling group for each node group, and moto only names it: make an empty one of that name."""
    create = EKSBackend.create_nodegroup

    def create_with_machines(backend: EKSBackend, *arguments: Any, **options: Any) -> Any:
        made = create(backend, *arguments, **options)
        for group in made.resources["autoScalingGroups"]:
            machine = {"LaunchConfigurationName": group["name"]}
            client("autoscaling").create_launch_configuration(**machine, ImageId="ami-1", InstanceType="g6.2xlarge")
            client("autoscaling").create_auto_scaling_group(
                **machine, AutoScalingGroupName=group["name"], MinSize=0, MaxSize=0, AvailabilityZones=[f"{REGION}a"]
            )
        return made

    EKSBackend.create_nodegroup = create_with_machines


def complete_clusters() -> None:
    """EKS tells who may enter a cluster and how it is upgraded, and moto forgets it: keep what was asked for."""
    create = EKSResponse.create_cluster

    def create_with_settings(response: EKSResponse) -> Any:
        made = create(response)
        cluster = response.eks_backend.clusters[response._get_param("name")]
        cluster.access_config = response._get_param("accessConfig")
        cluster.upgrade_policy = response._get_param("upgradePolicy")
        return made

    EKSResponse.create_cluster = create_with_settings


def create_cluster(client: Any) -> list[str]:
    """An EKS cluster in a network of its own; its subnets."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, zone in enumerate("ab")
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    document = json.dumps({"Version": "2012-10-17", "Statement": [ASSUME]})
    role = client("iam").create_role(RoleName="control-plane", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    client("eks").create_cluster(name=CLUSTER, roleArn=role, resourcesVpcConfig={"subnetIds": ids})
    return ids


def inventory(client: Any) -> dict[str, list[str]]:
    """The names of what Terraform may have made, by its kind."""
    eks, ec2, logs, kms = client("eks"), client("ec2"), client("logs"), client("kms")
    clusters = eks.list_clusters()["clusters"]
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    gateways = ec2.describe_nat_gateways()["NatGateways"]
    return {
        "clusters": clusters,
        "node_groups": [name for one in clusters for name in eks.list_nodegroups(clusterName=one)["nodegroups"]],
        "launch_templates": [item["LaunchTemplateName"] for item in ec2.describe_launch_templates()["LaunchTemplates"]],
        "roles": [role["RoleName"] for role in client("iam").list_roles()["Roles"]],
        "networks": sorted(network["VpcId"] for network in ec2.describe_vpcs()["Vpcs"]),
        "subnets": sorted(subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]),
        "addresses": [address["AllocationId"] for address in ec2.describe_addresses()["Addresses"]],
        "gateways": [gateway["NatGatewayId"] for gateway in gateways if gateway["State"] != "deleted"],
        "logs": [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]],
        "keys": [key["KeyId"] for key in keys if key["KeyState"] != "PendingDeletion"],
    }


def _answer(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = partial(boto3.Session("test", "test", region_name=REGION).client, endpoint_url=endpoint)
    complete_node_groups(client)
    complete_clusters()
    _answer({"endpoint": endpoint, "cluster_subnets": create_cluster(client), **inventory(client)})
    sys.stdin.read()
    _answer(inventory(client))
    server.stop()


if __name__ == "__main__":
    main()
