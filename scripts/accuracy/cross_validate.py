"""Fits the constants anew without each source of measurements in turn, and holds them against what was left out."""

import csv
import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import Any, TypeVar

from generator.sizing import throughput
from generator.sizing.budget import budget
from scripts.accuracy import fit_speed, memory
from scripts.accuracy.fit_speed import Case, Constants
from scripts.install.environment import ROOT

TARGET = ROOT / "tests" / "truth" / "fits" / "cross_validation.csv"
SIZING = "generator.sizing."
MEMORY = (
    *("overhead.SORTED_LOGIT", "overhead.FLASHINFER_LOGIT", "overhead.RESIDUALS", "overhead.ENCODER_PEAK"),
    *("overhead.PLAIN_GRAPHS", "overhead.GRAPH_OF_LAYER", "overhead.GAPS", "overhead.LEFTOVERS", "overhead.UNIFIED"),
    *("overhead.RUNTIME", "overhead.FAST_LINKS", "overhead.SLOW_LINKS"),
)
"""Fitted constants of memory: module and name."""
WORST_GIB = 2.0
"""An error beyond this counts no more: a row that the model does not describe."""
SHAKY = 1.3
"""By this factor a constant differs between fits that hangs on few sources."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Error:
    """How far one figure was off: GiB, or a logarithm of a ratio. `inside` the band or the interval."""

    kind: str
    size: float
    inside: bool


def main() -> None:
    """Fit, print and write."""
    lines = [*_memory(), *_speed()]
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("what", "count", "median", "p90", "inside", "median_now", "inside_now"), *lines])
    print("\n".join(section()))


def section() -> Iterator[str]:
    """The page's table, from what was written last."""
    with TARGET.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    yield "| left out | figures | median error | p90 | in band or interval | as it stands: median | inside |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        if row["count"]:
            yield f"| {' | '.join(row.values())} |"
    for row in rows:
        if not row["count"]:
            yield from ("", row["what"])


def standing() -> dict[str, str]:
    """The share inside by kind with the constants in force; what was written last must say the same."""
    found = [*_lines(now := list(_gib(_logs())), now, "{:.2f} GiB", lambda size: size)]
    found += _lines(now := list(_ratios(fit_speed.cases())), now, "{:.0%}", lambda size: exp(size) - 1)
    return {line[0]: f"{line[5]} {line[6]}" for line in found}


def written() -> list[dict[str, str]]:
    """What was written last: a row for each kind that was measured."""
    with TARGET.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["count"]]


def _logs() -> list[memory.Row]:
    return [row for row in memory.rows() if row.v1 and row.truth["avail_kv_gib"]]


def _memory() -> Iterator[Sequence[str]]:
    rows = _logs()
    start = {name: float(getattr(*_owner(name))) for name in MEMORY}

    def cost(chosen: Sequence[memory.Row], constants: Constants) -> float:
        _put(constants)
        return sum(min(error.size, WORST_GIB) for error in _gib(chosen)) / len(chosen)

    found = _folds(rows, lambda row: row.truth["source"].partition("(")[0], start, cost, _put, _gib, {})
    yield from _lines(found.left_out, found.now, "{:.2f} GiB", lambda size: size)
    yield _constants("memory", found.ranges)


def _speed() -> Iterator[Sequence[str]]:
    start = fit_speed.present()

    def cost(chosen: Sequence[Case], constants: Constants) -> float:
        return fit_speed.loss(constants, list(chosen))

    found = _folds(fit_speed.cases(), lambda case: case.group, start, cost, fit_speed.apply, _ratios, fit_speed.SHARES)
    yield from _lines(found.left_out, found.now, "{:.0%}", lambda size: exp(size) - 1)
    yield _constants("speed", found.ranges)


@dataclass(frozen=True, slots=True)
class _Found:
    left_out: list[Error]
    now: list[Error]
    ranges: Mapping[str, tuple[float, float]]


def _folds(
    rows: Sequence[Row],
    group: Callable[[Row], str],
    start: Constants,
    cost: Callable[[Sequence[Row], Constants], float],
    put: Callable[[Constants], None],
    errors: Callable[[Iterable[Row]], Iterator[Error]],
    caps: Mapping[str, float],
) -> _Found:
    """One fit a group. The constants in force are what they were in the end."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[group(row)].append(row)
    left_out: list[Error] = []
    fits: list[Constants] = []
    for name, own in groups.items():
        others = [row for other, members in groups.items() if other != name for row in members]

        def total(constants: Constants, others: Sequence[Row] = others) -> float:
            return cost(others, constants) + fit_speed.pull(constants, start)

        fits.append(fit_speed.walk(start, total, caps))
        put(fits[-1])
        left_out += errors(own)
    put(start)
    ranges = {name: (min(fit[name] for fit in fits), max(fit[name] for fit in fits)) for name in start}
    return _Found(left_out, list(errors(rows)), ranges)


def _gib(rows: Iterable[memory.Row]) -> Iterator[Error]:
    low, high = memory.BAND
    for row in rows:
        error = float(row.measured("avail_kv_gib") or 0.0) - budget(row.question).kv_available.value
        yield Error("memory for the cache, V1", abs(error), low <= error <= high)


def _ratios(cases: Iterable[Case]) -> Iterator[Error]:
    for case in cases:
        found = throughput.speed(case.question, case.memory, case.load)
        for name, measured in case.measured.items():
            if measured and found:
                estimate = getattr(found, name)
                size = abs(log(estimate.value / measured))
                yield Error(_class(case, name), size, estimate.low <= measured <= estimate.high)


def _class(case: Case, name: str) -> str:
    if name == "ttft_ms":
        return "time to first token"
    family = "experts" if "experts" in case.kind else "dense"
    if case.kind.startswith("single"):
        return f"one stream, {family}"
    return f"loaded, {family}, {'one GPU' if case.question.tp == 1 else 'TP'}"


def _lines(
    left_out: Iterable[Error], now: Iterable[Error], form: str, shown: Callable[[float], float]
) -> Iterator[Sequence[str]]:
    before, after = _by_kind(left_out), _by_kind(now)
    for kind in sorted(before):
        sizes = sorted(error.size for error in before[kind])
        p90 = sizes[round(0.9 * (len(sizes) - 1))]
        inside, inside_now = (f"{sum(e.inside for e in part[kind]) / len(sizes):.0%}" for part in (before, after))
        middle, present = median(sizes), median(error.size for error in after[kind])
        figures = [form.format(shown(size)) for size in (middle, p90, present)]
        yield (kind, str(len(sizes)), figures[0], figures[1], inside, figures[2], inside_now)


def _by_kind(errors: Iterable[Error]) -> dict[str, list[Error]]:
    found: dict[str, list[Error]] = defaultdict(list)
    for error in errors:
        found[error.kind].append(error)
    return found


def _constants(what: str, ranges: Mapping[str, tuple[float, float]]) -> Sequence[str]:
    shaky = [
        f"`{name.rpartition('.')[2] if name in MEMORY else name}` {low:.3g} to {high:.3g}"
        for name, (low, high) in ranges.items()
        if high > SHAKY * low
    ]
    return (f"Constants of {what} that hang on few sources: {', '.join(shaky) or 'none'}.", *[""] * 6)


def _owner(name: str) -> tuple[Any, str]:
    module, _, constant = name.partition(".")
    return importlib.import_module(SIZING + module), constant


def _put(constants: Mapping[str, float]) -> None:
    for name, value in constants.items():
        setattr(*_owner(name), value)


if __name__ == "__main__":
    main()
