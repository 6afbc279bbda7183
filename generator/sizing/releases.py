"""What changed in vLLM from release to release, as far as memory follows from it. Sources: docs/sizing.md."""

import re
from bisect import bisect_right

from generator.catalog.facts import GpuFacts

Release = tuple[int, int, int]

NEWEST: Release = (0, 33, 0)
V1_ENGINE: Release = (0, 8, 0)
"""From here on the V1 engine serves, but for what it did not support yet."""
V1_ALONE: Release = (0, 9, 0)
"""From here on no configuration falls back to the V0 engine."""
FLASHINFER_SAMPLER: Release = (0, 20, 0)
"""From here on the sampler of NVIDIA GPUs no longer sorts all logits."""
GRAPHS_IN_BUDGET: Release = (0, 21, 0)
"""From here on the memory of CUDA graphs is estimated and taken off the budget; before, it came on top of it."""
MEASURED_WHOLE: Release = (0, 27, 0)
"""From here on what is taken is measured as a whole: with gaps in the allocator and what came before weights."""
RUNNER_V2: Release = (0, 25, 0)
"""From here on dense models run on the second model runner, whose sampler needs no copies of the logits."""
RUNNER_V2_ALL: Release = (0, 29, 0)
"""From here on the others run on it too, and it estimates CUDA graphs, of which it said nothing before."""
TOKENS_BY_CONCURRENCY: Release = (0, 21, 0)
"""From here on the printed cache size of layouts with groups is concurrency x length."""
HYBRID_PREFIX_CACHE: Release = (0, 28, 0)
"""From here on prefix caching of hybrid models is on, and a sequence holds two states."""
TWO_BATCHES: Release = (0, 26, 0)
"""From here on two batches are in flight, for which window layers keep room."""
UTILIZATION_092: Release = (0, 20, 0)


_LAST_V0: Release = (0, 7, 3)
_MONTHS: tuple[tuple[str, Release], ...] = (
    ("2023-12", (0, 2, 6)),
    ("2024-06", (0, 5, 0)),
    ("2024-09", (0, 6, 1)),
    ("2024-12", (0, 6, 6)),
    ("2025-02", (0, 7, 2)),
    ("2025-04", (0, 8, 4)),
    ("2025-06", (0, 9, 1)),
    ("2025-08", (0, 10, 1)),
    ("2025-10", (0, 11, 0)),
    ("2025-12", (0, 13, 0)),
    ("2026-02", (0, 15, 1)),
    ("2026-03", (0, 18, 0)),
    ("2026-04", (0, 19, 0)),
    ("2026-05", (0, 20, 2)),
    ("2026-06", (0, 22, 0)),
    ("2026-07", (0, 24, 0)),
    ("2026-08", (0, 26, 0)),
    ("2026-09", (0, 28, 0)),
    ("2026-10", (0, 30, 0)),
    ("2026-11", NEWEST),
)
"""About which release was current from which month on, for a version that is told by its date alone."""
_NEWEST_WORDS = re.compile(r"latest|nightly|main|master|newest|\bV1\b|20\d\d", re.IGNORECASE)


def parse(version: str) -> Release:
    """`0.10.1rc1` as (0, 10, 1); less exact forms as `understood` takes them, and the newest for all others."""
    return (understood(version) or (NEWEST, ""))[0]


def understood(version: str) -> tuple[Release, str] | None:
    """A version as it stands in logs, and what was assumed: number, `0.2x`, month, `latest`; none if neither."""
    if not version:
        return NEWEST, ""
    if match := re.search(r"(?<!\d)(\d)\.(\d+)(?:\.(\d+))?(?![\dx])", version):
        return (int(match[1]), int(match[2]), int(match[3] or 0)), ""
    if match := re.search(r"(?<!\d)0\.(\d)[xX]", version):
        # Of ten releases a late one, as far as there are any.
        release = min((0, 10 * int(match[1]) + 8, 0), NEWEST)
        return release, _assumed(version, release)
    if re.search(r"\bV0\b", version):
        return _LAST_V0, _assumed(version, _LAST_V0)
    if match := re.search(r"20\d\d-\d\d", version):
        at = bisect_right([month for month, _ in _MONTHS], match[0]) - 1
        release = _MONTHS[max(at, 0)][1]
        return release, _assumed(version, release)
    return (NEWEST, _assumed(version, NEWEST)) if _NEWEST_WORDS.search(version) else None


def _assumed(version: str, release: Release) -> str:
    return f"version {version!r} is taken as {'.'.join(map(str, release))}"


def default_utilization(release: Release) -> float:
    """The share of memory a server takes when none is written."""
    return 0.92 if release >= UTILIZATION_092 else 0.9


def default_batch(gpu: GpuFacts, release: Release) -> tuple[int, int]:
    """Tokens and sequences of a step at most, as the API server chooses them by the GPU."""
    large = gpu.memory_gib >= 70 and "A100" not in gpu.name and not gpu.unified
    if release < (0, 9, 0):
        return (2048, 256)
    if gpu.memory_gib >= 160 and release >= (0, 12, 0):
        return (16384, 1024)
    return (8192, 1024) if large else (2048, 256)


def is_v0(release: Release, capability: float, stored: str) -> bool:
    """Whether the V0 engine serves: always before 0.8, and for GPUs and formats that V1 did not know until 0.9."""
    if release < V1_ENGINE:
        return True
    return release < V1_ALONE and (0 < capability < 8.0 or stored.startswith("gguf"))
