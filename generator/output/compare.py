"""What would have to change for the disk to equal the artifacts, and what stands in the way of it. Reads only."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from generator import API_VERSION, __version__
from generator.core.artifact import Artifact, ArtifactSet
from generator.core.finding import Finding, Location
from generator.core.frozen import frozen
from generator.core.kinds import output as kinds
from generator.core.layout import MANIFEST, VERSIONS
from generator.output import manifest
from generator.output.disk import told_plainly
from generator.output.manifest import Entry, digest
from generator.output.tree import FileState, Tree
from generator.render.emit import json_text

_RECORD_OWNER = "gen"


class Action(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    REPLACE = "replace"
    REMOVE = "remove"


@frozen
class Change:
    """One file that differs. `content` is None for a removal; `before` is the sha256 on disk, empty when absent.

    `edited` says that a person changed the file since it was rendered.
    """

    path: str
    action: Action
    owner: str
    content: bytes | None
    executable: bool = False
    before: str = ""
    edited: bool = False

    @property
    def is_record(self) -> bool:
        """Whether it is a record of gen's own, not an output."""
        return self.owner == _RECORD_OWNER


@frozen
class Comparison:
    """Changes in the order they are made: removals, writes, records. `findings` are what no `--force` overcomes."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    unchanged: int = 0

    def edited(self, root: Path) -> tuple[Finding, ...]:
        """A finding for every change that would throw a hand edit away."""
        return tuple(_edited(root, change) for change in self.changes if change.edited)


def compare(artifacts: ArtifactSet, root: Path, targets: Collection[str] | None = None) -> Comparison:
    """Compare the artifacts with the folder `root`; `targets` limits it to those owners.

    Raises:
        SurroundingsError: a file cannot be read.
    """
    with told_plainly(root):
        try:
            owned = manifest.read(root)
        except manifest.ManifestError as error:
            return Comparison((), (_damaged(root, error),))
        return _Judge(artifacts, root, owned, targets).comparison()


class _Judge:
    """Judges one path after another and keeps what it found."""

    def __init__(
        self, artifacts: ArtifactSet, root: Path, owned: Mapping[str, Entry], targets: Collection[str] | None
    ) -> None:
        self._root = root
        self._owned = owned
        self._complete = targets is None
        self._wanted = [item for item in artifacts if targets is None or item.owner in targets]
        self._orphans = [
            item for item in owned.values() if item.path not in artifacts and (targets is None or item.owner in targets)
        ]
        self._tree = Tree(root, frozenset(item.path for item in self._orphans))
        self._findings: list[Finding] = []

    def comparison(self) -> Comparison:
        """The whole comparison."""
        with self._tree:
            removals = [change for item in self._orphans if (change := self._removal(item))]
            writes = [change for item in self._wanted if (change := self._write(item))]
            changes = (*sorted(removals, key=lambda change: change.path), *writes, *self._records())
        return Comparison(changes, tuple(self._findings), len(self._wanted) - len(writes))

    def _removal(self, item: Entry) -> Change | None:
        state = self._tree.look(item.path)
        if state.obstacle:
            self._refuse(item.path, state)
            return None
        if state.content is None:
            return None
        before = digest(state.content)
        return Change(item.path, Action.REMOVE, item.owner, None, before=before, edited=before != item.sha256)

    def _write(self, item: Artifact) -> Change | None:
        state = self._tree.look(item.path)
        if state.obstacle:
            self._refuse(item.path, state)
            return None
        if state.content == item.content and state.executable == item.executable:
            return None
        if state.content is None:
            return Change(item.path, Action.CREATE, item.owner, item.content, item.executable)
        before = digest(state.content)
        edited = state.content != item.content and before != self._sha256(item.path)
        if edited and item.path not in self._owned:
            self._refuse(item.path, state)
            return None
        return Change(item.path, Action.REPLACE, item.owner, item.content, item.executable, before, edited)

    def _sha256(self, path: str) -> str:
        return self._owned[path].sha256 if path in self._owned else ""

    def _refuse(self, path: str, state: FileState) -> None:
        if state.obstacle and any(item.message.startswith(f"{state.obstacle}, ") for item in self._findings):
            return  # one link may stand before many files
        self._findings.append(in_the_way(self._root, path, state) if state.obstacle else _foreign(self._root, path))

    def _records(self) -> Iterator[Change]:
        """Our own records, last: the manifest, and the versions when everything was rendered."""
        orphans = {item.path for item in self._orphans}
        kept = {path: item for path, item in self._owned.items() if path not in orphans}
        entries = kept | {item.path: manifest.entry(item) for item in self._wanted}
        records = {MANIFEST: manifest.to_text(entries.values())}
        if self._complete:
            records[VERSIONS] = json_text({"apiVersion": API_VERSION, "gen": __version__})
        for path, text in records.items():
            state = self._tree.look(path)
            if state.obstacle:
                self._refuse(path, state)
            elif state.content != text.encode():
                before = digest(state.content) if state.content is not None else ""
                action = Action.REPLACE if before else Action.CREATE
                yield Change(path, action, _RECORD_OWNER, text.encode(), before=before)


def not_writable(root: Path, changes: Iterable[Change]) -> tuple[Finding, ...]:
    """A finding for every folder that a change needs to write and cannot."""
    folders: dict[str, str] = {}
    for change in changes:
        folders.setdefault(change.path.rpartition("/")[0], change.path)
    refused: dict[Path, str] = {}
    for wanted, path in folders.items():
        folder = root / wanted
        while not folder.is_dir():
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            refused.setdefault(folder, path)
    return tuple(_unwritable(folder, path) for folder, path in sorted(refused.items()))


def whole_file(path: Path) -> Location:
    """A location that speaks of a file as a whole: line 0."""
    return Location(str(path), 0, 0, 0, "")


def _edited(root: Path, change: Change) -> Finding:
    fate = "is no longer rendered and would be removed" if change.content is None else "would be overwritten"
    return kinds.HAND_EDITED.at(
        (),
        f"{change.path} was edited by hand and {fate}",
        cause=f"its sha256 begins with {change.before[:12]}, which is not what {MANIFEST} says",
        help="move the edit into the spec or a patch, or give it up with --force; `gen diff` shows it",
    ).located(whole_file(root / change.path))


def in_the_way(root: Path, path: str, state: FileState) -> Finding:
    """A finding for the obstacle that stands where gen keeps `path`."""
    return kinds.IN_THE_WAY.at(
        (),
        f"{state.obstacle}, where gen keeps {path}",
        cause="gen keeps plain files of bounded size in real folders, and follows no links inside the outputs",
        help="look at what it is, then remove it, or render elsewhere with --out",
    ).located(whole_file(root / path))


def _foreign(root: Path, path: str) -> Finding:
    return kinds.FOREIGN_FILE.at(
        (),
        f"{path} is not gen's file, and it differs from what would be written",
        cause=f"{MANIFEST} does not list it",
        help="move it away or delete it, then render again",
    ).located(whole_file(root / path))


def _damaged(root: Path, error: manifest.ManifestError) -> Finding:
    return kinds.UNREADABLE_MANIFEST.at(
        (),
        f"{MANIFEST} cannot be read: {error}",
        cause="without it gen cannot tell its files from yours",
        help="after a merge, take either side of the conflict; else restore it with `git checkout`; then render again",
    ).located(whole_file(root / MANIFEST))


def _unwritable(folder: Path, path: str) -> Finding:
    return kinds.NOT_WRITABLE.at(
        (),
        f"the folder {folder} cannot be written",
        cause=f"{path} has to be written there; the disk is read-only, or you lack write permission",
        help="change its owner or its permissions, or render elsewhere with --out",
    ).located(whole_file(folder))
