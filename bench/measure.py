"""Runs a command as a whole process, several times, and keeps time and memory.

The system counts a child's peak from its fork on, so no peak is below this process's own size; it imports little.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PEAK_UNIT = 1024 * 1024 if sys.platform == "darwin" else 1024
"""What one MiB is in the unit that the system counts peak memory in."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of several runs: wall seconds, and the peak of resident memory in MiB."""

    seconds: float
    peak_mib: float
    exit_code: int


def measure(command: Sequence[str], *, runs: int, before: Callable[[], None] = lambda: None) -> Measured:
    """Run once unmeasured, then `runs` times; `before` prepares each run and is not measured."""
    results = []
    for _ in range(runs + 1):
        before()
        results.append(_once(command))
    kept = results[1:]
    return Measured(
        statistics.median(seconds for seconds, _, _ in kept),
        statistics.median(peak for _, peak, _ in kept),
        max(code for _, _, code in kept),
    )


def _once(command: Sequence[str]) -> tuple[float, float, int]:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return seconds, usage.ru_maxrss / _PEAK_UNIT, process.returncode
