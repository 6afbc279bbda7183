"""What `gen diff` says of GPU nodes: from the variables of both sides to a sentence about each node group."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.catalog import reader
from generator.core.artifact import Artifact, ArtifactSet
from generator.core.plan import ClusterPlan
from generator.core.plan.clouds.eks import KarpenterPlan
from generator.impact.nodes import GroupChange, group_changes, sentences
from generator.output.diff import Held, differences
from generator.render.plan.build import document
from generator.render.plan.entries import PlanDocument
from generator.report import diff
from generator.targets.terraform.target import TERRAFORM
from tests import plans

ROOT = Path(__file__).parents[3]
CLASS = {"eks": "use1", "gke": "euw4", "aks": "weu"}
PATH = "terraform/use1/fleet.auto.tfvars.json"


def cluster(platform: str, theirs: dict[str, Any] | None = None, **pool: Any) -> ClusterPlan:
    """A cluster whose only pool buys spot nodes before on-demand ones, of two types."""
    zones = {"zones": ("a", "b")} if platform == "gke" else {}
    wanted = {"capacity": ("spot", "on-demand"), "instance_types": ("a.large", "b.large"), **zones, **pool}
    return plans.cluster("use1", platform, pools=(plans.pool("l4", platform, **wanted),), **(theirs or {}))


def told(before: ClusterPlan | None, after: ClusterPlan | None) -> list[tuple[str | None, str, tuple[str, ...]]]:
    held = {"README.md": Held(b"something stood here")}
    if before is not None:
        held |= {item.path: Held(item.content) for item in TERRAFORM.render(plans.plan(before))}
    return [(item.group, item.effect, item.changed) for item in group_changes(_document(after), held)]


def _document(*clusters: ClusterPlan | None) -> PlanDocument:
    return document(plans.plan(*filter(None, clusters)))


@pytest.mark.parametrize("platform", CLASS)
def test_every_setting_of_a_group_is_known(platform: str) -> None:
    """One that is in no list would change nodes and be passed over in silence."""
    entry = _document(cluster(platform)).clusters["use1"].cloud
    assert entry is not None
    known = set(reader.pool_changes(platform).variables)
    # A key holds the pool and the way of buying. The beginning of a name follows from the key on EKS and GKE, and from
    # both on AKS. What a cloud does not know is null, 0 or empty there.
    [group, *_] = entry.node_groups.values()
    assert {name for name, value in vars(group).items() if value or value is False} - known <= {
        *("capacity", "name", "pool"),
        *(("capacity_block",) if platform != "eks" else ()),
    }


def test_what_terraform_would_do_to_node_groups() -> None:
    base = cluster("eks")
    more = cluster("eks", max_nodes=9)
    assert told(base, more) == [("l4-on-demand", "in-place", ("max_nodes",)), ("l4-spot", "in-place", ("max_nodes",))]
    assert told(base, cluster("eks", disk_gib=500, max_nodes=9)) == [
        ("l4-on-demand", "recreate", ("disk_gib",)),
        ("l4-spot", "recreate", ("disk_gib",)),
    ]
    assert told(base, cluster("eks", instance_types=("c.large",)))[0] == (
        "l4-on-demand",
        "replace",
        ("instance_types",),
    )
    assert told(base, base) == []


def test_groups_that_come_and_go() -> None:
    base = cluster("gke")
    fewer = cluster("gke", capacity=("on-demand",), min_nodes=1)
    assert told(base, fewer) == [
        ("l4-on-demand", "in-place", ("min_nodes",)),
        ("l4-spot", "destroy", ()),
        ("l4-spot-b.large", "destroy", ()),
    ]
    assert {effect for _, effect, _ in told(None, base)} == {"create"}
    assert {effect for _, effect, _ in told(base, None)} == {"destroy"}
    assert [effect for _, effect, _ in told(base, cluster("eks"))].count("create") == 2


def test_a_type_belongs_to_its_own_node_pool() -> None:
    """The second of two types is another: its node pool goes, and the first stays as it was."""
    base = cluster("aks")
    assert told(base, cluster("aks", instance_types=("a.large", "c.large"))) == [
        ("l4-on-demand-b.large", "destroy", ()),
        ("l4-on-demand-c.large", "create", ()),
        ("l4-spot-b.large", "destroy", ()),
        ("l4-spot-c.large", "create", ()),
    ]
    assert told(base, cluster("aks", instance_types=("c.large", "b.large"))) == [
        ("l4-on-demand", "recreate", ("instance_types",)),
        ("l4-spot", "recreate", ("instance_types",)),
    ]


def test_a_reservation_concerns_reserved_nodes_alone() -> None:
    ways = ("reserved", "on-demand")
    base, other = (cluster("eks", capacity=ways, reservation=id_) for id_ in ("cr-1", "cr-2"))
    block = cluster("eks", capacity=ways, reservation="cr-2", capacity_block=True)
    assert told(base, other) == [("l4-reserved", "recreate", ("reservation",))]
    assert told(base, block) == [("l4-reserved", "replace", ("capacity_block",))]


def test_nodes_in_one_zone_leave_the_other_subnets() -> None:
    one, two = ({"subnets": subnets} for subnets in (("a",), ("a", "b")))
    assert told(cluster("eks", one), cluster("eks", one, compact=True))[0][1:] == ("recreate", ("compact",))
    assert told(cluster("eks", two), cluster("eks", two, compact=True))[0][1:] == ("replace", ("subnets",))


OLDER = {"cluster_name": "platform", "region": "us-east-1", "pools": {"l4": {"capacity": ["spot"], "min_nodes": 0}}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"node_groups": {"l4": {}}}',
        b'{"node_groups": 1}',
        b"\xff",
        pytest.param(json.dumps(OLDER).encode(), id="an older version's"),
    ],
)
def test_what_cannot_be_read_is_told_as_such(content: bytes) -> None:
    """No group is said to be new, gone or changed, and nobody takes silence for no change."""
    [change] = group_changes(_document(cluster("eks")), {PATH: Held(content)})
    assert (change.cluster, change.group, change.effect, change.changed) == ("use1", None, "unknown", ())
    assert list(sentences([change])) == [
        "use1: what happens to its node groups is not known: the files that stood there are of another version of gen, "
        "or were edited"
    ]


def test_karpenter_takes_the_place_of_node_groups() -> None:
    names = KarpenterPlan("role", "queue", "al2023@v1", installed=False)
    groups, without = cluster("eks"), cluster("eks", {"karpenter": names})
    assert {(group, effect) for group, effect, _ in told(groups, without)} == {
        ("l4-on-demand", "destroy"),
        ("l4-spot", "destroy"),
    }
    assert {effect for _, effect, _ in told(without, groups)} == {"create"}
    assert told(without, cluster("eks", {"karpenter": names}, max_nodes=9)) == []


def test_of_a_new_fleet_nothing_is_said() -> None:
    assert group_changes(_document(cluster("eks")), {}) == ()


def test_another_identity_of_the_nodes_replaces_groups() -> None:
    assert told(cluster("gke"), cluster("gke", {"node_role": "a@b.iam.gserviceaccount.com"}))[0][1:] == (
        "replace",
        ("node_role",),
    )


def test_each_format_says_it() -> None:
    change = GroupChange("use1", "l4-spot", "replace", ("instance_types",), "replaced, the new one stands first")
    line = "use1: node group l4-spot is replaced, the new one stands first (instance_types)"
    assert list(sentences([change])) == [line]
    files = differences(ArtifactSet([Artifact(PATH, b"{}", "terraform")]), {})
    shown = diff.markdown(files, "acme / prod", None, [change])
    assert f"- {line}".replace("_", r"\_") in shown or f"- {line}" in shown
    assert json.loads(diff.document(files, "acme", "prod", "disk", None, [change]))["nodes"] == [
        {"cluster": "use1", "group": "l4-spot", "effect": "replace", "changed": ["instance_types"]}
    ]
