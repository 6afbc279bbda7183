"""What a rented pool becomes in its cloud, in which order it is tried, and by which names autoscalers know it."""

import re
from typing import Any

import pytest

from generator.clouds import CLOUDS
from generator.core.finding import Finding
from generator.core.lazy import load
from generator.core.plan import NodePool, TaintPlan
from generator.core.plan.clouds.gke import GkeNodes
from generator.core.protocols import Cloud
from generator.core.spec import Cluster

PATH = ("clusters", "c", "pools", "p")
SETTINGS = {
    "eks": {"region": "us-east-1", "cluster": {"existing": "platform"}},
    "gke": {"region": "europe-west4", "cluster": {"existing": "platform", "project": "acme"}},
    "aks": {"region": "eastus", "cluster": {"existing": "platform", "resource_group": "rg"}},
}
TYPES = {
    "eks": ["g6.2xlarge", "g6.4xlarge"],
    "gke": ["g2-standard-8", "g2-standard-12"],
    "aks": ["Standard_NC4as_T4_v3", "Standard_NC8as_T4_v3"],
}
CLASS = "cloud.google.com/compute-class"


def _pool(platform: str, name: str = "cards", **pool: Any) -> tuple[NodePool | None, list[Finding]]:
    written = {"gpu": "t4" if platform == "aks" else "l4", "nodes": {"min": 1, "max": 4}, **pool}
    cluster = Cluster.model_validate({"platform": platform, "pools": {name: written}, **SETTINGS[platform]})
    cloud: Cloud = load(CLOUDS[platform])
    nodes, findings = cloud.node_pool(name, cluster.pools[name], cluster, PATH)
    return nodes, list(findings)


def _groups(platform: str, **pool: Any) -> list[tuple[str, str, tuple[str, ...], int, int]]:
    nodes, findings = _pool(platform, **pool)
    assert nodes is not None, findings
    return [(item.key, item.capacity, item.instance_types, item.min_nodes, item.priority) for item in nodes.groups]


def test_eks_takes_all_types_in_a_group_for_each_way_of_buying() -> None:
    types = tuple(TYPES["eks"])
    assert _groups("eks", instanceTypes=TYPES["eks"], capacity=["spot", "on-demand"]) == [
        ("cards-spot", "spot", types, 1, 20),
        ("cards-on-demand", "on-demand", types, 0, 10),
    ]


@pytest.mark.parametrize("platform", ["gke", "aks"])
def test_gke_and_aks_have_a_node_pool_for_each_type(platform: str) -> None:
    """All types are tried before the next way of buying; the minimum stays with the first choice."""
    first, second = TYPES[platform]
    assert _groups(platform, instanceTypes=TYPES[platform], capacity=["spot", "on-demand"]) == [
        ("cards-spot", "spot", (first,), 1, 40),
        (f"cards-spot-{second}", "spot", (second,), 0, 30),
        ("cards-on-demand", "on-demand", (first,), 0, 20),
        (f"cards-on-demand-{second}", "on-demand", (second,), 0, 10),
    ]


@pytest.mark.parametrize("platform", SETTINGS)
def test_a_reservation_is_of_the_first_type(platform: str) -> None:
    first = TYPES[platform][0]
    groups = _groups(platform, instanceTypes=TYPES[platform], capacity=["reserved", "on-demand"])
    assert [(key, types) for key, way, types, _, _ in groups if way == "reserved"] == [("cards-reserved", (first,))]
    assert {type_ for _, way, types, _, _ in groups if way == "on-demand" for type_ in types} == set(TYPES[platform])


@pytest.mark.parametrize("platform", SETTINGS)
def test_a_single_choice_is_a_single_group(platform: str) -> None:
    [(key, way, _, least, priority)] = _groups(platform)
    assert (key, way, least, priority) == ("cards-on-demand", "on-demand", 1, 10)


# Names as the clouds form them; the letters are Terraform's, Google's and Azure's own.
NAMES = {
    "eks": [
        "eks-cards-spot-20261122235900123400000001-2cc1e5b1-9d4c-8c1f",
        "eks-cards-on-demand-2026112223590012340000000a-9cc1e5b1-9d4c-8c1f",
    ],
    "gke": [
        "cards-spot-0a1b2c",
        "cards-spot-g2-standard-12-0a1b2c",
        "cards-on-demand-0a1b2c",
        "cards-on-demand-g2-standard-12-0a1b2c",
    ],
    "aks": ["aks-cardssp-17328495-vmss", "aks-cardssp1-17328495-vmss", "aks-cardsod-1-vmss", "aks-cardsod1-1-vmss"],
}


@pytest.mark.parametrize("platform", SETTINGS)
def test_each_name_in_the_cloud_is_that_of_one_group(platform: str) -> None:
    nodes, _ = _pool(platform, instanceTypes=TYPES[platform], capacity=["spot", "on-demand"])
    assert nodes is not None
    found = [[group.key for group in nodes.groups if re.search(group.pattern, name)] for name in NAMES[platform]]
    assert found == [[group.key] for group in nodes.groups]


def test_pods_ask_gke_for_the_class_of_a_pool_that_has_a_choice() -> None:
    several, _ = _pool("gke", capacity=["spot", "on-demand"])
    single, _ = _pool("gke")
    assert several is not None
    assert single is not None
    assert several.of(GkeNodes).compute_class == "fleetgen-cards"
    assert several.labels == {CLASS: "fleetgen-cards", "fleetgen.dev/pool": "cards"}
    assert several.taints == (TaintPlan(CLASS, "fleetgen-cards", "NoSchedule"),)
    assert (single.of(GkeNodes).compute_class, single.labels, single.taints) == (
        None,
        {"fleetgen.dev/pool": "cards"},
        (),
    )


def test_a_compute_class_is_a_label_however_long_its_pool_is_called() -> None:
    names = [f"{'a' * 62}{end}" for end in "xy"]
    classes = [
        nodes.of(GkeNodes).compute_class
        for name in names
        if (nodes := _pool("gke", name, capacity=["spot", "on-demand"])[0])
    ]
    assert len(set(classes)) == 2
    assert {len(item or "") for item in classes} == {63}


@pytest.mark.parametrize("platform", ["eks", "aks"])
def test_others_choose_without_a_class(platform: str) -> None:
    nodes, _ = _pool(platform, capacity=["spot", "on-demand"])
    assert nodes is not None
    assert CLASS not in nodes.labels
