"""Asks a docker host's `.env` for the keys of its project: set, in the right form, hard to guess, each for one use.

No value leaves this module: findings and lines say what is wrong with it, never what it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.core.finding import Finding, Severity
from generator.core.frozen import frozen
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, Plan, SecretUse
from generator.core.secret_role import MADE, OWN
from generator.live.outcome import Line, Outcome, answered, joined, problem

_LARGEST = 1 << 20
"""Bytes of a file that can be a `.env`."""

_GUESSED, _GUESSABLE = 12, 20
"""Powers of ten of the guesses that find a key: below the first is an error, below the second a warning."""

_JUDGED = 72
"""Characters of a key that are judged: zxcvbn's own limit."""

_DATABASE = re.compile(r"postgres(ql)?://[^:@/\s]+(:[^@/\s]+)?@[^/\s]+/\S+")


@frozen
class Project:
    """A docker host's project: the file that Compose reads its variables from, and the secrets it asks for."""

    file: Path
    names: tuple[str, ...]


@frozen
class _Value:
    """A variable and where it is set. Unless `literal`, Compose replaces each `$NAME` in it."""

    text: str
    place: str
    literal: bool = True


@frozen
class _Key:
    """A secret of the project, what it is for, and its value where it has one."""

    name: str
    uses: Sequence[SecretUse]
    value: _Value | None

    @property
    def purpose(self) -> str:
        return "; ".join(dict.fromkeys(use.purpose for use in self.uses))

    @property
    def form(self) -> str:
        """How to make one, where that is the deployer's to do."""
        return next((use.form for use in self.uses if use.role in MADE), "")


def ask(plan: Plan, cluster: ClusterPlan, project: Project, environment: Mapping[str, str]) -> Outcome:
    """A line for each secret of the project. Compose takes a variable of the environment before one of the file."""
    if not project.names:
        return nothing(cluster, "its project asks for no secret")
    filed = _filed(project.file)
    values = {**(filed or {}), **{name: _Value(text, "the environment") for name, text in environment.items()}}
    uses = {secret.env: of_secret for secret, of_secret in plan.secrets.items()}
    keys = [_Key(name, uses.get(name, ()), values.get(name)) for name in project.names]
    if filed is None and not any(key.value for key in keys):
        return nothing(cluster, f"there is no {project.file.as_posix()} here: ask where the project is started")
    same = _same(keys)
    words = (plan.fleet, cluster.name, *(gateway.name for gateway in plan.gateways))
    return joined(_judged(cluster, project, key, same.get(key.name, ""), words) for key in keys)


def nothing(cluster: ClusterPlan, answer: str) -> Outcome:
    """The line for a cluster of which nothing can be asked."""
    return Outcome((Line(cluster.name, "nothing", "", answer, "nothing to ask"),))


def _filed(file: Path) -> dict[str, _Value] | None:
    """The variables of a file; None where there is none that could be one."""
    from dotenv.parser import parse_stream

    if not file.is_file() or file.stat().st_size > _LARGEST:
        return None
    with file.open(encoding="utf-8", errors="replace") as stream:
        bindings = list(parse_stream(stream))
    return {
        binding.key: _Value(binding.value or "", file.name, literal=_quoted(binding.original.string))
        for binding in bindings
        if binding.key is not None
    }


def _quoted(line: str) -> bool:
    return line.partition("=")[2].lstrip().startswith("'")


def _same(keys: Sequence[_Key]) -> Mapping[str, str]:
    """Variable to an earlier one with the same value, where the holder of one would have what is the other's."""
    firsts: dict[str, _Key] = {}
    same = {}
    for key in keys:
        if key.value and key.value.text:
            first = firsts.setdefault(key.value.text, key)
            if first is not key and any(use.role in OWN for use in (*key.uses, *first.uses)):
                same[key.name] = first.name
    return same


def _judged(cluster: ClusterPlan, project: Project, key: _Key, first: str, words: Sequence[str]) -> Outcome:
    path = next((use.path for use in key.uses), cluster.path)
    value = key.value
    if value is None or not value.text:
        missing = problem(
            kinds.KEY_MISSING,
            path,
            f"{key.name} is not set for {cluster.name}",
            cause=f"{project.file.as_posix()} has no value for it, nor has the environment; it is the {key.purpose}",
            help=f"set it there{f', {key.form}' if key.form else ''}",
        )
        return answered(cluster.name, "key", key.name, "not set", missing)
    findings = [
        problem(kinds.KEY_MALFORMED, path, f"{key.name} {wrong}", cause=f"it is the {key.purpose}", help=cure)
        for wrong, cure in _malformed(value, key.uses)
    ]
    if first:
        cause = f"who is given the {key.purpose} has what is the other's as well"
        message = f"{key.name} has the same value as {first}"
        findings.append(problem(kinds.KEY_TWICE, path, message, cause=cause, help="give each a value of its own"))
    if not findings and any(use.role in MADE for use in key.uses):
        findings += _weak(key, value, path, words)
    answer = f"set in {value.place}{''.join(f'; {finding.kind.slug}' for finding in findings)}"
    return answered(cluster.name, "key", key.name, answer, *findings)


def _malformed(value: _Value, uses: Sequence[SecretUse]) -> Iterator[tuple[str, str]]:
    """What is wrong with the form, and its cure."""
    text = value.text.strip()
    if text != value.text or re.search(r"[\x00-\x1f\x7f]", text):
        yield "begins or ends with a space, or has a line break", "write it on one line, without space around it"
    if not value.literal and re.search(r"\$[A-Za-z_{]", text):
        yield "has a `$`, where Compose puts the value of another variable", "write it in single quotes"
    prefix = next((use.prefix for use in uses if use.prefix), "")
    if not text.startswith(prefix):
        yield f"does not begin with `{prefix}`, and the gateway refuses such a key", f"put `{prefix}` before it"
    if any(use.role == "database" for use in uses) and not _DATABASE.fullmatch(text):
        yield "is not the URL of a Postgres", "write it as the line above it in `.env.example` says"


def _weak(key: _Key, value: _Value, path: tuple[str | int, ...], words: Sequence[str]) -> Iterator[Finding]:
    from zxcvbn import zxcvbn

    prefix = next((use.prefix for use in key.uses if use.prefix), "")
    random = value.text.removeprefix(prefix)[:_JUDGED]
    power = zxcvbn(random, user_inputs=list(words))["guesses_log10"] if random else 0
    if power < _GUESSABLE:
        yield problem(
            kinds.KEY_WEAK,
            path,
            f"{key.name} can be guessed",
            cause=f"trying words, dates and patterns finds it in about 10^{power:.0f} tries; a random key of 128 bits "
            "takes 10^38",
            help=f"make a new one, {key.form}",
            severity=Severity.ERROR if power < _GUESSED else Severity.WARNING,
        )
