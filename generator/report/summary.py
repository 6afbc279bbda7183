"""What every report says in the same words: the count, the place in the docs, the JSON form of a place."""

from collections.abc import Sequence

from generator import HOME, __version__
from generator.core.finding import Finding, Kind, Severity

DOCS = f"{HOME}/docs/v{__version__}/errors.md"
"""The page of findings as it is in this version, whatever a later one says."""


def docs(kind: Kind) -> str:
    """Where the docs of this version explain a kind of finding: `.../errors.md#gen101-unknown-key`."""
    return f"{DOCS}#{kind.id.lower()}-{kind.slug}"


def explained(kind: Kind) -> str:
    """The command that prints the same without a network."""
    return f"gen explain {kind.id}"


def counts(findings: Sequence[Finding]) -> dict[Severity, int]:
    """How many findings of each severity there are; those that are accepted count apart."""
    return {
        severity: sum(item.severity is severity and not item.accepted for item in findings) for severity in Severity
    }


def accepted(findings: Sequence[Finding]) -> int:
    """How many findings are accepted."""
    return sum(bool(item.accepted) for item in findings)


def summary(findings: Sequence[Finding]) -> str:
    """The count in words: `2 errors, 1 warning, 3 accepted`; empty when there is nothing."""
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    found = [(number, words[severity]) for severity, number in counts(findings).items() if number]
    parts = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in found]
    known = accepted(findings)
    return ", ".join([*parts, f"{known} accepted"] if known else parts)
