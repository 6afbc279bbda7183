"""What `gen preflight` prints: a table of what was asked and answered, and findings in the formats of every verb."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import click

from generator.cli.table import aligned
from generator.cli.talk import report
from generator.core.finding import Finding, Findings
from generator.core.lazy import load
from generator.core.protocols import Report
from generator.live.outcome import Outcome
from generator.pipeline import Checked
from generator.report import REPORTS

OUTPUTS = list(REPORTS)
_HEADER = ("cluster", "asked", "of", "", "answer")
_MARKS = {"fine": "ok", "failed": "FAILED", "warning": "warning", "not answered": "NOT ASKED", "nothing to ask": "-"}


def write(checked: Checked, outcome: Outcome | None, output: str) -> None:
    """Print what was asked and what was found; without an outcome the spec's own errors alone."""
    lines = outcome.lines if outcome else ()
    located = _located(checked, outcome.findings if outcome else ())
    findings = [*(item for item in checked.findings if not item.aside), *located] if outcome is None else located
    if output == "json":
        reporter: Report = load(REPORTS["json"])
        document = json.loads(reporter.findings(findings, colour=False))
        document["asked"] = [asdict(line) for line in lines]
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if output == "text" and lines:
        rows = [(line.cluster, line.asked, line.subject, _MARKS[line.verdict], line.answer) for line in lines]
        click.echo(aligned(_HEADER, rows), nl=False)
        if findings:
            click.echo()
    report(findings, output)


def _located(checked: Checked, findings: Iterable[Finding]) -> list[Finding]:
    if checked.loaded is None:
        return list(findings)
    return list(Findings(map(checked.loaded.shown, Findings(findings))))
