"""Fits the constants of speed on the even rows of the truth file, and prints what they come to on the others."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log

from generator.sizing import speed, throughput
from generator.sizing.budget import budget
from generator.sizing.estimate import Estimate
from generator.sizing.question import Question
from generator.sizing.speed import Curve
from generator.sizing.throughput import Load
from scripts.accuracy import speed as accuracy_speed

CONSTANTS = (
    "MEMORY_EFFICIENCY",
    "EXPERT_EFFICIENCY",
    "KV_EFFICIENCY",
    "STEP_OVERHEAD_S",
    "SEQUENCE_OVERHEAD_S",
    "EXPERT_LAYER_S",
    "LATENT_LAYER_S",
    "NVLINK_LATENCY_S",
    "PCIE_LATENCY_S",
    "EXPERT_COMPUTE",
    "ATTENTION_COMPUTE",
    "EXPERT_SPLIT",
    "DEQUANTIZE",
    "FIRST_TOKEN_S",
)
CURVES = ("SIXTEEN_BIT", "EIGHT_BIT")
SHARES = {
    "MEMORY_EFFICIENCY": 0.93,
    "KV_EFFICIENCY": 0.95,
    "EXPERT_EFFICIENCY": 0.93,
    "DEQUANTIZE": 1.0,
}
"""The most that shares of a bandwidth or peak may become."""
WORST = 1.2
"""Logarithm of the error beyond which a figure counts no more: a row that the model does not describe."""
PULL = 0.003
"""How much a constant resists leaving the value it had: rows alone do not settle each of them."""
WEIGHTS = {"output_tokens_per_s": 1.0, "tpot_ms": 0.7, "ttft_ms": 0.3}
STEPS = (1.25, 1.1, 1.04)
"""Factors by which a constant is tried larger and smaller, the widest first."""

Constants = dict[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """One row, with what does not depend on the constants worked out. `group` is its source and family of models."""

    id: str
    group: str
    kind: str
    question: Question
    memory: Estimate
    load: Load
    measured: dict[str, float]


def cases() -> list[Case]:
    """The rows of which the catalogue knows model and GPU."""
    return [
        Case(
            row["id"],
            f"{row['source'].partition(' summary')[0]} {re.split(r'[-_]', row['model'].rpartition('/')[2])[0]}",
            accuracy_speed.kind(row),
            question,
            budget(question).kv_available,
            load,
            accuracy_speed.measured_figures(row),
        )
        for row in accuracy_speed.truth()
        if (asked := accuracy_speed.asked(row))
        for question, load in [asked]
    ]


def present() -> Constants:
    """The constants as they are; a curve has two."""
    found = {name: getattr(speed, name) for name in CONSTANTS}
    for name in CURVES:
        curve: Curve = getattr(speed, name)
        found |= {f"{name}.share": curve.share, f"{name}.growth": curve.growth}
    return found


def apply(constants: Constants) -> None:
    """Put constants in force, for this process."""
    for name in CONSTANTS:
        setattr(speed, name, constants[name])
    for name in CURVES:
        curve: Curve = getattr(speed, name)
        setattr(speed, name, Curve(constants[f"{name}.share"], curve.peak, constants[f"{name}.growth"]))


def loss(constants: Constants, rows: list[Case]) -> float:
    """The mean error by kind and figure as a logarithm; a single stream counts fourfold, MLPerf less than others."""
    apply(constants)
    errors: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        found = throughput.speed_of(speed.Machine(row.question), max(row.memory.value, 0.0), row.load)
        for name, value in row.measured.items():
            if value:
                errors[row.kind, name].append(min(WORST, abs(log(getattr(found, name).value / value))))
    total = weights = 0.0
    for (kind, name), own in errors.items():
        weight = WEIGHTS[name] * float(len(own) ** 0.5)
        weight *= 4.0 if kind.startswith("single") else 0.6 if kind.startswith("mlperf") else 1.0
        total += weight * sum(own) / len(own)
        weights += weight
    return total / weights


def walk(start: Mapping[str, float], cost: Callable[[Constants], float], caps: Mapping[str, float]) -> Constants:
    """One constant at a time up or down, in smaller and smaller steps, as long as the cost falls."""
    best = dict(start)
    least = cost(best)
    for step in STEPS:
        for name in start:
            for factor in (step, 1 / step):
                tried = {**best, name: min(best[name] * factor, caps.get(name, 1e9))}
                while (now := cost(tried)) < least - 1e-6:
                    best, least = tried, now
                    tried = {**best, name: min(best[name] * factor, caps.get(name, 1e9))}
    return best


def pull(constants: Constants, start: Mapping[str, float]) -> float:
    """What it costs to leave the values of before: rows alone do not settle each of them."""
    return PULL * sum(abs(log(constants[name] / start[name])) for name in start)


def fit(rows: list[Case], start: Constants) -> Constants:
    """The constants that describe the rows best, near the ones to start from."""
    return walk(start, lambda constants: loss(constants, rows) + pull(constants, start), SHARES)


def main() -> None:
    """Print each constant as it is and as it was fitted, and the errors of both halves."""
    every, start = cases(), present()
    fitted, checked = ([case for case in every if int(case.id[1:]) % 2 == odd] for odd in (0, 1))
    before = loss(start, fitted), loss(start, checked)
    found = fit(fitted, start)
    after = loss(found, fitted), loss(found, checked)
    for name, value in found.items():
        print(f"{name:22} {start[name]:10.3g} {value:10.3g}")
    print(
        f"mean error, fitted rows: {before[0]:.3f} then {after[0]:.3f}; other rows: {before[1]:.3f} then {after[1]:.3f}"
    )


if __name__ == "__main__":
    main()
