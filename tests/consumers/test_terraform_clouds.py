"""GKE and AKS: Terraform reads what we write, and a pool moves between clouds by a few lines of its spec."""

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.plan import NodePool, Plan, TaintPlan
from generator.core.plan.state import AzurermState, GcsState, TerraformState
from tests import plans
from tests.consumers.roots import ROOT, TESTS, Folder, rendered, spec_of, write, written
from tests.consumers.tools import tool

pytestmark = pytest.mark.consumer("terraform")

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
RESERVATION = f"{GROUP}/providers/Microsoft.Compute/capacityReservationGroups/h100"
GPU_TAINT = "nvidia.com/gpu=present:NoSchedule"
SPOT_TAINT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
CLASS = "cloud.google.com/compute-class"
EFFECTS = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}

# What the cloud's own names say about the GPU, independent of our catalogue.
MACHINES = {
    "eks": {"l4": r"g6\..+", "t4": r"g4dn\..+", "h100-sxm": r"p5\..+", "a100-sxm-80gb": r"p4de\..+"},
    "gke": {
        "l4": r"g2-.+ nvidia-l4",
        "t4": r"n1-.+ nvidia-tesla-t4",
        "h100-sxm": r"a3-(highgpu-.+ nvidia-h100-80gb|megagpu-.+ nvidia-h100-mega-80gb)",
        "a100-sxm-80gb": r"a2-ultragpu-.+ nvidia-a100-80gb",
    },
    "aks": {
        "t4": r"Standard_NC.+_T4_v3",
        "h100-sxm": r"Standard_ND.+_H100_v5",
        "h100-nvl": r"Standard_NC.+_H100_v5",
        "a100-pcie-80gb": r"Standard_NC.+_A100_v4",
    },
}
PROVIDERS = {"eks": ("aws", (5, 100)), "gke": ("google", (7, 45)), "aks": ("azurerm", (5, 2))}
RESOURCES = {
    "eks": "aws_eks_node_group",
    "gke": "google_container_node_pool",
    "aks": "azurerm_kubernetes_cluster_node_pool",
}
PLANNED: dict[str, dict[str, str]] = json.loads((TESTS / "planned.json").read_text())
"""Every resource of the roots of cases, as they were first planned: its address, and a digest of its arguments.

Addresses are for good, and other arguments change what runs: a line is only ever replaced with a word in the changelog.
"""
BESIDE: dict[str, set[str]] = {"gke": {"google_service_account", "google_project_iam_member"}, "aks": set()}
CREATED = {
    "gke": {
        "google_compute_network",
        "google_compute_router",
        "google_compute_router_nat",
        "google_compute_subnetwork",
        "google_container_cluster",
        "google_container_node_pool",
        "google_kms_crypto_key",
        "google_kms_crypto_key_iam_member",
        "google_kms_key_ring",
        "google_project",
        "google_project_iam_member",
        "google_service_account",
    },
    "aks": {
        "azurerm_kubernetes_cluster",
        "azurerm_log_analytics_workspace",
        "azurerm_monitor_diagnostic_setting",
        "azurerm_nat_gateway",
        "azurerm_nat_gateway_public_ip_association",
        "azurerm_public_ip",
        "azurerm_role_assignment",
        "azurerm_subnet",
        "azurerm_subnet_nat_gateway_association",
        "azurerm_user_assigned_identity",
        "azurerm_virtual_network",
    },
}


FLEET = """
apiVersion: fleetgen/v1
name: moves
clusters:
  main:
    platform: eks
    region: us-east-1
    cluster: {existing: platform}
    namespace: inference
    storageClass: fast
    pools:
      small-cards: {gpu: t4, nodes: {min: 1, max: 6}, capacity: [spot, on-demand], nodeSelector: {team: chat}}
      h100:
        gpu: h100-sxm
        gpusPerNode: 8
        nodes: {min: 0, max: 2}
        taints: [{key: team, value: chat, effect: NoExecute}]
models:
  chat:
    source: {huggingface: Qwen/Qwen3-0.6B}
    engine: {name: vllm}
    placements:
      small: {cluster: main, pool: small-cards}
      large: {cluster: main, pool: h100}
"""
MOVES = {
    "eks": {},
    "gke": {
        "    platform: eks": "    platform: gke",
        "    region: us-east-1": "    region: europe-west4",
        "    cluster: {existing: platform}": "    cluster: {existing: platform, project: acme}",
    },
    "aks": {
        "    platform: eks": "    platform: aks",
        "    region: us-east-1": "    region: westeurope",
        "    cluster: {existing: platform}": "    cluster: {existing: platform, resourceGroup: rg-platform}",
    },
}
CREATE = {
    "eks": '{create: {version: "1.34", zones: [us-east-1a, us-east-1b]}}',
    "gke": '{create: {version: "1.34"}, project: acme}',
    "aks": '{create: {version: "1.34"}, resourceGroup: rg-platform}',
}
"""The line of a cluster that Terraform creates instead."""


@dataclass(frozen=True)
class Nodes:
    """What Terraform would create for one way of buying a pool, in words that all clouds share."""

    machine: str
    way: str
    least: int
    most: int
    labels: dict[str, str]
    taints: frozenset[str]


def eks(group: dict[str, Any]) -> Nodes:
    [limits] = group["scaling_config"]
    taints = frozenset(f"{taint['key']}={taint['value']}:{EFFECTS[taint['effect']]}" for taint in group["taint"])
    bought = "reserved" if group["node_group_name_prefix"].endswith("-reserved-") else "on-demand"
    way = "spot" if group["capacity_type"] == "SPOT" else bought
    return Nodes(
        " or ".join(group["instance_types"]), way, limits["min_size"], limits["max_size"], group["labels"], taints
    )


def gke(pool: dict[str, Any]) -> Nodes:
    """The nodes with the taint that GKE adds by itself."""
    [config], [limits] = pool["node_config"], pool["autoscaling"]
    [gpu] = config["guest_accelerator"]
    taints = {f"{taint['key']}={taint['value']}:{EFFECTS[taint['effect']]}" for taint in config["taint"]}
    assert GPU_TAINT not in taints
    way = "spot" if config["spot"] else "reserved" if config["reservation_affinity"] else "on-demand"
    way = "flex-start" if config["flex_start"] else way
    least, most = limits["total_min_node_count"], limits["total_max_node_count"]
    machine = f"{config['machine_type']} {gpu['type']}"
    return Nodes(machine, way, least, most, config["labels"], frozenset({*taints, GPU_TAINT}))


def aks(pool: dict[str, Any]) -> Nodes:
    way = "spot" if pool["priority"] == "Spot" else "reserved" if pool["capacity_reservation_group_id"] else "on-demand"
    taints = frozenset(pool["node_taints"])
    return Nodes(pool["vm_size"], way, pool["min_count"], pool["max_count"], pool["node_labels"], taints)


READ = {"eks": eks, "gke": gke, "aks": aks}


def planned(folder: Folder, platform: str) -> dict[str, dict[str, Any]]:
    """What the root would create, by address; formatted, valid, and with one provider alone."""
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests(platform, "root.tftest.hcl")
    folder.init()
    folder.run("validate")
    [(provider, version)] = folder.providers().items()
    name, least = PROVIDERS[platform]
    assert (provider, version[0], version[:2] >= least) == (name, least[0], True)
    changes = folder.planned("root.tftest.hcl")
    if platform in BESIDE:
        kinds = {tuple(address.replace(".data.", ".").split(".")[1:3]) for address in changes}
        assert {kind for module, kind in kinds if module == "gpu_pools"} <= BESIDE[platform] | {RESOURCES[platform]}
        assert {kind for module, kind in kinds if module == "cluster"} in (set(), CREATED[platform])
    return changes


def groups_of(changes: dict[str, dict[str, Any]], platform: str) -> dict[str, Nodes]:
    """The node groups among them, by key."""
    prefix = f"module.gpu_pools.{RESOURCES[platform]}.this["
    return {
        address.removeprefix(prefix).strip('"]'): READ[platform](after)
        for address, after in changes.items()
        if address.startswith(prefix)
    }


def check(found: dict[str, Nodes], cluster: dict[str, Any]) -> None:
    """Every node pool is what the spec says, read by this test itself."""
    platform = cluster["platform"]
    ways = {
        f"{name}-{way}{f'-{type_}' if place else ''}": (name, pool, way, type_, index == place == 0)
        for name, pool in cluster["pools"].items()
        for index, way in enumerate(pool.get("capacity", ["on-demand"]))
        for place, type_ in enumerate(_each(platform, pool, way))
    }
    assert found.keys() == ways.keys()
    for key, (name, pool, way, type_, first) in ways.items():
        nodes = pool["nodes"] if isinstance(pool["nodes"], dict) else {"min": pool["nodes"], "max": pool["nodes"]}
        assert (found[key].least, found[key].most) == (nodes["min"] if first else 0, nodes["max"])
        assert found[key].way == way
        assert re.fullmatch(MACHINES[platform][pool["gpu"]], found[key].machine), found[key].machine
        assert type_ in found[key].machine
        assert found[key].labels.items() >= {"fleetgen.dev/pool": name, **pool.get("nodeSelector", {})}.items()
        own = pool.get("taints", [{"key": "nvidia.com/gpu", "value": "present"}])
        taints = {f"{taint['key']}={taint.get('value', '')}:{taint.get('effect', 'NoSchedule')}" for taint in own}
        if platform == "gke":
            taints |= {GPU_TAINT}
            choice = sum(other == pool for _, other, *_ in ways.values()) > 1
            assert found[key].labels.get(CLASS) == (f"fleetgen-{name}" if choice else None)
            taints |= {f"{CLASS}=fleetgen-{name}:NoSchedule"} if choice else set()
        if platform == "aks" and way == "spot":
            taints |= {SPOT_TAINT}
        assert found[key].taints == taints


def _each(platform: str, pool: dict[str, Any], way: str) -> list[str]:
    """The given types of which each becomes a node pool of its own; one empty word where the type was chosen."""
    types: list[str] = pool.get("instanceTypes", [""])
    return [" or ".join(types)] if platform == "eks" else types[:1] if way == "reserved" else types


def roots() -> list[tuple[Path, str]]:
    """The specs of narrow cases, and the clusters in them."""
    specs = [path for platform in MOVES for path in (ROOT / "tests/cases").glob(f"terraform-{platform}-*/fleet.yaml")]
    return [(path, name) for path in sorted(specs) for name in yaml.safe_load(path.read_text())["clusters"]]


@pytest.mark.parametrize(("spec", "cluster"), roots(), ids=lambda value: getattr(value, "parent", Path(value)).name)
def test_every_case_is_planned_as_its_spec_says(
    spec: Path, cluster: str, tmp_path: Path, settings: dict[str, str]
) -> None:
    rendered(spec, tmp_path)
    said = yaml.safe_load(spec.read_text())["clusters"][cluster]
    changes = planned(Folder(tmp_path / "out/terraform" / cluster, tmp_path, settings), said["platform"])
    check(groups_of(changes, said["platform"]), said)
    asked = {address: hashlib.sha256(json.dumps(changes[address], sort_keys=True).encode()) for address in changes}
    held = {address: digest.hexdigest()[:16] for address, digest in asked.items()}
    assert held == PLANNED[f"{spec.parent.name}/{cluster}"], "what 0.1.0 made would be changed or made anew"


@pytest.mark.parametrize("platform", ["gke", "aks"])
def test_every_output_is_planned_as_its_spec_says(platform: str, tmp_path: Path, settings: dict[str, str]) -> None:
    for number, source in enumerate(written(platform)):
        check(groups_of(planned(Folder(source, tmp_path / str(number), settings), platform), platform), spec_of(source))


@pytest.mark.parametrize(
    ("platform", "create"),
    [*((platform, "") for platform in MOVES), *CREATE.items()],
    ids=[*MOVES, *(f"{platform}-created" for platform in CREATE)],
)
def test_three_lines_move_a_pool_to_another_cloud(
    platform: str, create: str, tmp_path: Path, settings: dict[str, str]
) -> None:
    """The root is planned by the real provider, and every pod finds and tolerates the nodes that it makes."""
    text = FLEET
    for old, new in MOVES[platform].items():
        assert f"\n{old}\n" in text
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    if create:
        text = re.sub(r"(?m)^    cluster: .*$", f"    cluster: {create}", text)
    assert sum(old != new for old, new in zip(FLEET.splitlines(), text.splitlines(), strict=True)) <= 3
    (tmp_path / "fleet.yaml").write_text(text)
    rendered(tmp_path / "fleet.yaml", tmp_path)
    found = groups_of(planned(Folder(tmp_path / "out/terraform/main", tmp_path, settings), platform), platform)
    check(found, yaml.safe_load(text)["clusters"]["main"])
    pods = {name: _pod(tmp_path / "out/helm", name) for name in ("chat-small", "chat-large")}
    for key, nodes in found.items():
        pod = pods["chat-small" if key.startswith("small-cards-") else "chat-large"]
        assert pod["nodeSelector"].items() <= nodes.labels.items()
        tolerated = {_tolerated(toleration) for toleration in pod["tolerations"]}
        assert {taint for taint in nodes.taints if not {taint, _any_value(taint)} & tolerated} == set()


def _pod(charts: Path, release: str) -> dict[str, Any]:
    command = [str(tool("helm")), "template", release, "charts/model-server", "-f", f"main/{release}.values.yaml"]
    done = subprocess.run(command, cwd=charts, capture_output=True, text=True, check=True)
    [deployment] = [item for item in yaml.safe_load_all(done.stdout) if item and item["kind"] == "Deployment"]
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def _tolerated(toleration: dict[str, str]) -> str:
    value = "*" if toleration.get("operator") == "Exists" else toleration.get("value", "")
    return f"{toleration['key']}={value}:{toleration['effect']}"


def _any_value(taint: str) -> str:
    return re.sub(r"=.*:", "=*:", taint)


def _pools(platform: str) -> tuple[NodePool, ...]:
    """The pools that tests/consumers/terraform/<platform>/pools.tftest.hcl speaks of."""
    gke = platform == "gke"
    l4: dict[str, Any] = {
        "min_nodes": 4,
        "max_nodes": 6,
        "labels": {"fleetgen.dev/pool": "l4", "note": "${path.module}"},
        "instance_types": ("g2-standard-8" if gke else "Standard_NC4as_T4_v3",),
        "taints": () if gke else (TaintPlan("nvidia.com/gpu", "present", "NoSchedule"),),
    }
    h100: dict[str, Any] = {
        "gpus_per_node": 8,
        "max_nodes": 2,
        "instance_types": ("a3-highgpu-8g" if gke else "Standard_ND96isr_H100_v5",),
        "taints": (TaintPlan("team", "chat", "NoExecute"),),
        "disk_gib": 500,
        "reservation": "h100-block" if gke else RESERVATION,
        "zones": () if gke else ("1",),
    }
    zones = ("europe-west4-a", "europe-west4-b") if gke else ()
    ssds = {"accelerators": {"a3-highgpu-8g": "nvidia-h100-80gb"}, "local_ssds": {"a3-highgpu-8g": 16}} if gke else {}
    both = (
        plans.pool("l4", platform, capacity=("spot", "on-demand"), zones=zones, **l4),
        plans.pool("h100", platform, capacity=("reserved",), **h100, **ssds),
    )
    if not gke:
        return both
    few = {**l4, "min_nodes": 2, "max_nodes": 3}
    waiting = {**l4, "min_nodes": 0, "max_nodes": 1}
    return (
        *both,
        plans.pool("open", platform, capacity=("reserved",), **few),
        plans.pool("wait", platform, capacity=("flex-start",), **waiting),
    )


def _plan(platform: str, state: TerraformState | None = None) -> Plan:
    return plans.plan(plans.cluster("main", platform, state=state, pools=_pools(platform)))


@pytest.mark.parametrize("platform", ["gke", "aks"])
def test_each_way_of_buying_nodes(platform: str, tmp_path: Path, settings: dict[str, str]) -> None:
    folder = Folder(write(_plan(platform), tmp_path / "written"), tmp_path, settings)
    folder.run("fmt", "-check", "-diff", "-recursive", folder=folder.tree)
    folder.add_tests(platform, "pools.tftest.hcl")
    folder.init()
    folder.test("pools.tftest.hcl")


@pytest.mark.parametrize("backend", ["gcs", "azurerm"])
def test_no_value_breaks_out_of_the_backend(backend: str, tmp_path: Path, settings: dict[str, str]) -> None:
    """Terraform itself reads the quoted values back, as locals, where no bucket is asked."""
    nasty = '}"\n${path.module} %{ if true }\\'
    state = GcsState(nasty, nasty) if backend == "gcs" else AzurermState(nasty, nasty, nasty)
    folder = Folder(write(_plan("gke", state), tmp_path / "written"), tmp_path / "copy", settings)
    text = (folder.root / "backend.tf").read_text()
    assert f'backend "{backend}" {{' in text
    folder.run("fmt", "-check", "-diff", str(folder.root / "backend.tf"))
    alone = tmp_path / "alone"
    alone.mkdir()
    body = text.replace(f'terraform {{\n  backend "{backend}" {{', "locals {").rstrip().removesuffix("}")
    names = ["bucket", "prefix"] if backend == "gcs" else ["storage_account_name", "container_name", "key"]
    values = ", ".join(f"local.{name}" for name in names)
    (alone / "main.tf").write_text(f'{body}output "read" {{\n  value = [{values}]\n}}\n')
    folder.run("apply", "-auto-approve", "-no-color", folder=alone)
    assert json.loads(folder.run("output", "-json", folder=alone))["read"]["value"] == [nasty] * len(names)
