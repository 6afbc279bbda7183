"""Measures start-up, sizing, validate, render, check, diff and gateways, on a real fleet and on generated ones."""

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import gateways
from bench.fleets import write_fleet
from bench.measure import Measured, measure, measure_in_turn

ROOT = Path(__file__).resolve().parents[1]
GEN = str(Path(sys.executable).with_name("gen"))
SIZES = (4, 100, 1_000, 10_000)
LIBRARIES = "import click, jsonschema_rs, yaml; from pydantic import BaseModel, Field, TypeAdapter"
"""What every verb that reads a spec imports of others, before a line of ours has run; a render has Jinja as well."""

Row = tuple[str, Measured]


def startup(runs: int) -> Iterator[Row]:
    """What it costs to start at all, beside the floor that the command-line library sets."""
    commands = [sys.executable, "-c", "import click"], [GEN, "version"]
    yield from zip(("python -c 'import click'", "gen version"), measure_in_turn(*commands, runs=runs), strict=True)


def sizing(runs: int) -> Iterator[Row]:
    """One model on one card, and a search over all cards."""
    asked = ["size", "--model", "Qwen/Qwen3-14B", "--context", "8192"]
    yield "gen size", measure([GEN, *asked, "--gpu", "L40S"], runs=runs)
    yield "gen size --suggest", measure([GEN, *asked, "--suggest", "--tpot", "50"], runs=runs)


def hybrid(runs: int, folder: Path) -> Iterator[Row]:
    """The stack that holds all engines and two environments, outputs in place, each verb after its libraries alone."""
    fleet, out = str(ROOT / "stacks" / "hybrid" / "fleet.yaml"), str(folder / "hybrid")
    rendered = ["render", fleet, "--all-envs", "--out", out]
    subprocess.run([GEN, *rendered], check=True, capture_output=True)
    for name, libraries, arguments in (
        ("validate", LIBRARIES, ["validate", fleet]),
        ("render --check --all-envs", f"{LIBRARIES}; import jinja2", [*rendered, "--check"]),
    ):
        commands = [sys.executable, "-c", libraries], [GEN, *arguments]
        labels = "its libraries' import", f"hybrid: {name}"
        yield from zip(labels, measure_in_turn(*commands, runs=runs), strict=True)


def generated(placements: int, runs: int, folder: Path) -> Iterator[Row]:
    """A made fleet: validated, rendered into an empty folder, then checked and compared against it."""
    fleet, out = str(write_fleet(placements, folder / str(placements))), folder / f"{placements}-out"
    steps: tuple[tuple[str, list[str], Callable[[], None]], ...] = (
        ("validate", ["validate", fleet], lambda: None),
        ("render", ["render", fleet, "--out", str(out)], lambda: shutil.rmtree(out, ignore_errors=True)),
        ("render --check", ["render", fleet, "--check", "--out", str(out)], lambda: None),
        ("diff", ["diff", fleet, "--out", str(out)], lambda: None),
    )
    for name, arguments, before in steps:
        yield f"{placements:,} placements: {name}", measure([GEN, *arguments], runs=runs, before=before)
    shutil.rmtree(out, ignore_errors=True)


def show(rows: Iterator[Row]) -> list[Row]:
    """Print rows as they come."""
    kept = []
    for name, result in rows:
        note = "" if result.exit_code == 0 else f"   ended with {result.exit_code}"
        print(f"{name:38} {result.seconds:9.3f} {result.cpu_seconds:9.3f} {result.peak_mib:9.0f}{note}", flush=True)
        kept.append((name, result))
    return kept


def show_ratio(floor: Measured, verb: Measured, of: str) -> None:
    """Print how many times its floor a verb takes."""
    ratios = verb.seconds / floor.seconds, verb.cpu_seconds / floor.cpu_seconds
    print(f"{f'  ratio of {of}':38} {ratios[0]:9.2f} {ratios[1]:9.2f}", flush=True)


def show_added(calls: int) -> None:
    """Print what each gateway adds to a call; upstream, caller and gateway share this machine, so read the ratios."""
    print(f"\n{'through a gateway, direct = 1':38} {'first token':>12} {'calls/s':>9}   (direct ms, calls/s)")
    for one in gateways.added(calls):
        slower, rate = one.through_s / one.direct_s, one.through_rate / one.direct_rate
        absolute = f"({one.direct_s * 1000:.1f}, {one.direct_rate:.0f})"
        print(f"{one.kind:38} {slower:12.2f} {rate:9.2f}   {absolute}", flush=True)


def main() -> None:
    """Measure all, small first."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="measured runs of a small command (default 5)")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="placements of the generated fleets")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}; whole processes, medians after a warm-up\n")
    print(f"{'':38} {'seconds':>9} {'cpu s':>9} {'peak MiB':>9}")
    [(_, floor), (_, version)] = show(startup(options.runs * 2 + 1))
    show_ratio(floor, version, of="gen version")
    with tempfile.TemporaryDirectory(prefix="gen-bench-") as folder:
        show(sizing(options.runs))
        rows = show(hybrid(options.runs, Path(folder)))
        for (_, libraries), (name, verb) in zip(rows[::2], rows[1::2], strict=True):
            show_ratio(libraries, verb, of=name)
        [(_, judged), (_, tables), _] = show(gateways.tables(3, Path(folder)))
        print(f"{'  tables alone, written':38} {tables.seconds - judged.seconds:9.3f}")
        for size in options.sizes:
            show(generated(size, 3 if size < 10_000 else 1, Path(folder)))
    show_added(options.runs * 4)


if __name__ == "__main__":
    main()
