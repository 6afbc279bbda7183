"""Make the disk equal to the artifacts, touching only what the manifest calls ours, in one step."""

from collections.abc import Collection
from pathlib import Path

from generator.core.artifact import ArtifactSet
from generator.core.finding import Finding
from generator.core.frozen import frozen
from generator.core.kinds import output as kinds
from generator.core.layout import RECORDS
from generator.output import journal
from generator.output.compare import Change, Comparison, compare, not_writable, whole_file
from generator.output.disk import DISK, Disk, lock, told_plainly
from generator.output.folder import OutputFolder
from generator.output.records import obstacles


@frozen
class Outcome:
    """What an `apply` did. With `findings` it changed nothing; `resumed` says that it first ended an earlier run."""

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    unchanged: int = 0
    resumed: bool = False


def folder(out: Path, fleet: str, environment: str) -> Path:
    """The output folder of one environment of a fleet."""
    return out / fleet / environment


def check(artifacts: ArtifactSet, root: Path, targets: Collection[str] | None = None) -> Comparison:
    """What `apply` would do. A tree that an earlier run left half done is not judged further.

    Raises:
        SurroundingsError: a file cannot be read.
    """
    if strange := obstacles(root):
        return Comparison((), strange)
    if journal.interrupted(root):
        return Comparison((), (_interrupted(root),))
    return compare(artifacts, root, targets)


def apply(
    artifacts: ArtifactSet,
    root: Path,
    targets: Collection[str] | None = None,
    *,
    force: bool = False,
    disk: Disk = DISK,
) -> Outcome:
    """Make `root` equal to the artifacts; `targets` limits that to those owners, `force` gives hand edits up.

    Raises:
        SurroundingsError: the disk refuses, or another run is writing here.
    """
    if strange := obstacles(root):
        return Outcome(findings=strange)
    if not (root / RECORDS).is_dir():
        refused = _refusals(compare(artifacts, root, targets), root, force=force)
        if refused:
            return Outcome(findings=refused)
    with told_plainly(root), OutputFolder(root).opened(RECORDS, disk) as records:
        lock(records, root)
        return _apply(artifacts, root, targets, force=force, disk=disk)


def _apply(artifacts: ArtifactSet, root: Path, targets: Collection[str] | None, *, force: bool, disk: Disk) -> Outcome:
    resumed = journal.recover(root, disk)
    comparison = compare(artifacts, root, targets)
    refused = _refusals(comparison, root, force=force)
    if refused:
        return Outcome(findings=refused, resumed=resumed)
    if comparison.changes:
        journal.perform(root, comparison.changes, disk)
    return Outcome(comparison.changes, (), comparison.unchanged, resumed)


def _refusals(comparison: Comparison, root: Path, *, force: bool) -> tuple[Finding, ...]:
    edited = () if force else comparison.edited(root)
    return (*comparison.findings, *edited, *not_writable(root, comparison.changes))


def _interrupted(root: Path) -> Finding:
    return kinds.INTERRUPTED.at(
        (),
        f"a render of {root} was interrupted, or is still running",
        cause=f"{root / RECORDS} holds its journal or staged files",
        help="run gen render; it completes or undoes what was begun",
    ).located(whole_file(root))
