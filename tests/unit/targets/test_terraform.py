"""The Terraform files: which there are, what they say, and that the shipped ones are copied byte for byte."""

import json
import re
from typing import Any

import pytest

from generator import resources
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.state import S3State
from generator.targets.terraform.target import TERRAFORM
from tests import plans

PLATFORMS = sorted(path.name for path in (resources.templates() / "terraform/roots").iterdir())


def _pool(name: str, platform: str = "eks", **changes: Any) -> NodePool:
    labels = {"zone": "b", "fleetgen.dev/pool": name}
    return plans.pool(name, platform, **{"capacity": ("spot", "on-demand"), "labels": labels, **changes})


def _cluster(name: str, *pools: NodePool, platform: str = "eks", **changes: Any) -> ClusterPlan:
    return plans.cluster(name, platform, pools=pools, **changes)


def _render(*clusters: ClusterPlan) -> dict[str, bytes]:
    files = TERRAFORM.render(plans.plan(*clusters, environment="prod"))
    return {artifact.path: artifact.content for artifact in files}


def test_one_root_for_each_eks_cluster_and_one_module() -> None:
    files = _render(
        _cluster("b", _pool("l4")), _cluster("a"), _cluster("desk", _pool("gpu", "docker"), platform="docker")
    )
    root = {".gitignore", "provider.tf", "existing.tf", "pools.tf", "backend.tf", "fleet.auto.tfvars.json"}
    module = {path.name for path in (resources.templates() / "terraform/modules/eks-gpu-pools").iterdir()}
    expected = {f"terraform/{cluster}/{name}" for cluster in "ab" for name in root}
    assert files.keys() == expected | {f"terraform/modules/eks-gpu-pools/{name}" for name in module}


def test_a_cluster_to_create_has_its_own_root_and_both_modules() -> None:
    made = _cluster("new", _pool("l4"), created=plans.created("acme-prod-new"))
    files = _render(made, _cluster("old", _pool("l4")))
    roots = resources.templates() / "terraform"
    assert files["terraform/new/created.tf"] == (roots / "roots/eks/created.tf").read_bytes()
    assert files["terraform/old/existing.tf"] == (roots / "roots/eks/existing.tf").read_bytes()
    assert not {"terraform/new/existing.tf", "terraform/old/created.tf"} & files.keys()
    modules = {path.split("/")[2] for path in files if path.startswith("terraform/modules/")}
    assert modules == {"eks-cluster", "eks-gpu-pools"}
    module = {path.name for path in (roots / "modules/eks-cluster").iterdir()}
    assert {f"terraform/modules/eks-cluster/{name}" for name in module} <= files.keys()
    assert "modules/eks-cluster" not in "".join(_render(_cluster("old", _pool("l4"))))


def test_data_of_an_eks_cluster_to_create() -> None:
    created = plans.created("acme-prod-new", zones=("us-east-1a", "us-east-1b"), public_access=("203.0.113.0/24",))
    cluster = _cluster("new", _pool("l4"), created=created, node_role="arn:x")
    data = json.loads(_render(cluster)["terraform/new/fleet.auto.tfvars.json"])
    assert {key: value for key, value in data.items() if key != "node_groups"} == {
        "autoscaler_identity": False,
        "cluster_name": "acme-prod-new",
        "kubernetes_version": "1.34",
        "network": {"nodes": "10.0.0.0/16", "services": "172.20.0.0/16"},
        "node_role_arn": "arn:x",
        "public_access_cidrs": ["203.0.113.0/24"],
        "region": "us-east-1",
        "system_pool": {"machine": "m7i.large", "min_nodes": 2, "max_nodes": 4},
        "tags": {"fleetgen.dev/fleet": "acme", "fleetgen.dev/environment": "prod"},
        "zones": ["us-east-1a", "us-east-1b"],
    }


def test_nothing_without_an_eks_cluster() -> None:
    assert _render(_cluster("desk", _pool("gpu", "docker"), platform="docker")) == {}


def test_data_is_json_with_sorted_keys() -> None:
    pools = (_pool("z"), _pool("h100", capacity=("reserved",), reservation="cr-1", capacity_block=True))
    files = _render(_cluster("a", *pools, subnets=("s2", "s1"), node_role="arn:x"))
    text = files["terraform/a/fleet.auto.tfvars.json"].decode()
    data = json.loads(text)
    assert text == json.dumps(data, indent=2, sort_keys=True) + "\n"
    assert {key: data[key] for key in ("cluster_name", "region", "node_role_arn", "subnet_ids", "tags")} == {
        "cluster_name": "platform",
        "region": "us-east-1",
        "node_role_arn": "arn:x",
        "subnet_ids": ["s2", "s1"],
        "tags": {"fleetgen.dev/fleet": "acme", "fleetgen.dev/environment": "prod"},
    }
    assert data["node_groups"]["h100-reserved"]["reservation"] == {"id": "cr-1", "kind": "capacity-block"}
    assert data["node_groups"]["z-spot"] == {
        "capacity": "spot",
        "compact": False,
        "disk_gib": 200,
        "disk_type": None,
        "gpu": "l4",
        "gpus_per_node": 1,
        "instance_types": ["g6.2xlarge"],
        "labels": {"fleetgen.dev/pool": "z", "zone": "b"},
        "max_nodes": 4,
        "max_pods": None,
        "max_unavailable": 1,
        "min_nodes": 0,
        "name": "z-spot",
        "pool": "z",
        "reservation": None,
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
    }


def test_data_of_a_gke_pool() -> None:
    pool = _pool(
        "l4",
        "gke",
        instance_types=("g2-standard-8",),
        zones=("a", "b"),
        taints=(),
    )
    zonal = _cluster("g", pool, platform="gke", project="acme", zone="europe-west4-a", node_role="gpu@acme")
    data = json.loads(_render(zonal)["terraform/g/fleet.auto.tfvars.json"])
    assert {key: value for key, value in data.items() if key != "node_groups"} == {
        "cluster_name": "platform",
        "location": "europe-west4-a",
        "project": "acme",
        "resource_labels": {"fleetgen-fleet": "acme", "fleetgen-environment": "prod"},
        "service_account": "gpu@acme",
    }
    assert data["node_groups"]["l4-on-demand"] == {
        "accelerator": "nvidia-l4",
        "capacity": "on-demand",
        "compact": False,
        "disk_gib": 200,
        "disk_type": None,
        "gpus_per_node": 1,
        "labels": {"fleetgen.dev/pool": "l4", "zone": "b"},
        "local_ssds": 0,
        "machine_type": "g2-standard-8",
        "max_nodes": 4,
        "max_pods": None,
        "max_unavailable": 1,
        "min_nodes": 0,
        "name": "l4-on-demand",
        "pool": "l4",
        "reservation": None,
        "taints": [],
        "zones": ["a", "b"],
        "max_surge": 0,
    }
    regional = _render(_cluster("g", platform="gke"))["terraform/g/fleet.auto.tfvars.json"]
    assert json.loads(regional)["location"] == "europe-west4"


def test_data_of_an_aks_pool() -> None:
    pool = _pool(
        "t4-cards",
        "aks",
        instance_types=("Standard_NC4as_T4_v3",),
        capacity=("reserved", "on-demand"),
        reservation="/group",
    )
    cluster = _cluster("z", pool, platform="aks", resource_group="rg", subscription="s", subnet="/subnet")
    data = json.loads(_render(cluster)["terraform/z/fleet.auto.tfvars.json"])
    assert {key: value for key, value in data.items() if key != "node_groups"} == {
        "cluster_name": "platform",
        "location": "westeurope",
        "resource_group_name": "rg",
        "subnet_id": "/subnet",
        "subscription_id": "s",
        "tags": {"fleetgen-fleet": "acme", "fleetgen-environment": "prod"},
    }
    assert data["node_groups"]["t4-cards-reserved"] == {
        "capacity": "reserved",
        "compact": False,
        "disk_gib": 200,
        "disk_type": None,
        "gpus_per_node": 1,
        "labels": {"fleetgen.dev/pool": "t4-cards", "zone": "b"},
        "max_nodes": 4,
        "max_pods": None,
        "max_unavailable": 1,
        "min_nodes": 0,
        "name": "t4cardsrs",
        "pool": "t4-cards",
        "reservation": "/group",
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
        "vm_size": "Standard_NC4as_T4_v3",
        "zones": [],
        "max_surge": 0,
    }


def test_shipped_files_of_each_platform_are_copied_byte_for_byte() -> None:
    clusters = [_cluster(platform, _pool("p", platform), platform=platform) for platform in ("eks", "gke", "aks")]
    files = _render(*clusters)
    shipped = resources.templates() / "terraform"
    for platform in ("eks", "gke", "aks"):
        module = f"modules/{platform}-gpu-pools"
        for path in (shipped / module).iterdir():
            assert files[f"terraform/{module}/{path.name}"] == path.read_bytes()
        for name in ("provider.tf", "existing.tf", "pools.tf"):
            assert files[f"terraform/{platform}/{name}"] == (shipped / "roots" / platform / name).read_bytes()


def test_state_is_local_until_a_bucket_is_named() -> None:
    local = _render(_cluster("a"))["terraform/a/backend.tf"].decode()
    shared = _render(_cluster("a", state=S3State("bucket", "eu-west-1", "a/b")))["terraform/a/backend.tf"].decode()
    assert 'backend "local" {}' in local
    assert "s3" not in local
    assert [line.split() for line in shared.splitlines() if "=" in line] == [
        ["bucket", "=", '"bucket"'],
        ["key", "=", '"a/b"'],
        ["region", "=", '"eu-west-1"'],
        ["encrypt", "=", "true"],
        ["use_lockfile", "=", "true"],
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_fragments_that_stand_in_for_each_other_tell_the_others_the_same(platform: str) -> None:
    """Each `local` that one of them sets and any other reads, so that a root of any choice is whole."""
    folder = resources.templates() / "terraform/roots" / platform
    texts = {path.stem: path.read_text() for path in folder.glob("*.tf")}
    existing, created = (_locals(texts[name]) for name in ("existing", "created"))
    read = {name for text in texts.values() for name in re.findall(r"\blocal\.(\w+)", text)}
    assert existing == created == read != set()


def _locals(text: str) -> set[str]:
    block = text.partition("\nlocals {\n")[2].partition("\n}\n")[0]
    return set(re.findall(r"^  (\w+) +=", block, re.MULTILINE))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_root_knows_all_that_its_module_does(platform: str) -> None:
    """Terraform drops what a type does not list, without a word."""

    def attributes(path: str) -> list[str]:
        text = (resources.templates() / "terraform" / path).read_text()
        block = text.partition('variable "node_groups" {')[2].partition("\n}\n")[0].partition("  validation {")[0]
        return re.findall(r"^    (\w+) +=", block.partition("  type = ")[2], re.MULTILINE)

    root = attributes(f"roots/{platform}/pools.tf")
    assert root == attributes(f"modules/{platform}-gpu-pools/variables.tf") != []
