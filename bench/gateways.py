"""What a gateway adds to a call, against the same call made directly, and how fast tables are rendered for gateways."""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Measured, measure
from conformance import client
from conformance.bench import running
from conformance.client import Call, Got
from conformance.gateways import RUNNERS, runner
from conformance.keys import MASTER_KEY
from conformance.row import Row
from conformance.rows import ROWS
from conformance.upstream import Upstream
from scripts.tools import ALL

GEN = str(Path(sys.executable).with_name("gen"))
ROUTES = 1_000
BACKENDS = 5
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Added:
    """Medians in seconds to the first token, and calls a second, without and with the gateway."""

    kind: str
    direct_s: float
    through_s: float
    direct_rate: float
    through_rate: float


def added(calls: int) -> Iterator[Added]:
    """Each gateway that is installed, in turns with direct calls, so that a busy machine is busy for both."""
    for kind in RUNNERS:
        if ALL[kind].place.exists():
            yield asyncio.run(_added(kind, calls))


async def _added(kind: str, calls: int) -> Added:
    row = next(row for row in ROWS if row.name == "callers-key-stays")
    upstream = Upstream("only", "openai", row.peers["only"].scripts)
    gateway = runner(kind)
    with tempfile.TemporaryDirectory(prefix="gen-bench-") as folder:
        async with running(Path(folder), gateway, [row], {row.name: {"only": upstream}}) as base:
            bases = f"http://127.0.0.1:{upstream.port}", base
            firsts, rates = await _in_turn(bases, row, calls)
    return Added(kind, *(statistics.median(one) for one in firsts), *(statistics.median(one) for one in rates))


async def _in_turn(bases: Sequence[str], row: Row, calls: int) -> tuple[list[list[float]], list[list[float]]]:
    """Times to the first token and calls a second, for each base; the first round is a warm-up."""
    firsts: list[list[float]] = [[] for _ in bases]
    rates: list[list[float]] = [[] for _ in bases]
    for number in range(calls + 1):
        for index, base in enumerate(bases):
            [got] = await client.ask(base, MASTER_KEY, row.name, Call(), {})
            started = time.monotonic()
            burst = await client.ask(base, MASTER_KEY, row.name, Call(times=_AT_ONCE, together=True, stream=False), {})
            if number:
                firsts[index].append(_first(got))
                rates[index].append(len(burst) / (time.monotonic() - started))
    return firsts, rates


def _first(got: Got) -> float:
    if got.error:
        raise RuntimeError(got.message)
    return got.first_s


def tables(runs: int, folder: Path) -> Iterator[tuple[str, Measured]]:
    """A thousand routes of five backends, rendered for every kind of gateway."""
    spec = folder / "routes.yaml"
    spec.write_text(json.dumps(_routes()), encoding="utf-8")
    command = [GEN, "render", str(spec), "--out", str(folder / "routes-out"), "--force"]
    targets = [word for name in ("routes", *RUNNERS) for word in ("--target", name)]
    yield f"{ROUTES:,} routes x {BACKENDS}: validate", measure([GEN, "validate", str(spec)], runs=runs)
    yield f"{ROUTES:,} routes x {BACKENDS}: render {len(RUNNERS)} gateways", measure([*command, *targets], runs=runs)


def _routes() -> dict[str, object]:
    providers = {
        f"p{number}": {"api": "openai-compatible", "url": f"https://p{number}.example.com/v1", "key": {"env": "P_KEY"}}
        for number in range(BACKENDS)
    }
    tiers = [[{"provider": name, "model": "m"}] for name in providers]
    return {
        "apiVersion": "fleetgen/v1",
        "name": "routes",
        "clusters": {"here": {"platform": "docker"}},
        "providers": providers,
        "models": {
            "idle": {
                "source": {"ollama": "qwen3:0.6b"},
                "engine": {"name": "ollama", "version": "0.32.15"},
                "context": 8192,
                "placements": {"here": {"cluster": "here"}},
            }
        },
        "routes": {f"route-{number:04}": {"tiers": tiers} for number in range(ROUTES)},
        "gateways": {kind: {"kind": kind, "cluster": "here"} for kind in RUNNERS},
    }
