"""GKE and AKS: clusters that Terraform creates, and what the real providers plan without a call."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.consumers.offline import TOKEN, Offline, offline
from tests.consumers.roots import ROOT, TESTS, Folder, rendered, spec_of, written
from tests.consumers.test_terraform_clouds import CREATED, READ, RESOURCES, check

pytestmark = pytest.mark.consumer("terraform")

# A provider asks who it is, for its logs and its clients; after that nothing.
ASKED = {
    "gke": {"CONNECT openidconnect.googleapis.com:443"},
    "aks": {f"GET {TOKEN}?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com"},
}
RANGES = {"nodes": "10.0.0.0/16", "pods": "10.64.0.0/14", "services": "172.20.0.0/16"}
MACHINES = {"gke": "e2-standard-4", "aks": "Standard_D4ds_v5"}


@pytest.fixture
def alone() -> Iterator[Offline]:
    with offline() as nobody:
        yield nobody


def cases(created: bool) -> list[tuple[Path, str]]:
    """The specs of cases with clusters of GKE and AKS, those that are created or those that are not."""
    specs = [path for platform in CREATED for path in (ROOT / "tests/cases").glob(f"terraform-{platform}-*/fleet.yaml")]
    clusters = [(path, name, said) for path in sorted(specs) for name, said in _clusters(path).items()]
    return [(path, name) for path, name, said in clusters if ("create" in said["cluster"]) == created]


def _clusters(spec: Path) -> dict[str, Any]:
    clusters: dict[str, Any] = yaml.safe_load(spec.read_text())["clusters"]
    return clusters


def _case(value: object) -> str:
    return value.parent.name if isinstance(value, Path) else str(value)


@pytest.mark.parametrize(("spec", "name"), cases(created=True), ids=_case)
def test_the_real_provider_plans_a_cluster_and_its_pools_without_a_call(
    spec: Path, name: str, tmp_path: Path, settings: dict[str, str], alone: Offline
) -> None:
    rendered(spec, tmp_path)
    said = _clusters(spec)[name]
    folder = Folder(tmp_path / "out/terraform" / name, tmp_path, settings)
    (folder.root / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    folder.init(backend=True)
    there = folder.within(alone.environment(settings))
    there.run("plan", "-input=false", "-no-color", "-out=plan.tfplan")
    changes = json.loads(there.run("show", "-json", "plan.tfplan"))["resource_changes"]
    platform = said["platform"]
    assert set(alone.asked) == ASKED[platform]
    assert {tuple(change["change"]["actions"]) for change in changes} <= {("create",), ("read",)}
    after = {change["address"]: change["change"]["after"] for change in changes}
    check(_nodes(after, platform), said)
    {"gke": _gke, "aks": _aks}[platform](after, name, said)


@pytest.mark.parametrize(("spec", "name"), cases(created=False), ids=_case)
def test_the_real_provider_plans_the_pools_of_a_cluster_that_stands(
    spec: Path, name: str, tmp_path: Path, settings: dict[str, str], alone: Offline
) -> None:
    rendered(spec, tmp_path)
    _plans_pools(tmp_path / "out/terraform" / name, _clusters(spec)[name], tmp_path, settings, alone)


@pytest.mark.parametrize("platform", CREATED)
def test_the_real_provider_plans_every_output(
    platform: str, tmp_path: Path, settings: dict[str, str], alone: Offline
) -> None:
    for number, source in enumerate(written(platform)):
        _plans_pools(source, spec_of(source), tmp_path / str(number), settings, alone)


def _plans_pools(source: Path, said: dict[str, Any], place: Path, settings: dict[str, str], nobody: Offline) -> None:
    """The one question about the cluster is answered by the test file; all else is the provider's own doing."""
    platform = said["platform"]
    folder = Folder(source, place, settings)
    (folder.root / "tests").mkdir()
    shutil.copy(TESTS / platform / "real.tftest.hcl", folder.root / "tests")
    folder.init()
    after = folder.within(nobody.environment(settings)).planned("real.tftest.hcl")
    assert set(nobody.asked) == ASKED[platform]
    check(_nodes(after, platform), said)


def _nodes(after: dict[str, Any], platform: str) -> dict[str, Any]:
    prefix = f"module.gpu_pools.{RESOURCES[platform]}.this["
    found = {address: values for address, values in after.items() if address.startswith(prefix)}
    return {address.removeprefix(prefix).strip('"]'): READ[platform](values) for address, values in found.items()}


def _gke(after: dict[str, Any], name: str, said: dict[str, Any]) -> None:
    """The planned cluster is what the spec says, read by this test itself."""
    create = said["cluster"]["create"]
    ranges = {**RANGES, **create.get("network", {})}
    cluster = after["module.cluster.google_container_cluster.this"]
    [endpoints], [access] = cluster["private_cluster_config"], cluster["master_authorized_networks_config"]
    assert (cluster["name"], cluster["location"]) == (create.get("name", f"case-default-{name}"), said["region"])
    assert cluster["min_master_version"] == create["version"]
    assert sorted(cluster.get("node_locations") or []) == sorted(create.get("zones", []))
    assert endpoints["enable_private_endpoint"] is not bool(create.get("publicAccess"))
    assert {block["cidr_block"] for block in access["cidr_blocks"]} == set(create.get("publicAccess", []))
    subnet = after["module.cluster.google_compute_subnetwork.nodes"]
    second = {item["range_name"]: item["ip_cidr_range"] for item in subnet["secondary_ip_range"]}
    assert {"nodes": subnet["ip_cidr_range"], **second} == ranges
    system = after["module.cluster.google_container_node_pool.system"]
    [limits], [node] = system["autoscaling"], system["node_config"]
    assert (limits["total_min_node_count"], limits["total_max_node_count"]) == _limits(create)
    assert node["machine_type"] == create.get("system", {}).get("machine", MACHINES["gke"])
    assert all(pool["cluster"] == cluster["name"] for pool in after.values() if "autoscaling" in pool)


def _aks(after: dict[str, Any], name: str, said: dict[str, Any]) -> None:
    """The planned cluster is what the spec says, read by this test itself."""
    create = said["cluster"]["create"]
    ranges = {**RANGES, **create.get("network", {})}
    cluster = after["module.cluster.azurerm_kubernetes_cluster.this"]
    [network], [system] = cluster["network_profile"], cluster["default_node_pool"]
    assert (cluster["name"], cluster["location"]) == (create.get("name", f"case-default-{name}"), said["region"])
    assert cluster["resource_group_name"] == said["cluster"]["resourceGroup"]
    assert cluster["kubernetes_version"] == system["orchestrator_version"] == create["version"]
    assert cluster["private_cluster_enabled"] is not bool(create.get("publicAccess"))
    assert sorted(system["zones"] or []) == sorted(create.get("zones", []))
    subnet = after["module.cluster.azurerm_subnet.nodes"]
    assert {
        "nodes": subnet["address_prefixes"][0],
        "pods": network["pod_cidr"],
        "services": network["service_cidr"],
    } == ranges
    assert (system["min_count"], system["max_count"]) == _limits(create)
    assert system["vm_size"] == create.get("system", {}).get("machine", MACHINES["aks"])
    gpus = [pool for address, pool in after.items() if address.startswith("module.gpu_pools.")]
    assert {(pool["orchestrator_version"], pool["host_encryption_enabled"]) for pool in gpus} == {
        (create["version"], True)
    }


def _limits(create: dict[str, Any]) -> tuple[int, int]:
    nodes = create.get("system", {}).get("nodes", {"min": 2, "max": 4})
    return (nodes["min"], nodes["max"]) if isinstance(nodes, dict) else (nodes, nodes)


@pytest.mark.parametrize("platform", CREATED)
def test_a_created_cluster_is_private_encrypted_and_logged(
    platform: str, tmp_path: Path, settings: dict[str, str]
) -> None:
    spec = ROOT / f"tests/cases/terraform-{platform}-created/fleet.yaml"
    rendered(spec, tmp_path)
    folder = Folder(tmp_path / "out/terraform" / next(iter(_clusters(spec))), tmp_path, settings)
    folder.add_tests(platform, "cluster.tftest.hcl")
    folder.init()
    folder.test("cluster.tftest.hcl")
