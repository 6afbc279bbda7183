"""An AWS account that moto plays, with the EKS cluster that GPU pools join. Run with the Python of `.tools/moto`.

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
    """The names of what Terraform may have made."""
    templates = client("ec2").describe_launch_templates()["LaunchTemplates"]
    return {
        "node_groups": client("eks").list_nodegroups(clusterName=CLUSTER)["nodegroups"],
        "launch_templates": [template["LaunchTemplateName"] for template in templates],
        "roles": [role["RoleName"] for role in client("iam").list_roles()["Roles"]],
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
    _answer({"endpoint": endpoint, "subnets": create_cluster(client), **inventory(client)})
    sys.stdin.read()
    _answer(inventory(client))
    server.stop()


if __name__ == "__main__":
    main()
