"""How long tests wait for what must come: long enough for any machine, and no longer than until it is there."""

import time
from collections.abc import Callable

PATIENCE_S = 300


def wait_until(met: Callable[[], bool], what: str, step_s: float = 0.02) -> None:
    """Return as soon as a condition is met; fail with `what` was waited for when it never is."""
    end = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < end, f"{what}: not within {PATIENCE_S} s"
        time.sleep(step_s)
