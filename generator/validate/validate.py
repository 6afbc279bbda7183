"""Judges what was written: the schema, then the rules. One run finds everything, one mistake gives one finding."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from generator.core.errors import BugError
from generator.core.finding import Finding, Findings
from generator.core.spec import Fleet, SpecModel
from generator.load.fleet import LoadedFleet
from generator.load.shapes import fleet_shapes
from generator.validate.dependents import dependents
from generator.validate.literals import literal_secrets
from generator.validate.prune import pruned
from generator.validate.rules import RULES
from generator.validate.schema import mistakes

Spec = TypeVar("Spec", bound=SpecModel)


def validate(loaded: LoadedFleet, findings: Findings) -> Fleet | None:
    """The fleet, without the parts that `findings` calls broken; None when too little is left of it."""
    data = _sound(loaded, findings)
    secrets = list(literal_secrets(loaded.data))
    if data is None:
        findings.extend(secrets)
        return None
    fleet = construct(data, Fleet)
    undecided = list(dependents(fleet, findings))
    # Rules judge what the schema left intact, and not each other's findings.
    findings.extend([*secrets, *_judged(fleet, findings)])
    for path in undecided:
        findings.mark_broken(path)
    return fleet


def construct(data: Any, kind: type[Spec]) -> Spec:
    """A spec type from data that its schema accepts.

    Raises:
        BugError: schema and types disagree.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = [item for item in error.errors() if item["type"] == "int_type" and isinstance(item["input"], float)]
        if not wrong:
            # Not what was written: it may be a secret.
            refused = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            raise BugError(f"the schema accepts what the types refuse: {refused}") from error
    # JSON Schema takes 16384.0 for an integer, Python does not.
    for item in wrong:
        data = _with_integer(data, item["loc"])
    return construct(data, kind)


def _sound(loaded: LoadedFleet, findings: Findings) -> dict[str, Any] | None:
    data, shapes = loaded.data, fleet_shapes()
    if shapes.accepts(data):
        return data
    wrong = list(mistakes(data, shapes, loaded.base.data))
    # What could not be read as it was written has its finding already.
    findings.extend([mistake.finding for mistake in wrong if findings.intact(mistake.finding.path)])
    for mistake in wrong:
        if mistake.meant:
            findings.mark_broken(mistake.meant)
    return pruned(data, [mistake.drop for mistake in wrong], shapes, findings)


def _judged(fleet: Fleet, findings: Findings) -> list[Finding]:
    return [finding for rule in RULES for finding in rule(fleet, findings) if findings.intact(finding.path)]


def _with_integer(data: Any, place: Sequence[int | str]) -> Any:
    if not place:
        return int(data)
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    copy[place[0]] = _with_integer(data[place[0]], place[1:])
    return copy
