"""What arguments say of each other: every row of the catalogue is found where it holds, and its cure is fine."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from generator.catalog import reader
from generator.catalog.facts import EngineVersion
from generator.catalog.pairs import ArgumentPair, pairs
from generator.core.finding import Finding
from generator.core.lazy import load
from generator.engines import ENGINES
from generator.engines.pairs import Term
from tests.serving import request

OF_RELATION = {
    "needs": "GEN333",
    "excludes": "GEN621",
    "idleWithout": "GEN620",
    "idleBeside": "GEN620",
    "atLeast": "GEN323",
    "atMost": "GEN323",
}
Case = tuple[str, str, ArgumentPair]


def members() -> Iterator[Case]:
    """Every row of every engine, in every version that has both sides."""
    for engine in ENGINES:
        for version, facts in reader.engine(engine).versions.items():
            own = _own(engine)
            for pair in pairs(engine):
                others = [Term.read(other) for other in pair.others]
                when = Term.read(pair.when)
                if when.name not in own and when.known(facts) and any(other.known(facts) for other in others):
                    yield engine, version, pair


def _own(engine: str) -> frozenset[str]:
    return frozenset(import_module(f"generator.engines.{engine}").OWN.arguments)


def named(case: Case) -> str:
    engine, version, pair = case
    return f"{engine}-{version}-{pair.when}-{pair.relation}-{pair.others[0]}"


def given(term: Term, facts: EngineVersion) -> tuple[dict[str, Any], dict[str, str]]:
    """Arguments and variables that make a term true."""
    if term.variable:
        return {}, {term.name: term.value or "1"}
    if term.key:
        return {term.name: json.dumps({term.key: 4})}, {}
    if term.value in {"true", "false"}:
        return {term.name: term.value == "true"}, {}
    kind = facts.flags[term.name]
    if term.sign == "=":
        return {term.name: term.value}, {}
    if isinstance(kind, tuple):
        return {term.name: next(choice for choice in kind if choice not in {term.value, "none"})}, {}
    plain: dict[str, Any] = {"boolean": True, "switch": True, "json": "{}", "list": ("a",), "repeated": ("a",)}
    return {term.name: plain.get(kind, 4 if kind in {"integer", "size"} else "0.5")}, {}


def found(engine: str, version: str, args: dict[str, Any], env: dict[str, str]) -> list[Finding]:
    asked = request(engine, version=version, args=args, env=env)
    return [finding for finding in load(ENGINES[engine]).check(asked) if finding.id in OF_RELATION.values()]


def about(items: list[Finding], pair: ArgumentPair) -> list[Finding]:
    name = Term.read(pair.when).name
    return [item for item in items if item.id == OF_RELATION[pair.relation] and item.path[-1] == name]


@pytest.mark.parametrize("case", [case for case in members() if not case[2].relation.startswith("at")], ids=named)
def test_every_row_is_found_and_its_cure_works(case: Case) -> None:
    engine, version, pair = case
    facts = reader.engine(engine).versions[version]
    args, env = given(Term.read(pair.when), facts)
    alone = about(found(engine, version, args, env), pair)
    own = _own(engine)
    for other in map(Term.read, pair.others):
        if not other.known(facts) or other.name in own:
            continue
        more, variables = given(other, facts)
        both = about(found(engine, version, {**args, **more}, {**env, **variables}), pair)
        if pair.relation in {"needs", "idleWithout"}:
            assert alone
            assert not [item for item in both if f"`{other.name}" in item.message]
        else:
            assert not [item for item in alone if f"`{other.name}" in item.message]
            assert [item for item in both if f"`{other.name}" in item.message]
    if all(Term.read(other).name in own for other in pair.others):
        assert alone
        assert alone[0].help == "remove it"


@pytest.mark.parametrize("case", [case for case in members() if case[2].relation.startswith("at")], ids=named)
def test_every_bound_is_found(case: Case) -> None:
    engine, version, pair = case
    when, other = Term.read(pair.when), Term.read(pair.others[0])
    bound = {"context": 16384, "concurrency": 16}.get(other.name, 4)
    more = {} if other.variable else {other.name: bound}
    beyond = bound - 1 if pair.relation == "atLeast" else bound + 1
    assert about(found(engine, version, {when.name: beyond, **more}, {}), pair)
    assert not about(found(engine, version, {when.name: bound, **more}, {}), pair)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_table_speaks_of_known_arguments(engine: str) -> None:
    versions = reader.engine(engine).versions.values()
    for pair in pairs(engine):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", pair.as_of)
        assert pair.source
        assert pair.says
        for term in map(Term.read, (pair.when, *pair.others)):
            assert term.variable or any(term.name in version.flags for version in versions), term
            kinds = [version.flags[term.name] for version in versions if term.name in version.flags]
            choices = [kind for kind in kinds if isinstance(kind, tuple)]
            assert not term.value or not choices or any(term.value in kind for kind in choices), term


def test_false_is_as_good_as_not_given() -> None:
    assert not found("vllm", "0.33.0", {"enable-auto-tool-choice": False}, {})
    assert found("vllm", "0.33.0", {"tool-call-parser": "hermes", "enable-auto-tool-choice": False}, {})


def test_what_a_pair_says_names_version_and_reason() -> None:
    (one,) = found("vllm", "0.33.0", {"lora-modules": ("a=/models/a",)}, {})
    assert one.message == "`lora-modules` needs `enable-lora`"
    assert one.cause.startswith("vLLM 0.33.0 stops at start-up: it loads each adapter while it starts")
    assert one.help == "add `enable-lora` to `engine.args`, or remove it"
