"""What the catalogue says that a change does to a node group, against plans of the real providers.

Each attribute is changed in a resource of its own, whose state is written here by hand and never refreshed: the
provider then says whether it would replace the resource. No cloud is asked.
"""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.catalog import reader
from tests.consumers.roots import Folder

pytestmark = pytest.mark.consumer("terraform")

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
AKS = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/a"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/n/subnets"
CARD = {"type": "nvidia-l4", "count": 1, "gpu_driver_installation_config": [{"gpu_driver_version": "LATEST"}]}


def gke(**config: Any) -> dict[str, Any]:
    """A node pool whose nodes are of another kind."""
    return {"node_config": [{**BASE["gke"]["node_config"][0], **config}]}


BASE: dict[str, dict[str, Any]] = {
    "eks": {
        "cluster_name": "a",
        "node_group_name": "g",
        "node_role_arn": "arn:aws:iam::111122223333:role/a",
        "subnet_ids": ["subnet-a"],
        "ami_type": "AL2023_x86_64_NVIDIA",
        "capacity_type": "ON_DEMAND",
        "instance_types": ["g6.xlarge"],
        "labels": {"a": "b"},
        "launch_template": [{"id": "lt-0a1b2c3d4e5f60718", "version": "1"}],
        "scaling_config": [{"min_size": 0, "max_size": 1, "desired_size": 0}],
        "update_config": [{"max_unavailable": 1}],
        "taint": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}],
    },
    "gke": {
        "project": "p",
        "location": "europe-west4",
        "cluster": "a",
        "name": "g",
        "node_locations": ["europe-west4-a"],
        "max_pods_per_node": 32,
        "autoscaling": [{"total_min_node_count": 0, "total_max_node_count": 1, "location_policy": "ANY"}],
        "upgrade_settings": [{"strategy": "SURGE", "max_surge": 0, "max_unavailable": 1}],
        "node_config": [
            {
                "machine_type": "g2-standard-8",
                "disk_size_gb": 200,
                "disk_type": "pd-balanced",
                "service_account": "a@p.iam.gserviceaccount.com",
                "labels": {"a": "b"},
                "guest_accelerator": [CARD],
                "taint": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}],
            }
        ],
    },
    "aks": {
        "kubernetes_cluster_id": AKS,
        "name": "g",
        "mode": "User",
        "vm_size": "Standard_NC4as_T4_v3",
        "os_disk_size_gb": 200,
        "os_disk_type": "Managed",
        "max_pods": 60,
        "node_labels": {"a": "b"},
        "node_taints": ["a=b:NoSchedule"],
        "zones": ["1"],
        "vnet_subnet_id": f"{NETWORK}/a",
        "auto_scaling_enabled": True,
        "min_count": 0,
        "max_count": 1,
        "temporary_name_for_rotation": "gt",
        "upgrade_settings": [{"max_unavailable": "1"}],
    },
}
CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "eks": {
        "capacity_block": {"capacity_type": "CAPACITY_BLOCK"},
        "cluster_name": {"cluster_name": "b"},
        "disk_gib": {"launch_template": [{"id": "lt-0a1b2c3d4e5f60718", "version": "2"}]},
        "instance_types": {"instance_types": ["g6.2xlarge"]},
        "labels": {"labels": {"a": "c"}},
        "max_nodes": {"scaling_config": [{"min_size": 0, "max_size": 2, "desired_size": 0}]},
        "max_unavailable": {"update_config": [{"max_unavailable": 2}]},
        "node_role": {"node_role_arn": "arn:aws:iam::111122223333:role/b"},
        "subnets": {"subnet_ids": ["subnet-b"]},
        "taints": {"taint": [{"key": "a", "value": "c", "effect": "NO_SCHEDULE"}]},
    },
    "gke": {
        "accelerator": gke(guest_accelerator=[{**CARD, "type": "nvidia-tesla-t4"}]),
        "cluster_name": {"cluster": "b"},
        "compact": {"placement_policy": [{"type": "COMPACT"}]},
        "disk_gib": gke(disk_size_gb=300),
        "disk_type": gke(disk_type="pd-ssd"),
        "gpus_per_node": gke(guest_accelerator=[{**CARD, "count": 2}]),
        "labels": gke(labels={"a": "c"}),
        "local_ssds": gke(ephemeral_storage_local_ssd_config=[{"local_ssd_count": 16}]),
        "location": {"location": "europe-west1"},
        "instance_types": gke(machine_type="g2-standard-12"),
        "max_nodes": {
            "autoscaling": [{"total_min_node_count": 0, "total_max_node_count": 2, "location_policy": "ANY"}]
        },
        "max_pods": {"max_pods_per_node": 64},
        "max_surge": {"upgrade_settings": [{"strategy": "SURGE", "max_surge": 1, "max_unavailable": 1}]},
        "project": {"project": "q"},
        "reservation": gke(
            reservation_affinity=[
                {
                    "consume_reservation_type": "SPECIFIC_RESERVATION",
                    "key": "compute.googleapis.com/reservation-name",
                    "values": ["r"],
                }
            ]
        ),
        "node_role": gke(service_account="b@p.iam.gserviceaccount.com"),
        "taints": gke(taint=[{"key": "a", "value": "c", "effect": "NO_SCHEDULE"}]),
        "zones": {"node_locations": ["europe-west4-b"]},
    },
    "aks": {
        "cluster_name": {"kubernetes_cluster_id": f"{AKS}b"},
        "compact": {"proximity_placement_group_id": f"{COMPUTE}/proximityPlacementGroups/c"},
        "disk_gib": {"os_disk_size_gb": 300},
        "disk_type": {"os_disk_type": "Ephemeral"},
        "labels": {"node_labels": {"a": "c"}},
        "max_nodes": {"max_count": 2},
        "max_pods": {"max_pods": 64},
        "max_unavailable": {"upgrade_settings": [{"max_unavailable": "2"}]},
        "reservation": {"capacity_reservation_group_id": f"{COMPUTE}/capacityReservationGroups/c"},
        "name": {"name": "h"},
        "subnets": {"vnet_subnet_id": f"{NETWORK}/b"},
        "taints": {"node_taints": ["a=c:NoSchedule"]},
        "instance_types": {"vm_size": "Standard_NC8as_T4_v3"},
        "zones": {"zones": ["2"]},
    },
}
TYPES = {
    "eks": "aws_eks_node_group",
    "gke": "google_container_node_pool",
    "aks": "azurerm_kubernetes_cluster_node_pool",
}
DEFAULTS = {"aks": {"priority": "Regular", "spot_max_price": -1, "os_type": "Linux"}}
"""What a provider writes into the state where nothing was said."""
PROVIDERS = {
    "eks": ("aws", "~> 5.100"),
    "gke": ("google", "~> 7.45"),
    "aks": ("azurerm", "~> 5.2"),
}


class _Tokens(http.server.BaseHTTPRequestHandler):
    """Gives a token without a signature to the Azure provider, which asks for one before it plans."""

    def do_GET(self) -> None:
        claims = {"oid": "0", "tid": "0", "appid": "0", "exp": 4102444800}
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
        token = {"access_token": f"{'.'.join(parts)}.", "expires_on": "4102444800", "token_type": "Bearer"}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({**token, "resource": "https://management.azure.com/"}).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def tokens() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Tokens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token"
    server.shutdown()


def _settings(platform: str, tokens: str) -> dict[str, Any]:
    """A provider that asks nobody."""
    if platform == "eks":
        quiet = {f"skip_{what}": True for what in ("credentials_validation", "requesting_account_id")}
        keys = {"access_key": "mock", "secret_key": "mock", "skip_metadata_api_check": True}
        return {"region": "us-east-1", **quiet, **keys}
    if platform == "gke":
        return {"access_token": "mock", "project": "p"}
    none = "00000000-0000-0000-0000-000000000000"
    return {
        "features": {},
        "subscription_id": none,
        "tenant_id": none,
        "use_cli": False,
        "use_msi": True,
        "msi_endpoint": tokens,
        "resource_provider_registrations": "none",
    }


def _blank(block: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """All attributes of a schema: the given values, else null, and the same within blocks."""
    whole = {name: values.get(name) for name in block.get("attributes", {})}
    for name, nested in block.get("block_types", {}).items():
        given = values.get(name, [])
        whole[name] = [_blank(nested["block"], item) for item in given]
        if nested["nesting_mode"] == "single":
            whole[name] = None
    return whole


@pytest.mark.parametrize("platform", TYPES)
def test_the_provider_replaces_what_the_catalogue_says(
    platform: str, tmp_path: Path, settings: dict[str, str], tokens: str
) -> None:
    source = tmp_path / "source" / "changes"
    source.mkdir(parents=True)
    name, version = PROVIDERS[platform]
    type_, base = TYPES[platform], BASE[platform]
    config = {
        "terraform": {"required_providers": {name: {"source": f"hashicorp/{name}", "version": version}}},
        "provider": {name: _settings(platform, tokens)},
        "resource": {type_: {variable: {**base, **change} for variable, change in CHANGES[platform].items()}},
    }
    (source / "main.tf.json").write_text(json.dumps(config))
    folder = Folder(source, tmp_path / "work", settings)
    folder.init()
    [schemas] = json.loads(folder.run("providers", "schema", "-json"))["provider_schemas"].values()
    schema = schemas["resource_schemas"][type_]
    address = next(iter(json.loads(folder.run("providers", "schema", "-json"))["provider_schemas"]))
    ids = {
        "eks": "a:g",
        "gke": "projects/p/locations/europe-west4/clusters/a/nodePools/g",
        "aks": f"{AKS}/agentPools/g",
    }
    was = {**_blank(schema["block"], {**base, **DEFAULTS.get(platform, {})}), "id": ids[platform]}
    resources = [
        {
            "mode": "managed",
            "type": type_,
            "name": variable,
            "provider": f'provider["{address}"]',
            "instances": [{"schema_version": schema["version"], "attributes": was}],
        }
        for variable in CHANGES[platform]
    ]
    state = {"version": 4, "terraform_version": "1.10.0", "serial": 1, "lineage": "test", "outputs": {}}
    (folder.root / "terraform.tfstate").write_text(json.dumps({**state, "resources": resources}))
    folder.run("plan", "-refresh=false", "-input=false", "-no-color", "-out=plan")
    plan = json.loads(folder.run("show", "-json", "plan"))
    found = {change["name"]: change["change"] for change in plan["resource_changes"]}
    facts = reader.pool_changes(platform).variables
    replaced = {variable for variable, change in found.items() if "delete" in change["actions"]}
    said = {variable for variable in CHANGES[platform] if facts[variable] == "replace"}
    assert {name: found[name].get("replace_paths") for name in replaced ^ said} == {}
    assert all("update" in change["actions"] or "delete" in change["actions"] for change in found.values())
