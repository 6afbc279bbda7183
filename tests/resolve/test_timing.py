"""Start-up, shutdown and storage numbers, worked out by hand."""

import pytest

from generator.resolve import timing


@pytest.mark.parametrize(
    ("weights_gib", "seconds"),
    [
        (9.44, 540),  # 300 + 2 x (96.7 + 19.3) = 532 -> 9 minutes
        (61.0, 1800),  # 300 + 2 x (624.6 + 124.9) = 1799
        (0, 3600),
    ],
)
def test_startup_covers_download_and_load(weights_gib, seconds):
    assert timing.startup(weights_gib)[0].startup_s == seconds


@pytest.mark.parametrize("longest", [0, 60, 900])
@pytest.mark.parametrize("behind", [True, False])
def test_shutdown_adds_up(longest, behind):
    plan, _ = timing.shutdown(longest, behind_endpoints=behind)
    assert plan.grace_s > plan.pre_stop_s + plan.drain_s
    assert plan.drain_s <= 300
    assert plan.pre_stop_s == (15 if behind else 0)


def test_cache_holds_the_weights_and_more():
    assert timing.cache_gib(9.44)[0] == 30
    assert timing.cache_gib(0)[0] == 200
