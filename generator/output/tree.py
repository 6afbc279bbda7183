"""What stands on the disk at a path, without following links. Plain strings and few system calls: fleets are large."""

import errno
import os
import stat
from collections.abc import Collection
from pathlib import Path

from generator.core.frozen import frozen


@frozen
class FileState:
    """What was found: a plain file's content and mode flag, nothing (`content` is None), or an `obstacle` in words."""

    content: bytes | None = None
    executable: bool = False
    obstacle: str = ""


ABSENT = FileState()
_KINDS = ((stat.S_ISLNK, "a symbolic link"), (stat.S_ISDIR, "a folder"), (stat.S_ISREG, "a file"))
_UNOPENABLE = (errno.ELOOP, errno.ENXIO)
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Tree:
    """Looks at paths below `root`. What is in `leaving` is about to be removed and stands in nobody's way."""

    def __init__(self, root: Path, leaving: Collection[str] = ()) -> None:
        self._root = root
        self._prefix = f"{root}/"
        self._leaving = leaving
        self._folders: dict[str, FileState | None] = {"": None}

    def look(self, path: str) -> FileState:
        """The state of one path.

        Raises:
            OSError: it cannot be read.
        """
        above = self._folder(path.rpartition("/")[0])
        return self._file(path) if above is None else above

    def _file(self, path: str) -> FileState:
        try:
            handle = os.open(self._prefix + path, _OPEN)
        except FileNotFoundError:
            return ABSENT
        except OSError as error:
            if error.errno not in _UNOPENABLE:
                raise
            return _obstacle(os.lstat(self._prefix + path).st_mode, path)
        try:
            return self._opened(handle, path)
        finally:
            os.close(handle)

    def _opened(self, handle: int, path: str) -> FileState:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode):
            return FileState(_content(handle, status.st_size), bool(status.st_mode & stat.S_IXUSR))
        if stat.S_ISDIR(status.st_mode) and self._clears(self._root / path):
            return ABSENT
        return _obstacle(status.st_mode, path)

    def _folder(self, folder: str) -> FileState | None:
        """None when files can be looked up in the folder, else the state of everything below it."""
        if folder not in self._folders:
            above = self._folder(folder.rpartition("/")[0])
            self._folders[folder] = self._folder_state(folder) if above is None else above
        return self._folders[folder]

    def _folder_state(self, folder: str) -> FileState | None:
        try:
            mode = os.lstat(self._prefix + folder).st_mode
        except FileNotFoundError:
            return ABSENT
        if stat.S_ISDIR(mode):
            return None
        if stat.S_ISREG(mode) and folder in self._leaving:
            return ABSENT
        return _obstacle(mode, folder)

    def _clears(self, folder: Path) -> bool:
        """Whether a folder goes away by itself when what is leaving has left."""
        items = list(folder.iterdir())
        return bool(items) and all(
            self._clears(item)
            if item.is_dir() and not item.is_symlink()
            else item.relative_to(self._root).as_posix() in self._leaving
            for item in items
        )


def _content(handle: int, size: int) -> bytes:
    parts = []
    while part := os.read(handle, size + 1):
        parts.append(part)
    return b"".join(parts)


def _obstacle(mode: int, path: str) -> FileState:
    words = next((words for test, words in _KINDS if test(mode)), "a device or pipe")
    return FileState(obstacle=f"{words} stands at {path}")
