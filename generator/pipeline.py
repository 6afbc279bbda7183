"""The whole way of the data: load, validate, resolve, render. Writing and comparing are the caller's choice."""

from collections.abc import Collection
from pathlib import Path

from generator.core import accepted
from generator.core.artifact import ArtifactSet
from generator.core.errors import BugError
from generator.core.finding import Finding, Findings
from generator.core.frozen import frozen
from generator.core.lazy import load
from generator.core.plan import Plan
from generator.core.protocols import Target
from generator.core.spec import Fleet
from generator.load.fleet import LoadedFleet, environments, load_fleet
from generator.resolve.resolve import resolve
from generator.targets import TARGETS
from generator.validate.validate import validate

__all__ = ["Checked", "check", "environments", "render"]


@frozen
class Checked:
    """A spec after all judgement. `plan` is None where the spec has errors; findings are located and sorted."""

    path: Path
    environment: str
    findings: tuple[Finding, ...]
    loaded: LoadedFleet | None
    fleet: Fleet | None
    plan: Plan | None

    @property
    def has_errors(self) -> bool:
        """Whether any finding stops a render."""
        return any(finding.stops for finding in self.findings)


def check(path: Path, environment: str) -> Checked:
    """Load, validate and resolve one fleet in one environment."""
    findings = Findings()
    loaded = load_fleet(path, environment, findings)
    fleet = validate(loaded, findings) if loaded else None
    if fleet:
        findings.accept(accepted.reasons(fleet, environment))
    plan = resolve(fleet, environment, findings) if fleet else None
    if fleet:
        findings.extend(list(accepted.idle(fleet, environment, findings)))
    shown = tuple(Findings(_shown(findings, loaded)))
    return Checked(path, environment, shown, loaded, fleet, None if findings.has_errors else plan)


def _shown(findings: Findings, loaded: LoadedFleet | None) -> list[Finding]:
    return [loaded.shown(finding) for finding in findings] if loaded else list(findings)


def render(checked: Checked, targets: Collection[str] = ()) -> ArtifactSet:
    """The files of the plan, in memory; only those of `targets` when any are named.

    Raises:
        BugError: the spec has errors; callers ask `checked.plan` first.
    """
    if checked.plan is None:
        raise BugError("render of a spec with errors")
    artifacts = ArtifactSet()
    chosen = [reference for name, reference in TARGETS.items() if not targets or name in targets]
    for reference in dict.fromkeys(chosen):
        target: Target = load(reference)
        for artifact in target.render(checked.plan):
            # One target writes the files of all gateway kinds.
            if not targets or artifact.owner in targets:
                artifacts.add(artifact)
    return artifacts
