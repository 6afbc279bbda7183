"""What stands on the disk at a path, without following links. Few system calls: fleets are large."""

import errno
import os
import stat
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from generator.core.frozen import frozen
from generator.output.folder import OutputFolder

MIB = 1 << 20
OUTPUT_BYTES = 128 * MIB
"""The largest output that is read: the tables of some thousand routes are a tenth of it."""
RECORD_BYTES = 16 * MIB
"""The largest record that is read: a manifest of a hundred thousand files."""


@frozen
class FileState:
    """What was found: a plain file's content and mode flag, nothing (`content` is None), or an `obstacle` in words."""

    content: bytes | None = None
    executable: bool = False
    obstacle: str = ""


ABSENT = FileState()
_KINDS = ((stat.S_ISLNK, "a symbolic link"), (stat.S_ISDIR, "a folder"), (stat.S_ISREG, "a file"))
_UNOPENABLE = (errno.ELOOP, errno.ENXIO)
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Tree:
    """Looks at paths below `root`. What is in `leaving` is about to be removed and stands in nobody's way."""

    def __init__(self, root: Path, leaving: Collection[str] = ()) -> None:
        self._root = OutputFolder(root)
        self._leaving = leaving
        self._folders: dict[str, FileState | None] = {}
        self._open = ExitStack()
        self._opened: tuple[str, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def look(self, path: str, largest: int = OUTPUT_BYTES) -> FileState:
        """The state of one path; a file above `largest` bytes is an obstacle.

        Raises:
            OSError: it cannot be read.
        """
        above = self.folder(path.rpartition("/")[0])
        return self._file(path, largest) if above is None else above

    def folder(self, path: str) -> FileState | None:
        """None when files can be looked up in the folder, else the state of everything below it.

        Raises:
            OSError: it cannot be read.
        """
        if path not in self._folders:
            above = self.folder(path.rpartition("/")[0]) if path else None
            self._folders[path] = self._folder_state(path) if above is None else above
        return self._folders[path]

    def _folder_state(self, path: str) -> FileState | None:
        if not path:
            return self._root_state()
        mode = self._mode(path)
        if mode is None:
            return ABSENT
        if stat.S_ISDIR(mode):
            return None
        if stat.S_ISREG(mode) and path in self._leaving:
            return ABSENT
        return _obstacle(mode, path)

    def _root_state(self) -> FileState | None:
        try:
            self._handle("")
        except FileNotFoundError:
            return ABSENT
        return None

    def _file(self, path: str, largest: int) -> FileState:
        folder, _, name = path.rpartition("/")
        try:
            handle = os.open(name, _OPEN, dir_fd=self._handle(folder))
        except FileNotFoundError:
            return ABSENT
        except OSError as error:
            mode = self._mode(path) if error.errno in _UNOPENABLE else None
            if mode is None:
                raise
            return _obstacle(mode, path)
        try:
            return self._file_state(handle, path, largest)
        finally:
            os.close(handle)

    def _file_state(self, handle: int, path: str, largest: int) -> FileState:
        status = os.fstat(handle)
        mode = status.st_mode
        if stat.S_ISREG(mode):
            content = _content(handle, status.st_size, largest)
            if content is None:
                return FileState(obstacle=f"a file of more than {largest // MIB} MiB stands at {path}")
            return FileState(content, bool(mode & stat.S_IXUSR))
        if stat.S_ISDIR(mode) and self._clears(path):
            return ABSENT
        return _obstacle(mode, path)

    def _clears(self, path: str) -> bool:
        """Whether a folder goes away by itself when what is leaving has left."""
        folders = [path]
        for folder in folders:
            with self._root.opened(folder) as handle, os.scandir(handle) as listed:
                items = {f"{folder}/{item.name}": item.is_dir(follow_symlinks=False) for item in listed}
            if not items or any(not is_dir and item not in self._leaving for item, is_dir in items.items()):
                return False
            folders += [item for item, is_dir in items.items() if is_dir]
        return True

    def _mode(self, path: str) -> int | None:
        folder, _, name = path.rpartition("/")
        try:
            return os.stat(name, dir_fd=self._handle(folder), follow_symlinks=False).st_mode
        except FileNotFoundError:
            return None

    def _handle(self, folder: str) -> int:
        """The handle of a folder, the last one kept open: paths come sorted."""
        if self._opened is None or self._opened[0] != folder:
            self._opened = None
            self._open.close()
            self._opened = folder, self._open.enter_context(self._root.opened(folder))
        return self._opened[1]


def _content(handle: int, size: int, largest: int) -> bytes | None:
    """What a file holds; None when that is more than `largest` bytes, be it that it grew meanwhile."""
    if size > largest:
        return None
    parts, rest = [], largest + 1
    while rest and (part := os.read(handle, min(rest, size + 1))):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts) if rest else None


def _obstacle(mode: int, path: str) -> FileState:
    words = next((words for test, words in _KINDS if test(mode)), "a device or pipe")
    return FileState(obstacle=f"{words} stands at {path}")
