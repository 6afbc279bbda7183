"""The journal makes many renames one step: new contents are staged, the list of operations is committed, then made.

A process may be killed between any two system calls. Before the commit the next run throws the staging away: the old
tree. After it the next run makes what is left: the new tree. The journal alone is synced; contents are not, because a
file torn by a power cut no longer has its sha256, is named as edited, and can be rendered again.
"""

import json
import os
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from posixpath import basename

from generator.core.errors import SurroundingsError
from generator.core.frozen import frozen
from generator.core.layout import JOURNAL, MANIFEST, RECORDS, STAGED, VERSIONS
from generator.output import manifest
from generator.output.compare import Change
from generator.output.disk import Disk, told_plainly
from generator.output.folder import OutputFolder
from generator.output.manifest import digest, is_inside
from generator.output.tree import ABSENT, RECORD_BYTES, Tree

_JOURNAL = basename(JOURNAL)
"""Its name, also while it is staged."""
_FORMAT = 1
_STAGED_NAME = re.compile(r"[0-9]{1,9}")
_HALFWAY = "The render stopped halfway; nothing is lost, and the next gen render completes it."


@frozen
class Operation:
    """Move a staged file to `path`, or remove what is there when `staged` is empty.

    Only a file that still has the sha256 `before` (empty: no file) is touched.
    """

    path: str
    before: str
    staged: str


def interrupted(root: Path) -> bool:
    """Whether an earlier run left work behind.

    Raises:
        SurroundingsError: the disk refuses.
    """
    with told_plainly(root), Tree(root) as tree:
        return any(tree.look(path, RECORD_BYTES) != ABSENT for path in (JOURNAL, STAGED))


def recover(root: Path, disk: Disk) -> bool:
    """Complete or undo what an earlier run left behind; whether there was anything.

    Raises:
        SurroundingsError: the journal is damaged, or the disk refuses.
    """
    if not interrupted(root):
        return False
    with told_plainly(root):
        operations = _read(root)
    with told_plainly(root, _HALFWAY if operations else "Nothing was changed."):
        _make(root, operations, disk)
    return True


def perform(root: Path, changes: Sequence[Change], disk: Disk) -> None:
    """Make all changes, or none.

    Raises:
        SurroundingsError: the disk refuses. Before the commit everything is as it was; after it the next run goes on.
    """
    with told_plainly(root):
        try:
            operations = _stage(root, changes, disk)
        except OSError:
            with suppress(OSError):
                _clear(root, disk)
            raise
    with told_plainly(root, _HALFWAY):
        _make(root, operations, disk)


def _stage(root: Path, changes: Sequence[Change], disk: Disk) -> list[Operation]:
    folder = OutputFolder(root)
    operations = []
    with folder.opened(STAGED, disk) as staging, folder.opened(RECORDS) as records:
        for number, change in enumerate(changes):
            if change.content is not None:
                disk.write(str(number), change.content, staging, executable=change.executable)
            operations.append(Operation(change.path, change.before, "" if change.content is None else str(number)))
        rows = [[item.path, item.before, item.staged] for item in operations]
        text = json.dumps({"format": _FORMAT, "operations": rows})
        disk.write(_JOURNAL, text.encode(), staging, sync=True)
        disk.replace(_JOURNAL, _JOURNAL, staging, records)
    return operations


def _make(root: Path, operations: Sequence[Operation], disk: Disk) -> None:
    """Make the operations that are not made yet; a path that somebody changed meanwhile is left alone."""
    _remove(root, [item for item in operations if not item.staged], disk)
    _move(root, [item for item in operations if item.staged], disk)
    _clear(root, disk)


def _remove(root: Path, operations: Sequence[Operation], disk: Disk) -> None:
    """Remove files, then the folders that this left empty."""
    folder = OutputFolder(root)
    emptied = set()
    with Tree(root) as tree:
        for item in operations:
            state = tree.look(item.path)
            above, _, name = item.path.rpartition("/")
            if state.content is not None and digest(state.content) == item.before:
                with folder.opened(above) as at:
                    disk.unlink(name, at)
            if not state.obstacle:
                emptied.add(above)
    for path in sorted(emptied, reverse=True):
        _prune(folder, path, disk)


def _prune(folder: OutputFolder, path: str, disk: Disk) -> None:
    """Remove a folder when it is empty, and so on upwards to the root."""
    while path:
        above, _, name = path.rpartition("/")
        with suppress(FileNotFoundError), folder.opened(above) as at:
            with folder.opened(path) as handle:
                if os.listdir(handle):  # noqa: PTH208
                    return
            disk.rmdir(name, at)
        path = above


def _move(root: Path, operations: Sequence[Operation], disk: Disk) -> None:
    """Move staged files to their places."""
    folder = OutputFolder(root)
    waiting = _waiting(folder, root)
    if not waiting:
        return
    with Tree(root) as tree, folder.opened(STAGED) as staging:
        for item in operations:
            state = tree.look(item.path)
            found = digest(state.content) if state.content is not None else ""
            if state.obstacle or found != item.before or item.staged not in waiting:
                continue
            above, _, name = item.path.rpartition("/")
            with folder.opened(above, disk) as at:
                disk.replace(item.staged, name, staging, at)


def _clear(root: Path, disk: Disk) -> None:
    """End: first the journal, so that what is still staged means nothing any more."""
    folder = OutputFolder(root)
    waiting = _waiting(folder, root)
    with folder.opened(RECORDS) as records:
        with suppress(FileNotFoundError):
            disk.unlink(_JOURNAL, records)
        with suppress(FileNotFoundError):
            with folder.opened(STAGED) as staging:
                for name in sorted(waiting):
                    disk.unlink(name, staging)
            disk.rmdir(basename(STAGED), records)


def _waiting(folder: OutputFolder, root: Path) -> Collection[str]:
    """The names of what is staged.

    Raises:
        SurroundingsError: something stands there that no render has staged.
    """
    try:
        with folder.opened(STAGED) as handle, os.scandir(handle) as listed:
            plain = {item.name: item.is_file(follow_symlinks=False) for item in listed}
    except FileNotFoundError:
        return ()
    for name, is_file in sorted(plain.items()):
        if not is_file or (name != _JOURNAL and not _STAGED_NAME.fullmatch(name)):
            raise SurroundingsError(
                f"{root / STAGED} holds {name!a}, which no render has put there",
                help="look at what it is and move it away, then run gen render again",
            )
    return plain


def _read(root: Path) -> list[Operation]:
    """The operations of the journal; none when it was not committed.

    Raises:
        SurroundingsError: it is damaged, or names what no render of this folder can have named.
        OSError: it cannot be read.
    """
    with Tree(root) as tree:
        held = tree.look(JOURNAL, RECORD_BYTES).content
        if held is None:
            return []
        try:
            data = json.loads(held)
            operations = [Operation(path, before, staged) for path, before, staged in data["operations"]]
            sound = data["format"] == _FORMAT and all(_is_sound(item) for item in operations)
            known = _known(tree, operations) if sound else set()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _damaged(root) from error
        if not sound:
            raise _damaged(root)
        for item in operations:
            if item.path not in known and _would_act(tree, item):
                raise _damaged(root, f": it names {item.path}, which is no file of gen's")
    return [item for item in operations if item.path in known]


def _is_sound(item: Operation) -> bool:
    """Whether an operation stays inside the folder: a journal may come with a repository, from a stranger."""
    if not all(isinstance(part, str) for part in (item.path, item.before, item.staged)):
        return False
    if not item.staged:
        return is_inside(item.path)
    return (item.path in (MANIFEST, VERSIONS) or is_inside(item.path)) and bool(_STAGED_NAME.fullmatch(item.staged))


def _known(tree: Tree, operations: Sequence[Operation]) -> set[str]:
    """All that an operation can name: the records, and what the manifest lists, as it stands or as it is staged."""
    known = {MANIFEST, VERSIONS, *manifest.look(tree)}
    for item in operations:
        if item.path == MANIFEST:
            known |= manifest.look(tree, f"{STAGED}/{item.staged}").keys()
    return known


def _would_act(tree: Tree, item: Operation) -> bool:
    """Whether an operation is still to be made. A removal is not once its file is gone, and the manifest's line too."""
    return bool(item.staged) or tree.look(item.path).content is not None


def _damaged(root: Path, why: str = "") -> SurroundingsError:
    journal = root / JOURNAL
    return SurroundingsError(
        f"{journal} is damaged, so the interrupted render cannot be completed{why}",
        help=f"delete {journal} and the folder {root / STAGED}, then run gen render --force",
    )
