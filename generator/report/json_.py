"""Findings for programs. The form has a version; keys are only ever added to it."""

from collections.abc import Iterable
from typing import Any

from generator.core.finding import Finding, path_text
from generator.render.emit import json_text
from generator.report.summary import accepted, counts, docs

VERSION = 1


class JsonReport:
    """One JSON document, also when there are no findings."""

    def findings(self, findings: Iterable[Finding], *, colour: bool) -> str:
        """The document. `file`, `line` and columns are null where a finding has no such place.

        `accepted` is the reason for which the spec accepts it, or null.
        """
        items = list(findings)
        document = {
            "version": VERSION,
            "findings": [_finding(item) for item in items],
            "summary": {
                **{str(severity): number for severity, number in counts(items).items()},
                "accepted": accepted(items),
            },
        }
        return json_text(document)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "slug": finding.kind.slug,
        "severity": str(finding.severity),
        "path": path_text(finding.path),
        **_place(finding),
        "message": finding.message,
        "cause": finding.cause,
        "help": finding.help,
        "accepted": finding.accepted or None,
        "docs": docs(finding.kind),
    }


def _place(finding: Finding) -> dict[str, Any]:
    location = finding.location
    if location is None:
        return {"file": None, "line": None, "column": None, "endColumn": None}
    return {
        "file": location.file,
        "line": location.line or None,
        "column": location.column or None,
        "endColumn": location.end_column or None,
    }


JSON = JsonReport()
