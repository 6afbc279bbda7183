"""Runs rows against a gateway: one process each, all rows at once on upstreams of their own, then judges."""

import asyncio
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import client, fleet
from conformance.client import Call
from conformance.deviations import DEVIATIONS
from conformance.keys import MASTER_KEY, secret
from conformance.row import TURNED, Deviation, Peer, Row, Seen, complaints
from conformance.runners import Runner, runner
from conformance.upstream import Upstream, serving

_QUICK_S = 0.25
_CALM_TRIES = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a gateway made of a row. `level` is `fail` where neither the row nor the recorded deviation holds."""

    row: Row
    level: str
    how: str
    wrong: Sequence[str]
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of a gateway, in the order of the rows; seconds it took."""

    kind: str
    outcomes: Sequence[Outcome]
    seconds: float


def run(kind: str, rows: Sequence[Row], *, again: bool = True) -> Run:
    """Run the rows against a gateway of a kind, and those that fail `again` alone: a crowded machine is slow.

    Raises:
        RuntimeError: the pipeline refuses the rows' fleet, or the gateway does not start on it.
    """
    started = time.monotonic()
    outcomes = {outcome.row.name: outcome for outcome in _judged(kind, rows)}
    failed = [outcome.row for outcome in outcomes.values() if outcome.level == "fail"]
    if failed and again:
        outcomes |= {outcome.row.name: outcome for outcome in _judged(kind, _with_goals(failed, rows))}
    return Run(kind, [outcomes[row.name] for row in rows], time.monotonic() - started)


def _with_goals(chosen: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """The chosen rows and those whose routes they fall back to."""
    names = {row.name for row in chosen} | {row.settings.get("fallback") for row in chosen}
    return [row for row in rows if row.name in names]


def _judged(kind: str, rows: Sequence[Row]) -> list[Outcome]:
    """The outcomes of one gateway with all rows."""
    ran = [row for row in rows if not _left_out(kind, row)]
    with tempfile.TemporaryDirectory(prefix="gen-conformance-") as folder:
        seen = asyncio.run(_run(Path(folder), runner(kind), ran)) if ran else {}
    return [judge(kind, row, seen.get(row.name)) for row in rows]


def judge(kind: str, row: Row, seen: Seen | None) -> Outcome:
    """What the gateway made of the row."""
    deviation = deviation_of(kind, row)
    if deviation is not None and deviation.level == "not-run":
        return Outcome(row, "not-run", deviation.how, (), None)
    if seen is None:
        return Outcome(row, "fail", "", ("nothing was seen",), None)
    wrong = complaints(row.expect, seen)
    if deviation is None:
        return Outcome(row, "fail" if wrong else "exact", "", wrong, seen)
    if not wrong and deviation.always:
        return Outcome(row, "fail", deviation.how, ("it does what the row asks; the deviation is out of date",), seen)
    differs = complaints(deviation.expect, seen)
    return Outcome(row, "fail" if differs else deviation.level, deviation.how, differs, seen)


async def _run(folder: Path, gateway: Runner, ran: Sequence[Row]) -> dict[str, Seen]:
    places = {row.name: {role: _upstream(role, peer) for role, peer in row.peers.items()} for row in ran}
    async with running(folder, gateway, ran, places) as base:
        rendered = folder / "out" / "conformance" / "default"
        table = json.loads((rendered / "gateway" / gateway.kind / "routes.json").read_text())
        tasks = {}
        for row in sorted(ran, key=_turn):
            await _calm(base, gateway, row.name)
            tasks[row.name] = asyncio.create_task(_row(row, places[row.name], gateway, base, _public(table)))
        return {name: await task for name, task in tasks.items()}


@asynccontextmanager
async def running(folder: Path, gateway: Runner, rows: Sequence[Row], places: fleet.Places) -> AsyncIterator[str]:
    """The upstreams of the rows, and the gateway on what is rendered for them into the folder; its address.

    Raises:
        RuntimeError: the pipeline refuses the rows' fleet, or the gateway does not start on it.
    """
    async with serving([upstream for roles in places.values() for upstream in roles.values()]):
        rendered = fleet.write(folder, rows, places, [gateway.kind])
        try:
            yield await gateway.start(rendered, secrets(rendered))
        finally:
            await gateway.stop()


async def _calm(base: str, gateway: Runner, route: str) -> None:
    """Wait until the gateway answers quickly, so that no row is slow for another's calls."""
    for _ in range(_CALM_TRIES):
        [got] = await client.ask(base, MASTER_KEY, route, Call(api="models"), gateway.headers(route))
        if got.seconds < _QUICK_S:
            return
        await asyncio.sleep(_QUICK_S)


def deviation_of(kind: str, row: Row) -> Deviation | None:
    """The gateway's known difference in this row, or in the row that this one turns round."""
    return DEVIATIONS[kind].get(row.name.removesuffix(TURNED))


def _left_out(kind: str, row: Row) -> bool:
    deviation = deviation_of(kind, row)
    return deviation is not None and deviation.level == "not-run"


def _upstream(role: str, peer: Peer) -> Upstream:
    return Upstream(role, peer.engine, peer.scripts)


def _turn(row: Row) -> tuple[bool, float]:
    """Rows start one after another: first those that a crowd of busy backends disturbs, then the long ones."""
    return row.behaviour != "cooldown", -sum(call.wait_s * call.times for call in row.calls)


def _public(table: Mapping[str, Any]) -> list[str]:
    """Every name that callers may use: of routes, and their aliases."""
    return sorted({*table["routes"], *(name for route in table["routes"].values() for name in route["aliases"])})


async def _row(row: Row, upstreams: Mapping[str, Upstream], gateway: Runner, base: str, routes: Sequence[str]) -> Seen:
    got = []
    first = next(iter(upstreams.values()))
    for call in row.calls:
        headers = gateway.headers(call.model or row.name)
        got += await client.ask(base, MASTER_KEY, row.name, call, headers, lambda: bool(first.calls))
    # Time for the upstreams to see a caller leave, and for copies to arrive.
    await asyncio.sleep(2 if any(one.left for one in got) or "shadow" in row.settings else 0)
    return Seen(got, upstreams, routes)


def secrets(rendered: Path) -> dict[str, str]:
    """A made-up value for every variable that the rendered files read; the same name has the same value each time."""
    texts = "".join(path.read_text() for path in sorted((rendered / "gateway").rglob("*")) if path.is_file())
    names = set(re.findall(r"\b[A-Z][A-Z0-9_]*_KEY\b", texts))
    return {name: secret(name) for name in sorted(names)}
