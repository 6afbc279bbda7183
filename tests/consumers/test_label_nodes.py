"""The script that labels nodes of our own: shells and a linter read it, and it runs against nodes that a fake plays."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.core.plan import TaintPlan
from generator.targets.cluster.target import CLUSTER
from tests import plans
from tests.consumers.tools import tool

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted(
    path for folder in ("outputs/*/*", "tests/cases/*/expected") for path in ROOT.glob(f"{folder}/cluster/*/*.sh")
)
TAINT = TaintPlan("nvidia.com/gpu", "present", "NoSchedule")
EVICTS = TaintPlan("team", "", "NoExecute")
PRODUCT = {"nvidia.com/gpu.product": "NVIDIA-L40S"}


def script(*pools: Any) -> str:
    """What gen writes for a cluster of these pools."""
    plan = plans.plan(plans.cluster("dc1", "kubernetes", pools=pools))
    [found] = [item for item in CLUSTER.render(plan) if item.path.endswith(".sh")]
    return found.content.decode()


class Cluster:
    """Nodes that a fake kubectl plays, and the script to run against them."""

    def __init__(self, place: Path, text: str, **labels: dict[str, str]) -> None:
        self.place = place
        self.script = place / "label-nodes.sh"
        self.script.write_text(text)
        program = place / "kubectl"
        program.write_text(f"#!{sys.executable}\n" + (Path(__file__).parent / "fake_kubectl.py").read_text())
        program.chmod(0o755)
        self.write({name.replace("_", "-"): {"labels": found, "taints": []} for name, found in labels.items()})

    def write(self, nodes: dict[str, Any]) -> None:
        (self.place / "nodes.json").write_text(json.dumps(nodes))

    @property
    def nodes(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.place / "nodes.json").read_text())
        return found

    def run(self, *options: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{self.place}{os.pathsep}{os.environ['PATH']}"}
        command = [shell, str(self.script), *options]
        (self.place / "calls.json").unlink(missing_ok=True)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    @property
    def changes(self) -> list[list[str]]:
        """The calls of the last run that change something."""
        calls: list[list[str]] = json.loads((self.place / "calls.json").read_text())
        return [call for call in calls if "get" not in call]


def named(**changes: Any) -> Any:
    """A pool with two named hosts."""
    wanted = {"hosts": ("gpu-01", "gpu-02"), "min_nodes": 2, "max_nodes": 2, "taints": (TAINT, EVICTS)}
    return plans.pool("l4", "kubernetes", **{**wanted, **changes})


@pytest.fixture
def two(tmp_path: Path) -> Cluster:
    """Two bare nodes that the script names, and one that it does not."""
    return Cluster(tmp_path, script(named()), gpu_01={"kept": "yes"}, gpu_02={}, other={})


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: "-".join(path.relative_to(ROOT).parts[1:-1]))
@pytest.mark.consumer("shellcheck")
def test_shells_and_the_linter_read_every_script(path: Path) -> None:
    linter = tool("shellcheck").with_name("shellcheck")
    # Its optional rules too, but for braces around every variable and the two that mistrust functions in conditions.
    strict = [str(linter), "--shell=sh", "--enable=all", "--exclude=SC2250,SC2310,SC2312"]
    for command in (["bash", "-n"], ["bash", "--posix", "-n"], strict):
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_shows_and_changes_nothing_by_default(two: Cluster) -> None:
    before = two.nodes
    done = two.run()
    assert done.returncode == 0, done.stderr
    assert two.changes == []
    assert two.nodes == before
    assert "would run: kubectl label node gpu-01 fleetgen.dev/pool=l4 --overwrite" in done.stdout
    assert "would run: kubectl taint node gpu-02 nvidia.com/gpu=present:NoSchedule --overwrite" in done.stdout
    assert "gpu-01 evicts pods that do not tolerate team" in done.stdout
    assert "6 changes; run again with --apply" in done.stdout


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_applied_nodes_have_label_and_taints_and_nothing_is_done_twice(two: Cluster, shell: str) -> None:
    assert two.run("--apply", shell=shell).returncode == 0
    taints = [["nvidia.com/gpu", "present", "NoSchedule"], ["team", "", "NoExecute"]]
    assert two.nodes == {
        "gpu-01": {"labels": {"kept": "yes", "fleetgen.dev/pool": "l4"}, "taints": taints},
        "gpu-02": {"labels": {"fleetgen.dev/pool": "l4"}, "taints": taints},
        "other": {"labels": {}, "taints": []},
    }
    again = two.run("--apply", shell=shell)
    assert again.returncode == 0
    assert two.changes == []
    assert "as they should be" in again.stdout


def test_undo_takes_away_what_is_ours_and_no_more(two: Cluster) -> None:
    before = two.nodes
    two.run("--apply")
    nodes = two.nodes
    nodes["gpu-02"]["labels"]["fleetgen.dev/pool"] = "others"
    nodes["gpu-02"]["taints"] = [["team", "chat", "NoExecute"]]
    two.write(nodes)
    assert two.run("--undo").returncode == 0
    assert two.nodes["gpu-01"] == before["gpu-01"]
    assert two.nodes["gpu-02"] == {"labels": {"fleetgen.dev/pool": "others"}, "taints": [["team", "chat", "NoExecute"]]}
    assert two.run("--undo").returncode == 0
    assert two.changes == []


def test_a_node_of_another_pool_moves_with_a_note(two: Cluster) -> None:
    nodes = two.nodes
    nodes["gpu-01"]["labels"]["fleetgen.dev/pool"] = "old"
    nodes["gpu-01"]["taints"] = [["nvidia.com/gpu", "true", "NoSchedule"]]
    two.write(nodes)
    done = two.run("--apply")
    assert "gpu-01 moves here from pool old" in done.stdout
    assert two.nodes["gpu-01"]["labels"]["fleetgen.dev/pool"] == "l4"
    assert two.nodes["gpu-01"]["taints"][0] == ["nvidia.com/gpu", "present", "NoSchedule"]


def test_a_missing_node_stops_it_before_the_first_change(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, script(named()), gpu_02={})
    done = cluster.run("--apply")
    assert done.returncode == 1
    assert cluster.changes == []
    assert "nothing is changed: kubectl finds no node called gpu-01\n" in done.stderr
    assert 'nodes "gpu-01" not found' in done.stderr


def test_labels_of_others_are_looked_for_and_never_set(tmp_path: Path) -> None:
    pool = plans.pool(
        "l40s", "kubernetes", labels=PRODUCT, min_nodes=2, max_nodes=4, taints=(TAINT,), hosts=("gpu-01",)
    )
    cluster = Cluster(tmp_path, script(pool), gpu_01=PRODUCT, gpu_02={})
    done = cluster.run("--apply")
    assert done.returncode == 1
    assert "pool l40s: 1 nodes have the labels nvidia.com/gpu.product=NVIDIA-L40S" in done.stderr
    assert "at least 2" in done.stderr
    assert cluster.changes == [["taint", "node", "gpu-01", "nvidia.com/gpu=present:NoSchedule", "--overwrite"]]
    nodes = cluster.nodes
    nodes["gpu-02"]["labels"] = PRODUCT
    cluster.write(nodes)
    assert cluster.run("--apply").returncode == 0


def test_a_pool_without_hosts_is_looked_for_and_not_touched(tmp_path: Path) -> None:
    text = script(plans.pool("l4", "kubernetes", min_nodes=1, max_nodes=1))
    assert Cluster(tmp_path, text, gpu_01={"fleetgen.dev/pool": "l4"}).run("--apply").returncode == 0
    cluster = Cluster(tmp_path, text, gpu_01={})
    done = cluster.run("--apply")
    assert (done.returncode, cluster.changes) == (1, [])
    assert "fleetgen.dev/pool=l4" in done.stderr


def test_every_call_goes_to_the_context_that_was_named(two: Cluster) -> None:
    assert two.run("--apply", "--context", "dc 1").returncode == 0
    calls = json.loads((two.place / "calls.json").read_text())
    assert all(call[:2] == ["--context", "dc 1"] for call in calls)


@pytest.mark.parametrize("options", [["--aply"], ["--context"]])
def test_an_option_that_it_does_not_know_is_refused(two: Cluster, options: list[str]) -> None:
    done = two.run(*options)
    assert done.returncode == 2
    assert "--apply" in done.stderr
    assert not (two.place / "calls.json").exists()


def test_no_value_breaks_out_of_its_quotes(tmp_path: Path) -> None:
    """Neither the schema nor a finding lets such a value through; the script does not rest on that."""
    mark = tmp_path / "broken"
    taint = TaintPlan("team", f"'; touch {mark}; $(touch {mark}) `touch {mark}`", "NoSchedule")
    cluster = Cluster(tmp_path, script(named(taints=(taint,))), gpu_01={}, gpu_02={})
    done = cluster.run("--apply")
    assert done.returncode == 0, done.stderr
    assert ["taint", "node", "gpu-01", f"team={taint.value}:NoSchedule", "--overwrite"] in cluster.changes
    assert not mark.exists()
