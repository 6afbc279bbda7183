"""What came of the questions: a line for each thing asked, and findings where something stands in the way."""

from collections.abc import Iterable
from typing import Any

from generator.core.finding import Finding, Kind, Path, Severity
from generator.core.frozen import frozen
from generator.core.kinds import live as kinds
from generator.live.answers import NotAnsweredError

_VERDICTS = {Severity.ERROR: "failed", Severity.WARNING: "warning", Severity.INFO: "fine"}
_CURES = {
    kinds.NO_CREDENTIALS.id: "log in, or set the credentials in the environment",
    kinds.CREDENTIALS_REFUSED.id: "log in again",
    kinds.THROTTLED.id: "try again in a minute, or ask one cluster at a time with `--cluster`",
    kinds.NO_ANSWER_IN_TIME.id: "look at proxy and firewall, or allow more time with `--timeout`",
    kinds.UNREACHABLE.id: "check network, proxy (`HTTPS_PROXY`) and certificates of this machine",
    kinds.UNEXPECTED_REPLY.id: "try again; if it stays, ask with the cloud's own command line what it answers",
}


@frozen
class Line:
    """One thing asked of a cloud. `verdict` is `fine`, `warning`, `failed`, `not answered` or `nothing to ask`."""

    cluster: str
    asked: str
    subject: str
    answer: str
    verdict: str


@frozen
class Outcome:
    """Lines in the order of asking, and findings."""

    lines: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a check failed: an error that is no missing answer."""
        return any(
            finding.severity is Severity.ERROR and finding.id not in kinds.UNANSWERED for finding in self.findings
        )

    @property
    def unanswered(self) -> bool:
        """Whether something could not be asked."""
        return any(finding.id in kinds.UNANSWERED for finding in self.findings)

    @property
    def asked_nothing(self) -> bool:
        """Whether no cluster belongs to a cloud that could be asked."""
        return all(line.verdict == "nothing to ask" for line in self.lines)


def joined(outcomes: Iterable[Outcome]) -> Outcome:
    """Several outcomes as one."""
    items = list(outcomes)
    return Outcome(
        tuple(line for item in items for line in item.lines),
        tuple(finding for item in items for finding in item.findings),
    )


def answered(cluster: str, asked: str, subject: str, answer: str, *findings: Finding) -> Outcome:
    """One line; the worst of its findings is its verdict."""
    ranks = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    worst = min((ranks.index(finding.severity) for finding in findings), default=2)
    return Outcome((Line(cluster, asked, subject, answer, _VERDICTS[ranks[worst]]),), findings)


def problem(kind: Kind, path: Path, message: str, **more: Any) -> Finding:
    """A finding that points at the name of a pool, a cluster or a setting."""
    return kind.at(path, message, on_key=True, **more)


def unanswered(cluster: str, asked: str, subject: str, path: Path, error: NotAnsweredError) -> Outcome:
    """The line and the finding for a question without an answer."""
    if error.kind.id not in kinds.UNANSWERED:
        failed = problem(error.kind, path, error.operation, cause=error.said, help=error.cure or "look at the account")
        return answered(cluster, asked, subject, error.kind.title.lower(), failed)
    lacking = f" (needs {error.permission})" if error.permission and error.kind is kinds.DENIED else ""
    finding = problem(
        error.kind,
        path,
        f"could not ask for {asked}{f' of {subject}' if subject else ''}: {error.operation}{lacking}",
        cause=error.said,
        help=error.cure or _CURES.get(error.kind.id) or f"allow `{error.permission}`; docs/preflight.md has the policy",
    )
    return Outcome((Line(cluster, asked, subject, error.kind.title.lower(), "not answered"),), (finding,))
