"""The AWS account of the preflight tests, played by moto. Run with the Python of `.tools/moto`.

Writes one JSON line with its endpoint on the loopback and the ids in the account; serves until its input ends.
"""

import json
import sys
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
QUOTAS = {"L-DB2E81BA": "G/OnDemand", "L-3819A6DF": "G/Spot"}


def create_cluster(client: Any) -> list[str]:
    """An EKS cluster with a subnet in zone a; moto makes a subnet in every zone of the default network too."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, zone in enumerate("ae")
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    role = "arn:aws:iam::123456789012:role/control-plane"
    client("eks").create_cluster(name="platform-use1", roleArn=role, resourcesVpcConfig={"subnetIds": ids})
    return ids


def create_buckets(client: Any) -> None:
    """A bucket that keeps versions, one that does not, and one in another region."""
    for name in ("acme-tfstate", "acme-plain"):
        client("s3").create_bucket(Bucket=name)
    west = {"LocationConstraint": "us-west-2"}
    client("s3").create_bucket(Bucket="acme-west", CreateBucketConfiguration=west)
    for name in ("acme-tfstate", "acme-west"):
        client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def start_node(client: Any) -> None:
    """A node that the cluster has already."""
    image = client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    tag = {"Key": "kubernetes.io/cluster/platform-use1", "Value": "owned"}
    tags = [{"ResourceType": "instance", "Tags": [tag]}]
    client("ec2").run_instances(
        ImageId=image, InstanceType="g6.2xlarge", MinCount=1, MaxCount=1, TagSpecifications=tags
    )


def note_use(client: Any) -> None:
    """What CloudWatch counts of the quota of G machines on demand: 8 vCPUs, those of the node."""
    names = {"Service": "EC2", "Type": "Resource", "Resource": "vCPU", "Class": "G/OnDemand"}
    dimensions = [{"Name": name, "Value": value} for name, value in sorted(names.items())]
    point = {"MetricName": "ResourceCount", "Dimensions": dimensions, "Value": 8.0, "Timestamp": datetime.now(UTC)}
    client("cloudwatch").put_metric_data(Namespace="AWS/Usage", MetricData=[point])


def main() -> None:
    """Serve until the input ends."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = partial(boto3.Session("test", "test", region_name=REGION).client, endpoint_url=endpoint)
    subnets = create_cluster(client)
    create_buckets(client)
    start_node(client)
    note_use(client)
    sys.stdout.write(json.dumps({"endpoint": endpoint, "subnets": subnets}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
