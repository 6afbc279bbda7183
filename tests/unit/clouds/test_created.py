"""Clusters to create: what is decided where the spec is silent, and what each cloud refuses."""

from typing import Any

import pytest

from generator.clouds.created import CREATION, created
from generator.core.finding import Finding
from generator.core.plan.clouds.rented import CreatedPlan
from generator.core.spec import Cluster

PATH = ("clusters", "main", "cluster", "create")
REGIONS = {"eks": "us-east-1", "gke": "europe-west4", "aks": "westeurope"}
ZONES = {"eks": ["us-east-1b", "us-east-1a"], "gke": ["europe-west4-a"], "aks": ["1", "3"]}


def _cluster(platform: str, theirs: dict[str, Any] | None = None, **create: Any) -> Cluster:
    pools = {"p": {"gpu": "l4", "nodes": {"min": 1, "max": 1}}}
    zones = {"zones": ZONES["eks"]} if platform == "eks" else {}
    cluster = {"create": {"version": "1.34", **zones, **create}, **(theirs or {})}
    return Cluster.model_validate(
        {"platform": platform, "region": REGIONS[platform], "cluster": cluster, "pools": pools}
    )


def _plan(platform: str, **create: Any) -> CreatedPlan:
    plan, _ = created("acme-prod-main", _cluster(platform, **create), PATH)
    assert plan is not None
    return plan


def _findings(cluster: Cluster) -> list[Finding]:
    _, findings = created("acme-prod-main", cluster, PATH)
    return list(findings)


def _told(cluster: Cluster) -> list[tuple[str, str]]:
    return [(finding.id, ".".join(map(str, finding.path[2:]))) for finding in _findings(cluster)]


def test_what_is_decided_where_the_spec_is_silent() -> None:
    assert _plan("eks") == CreatedPlan(
        name="acme-prod-main",
        version="1.34",
        zones=("us-east-1a", "us-east-1b"),
        nodes="10.0.0.0/16",
        pods="",
        services="172.20.0.0/16",
        public_access=(),
        machine="m7i.large",
        min_nodes=2,
        max_nodes=4,
    )


def test_what_the_spec_says_is_kept() -> None:
    plan = _plan(
        "gke",
        name="shared",
        zones=["europe-west4-b", "europe-west4-a", "europe-west4-b"],
        network={"nodes": "10.9.0.0/20", "pods": "10.16.0.0/14", "services": "10.10.0.0/20"},
        public_access=["203.0.113.0/24", "198.51.100.0/24", "203.0.113.0/24"],
        system={"machine": "e2-standard-8", "nodes": {"min": 1, "max": 9}},
    )
    assert (plan.name, plan.zones) == ("shared", ("europe-west4-a", "europe-west4-b"))
    assert (plan.nodes, plan.pods, plan.services) == ("10.9.0.0/20", "10.16.0.0/14", "10.10.0.0/20")
    assert plan.public_access == ("198.51.100.0/24", "203.0.113.0/24")
    assert (plan.machine, plan.min_nodes, plan.max_nodes) == ("e2-standard-8", 1, 9)


@pytest.mark.parametrize("platform", CREATION)
def test_the_defaults_of_a_cloud_are_what_it_allows(platform: str) -> None:
    assert _told(_cluster(platform)) == []
    assert _told(_cluster(platform, zones=ZONES[platform])) == []


def test_nothing_is_created_where_a_cluster_stands_or_none_is_named() -> None:
    standing = {"platform": "eks", "region": "us-east-1", "cluster": {"existing": "theirs"}}
    for settings in (standing, {"platform": "eks"}):
        assert created("acme-prod-main", Cluster.model_validate(settings), PATH) == (None, ())


@pytest.mark.parametrize(
    ("platform", "create", "expected"),
    [
        ("eks", {"zones": ["us-east-1a", "us-east-1a"]}, [("GEN366", "cluster.create.zones")]),
        ("eks", {"zones": []}, [("GEN366", "cluster.create.zones")]),
        ("eks", {"zones": ["us-east-1a", "us-east-1h"]}, [("GEN377", "cluster.create.zones.1")]),
        ("eks", {"zones": ["us-east-1a", "us-west-2a"]}, [("GEN377", "cluster.create.zones.1")]),
        ("gke", {"zones": ["europe-west1-b"]}, [("GEN377", "cluster.create.zones.0")]),
        ("aks", {"zones": ["4"]}, [("GEN377", "cluster.create.zones.0")]),
        ("eks", {"network": {"pods": "10.64.0.0/14"}}, [("GEN367", "cluster.create.network.pods")]),
        ("eks", {"network": {"nodes": "10.0.0.0/23"}}, [("GEN384", "cluster.create.network.nodes")]),
        ("eks", {"network": {"nodes": "10.0.0.0/15"}}, [("GEN384", "cluster.create.network.nodes")]),
        ("eks", {"network": {"nodes": "10.0.1.0/16"}}, [("GEN384", "cluster.create.network.nodes")]),
        (
            "eks",
            {"network": {"nodes": "10.0.0.0/22", "services": "10.0.0.0/24"}},
            [("GEN384", "cluster.create.network.services")],
        ),
        ("eks", {"network": {"services": "100.64.0.0/16"}}, [("GEN384", "cluster.create.network.services")]),
        ("eks", {"network": {"nodes": "100.64.0.0/16", "services": "192.168.0.0/20"}}, []),
        ("gke", {"network": {"services": "100.64.0.0/16"}}, []),
        ("gke", {"network": {"pods": "10.0.0.0/14"}}, [("GEN384", "cluster.create.network.pods")]),
        ("aks", {"network": {"nodes": "172.20.0.0/20"}}, [("GEN384", "cluster.create.network")]),
        ("eks", {"public_access": ["12.0.0.0/8", "203.0.113.1/24"]}, [("GEN384", "cluster.create.publicAccess.1")]),
        ("gke", {"public_access": ["12.0.0.0/8", "0.0.0.0/0"]}, [("GEN386", "cluster.create.publicAccess.1")]),
        ("aks", {"public_access": ["128.0.0.0/1"]}, [("GEN386", "cluster.create.publicAccess.0")]),
        ("eks", {"system": {"nodes": {"min": 0, "max": 2}}}, [("GEN369", "cluster.create.system.nodes")]),
        ("eks", {"name": "-acme"}, [("GEN385", "cluster.create.name")]),
        ("eks", {"name": "a" * 101}, [("GEN385", "cluster.create.name")]),
        ("gke", {"name": "Acme"}, [("GEN385", "cluster.create.name")]),
        ("gke", {"name": "a" * 41}, [("GEN385", "cluster.create.name")]),
        ("aks", {"name": "acme-"}, [("GEN385", "cluster.create.name")]),
        ("aks", {"name": "a" * 63}, []),
    ],
)
def test_what_a_cloud_refuses(platform: str, create: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert _told(_cluster(platform, **create)) == expected


def test_a_created_cluster_has_a_network_and_a_region_of_its_own() -> None:
    theirs = {"project": "acme", "zone": "europe-west4-a", "subnets": ["subnet-1"]}
    assert _told(_cluster("gke", theirs)) == [("GEN367", "cluster.subnets"), ("GEN367", "cluster.zone")]


def test_a_name_made_up_that_is_too_long_points_at_create() -> None:
    cluster = _cluster("gke")
    _, [finding] = created("a-fleet-with-a-long-name-production-europe", cluster, PATH)
    assert (finding.id, finding.path) == ("GEN385", PATH)
    assert "42 characters" in str(finding.cause)
