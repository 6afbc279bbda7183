"""A change that a help text spells out is made in the spec: the finding goes, and no error comes in its place."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.finding import Finding, Severity
from generator.core.merge import merge_patch
from generator.pipeline import check
from tests.rules.cases import BASE, Case, cases

Spec = dict[str, Any]
CURED = re.compile(r"GEN(30[2-9]|31[2-4]|36[1-3]|369|370|373|377|39[1-46]|640)")
"""Findings of sizing, clouds and placements; test_cures of resolve applies what GEN310 and GEN311 offer."""
EXAMPLE = re.compile(r"\.\.\.|such as|for example")
HAS = ["keda", "prometheus-operator"]
CASES = [case for case in cases() if case.verdict == "bad" and CURED.fullmatch(case.id)]


def whole(case: Case) -> Spec:
    """The spec of a case as one file."""
    text = yaml.safe_load(case.text)
    merged: Spec = merge_patch(yaml.safe_load(BASE.read_text()), text) if "overlay" in case.entry else text
    return merged


def checked(folder: Path, spec: Spec) -> tuple[Finding, ...]:
    path = folder / "fleet.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return check(path, "default").findings


Change = tuple[tuple[Any, ...], Any]


def changes(finding: Finding) -> Iterator[Change]:
    """Each change that a help text offers: a path of the spec and its new value; None removes it."""
    for part in re.split(r"; |, or |, and ", finding.help):
        if EXAMPLE.search(part):
            continue
        for pattern, read in WORDS:
            if found := re.search(pattern, part):
                yield from read(finding, *found.groups())
                break
        else:
            yield from _written(finding, part)


def _each(path: tuple[Any, ...], values: str) -> list[Change]:
    return [(path, yaml.safe_load(value)) for value in values.split(", ")]


WORDS: list[tuple[str, Callable[..., list[Change]]]] = [
    (r"add `(\S+): (.+?)` to `nodeSelector` of (\S+)", lambda f, k, v, at: [((*at.split("."), "nodeSelector", k), v)]),
    (r"add `has: \[(.+)\]` to (clusters\.\w+)", lambda f, word, at: [((*at.split("."), "has"), [*HAS, word])]),
    (
        r"lower `(\w+)` in patches\S*? to (\w+)",
        lambda f, key, value: _each(("patches", 0, "merge", "resources", "requests", key), value),
    ),
    (r"set (clusters\.[\w.-]+) to (\w+)", lambda f, at, value: _each(tuple(at.split(".")), value)),
    (r"set `?(\w+)`? to (\w+)", lambda f, key, value: _each((*_owner(f, key), key), value)),
    (r"remove `(\w+)`", lambda f, key: [((*_owner(f, key), key), None)]),
    (r"nearest region with \S+: ([\w-]+)", lambda f, region: _each((*f.path[:2], "region"), region)),
    (r"regions with [^:]+: (.+?)(?: and \d+ more)?$", lambda f, regions: _each((*f.path[:2], "region"), regions)),
    (r"machines with (.+) x ", lambda f, counts: _each((*f.path[:4], "gpusPerNode"), counts)),
    (r"nodes with \d+ x (.+)", lambda f, gpus: _each((*f.path[:4], "gpu"), gpus)),
    (r"use one of (.+)", lambda f, values: _each(f.path, values)),
    (r"here use `(\S+)`", lambda f, type_: [(f.path[:5], [type_])]),
]
"""How help texts say a change beside writing it out."""


def _written(finding: Finding, part: str) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for text in re.findall(r"(?:write|add|give a fixed number:|or|^) ?`([^`]+: [^`]+)`", part):
        fields = yaml.safe_load("{" + text + "}")
        if args := fields.get("engine.args"):
            yield (*finding.path[:-1], "engine", "args", "*"), args
            continue
        yield (*_owner(finding, next(iter(fields))), "*"), fields


def _owner(finding: Finding, key: str) -> Sequence[Any]:
    """Which mapping a key belongs to: a pool, a cluster, a placement, or what the finding points at."""
    path = finding.path
    if key in ("max", "target"):
        return (*path[:4], "replicas")
    if key in path:
        return path[: path.index(key)]
    if key in ("has", "region", "prometheus", "storageClass"):
        return path[:2] if path[0] == "clusters" else ()
    return path[:4]


def changed(spec: Spec, path: tuple[Any, ...], value: Any) -> Spec:
    """The spec with a value in another place; `*` merges fields."""
    copy = yaml.safe_load(yaml.safe_dump(spec))
    at = copy
    for step in path[:-1]:
        at = at[step] if isinstance(at, list) else at.setdefault(step, {})
    if path[-1] == "*":
        at.update(value)
    elif value is None:
        at.pop(path[-1], None)
    else:
        at[path[-1]] = value
    return copy


def failures(folder: Path, id_: str, spec: Spec) -> tuple[int, list[Any]]:
    """How many changes the findings of a kind offer, and those that leave the finding or bring an error."""
    before = checked(folder, spec)
    count, wrong = 0, []
    for finding in (item for item in before if item.id == id_):
        # A pool may have two mistakes of one kind, and other pools of a region have their own.
        others = {item.message for item in before if item is not finding}
        for path, value in changes(finding):
            count += 1
            known = {(item.id, item.path[:4]) for item in before if item is not finding}
            for item in checked(folder, changed(spec, path, value)):
                told = item.message in others or (item.id, item.path[:4]) in known - {(id_, finding.path[:4])}
                elsewhere = path[-1] == "region" and item.path[:4] != finding.path[:4]
                if not told and not elsewhere and (item.id == id_ or item.severity is Severity.ERROR):
                    wrong.append((finding.help, path, value, item.id, item.message, item.cause))
    return count, wrong


# Whether memory holds the longest context of a model is another question, which its own finding answers.
MEMORY = "GEN310"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_offered_cures(case: Case, tmp_path: Path) -> None:
    wrong = failures(tmp_path, case.id, whole(case))[1]
    assert [item for item in wrong if case.id != "GEN308" or item[3] != MEMORY] == []


def test_offers_are_found(tmp_path: Path) -> None:
    found = {case.id for case in CASES if failures(tmp_path, case.id, whole(case))[0]}
    assert len(found) >= 16, found


def changed_base(**patch: Any) -> Spec:
    merged: Spec = merge_patch(yaml.safe_load(BASE.read_text()), patch)
    return merged


def eks(pool: Spec) -> Spec:
    """The base with another pool of no placement."""
    return changed_base(clusters={"use1": {"pools": {"more": {"nodes": {"min": 0, "max": 1}, **pool}}}})


def placed(name: str, placement: Spec, **cluster: Any) -> Spec:
    return changed_base(models={"chat": {"placements": {name: placement}}}, clusters=cluster)


def l40s(per_node: int, nodes: int) -> Spec:
    return {"pools": {"l40s": {"gpusPerNode": per_node, "nodes": nodes}}}


MEMBERS: dict[str, tuple[str, Spec, int]] = {
    # The heads divide by sizes that the nodes have no GPUs for.
    "sizes-of-a-node": ("GEN302", placed("lab", {"tensorParallel": 3, "replicas": 1}, lab=l40s(3, 1)), 1),
    "sizes-of-a-pool": ("GEN302", placed("lab", {"tensorParallel": 3, "replicas": 2}, lab=l40s(4, 1)), 2),
    "size-of-odd-nodes": ("GEN303", placed("lab", {"tensorParallel": 4, "replicas": 1}, lab=l40s(3, 1)), 1),
    "fixed-nodes": ("GEN304", placed("lab", {"replicas": 5}), 1),
    "more-nodes": ("GEN304", placed("use1-l4", {"replicas": 5}), 1),
    "type-of-another-region": ("GEN363", eks({"gpu": "l4", "instanceTypes": ["p5en.48xlarge"]}), 1),
    "part-of-another-gpu": ("GEN363", eks({"gpu": "l40s", "gpusPerNode": 4, "instanceTypes": ["g6f.xlarge"]}), 1),
    "no-type-on-spot": ("GEN361", eks({"gpu": "l4", "gpusPerNode": 2, "capacity": ["spot"]}), 1),
    "no-type-of-that-many": ("GEN361", eks({"gpu": "h100-sxm", "gpusPerNode": 2, "capacity": ["on-demand"]}), 1),
    "no-gpu-of-the-region": ("GEN361", eks({"gpu": "a100-sxm-80gb", "gpusPerNode": 4}), 1),
}


@pytest.mark.parametrize("member", MEMBERS)
def test_further_members(member: str, tmp_path: Path) -> None:
    id_, spec, least = MEMBERS[member]
    count, wrong = failures(tmp_path, id_, spec)
    assert wrong == []
    assert count >= least, [(item.id, item.help) for item in checked(tmp_path, spec)]
