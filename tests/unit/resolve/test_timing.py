"""Start-up and shutdown, worked out by hand."""

from pathlib import Path

import pytest

from generator.pipeline import check
from generator.resolve.placements import timing
from generator.resolve.placements.timing import Calls, Start


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        (Start(9.44, 100), 360),  # 2 x (60 + 96.7 + 19.3) = 352
        (Start(9.44, 400), 240),  # 2 x (60 + 24.2 + 19.3) = 207
        (Start(9.44, 0), 180),  # 2 x (60 + 19.3) = 159
        (Start(61.0, 100, layers=64, graphs=19), 1860),  # 2 x (60 + 624.6 + 124.9 + 96 + 9.5) = 1830
        (Start(0, 100), 3600),
    ],
)
def test_startup_covers_download_load_and_compilation(start, seconds):
    assert timing.startup(start)[0].startup_s == seconds


@pytest.mark.parametrize(
    ("calls", "drain"),
    [
        (Calls(), 120),
        (Calls(60), 60),
        (Calls(900), 555),
        (Calls(900, 200.5, 4096), 201),
        (Calls(60, 200, 4096), 60),
        (Calls(0, 200, 4096), 200),
    ],
)
def test_a_replica_drains_as_long_as_its_longest_call_lasts(calls, drain):
    plan, _ = timing.shutdown(calls, behind_endpoints=True)
    assert (plan.pre_stop_s, plan.drain_s, plan.grace_s) == (15, drain, 15 + drain + 30)


def test_a_docker_host_does_not_wait_for_endpoints():
    plan, why = timing.shutdown(Calls(60), behind_endpoints=False)
    assert (plan.pre_stop_s, plan.grace_s) == (0, 90)
    assert "endpoints" not in why
    assert "node" not in timing.shutdown(Calls(900), behind_endpoints=False)[1]


@pytest.mark.parametrize(
    ("calls", "notice", "told"),
    [(Calls(900), 120, True), (Calls(900), 0, False), (Calls(60), 120, False), (Calls(60), 30, True)],
)
def test_why_says_when_a_spot_node_ends_before_its_calls(calls, notice, told):
    assert ("spot node" in timing.shutdown(calls, behind_endpoints=True, spot_notice_s=notice)[1]) is told


@pytest.mark.parametrize(("calls", "cut"), [(Calls(900), True), (Calls(900, 100, 1024), False), (Calls(60), False)])
def test_why_says_when_calls_are_cut(calls, cut):
    assert ("longer calls are cut" in timing.shutdown(calls, behind_endpoints=True)[1]) is cut


@pytest.mark.parametrize(
    ("placement", "seconds"), [("qwen3-14b/use1", 120), ("qwen3-14b/euw4", 30), ("qwen3-32b/weu", 30)]
)
def test_each_cloud_leaves_its_spot_nodes_their_own_time(placement, seconds):
    plan = check(Path(__file__).parents[3] / "stacks/multi-cloud/fleet.yaml", "default").plan
    [found] = [item for item in plan.placements if item.id == placement]
    why = next(item.why for item in found.decisions if item.field == "shutdown")
    assert f"a spot node ends {seconds} s after its notice" in why
