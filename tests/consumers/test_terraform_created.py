"""EKS: Terraform creates the cluster itself, as its spec says, and takes it away again in the right order."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.plan import ClusterPlan
from tests import plans
from tests.consumers.applied import ARTEFACTS, Applied, applied, differences, seen
from tests.consumers.roots import ROOT, Folder, rendered, write

pytestmark = pytest.mark.consumer("terraform")

CASES = ROOT / "tests" / "cases"
NAME = "acme-prod-use1"
CLUSTER, POOLS = "module.cluster.", "module.gpu_pools."
LOGS = {"api", "audit", "authenticator", "controllerManager", "scheduler"}

# moto has no add-ons at all: that run leaves them to the team, and cluster.tftest.hcl speaks of them.
WITHOUT_ADDONS = """
module "cluster" {
  addons = {}
}
"""


def _cluster(**changes: Any) -> ClusterPlan:
    pools = (plans.pool("l4", min_nodes=1, max_nodes=6, capacity=("spot", "on-demand")),)
    created = plans.created(NAME, zones=("us-east-1a", "us-east-1b"), **changes)
    return plans.cluster("use1", "eks", created=created, pools=pools)


def _folder(place: Path, settings: dict[str, str], *tests: str) -> Folder:
    folder = Folder(write(plans.plan(_cluster()), place / "written"), place, settings)
    folder.add_tests("eks", *tests)
    folder.init()
    return folder


def test_what_the_module_makes_of_a_cluster(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = _folder(tmp_path, settings, "cluster.tftest.hcl")
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.run("validate")
    folder.test("cluster.tftest.hcl")


def _said() -> list[tuple[Path, str, dict[str, Any]]]:
    """The specs of cases whose clusters EKS creates: path, the cluster's name in the spec, and what is said of it."""
    specs = [(path, yaml.safe_load(path.read_text())) for path in sorted(CASES.glob("terraform-eks-*/fleet.yaml"))]
    clusters = [(path, name, said) for path, spec in specs for name, said in spec["clusters"].items()]
    return [item for item in clusters if "create" in item[2]["cluster"]]


@pytest.mark.parametrize(("spec", "name", "said"), [pytest.param(*item, id=item[0].parent.name) for item in _said()])
def test_a_created_root_is_planned_as_its_spec_says(
    spec: Path, name: str, said: dict[str, Any], tmp_path: Path, settings: dict[str, str]
) -> None:
    rendered(spec, tmp_path)
    folder = Folder(tmp_path / "out/terraform" / name, tmp_path, settings)
    folder.add_tests("eks", "root.tftest.hcl")
    folder.init()
    planned, create = folder.planned("root.tftest.hcl"), said["cluster"]["create"]
    made = {address.removeprefix(CLUSTER): item for address, item in planned.items() if address.startswith(CLUSTER)}
    cluster, system = made["aws_eks_cluster.this"], made["aws_eks_node_group.system"]
    [network], [services] = cluster["vpc_config"], cluster["kubernetes_network_config"]
    assert (cluster["name"], cluster["version"]) == (create["name"], create["version"])
    assert network["public_access_cidrs"] == create["publicAccess"]
    assert (made["aws_vpc.this"]["cidr_block"], services["service_ipv4_cidr"]) == tuple(create["network"].values())
    zones = {f'aws_subnet.nodes["{zone}"]': zone for zone in create["zones"]}
    subnets = {address: item for address, item in made.items() if address.startswith("aws_subnet.nodes[")}
    assert {address: item["availability_zone"] for address, item in subnets.items()} == zones
    assert system["instance_types"] == [create["system"]["machine"]]
    [limits] = system["scaling_config"]
    assert {"min": limits["min_size"], "max": limits["max_size"]} == create["system"]["nodes"]
    groups = [item for address, item in planned.items() if ".aws_eks_node_group." in address]
    assert {(group["cluster_name"], group["version"]) for group in groups} == {(create["name"], create["version"])}


def test_later_plans_change_what_was_asked_for_and_replace_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    """A new minor version, and then a plan of the same: read from the plans themselves, by the events of the test."""
    folder = _folder(tmp_path, settings, "upgrade.tftest.hcl")
    same, upgrade = folder.plans("upgrade.tftest.hcl")
    assert changed(same) == {}
    groups = {f'{POOLS}aws_eks_node_group.this["l4-{way}"]' for way in ("spot", "on-demand")}
    moved = {f"{CLUSTER}aws_eks_cluster.this", f"{CLUSTER}aws_eks_node_group.system", *groups}
    assert changed(upgrade) == {address: {"version"} for address in moved}


def changed(plan: dict[str, Any]) -> dict[str, set[str]]:
    """The attributes that an update changes, by address; whatever is not an update is told as one."""
    found: dict[str, set[str]] = {}
    for item in plan["resource_changes"]:
        change = item["change"]
        if change["actions"] == ["update"]:
            before, after = change["before"], change["after"]
            found[item["address"]] = {name for name in before if before[name] != after.get(name, "unknown")}
        elif change["actions"] != ["no-op"]:
            found[item["address"]] = set(change["actions"])
    return found


@pytest.mark.consumer("moto")
def test_a_created_cluster_is_applied_planned_again_and_destroyed(tmp_path: Path, settings: dict[str, str]) -> None:
    root = write(plans.plan(_cluster()), tmp_path / "written")
    run = applied(root, tmp_path, settings, WITHOUT_ADDONS)
    _check_cluster(run)
    _check_policies(run)
    _check_pools(run)
    assert differences(run.second) == []
    # The version of the nodes is said here, and is no news of the node groups that are replaced.
    expected = {(kind, name) for kind, names in ARTEFACTS.items() for name in names}
    assert seen(run.second) == expected - {("aws_eks_node_group", "version")}
    assert [item["address"] for item in run.second["resource_changes"] if "read" in item["change"]["actions"]] == []
    _check_destruction(run)
    assert not run.state
    assert run.left == {name: run.before[name] for name in run.left}


def _check_cluster(run: Applied) -> None:
    made = {address.removeprefix(CLUSTER): item for address, item in run.made.items()}
    cluster = made["aws_eks_cluster.this"]
    [network], [access], [encrypted] = (cluster[name] for name in ("vpc_config", "access_config", "encryption_config"))
    assert (cluster["name"], cluster["version"], cluster["role_arn"]) == (
        NAME,
        "1.34",
        made["aws_iam_role.control_plane"]["arn"],
    )
    assert (network["endpoint_private_access"], network["endpoint_public_access"]) == (True, False)
    assert sorted(network["subnet_ids"]) == _private(made)
    assert access["authentication_mode"] == "API"
    assert encrypted["provider"][0]["key_arn"] == made["aws_kms_key.secrets"]["arn"]
    assert set(cluster["enabled_cluster_log_types"]) == LOGS
    for zone in "ab":
        route = made[f'aws_route.nodes["us-east-1{zone}"]']
        gateway = made[f'aws_nat_gateway.this["us-east-1{zone}"]']
        assert (route["nat_gateway_id"], route["destination_cidr_block"]) == (gateway["id"], "0.0.0.0/0")
        assert gateway["subnet_id"] == made[f'aws_subnet.public["us-east-1{zone}"]']["id"]
    assert not [
        item for name, item in made.items() if name.startswith("aws_subnet.") and item["map_public_ip_on_launch"]
    ]


def _private(made: dict[str, dict[str, Any]]) -> list[str]:
    return sorted(
        item["id"] for name, item in made.items() if name.removeprefix(CLUSTER).startswith("aws_subnet.nodes[")
    )


def _check_policies(run: Applied) -> None:
    """The one policy that is written here writes to one log group; the others are AWS's own, no more than needed."""
    written = {
        address: json.loads(values["policy"])["Statement"]
        for address, values in run.made.items()
        if ".aws_iam_role_policy." in address
    }
    assert written.keys() == {f"{CLUSTER}aws_iam_role_policy.flow_logs"}
    [[statement]] = written.values()
    group = run.made[f"{CLUSTER}aws_cloudwatch_log_group.flow"]["arn"]
    assert statement["Resource"] == [group, f"{group}:*"]
    assert all(action.startswith("logs:") and "*" not in action for action in statement["Action"])
    attached = {
        (
            item["role"].removeprefix(f"{NAME}-").rstrip("0123456789"),
            item["policy_arn"].removeprefix("arn:aws:iam::aws:policy/"),
        )
        for address, item in run.made.items()
        if ".aws_iam_role_policy_attachment." in address
    }
    nodes = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
    assert attached == {
        ("control-plane-", "AmazonEKSClusterPolicy"),
        *(("system-nodes-", policy) for policy in nodes),
        *(("gpu-nodes-", policy) for policy in nodes),
    }


def _check_pools(run: Applied) -> None:
    groups = {name: item for name, item in run.made.items() if ".aws_eks_node_group." in name}
    pools = {f'{POOLS}aws_eks_node_group.this["l4-{way}"]' for way in ("spot", "on-demand")}
    assert groups.keys() == {f"{CLUSTER}aws_eks_node_group.system", *pools}
    for group in groups.values():
        assert (group["cluster_name"], group["version"]) == (NAME, "1.34")
        assert sorted(group["subnet_ids"]) == _private(run.made)
    system = groups[f"{CLUSTER}aws_eks_node_group.system"]
    assert (system["instance_types"], system["taint"]) == (["m7i.large"], [])
    assert system["scaling_config"] == [{"desired_size": 2, "max_size": 4, "min_size": 2}]


def _check_destruction(run: Applied) -> None:
    """Nodes leave while they have permissions and a way out; the cluster outlives them, and its log the cluster."""
    nodes = [address for address in run.made if ".aws_eks_node_group." in address]
    for group in nodes:
        for later in ("aws_eks_cluster.this", 'aws_route.nodes["us-east-1a"]', 'aws_nat_gateway.this["us-east-1b"]'):
            assert _gone(run, group) < _going(run, f"{CLUSTER}{later}"), (group, later)
    for address in run.made:
        if address.startswith(f"{CLUSTER}aws_iam_role_policy_attachment.nodes["):
            assert _gone(run, f"{CLUSTER}aws_eks_node_group.system") < _going(run, address)
        if address.startswith(f"{POOLS}aws_iam_role_policy_attachment.nodes["):
            assert _gone(run, f'{POOLS}aws_eks_node_group.this["l4-spot"]') < _going(run, address)
    for later in (
        "aws_cloudwatch_log_group.control_plane",
        "aws_iam_role_policy_attachment.control_plane",
        "aws_kms_key.secrets",
        'aws_subnet.nodes["us-east-1a"]',
    ):
        assert _gone(run, f"{CLUSTER}aws_eks_cluster.this") < _going(run, f"{CLUSTER}{later}"), later
    assert {address for _, address in run.destroyed} == run.made.keys()


def _gone(run: Applied, address: str) -> int:
    return run.destroyed.index(("apply_complete", address))


def _going(run: Applied, address: str) -> int:
    return run.destroyed.index(("apply_start", address))
