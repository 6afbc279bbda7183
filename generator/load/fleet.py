"""A fleet in one environment: the base spec, its overlay, and which of the two wrote what."""

import re
from pathlib import Path as FilePath
from typing import Any

from generator.core.errors import UsageError
from generator.core.finding import Finding, Findings, Location, Path, Severity, path_text
from generator.core.frozen import frozen
from generator.core.kinds import schema as kinds
from generator.core.merge import merge_patch
from generator.core.words import suggestion
from generator.load import overlays
from generator.load.configs import read_configs
from generator.load.files import read_files
from generator.load.shorthands import expand
from generator.load.source import Document, read_document

DEFAULT = "default"
_ENVIRONMENT = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")


@frozen
class LoadedFleet:
    """The merged data of one environment and the files it came from."""

    environment: str
    data: dict[str, Any]
    base: Document
    overlay: Document | None = None

    def locate(self, path: Path, on_key: bool = False) -> Location:  # noqa: FBT001, FBT002
        """The place of a value in the file that wrote it, or of its nearest ancestor."""
        return self._document(path).locate(path, on_key)

    def shown(self, finding: Finding) -> Finding:
        """A finding as it may be printed: with its place, and without a secret in its line, its words or its path.

        The one door for findings about a spec. Those of its text went through the same on reading.
        """
        located = finding if finding.location else finding.located(self.locate(finding.path, finding.on_key))
        return located.without(self.hide)

    def hide(self, text: str) -> str:
        """A text that is made of parts of the spec, without its secrets."""
        text = self.base.hidden.words.hide(text)
        return self.overlay.hidden.words.hide(text) if self.overlay else text

    def _document(self, path: Path) -> Document:
        if self.overlay and overlays.owns(self.overlay.data, self.base.data, path):
            return self.overlay
        return self.base


def load_fleet(path: FilePath, environment: str, findings: Findings) -> LoadedFleet | None:
    """Read a spec and the overlay of an environment; None when findings say why it cannot be used.

    Raises:
        UsageError: there is no such spec or no such environment.
        SurroundingsError: a file cannot be read.
    """
    if environment == DEFAULT:
        base = read_document(path, findings)
        _never_read(path, findings)
        if base is None:
            return None
        return LoadedFleet(environment, _read(expand(base.data), path.parent, findings), base)
    if not _ENVIRONMENT.fullmatch(environment):
        raise UsageError(
            f"{environment!r} cannot be the name of an environment",
            help=f"small letters, digits and `-`, 40 at most; there are: {', '.join(environments(path))}",
        )
    file = _overlay_file(path, environment)
    if not file.is_file():
        raise _unknown_environment(path, environment)
    base, overlay = read_document(path, findings), read_document(file, findings)
    if base is None or overlay is None:
        return None
    before, change = expand(base.data), expand(overlay.data)
    for where, known in overlays.removals_of_nothing(before, change):
        if findings.intact(where):
            findings.add(_removes_nothing(where, known).located(overlay.locate(where, on_key=True)))
    # After the merge: a path in the overlay replaces what the base describes, and lies in the same folder.
    merged = _read(merge_patch(before, change), path.parent, findings)
    return LoadedFleet(environment, merged, base, overlay)


def _read(data: dict[str, Any], folder: FilePath, findings: Findings) -> dict[str, Any]:
    """The data with what the files that it names hold."""
    return read_files(read_configs(data, folder, findings), folder, findings)


def environments(path: FilePath) -> tuple[str, ...]:
    """`default` and the environments that have an overlay beside the spec, sorted."""
    names = {
        file.name[len(path.stem) + 1 : -len(path.suffix)] for file in path.parent.glob(f"{path.stem}.*{path.suffix}")
    }
    return (DEFAULT, *sorted(name for name in names if _ENVIRONMENT.fullmatch(name) and name != DEFAULT))


def _overlay_file(path: FilePath, environment: str) -> FilePath:
    return path.with_name(f"{path.stem}.{environment}{path.suffix}")


def _unknown_environment(path: FilePath, environment: str) -> UsageError:
    return UsageError(
        f"there is no environment {environment!r}: no file {_overlay_file(path, environment).name} beside the spec",
        help=suggestion(environment, environments(path), "environments"),
    )


def _never_read(path: FilePath, findings: Findings) -> None:
    for file in sorted(path.parent.glob(f"{path.stem}.*")):
        name = file.name[len(path.stem) + 1 : -len(file.suffix)]
        right = re.sub(r"[_ ]", "-", name.lower())
        if file.suffix not in (".yaml", ".yml") or not _ENVIRONMENT.fullmatch(right):
            continue
        message = f"{file.name} is never read"
        if name == DEFAULT:
            cause = "`default` is the spec without an overlay"
            finding = kinds.NEVER_READ.at((), message, cause=cause, help="rename it")
        elif (name, file.suffix) != (right, path.suffix):
            cause = f"overlays of {path.name} are called `{path.stem}.ENVIRONMENT{path.suffix}`, in small letters"
            cure = f"rename it `{path.stem}.{right}{path.suffix}`"
            finding = kinds.NEVER_READ.at((), message, cause=cause, help=cure, severity=Severity.WARNING)
        else:
            continue
        findings.add(finding.located(Location(file.as_posix(), 1, 1, 2, "")))


def _removes_nothing(path: Path, known: list[str]) -> Any:
    return kinds.REMOVES_NOTHING.at(
        path,
        f"{path_text(path)} removes nothing",
        cause="the base spec has no such key",
        help=suggestion(str(path[-1]), known, "keys") if known else "remove this line",
        on_key=True,
    )
