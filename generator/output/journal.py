"""The journal makes many renames one step: new contents are staged, the list of operations is committed, then made.

A process may be killed between any two system calls. Before the commit the next run throws the staging away: the old
tree. After it the next run makes what is left: the new tree. The journal alone is synced; contents are not, because a
file torn by a power cut no longer has its sha256, is named as edited, and can be rendered again.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from generator.core.errors import SurroundingsError
from generator.core.frozen import frozen
from generator.core.layout import JOURNAL, MANIFEST, STAGED, VERSIONS
from generator.output.compare import Change
from generator.output.disk import Disk, make_folders, told_plainly
from generator.output.manifest import digest, is_inside
from generator.output.tree import Tree

_PENDING = f"{STAGED}/journal"
_FORMAT = 1
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
    """Whether an earlier run left work behind."""
    return (root / JOURNAL).exists() or (root / STAGED).exists()


def recover(root: Path, disk: Disk) -> bool:
    """Complete or undo what an earlier run left behind; whether there was anything.

    Raises:
        SurroundingsError: the journal is damaged, or the disk refuses.
    """
    if not interrupted(root):
        return False
    operations = _read(root / JOURNAL)
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
    staged = root / STAGED
    disk.mkdir(staged)
    operations = []
    for number, change in enumerate(changes):
        if change.content is not None:
            disk.write(staged / str(number), change.content, executable=change.executable)
        operations.append(Operation(change.path, change.before, "" if change.content is None else str(number)))
    text = json.dumps({"format": _FORMAT, "operations": [[item.path, item.before, item.staged] for item in operations]})
    disk.write(root / _PENDING, text.encode(), sync=True)
    disk.replace(root / _PENDING, root / JOURNAL)
    return operations


def _make(root: Path, operations: Sequence[Operation], disk: Disk) -> None:
    """Make the operations that are not made yet; a path that somebody changed meanwhile is left alone."""
    _remove(root, [item for item in operations if not item.staged], disk)
    _move(root, [item for item in operations if item.staged], disk)
    _clear(root, disk)


def _remove(root: Path, operations: Sequence[Operation], disk: Disk) -> None:
    """Remove files, then the folders that this left empty."""
    tree = Tree(root)
    folders = set()
    for item in operations:
        state = tree.look(item.path)
        if state.content is not None and digest(state.content) == item.before:
            disk.unlink(root / item.path)
        if not state.obstacle:
            folders.add((root / item.path).parent)
    for folder in sorted(folders, reverse=True):
        _prune(folder, root, disk)


def _prune(folder: Path, root: Path, disk: Disk) -> None:
    """Remove a folder when it is empty, and so on upwards to the root."""
    while folder != root:
        if folder.is_dir():
            if any(folder.iterdir()):
                return
            disk.rmdir(folder)
        folder = folder.parent


def _move(root: Path, operations: Sequence[Operation], disk: Disk) -> None:
    """Move staged files to their places."""
    tree, staging = Tree(root), root / STAGED
    waiting = {item.name for item in staging.iterdir()} if staging.is_dir() else set()
    made: set[str] = set()
    for item in operations:
        state = tree.look(item.path)
        found = digest(state.content) if state.content is not None else ""
        if state.obstacle or found != item.before or item.staged not in waiting:
            continue
        folder = item.path.rpartition("/")[0]
        if folder not in made:
            make_folders(root / folder, disk)
            made.add(folder)
        disk.replace(staging / item.staged, root / item.path)


def _clear(root: Path, disk: Disk) -> None:
    """End: first the journal, so that what is still staged means nothing any more."""
    if (root / JOURNAL).exists():
        disk.unlink(root / JOURNAL)
    staged = root / STAGED
    if staged.is_dir() and not staged.is_symlink():
        for item in sorted(staged.iterdir()):
            disk.unlink(item)
        disk.rmdir(staged)


def _read(path: Path) -> list[Operation]:
    try:
        data = json.loads(path.read_bytes())
        operations = [Operation(path, before, staged) for path, before, staged in data["operations"]]
        sound = data["format"] == _FORMAT and all(_is_sound(item) for item in operations)
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    if not sound:
        raise _damaged(path)
    return operations


def _is_sound(item: Operation) -> bool:
    """Whether an operation stays inside the folder: a journal may come with a repository, from a stranger."""
    return (item.path in (MANIFEST, VERSIONS) or is_inside(item.path)) and (not item.staged or item.staged.isdigit())


def _damaged(path: Path) -> SurroundingsError:
    return SurroundingsError(
        f"{path} is damaged, so the interrupted render cannot be completed",
        help=f"delete {path} and the folder {path.parent / 'staged'}, then run gen render --force",
    )
