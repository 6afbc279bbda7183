"""What a gateway adds to a call, against the same call made directly, and how fast tables are rendered for gateways."""

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fleets import yaml_of
from bench.measure import Measured, measure
from conformance import client
from conformance.bench import running
from conformance.client import Call, Got
from conformance.keys import MASTER_KEY
from conformance.row import Row
from conformance.rows import ROWS
from conformance.runners import RUNNERS, runner
from conformance.upstream import Upstream
from generator.gateways import GATEWAYS
from tools.places import PLACES

GEN = str(Path(sys.executable).with_name("gen"))
ROUTES = 1_000
BACKENDS = 5
MODELS = 20
PROVIDERS = 4
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
        if PLACES[kind].exists():
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
    """A thousand routes of five backends: validated, rendered for every kind of gateway, and all that `gen` writes."""
    spec, out = folder / "routes.yaml", folder / "routes-out"
    spec.write_text(yaml_of(_spec()), encoding="utf-8")
    validate, render = [GEN, "validate", str(spec)], [GEN, "render", str(spec), "--out", str(out)]
    targets = [word for name in sorted(GATEWAYS) for word in ("--target", name)]
    label = f"{ROUTES:,} routes x {BACKENDS}"
    yield f"{label}: validate", measure(validate, runs=runs)
    for name, command in ((f"render {len(GATEWAYS)} gateways", [*render, *targets]), ("render all", render)):
        yield f"{label}: {name}", measure(command, runs=runs, before=lambda: shutil.rmtree(out, ignore_errors=True))


def _spec() -> dict[str, Any]:
    """Each route has a tier of its own models, and one of providers; a gateway of every kind serves them all."""
    names = [f"model-{number:02}" for number in range(MODELS)]
    return {
        "apiVersion": "fleetgen/v1",
        "name": "routes",
        "clusters": {"here": {"platform": "kubernetes", "pools": {"l4": {"gpu": "l4", "nodes": 2 * MODELS}}}},
        "providers": {f"p{number}": _provider(number) for number in range(PROVIDERS)},
        "defaults": {"engine": {"name": "vllm", "version": "0.33.0"}, "context": 8192, "concurrency": 16},
        "models": {name: _model() for name in names},
        "routes": {f"route-{number:04}": {"tiers": list(_tiers(number, names))} for number in range(ROUTES)},
        "gateways": {kind: {"kind": kind, "cluster": "here"} for kind in GATEWAYS},
    }


def _model() -> dict[str, Any]:
    placements = {"here": {"cluster": "here", "pool": "l4", "replicas": 2}}
    return {"source": {"huggingface": "Qwen/Qwen3-14B-AWQ"}, "quantization": "awq", "placements": placements}


def _provider(number: int) -> dict[str, Any]:
    url = f"https://p{number}.example.com/v1"
    key = {"secret": {"name": f"p{number}", "key": "api-key"}}
    return {"api": "openai-compatible", "url": url, "key": key}


def _tiers(number: int, models: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    own = BACKENDS - BACKENDS // 2
    yield [{"model": models[(number + step) % len(models)], "weight": step + 1} for step in range(own)]
    yield [{"provider": f"p{(number + step) % PROVIDERS}", "model": "large"} for step in range(BACKENDS - own)]
