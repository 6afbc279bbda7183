"""Findings as SARIF 2.1.0, which code-scanning services keep and compare between runs."""

import hashlib
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from generator import __version__
from generator.core.finding import Finding, Kind, Severity, path_text
from generator.render.emit import json_text
from generator.report.summary import docs, explained

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class SarifReport:
    """One SARIF log with one run, also when there are no findings."""

    def findings(self, findings: Iterable[Finding], *, colour: bool) -> str:
        """The log. Rules are those that the results name."""
        items = list(findings)
        kinds = sorted({item.kind.id: item.kind for item in items}.items())
        driver = {"name": "gen", "version": __version__, "rules": [_rule(kind) for _, kind in kinds]}
        numbers = {name: number for number, (name, _) in enumerate(kinds)}
        run = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": [_result(item, numbers[item.id]) for item in items],
        }
        return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(kind: Kind) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": "".join(word.capitalize() for word in kind.slug.split("-")),
        "shortDescription": {"text": kind.title},
        "fullDescription": {"text": kind.why},
        "helpUri": docs(kind),
        "help": {"text": f"{kind.why} `{explained(kind)}` prints this."},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    parts = (finding.message, finding.cause and f"Cause: {finding.cause}", finding.help and f"Help: {finding.help}")
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(part for part in parts if part)},
        "partialFingerprints": {"findingPath/v1": _fingerprint(finding)},
    }
    # A result that is not suppressed says so by an empty list, or readers would not know that anybody asked.
    result["suppressions"] = [_suppression(finding.accepted)] if finding.accepted else []
    if finding.location:
        result["locations"] = [_location(finding)]
    return result


def _suppression(reason: str) -> dict[str, Any]:
    return {"kind": "inSource", "status": "accepted", "justification": reason}


def _location(finding: Finding) -> dict[str, Any]:
    place = finding.location
    if place is None:
        return {}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        region: dict[str, Any] = {"startLine": place.line, "startColumn": place.column, "endColumn": place.end_column}
        if place.text:
            region["snippet"] = {"text": place.text}
        physical["region"] = region
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": path_text(finding.path)}]
    return location


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(finding: Finding) -> str:
    """The same for one mistake while lines above it come and go."""
    text = "\0".join((finding.id, path_text(finding.path), finding.location.file if finding.location else ""))
    return hashlib.sha256(text.encode()).hexdigest()


SARIF = SarifReport()
