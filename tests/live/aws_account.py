"""What the AWS of the tests answers where moto has no answer, in the form that AWS has."""

from typing import Any

from tests.live.cases import Case
from tests.live.loopback import Answer, Asked, Reply, aws_error, hang, reply

SPEC = """\
apiVersion: fleetgen/v1
name: live-chat
clusters:
  use1:
    platform: eks
    region: us-east-1
    cluster: {existing: platform-use1}
    state: {s3: {bucket: acme-tfstate, region: us-east-1}}
    pools:
      l4:
        gpu: l4
        instanceTypes: [g6.2xlarge]
        nodes: {min: 0, max: 4}
        capacity: [spot, on-demand]
models:
  small:
    source: {huggingface: Qwen/Qwen3-8B}
    engine: {name: vllm, version: 0.33.0}
    context: 8192
    placements:
      use1: {cluster: use1, pool: l4}
"""
RESERVED = (("capacity: [spot, on-demand]", "capacity: [reserved]\n        reservation: {id: cr-0a1b2c3d4e5f60718}"),)
NAMES = {"L-DB2E81BA": "Running On-Demand G and VT instances", "L-3819A6DF": "All G and VT Spot Instance Requests"}
CLASSES = {"L-DB2E81BA": "G/OnDemand", "L-3819A6DF": "G/Spot"}


def quota(value: float) -> Answer:
    """`GetServiceQuota` with one value for every quota."""

    def answer(asked: Asked) -> Reply:
        code = next(code for code in NAMES if code in asked.body)
        return reply({"Quota": quota_row(code, value)})

    return answer


def quota_row(code: str, value: float) -> dict[str, Any]:
    names = {"Service": "EC2", "Type": "Resource", "Resource": "vCPU", "Class": CLASSES[code]}
    metric = {
        "MetricNamespace": "AWS/Usage",
        "MetricName": "ResourceCount",
        "MetricDimensions": names,
        "MetricStatisticRecommendation": "Maximum",
    }
    return {
        "ServiceCode": "ec2",
        "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
        "QuotaArn": f"arn:aws:servicequotas:us-east-1:123456789012:ec2/{code}",
        "QuotaCode": code,
        "QuotaName": NAMES[code],
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "UsageMetric": metric,
    }


def reservation(
    state: str = "active", type_: str = "g6.2xlarge", zone: str = "us-east-1a", total: int = 4, free: int = 4
) -> Reply:
    """`DescribeCapacityReservations` with one reservation."""
    item = (
        f"<capacityReservationId>cr-0a1b2c3d4e5f60718</capacityReservationId><ownerId>123456789012</ownerId>"
        f"<instanceType>{type_}</instanceType><instancePlatform>Linux/UNIX</instancePlatform>"
        f"<availabilityZone>{zone}</availabilityZone><tenancy>default</tenancy>"
        f"<totalInstanceCount>{total}</totalInstanceCount><availableInstanceCount>{free}</availableInstanceCount>"
        f"<state>{state}</state><instanceMatchCriteria>targeted</instanceMatchCriteria>"
    )
    return _ec2("DescribeCapacityReservations", f"<capacityReservationSet><item>{item}</item></capacityReservationSet>")


def regions(name: str, status: str) -> Reply:
    """`DescribeRegions` with one region."""
    item = f"<regionName>{name}</regionName><optInStatus>{status}</optInStatus>"
    return _ec2("DescribeRegions", f"<regionInfo><item>{item}</item></regionInfo>")


def offered(*zones: str, type_: str = "g6.2xlarge") -> Reply:
    """`DescribeInstanceTypeOfferings` of one type."""
    items = "".join(
        f"<item><instanceType>{type_}</instanceType><locationType>availability-zone</locationType>"
        f"<location>{zone}</location></item>"
        for zone in zones
    )
    set_ = f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>"
    return _ec2("DescribeInstanceTypeOfferings", set_)


def _ec2(operation: str, inner: str) -> Reply:
    space = "http://ec2.amazonaws.com/doc/2016-11-15/"
    text = f'<{operation}Response xmlns="{space}"><requestId>1</requestId>{inner}</{operation}Response>'
    return Reply(200, text.encode(), "text/xml")


def described(status: str) -> Reply:
    """`DescribeCluster` of a cluster in some state."""
    network = {"subnetIds": [], "vpcId": "vpc-1"}
    return reply(
        {"cluster": {"name": "platform-use1", "status": status, "version": "1.34", "resourcesVpcConfig": network}}
    )


def buckets(*names: str) -> Reply:
    """`ListBuckets`."""
    items = "".join(f"<Bucket><Name>{name}</Name></Bucket>" for name in names)
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    text = f'<ListAllMyBucketsResult xmlns="{space}"><Buckets>{items}</Buckets></ListAllMyBucketsResult>'
    return Reply(200, text.encode(), "application/xml")


FINE: dict[str, Answer] = {"GetServiceQuota": quota(768.0), "DescribeCapacityReservations": reservation()}
"""What is answered where a case says nothing else."""

BUCKET = "/acme-tfstate"
CASES = [
    Case("no credentials", "GEN501", 4, says=("sts:GetCallerIdentity", "Unable to locate credentials")),
    Case(
        "expired token",
        "GEN502",
        4,
        {"GetCallerIdentity": aws_error("ExpiredToken", 403)},
        says=("ExpiredToken", "log in again"),
        line=4,
    ),
    Case(
        "denied permission",
        "GEN503",
        4,
        {"DescribeInstanceTypeOfferings": aws_error("UnauthorizedOperation", 403)},
        says=("needs ec2:DescribeInstanceTypeOfferings", "UnauthorizedOperation", "docs/preflight.md"),
    ),
    Case(
        "throttling",
        "GEN504",
        4,
        {"GetServiceQuota": aws_error("TooManyRequestsException", 429)},
        says=("servicequotas:GetServiceQuota", "TooManyRequestsException"),
    ),
    Case(
        "timeout", "GEN505", 4, {"DescribeCluster|GET /clusters.*": hang(6)}, says=("eks:DescribeCluster", "--timeout")
    ),
    Case("no network", "GEN506", 4, says=("Could not connect", "HTTPS_PROXY")),
    Case("missing extra", "GEN507", 4, says=("pip install 'fleetgen[aws]'",)),
    Case(
        "a reply of a proxy",
        "GEN508",
        4,
        {"DescribeSubnets": Reply(200, b"<html>please log in</html", "text/html")},
        says=("ec2:DescribeSubnets", "Unable to parse response"),
    ),
    Case(
        "wrong region",
        "GEN511",
        1,
        change=(("region: us-east-1\n", "region: us-east-9\n"), ("gpu: l4\n", "gpu: l4\n")),
        says=("us-east-9", "knows no region"),
        line=6,
    ),
    Case(
        "region not enabled",
        "GEN511",
        1,
        {"DescribeRegions": regions("us-east-1", "not-opted-in")},
        says=("not enabled",),
        line=6,
    ),
    Case("missing cluster", "GEN512", 1, change=(("platform-use1", "platform-use2"),), says=("platform-use2",), line=7),
    Case(
        "cluster in another state",
        "GEN513",
        1,
        {"GET /clusters/.*": described("UPDATING")},
        says=("its state is UPDATING",),
        line=7,
    ),
    Case(
        "type not offered",
        "GEN520",
        1,
        {"DescribeInstanceTypeOfferings": offered()},
        says=("g6.2xlarge is not offered in us-east-1",),
        line=10,
    ),
    Case(
        "type in other zones only",
        "GEN521",
        1,
        {"DescribeInstanceTypeOfferings": offered("us-east-1b", "us-east-1c")},
        says=("us-east-1a, us-east-1e", "us-east-1b, us-east-1c", "add a subnet"),
        line=10,
    ),
    Case(
        "quota too small",
        "GEN530",
        1,
        {"GetServiceQuota": quota(24.0)},
        says=("L-3819A6DF", "All G and VT Spot", "32 vCPUs needed, 24 left", "use1/l4 spot 4 x 8"),
        line=10,
    ),
    Case(
        "account without quota",
        "GEN530",
        1,
        {"GetServiceQuota": quota(0.0)},
        says=("32 vCPUs needed, 0 left", "the limit is 0"),
        line=10,
    ),
    Case(
        "quota not listed",
        "GEN531",
        0,
        {"Get(AWSDefault)?ServiceQuota": aws_error("NoSuchResourceException")},
        says=("L-DB2E81BA",),
        line=10,
    ),
    Case(
        "missing reservation",
        "GEN540",
        1,
        {"DescribeCapacityReservations": aws_error("InvalidCapacityReservationId.NotFound")},
        RESERVED,
        says=("cr-0a1b2c3d4e5f60718",),
        line=15,
    ),
    Case(
        "reservation not active",
        "GEN541",
        1,
        {"DescribeCapacityReservations": reservation(state="expired")},
        RESERVED,
        says=("is expired",),
        line=15,
    ),
    Case(
        "reservation of another type",
        "GEN542",
        1,
        {"DescribeCapacityReservations": reservation(type_="g5.2xlarge")},
        RESERVED,
        says=("is for g5.2xlarge, the pool has g6.2xlarge",),
        line=15,
    ),
    Case(
        "reservation in another zone",
        "GEN542",
        1,
        {"DescribeCapacityReservations": reservation(zone="us-east-1c")},
        RESERVED,
        says=("is in us-east-1c",),
        line=15,
    ),
    Case(
        "reservation too small",
        "GEN543",
        1,
        {"DescribeCapacityReservations": reservation(total=2, free=1)},
        RESERVED,
        says=("holds 2 machines, the pool may have 4", "1 of 2 are free"),
        line=15,
    ),
    Case(
        "reservation in use",
        "GEN543",
        0,
        {"DescribeCapacityReservations": reservation(free=1)},
        RESERVED,
        says=("1 of the reservation's 4",),
        line=15,
    ),
    Case("missing bucket", "GEN550", 1, change=(("acme-tfstate", "acme-none"),), says=("no bucket acme-none",), line=8),
    Case(
        "bucket of another owner",
        "GEN551",
        1,
        {f"HEAD {BUCKET}": aws_error("403", 403), "GET /": buckets("acme-other")},
        says=("belongs to another account",),
        line=8,
    ),
    Case(
        "bucket without versions", "GEN552", 0, change=(("acme-tfstate", "acme-plain"),), says=("acme-plain",), line=8
    ),
    Case(
        "bucket in another region",
        "GEN553",
        1,
        change=(("acme-tfstate", "acme-west"),),
        says=("is in us-west-2", "write `region: us-west-2`"),
        line=8,
    ),
]
