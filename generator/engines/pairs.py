"""Arguments that need, exclude or silence each other, judged by the catalogue's pairs for every engine alike."""

import json
import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from generator.catalog import reader
from generator.catalog.facts import EngineVersion
from generator.catalog.pairs import ArgumentPair, pairs
from generator.core.errors import BugError
from generator.core.finding import Finding
from generator.core.frozen import frozen
from generator.core.kinds import containers, engines
from generator.core.plan import ServingRequest
from generator.core.units import count
from generator.engines.places import argument_path

_TERM = re.compile(r"(?P<mark>\$?)(?P<name>[^.=!]+)(?:\.(?P<key>[^=!]+))?(?:(?P<sign>!?=)(?P<value>.+))?")


@frozen
class Term:
    """One side of a pair: an argument, a key of its JSON or a variable, perhaps with a value (`sign` is = or !=)."""

    name: str
    key: str
    variable: bool
    sign: str
    value: str

    @classmethod
    def read(cls, text: str) -> "Term":
        """A term as the catalogue writes it: `name`, `name=value`, `name!=value`, `name.key` or `$NAME`.

        Raises:
            BugError: the catalogue writes it otherwise.
        """
        found = _TERM.fullmatch(text)
        if found is None:
            raise BugError(f"argument_pairs.yaml: {text!r} is no term")
        parts = found.groupdict()
        return cls(parts["name"], parts["key"] or "", bool(parts["mark"]), parts["sign"] or "", parts["value"] or "")

    def known(self, facts: EngineVersion) -> bool:
        """Whether this version has what the term speaks of."""
        return self.variable or self.name in facts.flags

    def holds(self, args: Mapping[str, Any], env: Mapping[str, object]) -> bool:
        """Whether the container is given it, with such a value."""
        held = env.get(self.name) if self.variable else _held(args.get(self.name), self.key)
        if held is None:
            return False
        text = str(held).lower() if isinstance(held, bool) else str(held)
        match self.sign:
            case "=":
                return text == self.value
            case "!=":
                return text != self.value
            case _:
                return held is not False and text != ""

    @property
    def shown(self) -> str:
        """The term as people would write it in `engine.args`, or in `env`."""
        key = f' with "{self.key}"' if self.key else ""
        value = f": {self.value}" if self.sign == "=" else ""
        return f"`{self.name}{value}`{key}"


def check(request: ServingRequest, facts: EngineVersion, own: Set[str], wrong: Set[str]) -> Iterator[Finding]:
    """What the arguments of a request say of each other: not those that are `wrong` already, or gen's `own`."""
    for pair in pairs(facts.engine) if request.args else ():
        when = Term.read(pair.when)
        if when.known(facts) and when.name not in own | wrong and when.holds(request.args, request.env):
            yield from _judged(request, _Pair(reader.engine(facts.engine).title, facts, pair, when), own)


@frozen
class _Pair:
    """A pair that speaks of a request, and the engine as people write it."""

    title: str
    facts: EngineVersion
    pair: ArgumentPair
    when: Term

    @property
    def because(self) -> str:
        """Why, with the version that it is true of."""
        told = f"{self.title} {self.facts.version}"
        why = self.pair.why or f"it says: {' '.join(self.pair.says.split())}"
        if self.pair.relation in {"idleWithout", "idleBeside"}:
            return f"{told} starts with it: {why}"
        return f"{told} stops at start-up: {why}"


def _judged(request: ServingRequest, held: _Pair, own: Set[str]) -> Iterator[Finding]:
    relation = held.pair.relation
    if relation in {"atLeast", "atMost"}:
        yield from _compared(request, held)
        return
    others = [term for term in map(Term.read, held.pair.others) if term.known(held.facts)]
    given = [term for term in others if term.holds(request.args, request.env)]
    if relation in {"needs", "idleWithout"} and others and not given:
        yield _lonely(request, held, others, own)
    elif relation in {"excludes", "idleBeside"}:
        yield from (_clash(request, held, other) for other in given)


def _lonely(request: ServingRequest, held: _Pair, others: list[Term], own: Set[str]) -> Finding:
    """The argument stands without any of those it needs. Those that gen sets itself nobody can add."""
    free = [term for term in others if term.name not in own]
    wanted = " or ".join(term.shown for term in (free or others))
    cure = " or ".join(_added(term) for term in free) + ", or remove it" if free else "remove it"
    shown = held.when.shown
    kind, message = containers.ARGUMENT_IDLE, f"{shown} does nothing without {wanted}"
    if held.pair.relation == "needs":
        kind, message = engines.ARGUMENT_NEEDS_ANOTHER, f"{shown} needs {wanted}"
    return kind.at(argument_path(request, held.when.name), message, cause=held.because, help=cure, on_key=True)


def _added(term: Term) -> str:
    if term.variable:
        return f"set {term.name} in `env`"
    value = f": {term.value}" if term.value else ""
    return f"add `{term.name}{value}` to `engine.args`"


def _clash(request: ServingRequest, held: _Pair, other: Term) -> Finding:
    kind = containers.ARGUMENTS_EXCLUDE if held.pair.relation == "excludes" else containers.ARGUMENT_IDLE
    verb = "cannot stand" if kind is containers.ARGUMENTS_EXCLUDE else "does nothing"
    return kind.at(
        argument_path(request, held.when.name),
        f"{held.when.shown} {verb} beside {other.shown}",
        cause=held.because,
        help="keep one of the two",
        on_key=True,
    )


def _compared(request: ServingRequest, held: _Pair) -> Iterator[Finding]:
    """Two numbers of which one bounds the other; silent where either is not a number."""
    other, least = Term.read(held.pair.others[0]), held.pair.relation == "atLeast"
    mine = count(str(request.args[held.when.name]))
    bound = _number(request, other, held.facts)
    if mine is None or bound is None or (mine >= bound if least else mine <= bound):
        return
    yield engines.ARGUMENT_VALUE.at(
        argument_path(request, held.when.name),
        f"{held.when.shown} does not take {mine}",
        cause=f"{held.title} {held.facts.version} stops at start-up: it must be at {'least' if least else 'most'} "
        f"`{other.name}`, which is {bound}",
        help=f"write {bound} or {'more' if least else 'less'}, or change `{other.name}`",
    )


def _number(request: ServingRequest, other: Term, facts: EngineVersion) -> int | None:
    if other.variable:
        return {"context": request.context, "concurrency": request.concurrency}[other.name]
    return count(str(request.args.get(other.name, facts.defaults.get(other.name, ""))))


def _held(value: object, key: str) -> object:
    """An argument's value, or what stands at a key of its JSON; None where there is none."""
    if not key or value is None:
        return value
    try:
        parsed = json.loads(str(value))
    except ValueError:
        return None
    return parsed.get(key) if isinstance(parsed, dict) else None
