"""An AWS account, asked what a plan needs of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from generator.catalog import quotas
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.clouds.eks import EksCluster
from generator.core.plan.nodes import half
from generator.core.plan.state import S3State, TerraformState
from generator.live.answers import ClusterFacts, Limits, NotAnsweredError, Offering, Quota, Reservation, Running, Store
from generator.live.aws.client import Aws, MissingError
from generator.live.work import Once

_USED_S = 300
"""How long a point of the usage metric lasts; the newest of the last three hours counts."""


def connect(cluster: ClusterPlan, limits: Limits) -> "AwsAccount":
    """The account of this machine's credentials; all EKS clusters of a plan are in it."""
    return AwsAccount(Aws(limits), cluster.region)


class AwsAccount:
    """The account that the credentials belong to. `region` says in which partition of AWS it is."""

    every_zone = False
    project_wide: frozenset[str] = frozenset()

    def __init__(self, aws: Aws, region: str) -> None:
        self._aws = aws
        self._region = region
        self._clusters: Once[tuple[str, str], dict[str, Any] | None] = Once(self._describe_cluster)
        self._offered: Once[tuple[str, frozenset[str]], Mapping[str, Offering]] = Once(self._describe_types)

    def identity(self) -> str:
        """The account and the name by which it knows us."""
        caller = self._aws.call("sts", "GetCallerIdentity", self._aws.home(self._region))
        return f"account {caller['Account']} as {caller['Arn']}"

    def region_problem(self, region: str) -> str:
        """Why the region is not open; empty where it is."""
        asked = {"RegionNames": [region], "AllRegions": True}
        try:
            regions = self._aws.call("ec2", "DescribeRegions", self._aws.home(region), **asked)["Regions"]
        except MissingError as error:
            return f"AWS knows no region of this name ({error.said})"
        if not regions:
            return "AWS knows no region of this name"
        if regions[0].get("OptInStatus") == "not-opted-in":
            return "the region is not enabled for the account"
        return ""

    def cluster(self, cluster: ClusterPlan) -> ClusterFacts | None:
        """The cluster, with the zones of the subnets that nodes will be in."""
        description = self._clusters((cluster.region, cluster.existing))
        if description is None:
            return None
        status = description["status"]
        ready = status == "ACTIVE"
        return ClusterFacts(status, ready, description.get("version", ""), self._zones(cluster, description))

    def _describe_cluster(self, key: tuple[str, str]) -> dict[str, Any] | None:
        region, name = key
        try:
            description: dict[str, Any] = self._aws.call("eks", "DescribeCluster", region, name=name)["cluster"]
        except MissingError:
            return None
        return description

    def zones(self, cluster: ClusterPlan, _: NodePool) -> tuple[str, ...]:
        """The zones of the named subnets, or of the cluster's."""
        description = self._clusters((cluster.region, cluster.existing)) if cluster.existing else None
        return self._zones(cluster, description or {})

    def _zones(self, cluster: ClusterPlan, description: Mapping[str, Any]) -> tuple[str, ...]:
        ids = list(cluster.of(EksCluster).subnets or description.get("resourcesVpcConfig", {}).get("subnetIds", ()))
        if not ids:
            return ()
        try:
            subnets = self._aws.call("ec2", "DescribeSubnets", cluster.region, SubnetIds=ids)["Subnets"]
        except MissingError as error:
            raise NotAnsweredError(
                kinds.UNEXPECTED_REPLY,
                "ec2:DescribeSubnets",
                "",
                error.said,
                cure="correct `cluster.subnets`: a subnet of this id is not there",
            ) from error
        return tuple(sorted({subnet["AvailabilityZone"] for subnet in subnets}))

    def offerings(self, region: str, types: frozenset[str]) -> Mapping[str, Offering]:
        """The types with their zones and vCPUs."""
        return self._offered((region, types))

    def _describe_types(self, key: tuple[str, frozenset[str]]) -> Mapping[str, Offering]:
        region, types = key
        named = {"Filters": [{"Name": "instance-type", "Values": sorted(types)}]}
        zones: dict[str, set[str]] = {}
        asked = {"LocationType": "availability-zone", **named}
        for row in self._aws.pages("ec2", "DescribeInstanceTypeOfferings", region, "InstanceTypeOfferings", **asked):
            zones.setdefault(row["InstanceType"], set()).add(row["Location"])
        machines = self._aws.pages("ec2", "DescribeInstanceTypes", region, "InstanceTypes", **named)
        vcpus = {row["InstanceType"]: int(row["VCpuInfo"]["DefaultVCpus"]) for row in machines}
        return {
            type_: Offering(frozenset(places), vcpus[type_], type_.partition(".")[0])
            for type_, places in zones.items()
            if type_ in vcpus
        }

    def running(self, cluster: ClusterPlan) -> Running:
        """Instances that bear the cluster's tag."""
        filters = [
            {"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{cluster.existing}"]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ]
        counts: Counter[tuple[str, str]] = Counter()
        for group in self._aws.pages("ec2", "DescribeInstances", cluster.region, "Reservations", Filters=filters):
            for machine in group["Instances"]:
                capacity = "spot" if machine.get("InstanceLifecycle") == "spot" else "on-demand"
                counts[machine["InstanceType"], capacity] += 1
        return counts

    def draws(self, pool: NodePool, type_: str, offering: Offering, capacity: str) -> Mapping[str, float]:
        """The vCPUs of the quota of the type's family."""
        entries = quotas.of_family("aws", offering.family, capacity)
        return {entry.code: float(offering.vcpus) for entry in entries}

    def quota(self, region: str, code: str) -> Quota | None:
        """The account's value, or AWS's own where nobody has changed it; what is used as CloudWatch counts it."""
        asked = {"ServiceCode": "ec2", "QuotaCode": code}
        try:
            row = self._aws.call("service-quotas", "GetServiceQuota", region, **asked)["Quota"]
        except MissingError:
            try:
                row = self._aws.call("service-quotas", "GetAWSDefaultServiceQuota", region, **asked)["Quota"]
            except MissingError:
                return None
        return Quota(code, row["QuotaName"], "vCPUs", row["Value"], self._used(region, row.get("UsageMetric")))

    def _used(self, region: str, metric: Mapping[str, Any] | None) -> float:
        if not metric:
            return 0.0
        now = datetime.now(UTC)
        statistic = metric.get("MetricStatisticRecommendation", "Maximum")
        points = self._aws.call(
            "cloudwatch",
            "GetMetricStatistics",
            region,
            Namespace=metric["MetricNamespace"],
            MetricName=metric["MetricName"],
            Dimensions=[{"Name": name, "Value": value} for name, value in sorted(metric["MetricDimensions"].items())],
            StartTime=now - timedelta(hours=3),
            EndTime=now,
            Period=_USED_S,
            Statistics=[statistic],
        )["Datapoints"]
        newest = max(points, key=lambda point: point["Timestamp"], default=None)
        return float(newest[statistic]) if newest else 0.0

    def reservation(self, cluster: ClusterPlan, pool: NodePool) -> Reservation | None:
        """A capacity reservation, or a capacity block."""
        asked = {"CapacityReservationIds": [pool.reservation]}
        try:
            rows = self._aws.call("ec2", "DescribeCapacityReservations", cluster.region, **asked)
        except MissingError:
            return None
        if not rows["CapacityReservations"]:
            return None
        row = rows["CapacityReservations"][0]
        total, free = row["TotalInstanceCount"], row["AvailableInstanceCount"]
        place = (row["AvailabilityZone"],)
        return Reservation(row["State"], row["State"] == "active", (row["InstanceType"],), place, total, free)

    def store(self, _: ClusterPlan, state: TerraformState) -> Store | None:
        """The bucket, with the region it is really in."""
        s3 = half(state, S3State)
        try:
            bucket = self._aws.call("s3", "HeadBucket", s3.region, Bucket=s3.bucket)
            versioning = self._aws.call("s3", "GetBucketVersioning", s3.region, Bucket=s3.bucket)
        except MissingError:
            return None
        except NotAnsweredError as error:
            if error.kind is kinds.DENIED and error.operation == "s3:HeadBucket" and self._foreign(s3):
                return Store("", versioned=False, foreign=True)
            raise
        region = bucket.get("BucketRegion") or bucket["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")
        return Store(region, versioning.get("Status") == "Enabled")

    def _foreign(self, state: S3State) -> bool:
        """Whether a bucket that refuses us is none of the account's own."""
        own = self._aws.call("s3", "ListBuckets", state.region)["Buckets"]
        return state.bucket not in {bucket["Name"] for bucket in own}
