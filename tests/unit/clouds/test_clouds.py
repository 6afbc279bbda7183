"""Pools become nodes: labels, taints and findings of each platform."""

from typing import Any

import pytest

from generator import clouds
from generator.clouds import CLOUDS
from generator.clouds.azure import short_name
from generator.core.finding import Finding, Severity
from generator.core.lazy import load
from generator.core.plan import NodePool, TaintPlan
from generator.core.plan.clouds.eks import EksNodes
from generator.core.plan.clouds.gke import GkeNodes
from generator.core.protocols import Cloud
from generator.core.spec import Cluster

CLUSTER_PATH = ("clusters", "c")
POOL_PATH = (*CLUSTER_PATH, "pools", "p")
S3 = {"s3": {"bucket": "b", "region": "us-east-1"}}
EKS = {"region": "us-east-1", "cluster": {"existing": "platform"}, "state": S3}
GKE = {
    "region": "europe-west4",
    "cluster": {"existing": "platform", "project": "acme"},
    "state": {"gcs": {"bucket": "b"}},
}
AKS = {
    "region": "westeurope",
    "cluster": {"existing": "platform", "resource_group": "rg"},
    "state": {"azurerm": {"storage_account": "b", "container": "c"}},
}
RENTED = {"eks": EKS, "gke": GKE, "aks": AKS}


def _cluster(platform: str, pool: dict[str, Any], **settings: Any) -> Cluster:
    return Cluster.model_validate({"platform": platform, "pools": {"p": pool}, **settings})


def _pool(platform: str, **pool: Any) -> tuple[NodePool | None, list[Finding]]:
    settings = RENTED.get(platform, {})
    written = {"gpu": "l4", "nodes": {"min": 1, "max": 1}, **pool}
    cluster = _cluster(platform, written, **settings)
    cloud: Cloud = load(CLOUDS[platform])
    nodes, findings = cloud.node_pool("p", cluster.pools["p"], cluster, POOL_PATH)
    return nodes, list(findings)


def _check(platform: str, **settings: Any) -> list[Finding]:
    cloud: Cloud = load(CLOUDS[platform])
    pool = settings.pop("pool", {"gpu": "l4", "nodes": {"min": 1, "max": 1}})
    return list(cloud.check(_cluster(platform, pool, **settings), CLUSTER_PATH))


def _told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.id, ".".join(map(str, finding.path[2:]))) for finding in findings]


def test_a_docker_host_has_neither_labels_nor_taints() -> None:
    nodes, findings = _pool("docker", gpu="rtx-4090", gpusPerNode=2)
    assert nodes is not None
    assert (nodes.labels, nodes.taints, nodes.capacity, nodes.instance_types) == ({}, (), (), ())
    assert (nodes.gpus_per_node, nodes.min_nodes, nodes.max_nodes) == (2, 1, 1)
    assert findings == []


def test_own_nodes_are_found_by_our_label_unless_others_are_given() -> None:
    ours, _ = _pool("kubernetes")
    theirs, _ = _pool("kubernetes", nodeSelector={"zone": "b", "gpu": "a"})
    assert ours is not None
    assert theirs is not None
    assert ours.labels == {"fleetgen.dev/pool": "p"}
    assert theirs.labels == {"gpu": "a", "zone": "b"}
    assert list(theirs.labels) == ["gpu", "zone"]


def test_rented_nodes_carry_our_label_beside_the_given_ones() -> None:
    nodes, _ = _pool("eks", nodeSelector={"zone": "b"})
    assert nodes is not None
    assert nodes.labels == {"fleetgen.dev/pool": "p", "zone": "b"}


@pytest.mark.parametrize("platform", ["kubernetes", "eks"])
def test_taints_are_those_of_the_spec(platform: str) -> None:
    default, _ = _pool(platform)
    given, _ = _pool(platform, taints=[{"key": "b", "effect": "NoExecute"}, {"key": "a", "value": "x"}])
    none, _ = _pool(platform, taints=[])
    assert default is not None
    assert given is not None
    assert none is not None
    assert default.taints == (TaintPlan("nvidia.com/gpu", "present", "NoSchedule"),)
    assert given.taints == (TaintPlan("b", "", "NoExecute"), TaintPlan("a", "x", "NoSchedule"))
    assert none.taints == ()


def test_disk_is_whole_gib() -> None:
    nodes, _ = _pool("eks", disk="102500Mi")
    assert nodes is not None
    assert nodes.of(EksNodes).disk_gib == 101


def test_a_capacity_named_twice_is_one() -> None:
    nodes, _ = _pool("eks", capacity=["spot", "on-demand", "spot"])
    assert nodes is not None
    assert nodes.capacity == ("spot", "on-demand")


def test_a_reservation_is_kept_with_its_kind() -> None:
    nodes, findings = _pool("eks", capacity=["reserved"], reservation={"id": "cr-1", "kind": "capacity-block"})
    assert nodes is not None
    assert (nodes.reservation, nodes.of(EksNodes).capacity_block) == ("cr-1", True)
    assert findings == []


@pytest.mark.parametrize(
    ("platform", "pool", "expected"),
    [
        ("docker", {"gpu": "rtx4090"}, [("GEN360", "pools.p.gpu")]),
        ("docker", {"nodes": {"min": 1, "max": 2}}, [("GEN369", "pools.p.nodes")]),
        ("docker", {"nodeSelector": {"a": "b"}}, [("GEN367", "pools.p.nodeSelector")]),
        ("docker", {"taints": []}, [("GEN367", "pools.p.taints")]),
        ("kubernetes", {"gpu": "a6000"}, [("GEN360", "pools.p.gpu")]),
        ("kubernetes", {"capacity": ["spot"]}, [("GEN367", "pools.p.capacity")]),
        ("kubernetes", {"nodeSelector": {"gpu": "A100 80GB"}}, [("GEN371", "pools.p.nodeSelector.gpu")]),
        ("kubernetes", {"nodeSelector": {"kubernetes.io/arch": "amd64"}}, []),
        ("eks", {"taints": [{"key": "-gpu"}]}, [("GEN371", "pools.p.taints.0")]),
        ("eks", {"nodeSelector": {"kubernetes.io/gpu": "l4"}}, [("GEN371", "pools.p.nodeSelector.kubernetes.io/gpu")]),
        ("eks", {"nodeSelector": {"node.kubernetes.io/gpu": "l4"}}, []),
        ("eks", {"nodes": {"min": 0, "max": 0}}, [("GEN369", "pools.p.nodes")]),
        ("eks", {"disk": "19Gi"}, [("GEN370", "pools.p.disk")]),
        ("eks", {"disk": "20Ti"}, [("GEN370", "pools.p.disk")]),
        ("eks", {"capacity": ["reserved"]}, [("GEN365", "pools.p.capacity")]),
        ("eks", {"reservation": {"id": "cr-1"}}, [("GEN367", "pools.p.reservation")]),
        ("eks", {"capacity": ["flex-start"]}, [("GEN373", "pools.p.capacity")]),
        ("gke", {"capacity": ["flex-start", "spot"]}, []),
        ("gke", {"nodes": {"min": 0, "max": 0}}, [("GEN369", "pools.p.nodes")]),
        ("gke", {"disk": "9Gi"}, [("GEN370", "pools.p.disk")]),
        (
            "gke",
            {"nodeSelector": {"cloud.google.com/gke-spot": "true"}},
            [("GEN371", "pools.p.nodeSelector.cloud.google.com/gke-spot")],
        ),
        ("gke", {"taints": [{"key": "nvidia.com/gpu", "value": "other"}]}, [("GEN375", "pools.p.taints.0")]),
        ("gke", {"instanceTypes": ["g2-standard-4"]}, []),
        ("gke", {"instanceTypes": ["g2-standard-6"]}, [("GEN368", "pools.p.instanceTypes.0")]),
        (
            "gke",
            {"instanceTypes": ["z9-standard-6"], "gpu": "h100-sxm"},
            [
                ("GEN368", "pools.p.instanceTypes.0"),
                ("GEN368", "pools.p.instanceTypes.0"),
            ],
        ),
        ("aks", {"gpu": "t4", "nodes": {"min": 0, "max": 1001}}, [("GEN369", "pools.p.nodes")]),
        ("aks", {"gpu": "t4", "disk": "4Ti"}, [("GEN370", "pools.p.disk")]),
        ("aks", {"gpu": "l4"}, [("GEN361", "pools.p.gpu")]),
        ("aks", {"gpu": "t4", "capacity": ["reserved"]}, [("GEN365", "pools.p.capacity")]),
    ],
)
def test_pool_findings(platform: str, pool: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    _, findings = _pool(platform, **pool)
    assert _told(findings) == expected
    assert all(finding.message and finding.cause and finding.help for finding in findings)


@pytest.mark.parametrize(
    ("platform", "settings", "expected"),
    [
        ("docker", {}, []),
        ("docker", {"region": "x", "namespace": "y"}, [("GEN367", "region"), ("GEN367", "namespace")]),
        ("docker", {"endpoint": {"url": "https://a"}, "bind": "0.0.0.0"}, []),
        ("kubernetes", {"namespace": "y", "has": ["keda"], "storageClass": "z"}, []),
        ("kubernetes", {"state": {"s3": None}, "bind": "::"}, [("GEN367", "state"), ("GEN367", "bind")]),
        ("eks", {**EKS}, []),
        ("eks", {**EKS, "region": "us-eats-1"}, [("GEN364", "region")]),
        ("eks", {**EKS, "state": None}, [("GEN288", "")]),
        ("eks", {"cluster": {"existing": "x"}, "state": S3}, [("GEN366", "")]),
        ("eks", {"region": "us-east-1", "state": S3}, [("GEN366", "")]),
        ("eks", {**EKS, "bind": "::"}, [("GEN367", "bind")]),
        ("gke", {**GKE}, []),
        ("gke", {**GKE, "cluster": {"existing": "x"}}, [("GEN366", "cluster")]),
        ("gke", {**GKE, "region": "europe-west44"}, [("GEN364", "region")]),
        ("aks", {**AKS}, []),
        ("aks", {**AKS, "cluster": {"existing": "x"}}, [("GEN366", "cluster")]),
        ("aks", {**AKS, "region": "west-europe"}, [("GEN364", "region")]),
    ],
)
def test_cluster_findings(platform: str, settings: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    findings = _check(platform, **settings)
    assert _told(findings) == expected
    assert all(finding.message and finding.cause and finding.help for finding in findings)


def test_an_unknown_gpu_stops_only_where_a_machine_must_be_chosen() -> None:
    by_platform = {platform: _pool(platform, gpu="l5")[1][0].severity for platform in CLOUDS}
    assert by_platform == {
        platform: Severity.ERROR if platform in clouds.RENTED else Severity.INFO for platform in CLOUDS
    }
    _, [passed_on] = _pool("eks", gpu="x999", instanceTypes=["p9.large"])
    assert (passed_on.id, passed_on.severity) == ("GEN360", Severity.INFO)


def test_an_unknown_region_is_told_once_and_passed_on_when_nothing_is_chosen() -> None:
    region = {**EKS, "region": "us-gov-west-1"}
    chosen = {"gpu": "l4", "nodes": {"min": 1, "max": 1}}
    assert [finding.severity for finding in _check("eks", **region)] == [Severity.ERROR]
    given = _check("eks", **region, pool={**chosen, "instanceTypes": ["g6.2xlarge"]})
    assert [finding.severity for finding in given] == [Severity.WARNING]
    cloud: Cloud = load(CLOUDS["eks"])
    cluster = _cluster("eks", chosen, **region)
    nodes, findings = cloud.node_pool("p", cluster.pools["p"], cluster, POOL_PATH)
    assert nodes is not None
    assert list(findings) == []


def test_what_gke_puts_on_nodes_is_tolerated_and_not_declared() -> None:
    plain, _ = _pool("gke")
    other, _ = _pool("gke", taints=[{"key": "team", "value": "chat"}])
    assert plain is not None
    assert other is not None
    own = (TaintPlan("nvidia.com/gpu", "present", "NoSchedule"),)
    assert (plain.taints, plain.platform_taints) == ((), own)
    assert (other.taints, other.platform_taints) == ((TaintPlan("team", "chat", "NoSchedule"),), own)
    assert plain.of(GkeNodes).accelerators == {"g2-standard-8": "nvidia-l4"}


def test_what_aks_puts_on_spot_nodes_is_tolerated_where_there_are_any() -> None:
    regular, _ = _pool("aks", gpu="t4")
    spot, _ = _pool("aks", gpu="t4", capacity=["spot", "on-demand"])
    assert regular is not None
    assert spot is not None
    assert regular.platform_taints == ()
    assert spot.platform_taints == (TaintPlan("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule"),)
    assert spot.taints == regular.taints == (TaintPlan("nvidia.com/gpu", "present", "NoSchedule"),)


@pytest.mark.parametrize(
    ("name", "short"),
    [("t4", "t4"), ("large-cards-of-chat", "largecar"), ("8-h100", "p8h100"), ("4090s-of-all-kinds", "p4090sof")],
)
def test_a_pool_is_called_by_what_aks_has_room_for(name: str, short: str) -> None:
    assert short_name(name) == short
