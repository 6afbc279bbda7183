"""Memory of the host that is written too small, and memory of a GPU that no budget counts."""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import hardware as kinds
from generator.core.merge import value_at
from generator.core.plan import PatchPlan
from generator.core.units import gib
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described
from generator.resolve.placements.surroundings import Surroundings, held
from generator.sizing.verdict import DOES_NOT_FIT

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti|k|K|m|M|g|G|t|T)?[bB]?")
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
_PATCHED = {
    "helm": (("resources", "limits", "memory"),),
    "compose": (("mem_limit",), ("deploy", "resources", "limits", "memory")),
}
"""Where a patch says at which size a container is killed, by target."""


def findings(item: Candidate, surroundings: Surroundings, patches: Sequence[PatchPlan]) -> Iterator[Finding]:
    """Limits below what is needed, in the spec and in patches, and arguments that the budget leaves out."""
    given = item.settings.resources.memory
    if given:
        yield from _short(item, surroundings, (*item.at("resources"), "memory"), given, gib(given))
    for patch in patches:
        for keys in _PATCHED.get(patch.target, ()):
            value = value_at(patch.merge, keys)
            if value is not None and (size := _gib(value, decimal=patch.target == "helm")):
                yield from _short(item, surroundings, (*patch.path, "merge", *keys), str(value), size)
    yield from _uncounted(item, surroundings)


def _short(item: Candidate, surroundings: Surroundings, path: Path, given: str, size: float) -> Iterator[Finding]:
    needed, why = surroundings.needed
    described = surroundings.numbers.described
    if size < needed:
        kinds_of = described.server.arguments.host if described.server else {}
        pinned = sum(each for name, each in held(described).items() if kinds_of[name] == "pinned")
        yield kinds.HOST_MEMORY_SHORT.at(
            path,
            f"{given} of the host's memory are less than {item.service} needs",
            cause=f"{needed:g} GiB are counted: {why}",
            help=f"write `{ceil(needed)}Gi` or more, or leave it out",
            severity=Severity.ERROR if size <= pinned else Severity.WARNING,
        )


def _uncounted(item: Candidate, surroundings: Surroundings) -> Iterator[Finding]:
    described, sized = surroundings.numbers.described, surroundings.numbers.sized
    if described.server is None or not described.gpu:
        return
    if left_out := described.server.arguments.unmodelled(described.args):
        yield _not_counted(
            item,
            described,
            left_out,
            f"the memory of {item.service} is not judged: what `{left_out}` does to it is not modelled",
            Severity.INFO,
        )
    if sized is None or sized.verdict.kind == DOES_NOT_FIT:
        return
    for name in described.server.arguments.uncounted(described.args):
        told = f"what `{name}` takes of a GPU's memory is not counted"
        yield _not_counted(item, described, name, told, Severity.WARNING, sized.budget.kv_available.value)


def _not_counted(
    item: Candidate, described: Described, name: str, told: str, severity: Severity, left: float | None = None
) -> Finding:
    room = "" if left is None else f"; {left:.1f} GiB are left for it and for keys and values"
    return kinds.NOT_COUNTED.at(
        item.at(f"args.{name}"),
        told,
        cause=f"the budget of {described.gpu} counts the served model alone{room}",
        help="look at the memory that the engine logs when it starts; lower `context` or `concurrency` if it is short",
        severity=severity,
    )


def _gib(value: Any, *, decimal: bool) -> float:
    """GiB of a quantity as Kubernetes (where `G` is decimal) or Compose writes it; 0 for what is none."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        return 0.0
    unit = match[2] or ""
    if decimal and unit == "m":
        return float(match[1]) / 1000 / 2**30
    base = 1000 if decimal and len(unit) == 1 else 1024
    return float(float(match[1]) * base ** _POWERS.get(unit[:1].lower(), 0) / 2**30)
