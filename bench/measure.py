"""Runs commands as whole processes, several times, and keeps time and memory.

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
    """One run, or the medians of several: wall and processor seconds, and the peak of resident memory in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    exit_code: int


def measure(command: Sequence[str], *, runs: int, before: Callable[[], None] = lambda: None) -> Measured:
    """Run once unmeasured, then `runs` times; `before` prepares each run and is not measured."""
    results = []
    for _ in range(runs + 1):
        before()
        results.append(_once(command))
    return _median(results[1:])


def measure_in_turn(*commands: Sequence[str], runs: int) -> list[Measured]:
    """Measure commands that are to be compared: they take turns, so that a busy machine is busy for all of them."""
    rounds = [[_once(command) for command in commands] for _ in range(runs + 1)]
    return [_median(results) for results in zip(*rounds[1:], strict=True)]


def _median(results: Sequence[Measured]) -> Measured:
    return Measured(
        statistics.median(one.seconds for one in results),
        statistics.median(one.cpu_seconds for one in results),
        statistics.median(one.peak_mib for one in results),
        max(one.exit_code for one in results),
    )


def _once(command: Sequence[str]) -> Measured:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _PEAK_UNIT, process.returncode)
