"""What gen says of a number is right for one as well: every text in the code that puts a noun behind a number.

The walk finds them by the syntax tree. A noun in the plural stands behind `counted`, or its number is in `MANY`, which
says why it is never one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.core.words import counted
from scripts.install.environment import ROOT

NOUNS = (
    "arguments backends calls cards characters clusters entries environments files findings graphs groups hosts keys "
    "kinds machines models names nodes notes pages places placements pools processes providers regions replicas "
    "repositories requests routes sequences services slots tenants tiers types versions GPUs CPUs"
)
_PLURAL = re.compile(rf"\s(?:other |known |different )?({'|'.join(NOUNS.split())})\b")
_BAD = re.compile(r"quotes away|is none of them|belongs? into|\ban URL\b")

MANY = {
    "asked calls": "a task",
    "at_once.value sequences": "a number with a fraction",
    "capacity nodes": "a way to buy them",
    "cpus CPUs": "an architecture",
    "facts.host CPUs": "an architecture",
    "count backends": "more than a gateway can hold",
    "count replicas": "told of one in other words",
    "count[1] or count[2] GPUs": "a name that says how many says more than one",
    "each requests": "told of one in other words",
    "fits replicas": "told of one in other words",
    "least replicas": "one of them is drained",
    "len(facts.flags) arguments": "the catalogue",
    "len(ids) models": "several",
    "len(key) characters": "too many",
    "len(keys) keys": "told of one in other words",
    "len(known) kinds": "the kinds of findings",
    "len(known) models": "the catalogue",
    "len(known) regions": "the catalogue",
    "len(limited) tenants": "more than a gateway can hold",
    "len(name) characters": "too many",
    "len(names) regions": "a cloud has many",
    "len(reader.gpus()) GPUs": "the catalogue",
    "len(self._all) types": "the catalogue",
    "len(services) services": "several",
    "len(several) GPUs": "several",
    "len(unknown) models": "told of one in other words",
    "len(value) characters": "too many",
    "limits.max_nodes nodes": "the end of a range",
    "most nodes": "the end of a range",
    "most replicas": "the end of a range",
    "name names": "a verb",
    "placement.max_replicas replicas": "more than those that are reached",
    "question.dp * question.tp GPUs": "experts are split over several",
    "question.seqs sequences": "more than fit",
    "question.tp GPUs": "heads can be split over one",
    "replicas.max replicas": "the end of a range",
    "request.placement names": "a verb",
    "route.task calls": "a task",
    "settings.tensor_parallel GPUs": "heads can be split over one",
    "size GPUs": "more than a node has",
    "use.caller calls": "a verb",
}
"""Expressions behind which a plural is right, and why."""


def texts() -> Iterator[tuple[Path, ast.JoinedStr | ast.Constant]]:
    for path in sorted((ROOT / "generator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                yield path, node


def plurals() -> Iterator[tuple[str, str]]:
    """Each number with a plural behind it, and where."""
    for path, node in texts():
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, text in zip(node.values, node.values[1:], strict=False):
            if isinstance(number, ast.FormattedValue) and isinstance(text, ast.Constant):
                noun = _PLURAL.match(str(text.value))
                if noun:
                    yield f"{ast.unparse(number.value)} {noun[1]}", f"{path.relative_to(ROOT)}:{node.lineno}"


def test_a_plural_has_a_number_that_is_never_one() -> None:
    found = dict(plurals())
    assert {said: place for said, place in found.items() if said not in MANY} == {}
    assert sorted(MANY.keys() - found.keys()) == []


def test_nobody_says_it_like_a_dictionary() -> None:
    said = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, node in texts()
        if isinstance(node, ast.Constant) and _BAD.search(str(node.value)) and "core/kinds" not in path.as_posix()
    ]
    assert said == []


@pytest.mark.parametrize(
    ("number", "words", "expected"),
    [
        (0, ("node",), "0 nodes"),
        (1, ("node",), "1 node"),
        (2, ("node",), "2 nodes"),
        (1, ("entry", "entries"), "1 entry"),
        (3, ("entry", "entries"), "3 entries"),
    ],
)
def test_counted(number: int, words: tuple[str, ...], expected: str) -> None:
    assert counted(number, *words) == expected
