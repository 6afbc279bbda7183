"""Classes for weights that many nodes read: those of disks are told on every platform that rents machines."""

import pytest

from generator.catalog.storage import storage_classes
from generator.clouds import CLOUDS, RENTED
from generator.core.lazy import load
from generator.core.protocols import Cloud
from generator.core.spec import Cluster

DISKS = [(platform, name) for platform in RENTED for name in sorted(storage_classes(platform).one_node)]


def told(platform: str, name: str) -> list[tuple[str | int, ...]]:
    cloud: Cloud = load(CLOUDS[platform])
    cluster = Cluster.model_validate({"platform": platform, "sharedStorageClass": name})
    return [item.path for item in cloud.check(cluster, ("clusters", "c")) if item.id == "GEN649"]


@pytest.mark.parametrize(("platform", "name"), DISKS)
def test_a_class_of_disks_is_told(platform: str, name: str) -> None:
    assert told(platform, name) == [("clusters", "c", "sharedStorageClass")]


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("aks", "azurefile-csi-premium"),
        ("gke", "standard-rwx"),
        ("eks", "efs-sc"),
        ("eks", "standard"),
        ("kubernetes", "gp3"),
    ],
)
def test_another_class_is_not(platform: str, name: str) -> None:
    assert told(platform, name) == []


def test_a_docker_host_has_no_use_for_one() -> None:
    cloud: Cloud = load(CLOUDS["docker"])
    cluster = Cluster.model_validate({"platform": "docker", "sharedStorageClass": "nfs"})
    assert [item.path for item in cloud.check(cluster, ("clusters", "c"))] == [("clusters", "c", "sharedStorageClass")]
