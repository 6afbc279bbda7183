"""GPU pools of a cluster: nodes of one kind."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler

from generator.core.accelerators import RESOURCE
from generator.core.frozen import frozen
from generator.core.labels import POOL
from generator.core.spec.base import Labels, Size, SpecModel, Text, spec_field

NodeName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
Capacity = Literal["on-demand", "spot", "reserved", "flex-start"]


class NodeRange(SpecModel):
    """How many nodes a pool has."""

    min: Annotated[int, Field(ge=0, le=10_000)] = spec_field(
        ..., "Nodes that always run.", changes="terraform: lower limit of the autoscaler", examples=[0]
    )
    max: Annotated[int, Field(ge=0, le=10_000)] = spec_field(
        ..., "Nodes at most.", changes="terraform: upper limit of the autoscaler", examples=[4]
    )


@frozen
class Shorthand:
    """The JSON Schema of `4` or `{min: 4, max: 4}`, without a union: keywords of one type leave the other alone."""

    minimum: int
    maximum: int

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What pydantic asks for when it builds the schema, with the range's own in `core_schema`."""
        closed = handler.resolve_ref_schema(handler(core_schema))
        return {
            "type": ["integer", "object"],
            "minimum": self.minimum,
            "maximum": self.maximum,
            "properties": closed["properties"],
            "required": closed["required"],
            "additionalProperties": False,
        }


class Taint(SpecModel):
    """A node taint, and with it the toleration of every pod in the pool."""

    key: Text = spec_field(..., "Taint key.", changes="terraform, helm: taint and toleration", examples=[RESOURCE])
    value: str = spec_field("", "Taint value.", changes="terraform, helm: taint and toleration", examples=["present"])
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = spec_field(
        "NoSchedule", "What the taint does.", changes="terraform, helm: taint and toleration"
    )


class Reservation(SpecModel):
    """A capacity reservation that the `reserved` nodes use."""

    id: Text = spec_field(
        ...,
        "Id of the reservation: EKS takes its id, GKE its name, AKS the resource id of a capacity reservation group.",
        changes="terraform: capacity_reservation_target, reservation_affinity, capacity_reservation_group_id",
        examples=["cr-0a1b2c3d4e5f60718"],
    )
    kind: Literal["on-demand", "capacity-block"] = spec_field(
        "on-demand",
        "How it was bought: open-ended, or as a block for some days (EKS).",
        changes="terraform: capacity_type, the launch template's market",
    )


class Upgrade(SpecModel):
    """How many nodes an upgrade of the node pool takes at a time."""

    surge: Annotated[int, Field(ge=0, le=100)] = spec_field(
        0,
        "Nodes above the number that runs, started before others end. They have to be had: GPU machines are scarce. "
        "GKE and AKS; EKS takes as many as it needs.",
        changes="terraform: max_surge",
        examples=[1],
    )
    unavailable: Annotated[int, Field(ge=0, le=100)] = spec_field(
        1, "Nodes that may be away at a time.", changes="terraform: max_unavailable", examples=[1]
    )


class Pool(SpecModel):
    """GPU nodes of one kind in one cluster."""

    gpu: Text = spec_field(
        ...,
        "GPU by its usual name, in any spelling.",
        changes="terraform: instance type; compose, helm: the checks",
        examples=["l4"],
    )
    gpus_per_node: Annotated[int, Field(ge=1, le=16)] = spec_field(
        1, "GPUs in each node.", changes="terraform: instance type; compose: device ids", examples=[1]
    )
    nodes: Annotated[NodeRange, Shorthand(0, 10_000)] = spec_field(
        ...,
        "Nodes, fixed (`2`) or a range.",
        changes="terraform: limits of the autoscaler; helm: upper limit of replicas",
        examples=[2, {"min": 0, "max": 4}],
    )
    capacity: Annotated[list[Capacity], Field(min_length=1)] = spec_field(
        ["on-demand"],
        "Ways to buy the nodes, first choice first; each becomes a node group. `flex-start` is GKE's alone.",
        changes="terraform: one node group a kind, with its capacity_type, spot, flex_start or priority",
        examples=[["spot", "on-demand"]],
    )
    instance_types: Annotated[list[Text], Field(min_length=1)] | None = spec_field(
        None,
        "Instance types, first choice first, when one is not to be chosen from the catalogue. All have the pool's "
        "GPUs. On EKS a node group takes them all; on GKE and AKS each becomes a node pool, and what is sold out falls "
        "back to the next. Reserved nodes are of the first.",
        changes="terraform: instance_types; a node pool with its machine_type or vm_size",
        examples=[["g6.2xlarge", "g6.4xlarge"]],
    )
    zones: list[Text] = spec_field(
        [],
        "Zones of the nodes (GKE, AKS); the cluster's own when empty. GPUs are not in every zone of a region.",
        changes="terraform: node_locations, zones",
        examples=[["europe-west4-a"], ["1", "2"]],
    )
    reservation: Reservation | None = spec_field(
        None, "Reservation of the `reserved` nodes.", changes="terraform: capacity reservation of the nodes"
    )
    disk: Size = spec_field(
        "200Gi", "Root disk of each node.", changes="terraform: size of the root disk", examples=["500Gi"]
    )
    disk_type: Text | None = spec_field(
        None,
        "Kind of root disk, in the cloud's own word: `gp3` or `io2` on EKS, `pd-balanced`, `pd-ssd`, `pd-standard` or "
        "`hyperdisk-balanced` on GKE, as the machine allows, `Managed` or `Ephemeral` on AKS. An ephemeral disk must "
        "fit on the machine's own.",
        changes="terraform: volume_type, disk_type, os_disk_type",
        examples=["pd-ssd"],
    )
    max_pods: Annotated[int, Field(ge=1, le=1000)] | None = spec_field(
        None,
        "Pods that a node takes at most; the platform's own number when absent.",
        changes="terraform: max_pods_per_node, max_pods; the kubelet's maxPods in the launch template",
        examples=[32],
    )
    compact: bool | None = spec_field(
        None,
        "Put the nodes close together, for what spreads over several. They are then in one zone: GKE and AKS need one "
        "in `zones`, EKS one in `subnets` of the cluster. Not for reserved nodes, which stand where their reservation "
        "does.",
        changes="terraform: a placement group (EKS), placement_policy (GKE), a proximity placement group (AKS)",
        examples=[True],
    )
    upgrade: Upgrade | None = spec_field(
        None, "Nodes that an upgrade takes at a time.", changes="terraform: update_config, upgrade_settings"
    )
    hosts: Annotated[list[NodeName], Field(max_length=1000)] = spec_field(
        [],
        "Names of the nodes, as `kubectl get nodes` tells them (`kubernetes` only): gen writes a script that labels "
        "and taints them. As many as `nodes` says.",
        changes="cluster: label-nodes.sh, node-labels.yaml",
        examples=[["gpu-01", "gpu-02"]],
    )
    node_selector: Labels = spec_field(
        {},
        f"Labels by which pods find these nodes, beside `{POOL}`. Created on cloud nodes, expected on "
        f"existing ones; on a `kubernetes` cluster these replace `{POOL}`.",
        changes="terraform: node labels; helm: nodeSelector",
        examples=[{f"{RESOURCE}.product": "NVIDIA-L40S"}],
    )
    driver: Annotated[int, Field(ge=300, le=999)] | None = spec_field(
        None,
        "Branch of NVIDIA's driver on these nodes, the first part of what `nvidia-smi` prints (`570`). An image that "
        "needs a newer one is refused, or is told to use the libraries that it brings for older ones.",
        changes="compose, helm: the engine's environment; the checks",
        examples=[580],
    )
    reserved: Size | None = spec_field(
        None,
        "Memory of each GPU that is not the engine's: a desktop, other programs, the system where CPU and GPU share "
        "memory. The engine is told a smaller share of the whole. Without it vLLM leaves 20 GiB where CPU and GPU "
        "share memory, and 1 GiB on a docker host, for a screen.",
        changes="compose, helm: vLLM's share of memory",
        examples=["4Gi"],
    )
    taints: list[Taint] = spec_field(
        [{"key": RESOURCE, "value": "present", "effect": "NoSchedule"}],
        "Taints of the nodes; every pod placed here tolerates them.",
        changes="terraform: taint; helm: tolerations",
    )
