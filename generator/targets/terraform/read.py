"""The written data of a root, read back: what stood in a fleet's outputs before a change, as the plan document says it.

Nothing is worked out here: the file names every node group. One that this version has not written, of an older one or
edited, is told apart and not guessed at.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from generator.core import layout
from generator.render.plan.nodes import CloudEntry, CreatedEntry, GroupEntry, NetworkEntry
from generator.render.plan.rows import CountEntry, TaintEntry

_Json = Mapping[str, Any]


def roots(files: Mapping[str, bytes]) -> Iterator[tuple[str, CloudEntry | None]]:
    """Every cluster of an output folder that has a root, with what the root is told; None where that cannot be read."""
    for path in sorted(files):
        if cluster := layout.variables_of(path):
            yield cluster, cloud(files[path])


def cloud(content: bytes) -> CloudEntry | None:
    """What a root is told of its cluster and its node groups, of which it has none where Karpenter starts nodes.

    None where the content is not as this version writes it.
    """
    try:
        data = json.loads(content)
        groups = {} if "queue_name" in data else data["node_groups"]
        return CloudEntry(
            cluster_name=data["cluster_name"],
            created=_created(data) if "kubernetes_version" in data else None,
            node_groups={key: _group(group) for key, group in groups.items()},
            **_place(data),
        )
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None


def _place(data: _Json) -> dict[str, Any]:
    """Where the cluster is: each cloud has a variable that no other has."""
    none: dict[str, Any] = {
        "project": None,
        "subscription": None,
        "resource_group": None,
        "subnets": [],
        "node_role": None,
    }
    if "project" in data:
        theirs = {"project": data["project"], "node_role": data["service_account"]}
        return {**none, "platform": "gke", "location": data["location"], **theirs}
    if "resource_group_name" in data:
        theirs = {"subscription": data["subscription_id"], "resource_group": data["resource_group_name"]}
        subnet = data.get("subnet_id")
        return {
            **none,
            "platform": "aks",
            "location": data["location"],
            "subnets": [subnet] if subnet else [],
            **theirs,
        }
    theirs = {"subnets": data.get("subnet_ids", []), "node_role": data["node_role_arn"]}
    return {**none, "platform": "eks", "location": data["region"], **theirs}


def _created(data: _Json) -> CreatedEntry:
    network, system = data["network"], data["system_pool"]
    return CreatedEntry(
        kubernetes_version=data["kubernetes_version"],
        zones=data["zones"],
        network=NetworkEntry(nodes=network["nodes"], pods=network.get("pods"), services=network["services"]),
        public_access=data["public_access_cidrs"],
        machine=system["machine"],
        nodes=CountEntry(min=system["min_nodes"], max=system["max_nodes"]),
    )


def _group(data: _Json) -> GroupEntry:
    return GroupEntry(
        pool=data["pool"],
        name=data["name"],
        capacity=data["capacity"],
        gpus_per_node=data["gpus_per_node"],
        disk_gib=data["disk_gib"],
        disk_type=data["disk_type"],
        min_nodes=data["min_nodes"],
        max_nodes=data["max_nodes"],
        max_pods=data["max_pods"],
        max_unavailable=data["max_unavailable"],
        compact=data["compact"],
        labels=data["labels"],
        taints=[TaintEntry(key=item["key"], value=item["value"], effect=item["effect"]) for item in data["taints"]],
        **_machines(data),
    )


def _machines(data: _Json) -> dict[str, Any]:
    """What each cloud's module is told in words of its own."""
    if "instance_types" in data:
        held = data["reservation"]
        return {
            "instance_types": data["instance_types"],
            "accelerator": data["gpu"],
            "local_ssds": 0,
            "max_surge": 0,
            "zones": [],
            "reservation": held["id"] if held else None,
            "capacity_block": bool(held) and held["kind"] == "capacity-block",
        }
    return {
        "instance_types": [data["machine_type"] if "machine_type" in data else data["vm_size"]],
        "accelerator": data.get("accelerator"),
        "local_ssds": data.get("local_ssds", 0),
        "max_surge": data["max_surge"],
        "zones": data["zones"],
        "reservation": data["reservation"],
        "capacity_block": False,
    }
