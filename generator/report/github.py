"""Findings as workflow commands: GitHub Actions shows them at their lines in a pull request."""

from collections.abc import Iterable

from generator.core.finding import Finding, Severity
from generator.report.summary import docs

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = {**_DATA, ord(":"): "%3A", ord(","): "%2C"}


class GithubReport:
    """One line a finding; none for what is accepted."""

    def findings(self, findings: Iterable[Finding], *, colour: bool) -> str:
        """The lines; empty when there are no findings."""
        return "".join(_command(item) for item in findings if not item.accepted)


def _command(finding: Finding) -> str:
    properties = {**_place(finding), "title": f"{finding.id} {finding.kind.slug}"}
    listed = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    parts = (finding.message, finding.cause, finding.help and f"help: {finding.help}", docs(finding.kind))
    text = "\n".join(part for part in parts if part)
    return f"::{_COMMANDS[finding.severity]} {listed}::{text.translate(_DATA)}\n"


def _place(finding: Finding) -> dict[str, str]:
    location = finding.location
    if location is None:
        return {}
    if not location.line:
        return {"file": location.file}
    line = str(location.line)
    # GitHub counts the end column in, we do not.
    columns = {"col": str(location.column), "endColumn": str(max(location.column, location.end_column - 1))}
    return {"file": location.file, "line": line, "endLine": line, **columns}


GITHUB = GithubReport()
