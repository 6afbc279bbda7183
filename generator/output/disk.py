"""Every change of the disk goes through `Disk`, one system call a method, so that a test can stop between any two."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.core.errors import SurroundingsError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_CURES = {
    errno.ENOSPC: "Free some space and run the command again.",
    errno.EDQUOT: "Free some of your quota and run the command again.",
    errno.EACCES: "Give yourself permission for it, or render elsewhere with --out.",
    errno.EPERM: "Give yourself permission for it, or render elsewhere with --out.",
    errno.EROFS: "Mount it writable, or render elsewhere with --out.",
    errno.EXDEV: "A folder inside the outputs is a mount of its own; render elsewhere with --out.",
    errno.ENAMETOOLONG: "Use shorter names in the spec, or an --out nearer to the root.",
}


class Disk:
    """The changes we make, one at a time."""

    def mkdir(self, folder: Path) -> None:
        """Make one folder whose parent exists; one that is there already is fine."""
        with suppress(FileExistsError):
            folder.mkdir()

    def write(self, path: Path, content: bytes, *, executable: bool = False, sync: bool = False) -> None:
        """Write a new file, with the permissions that the umask gives. `sync` waits until it is on the platter."""
        handle = os.open(path, _NEW, 0o777 if executable else 0o666)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(handle, rest) :]
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)

    def replace(self, source: Path, destination: Path) -> None:
        """Move a file over another, atomically."""
        os.replace(source, destination)  # noqa: PTH105

    def unlink(self, path: Path) -> None:
        """Delete a file."""
        os.unlink(path)  # noqa: PTH108

    def rmdir(self, folder: Path) -> None:
        """Delete an empty folder."""
        folder.rmdir()


DISK = Disk()


def make_folders(folder: Path, disk: Disk) -> None:
    """Make a folder and those above it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for item in reversed(missing):
        disk.mkdir(item)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the one lock of an output folder. The folder itself is locked, so that no file is left behind.

    Raises:
        SurroundingsError: another process holds it.
        OSError: the folder cannot be opened, or is a symbolic link.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SurroundingsError(
            f"another gen render is writing {folder.parent}", help="Wait until it has ended, then run this one again."
        ) from error


@contextmanager
def told_plainly(root: Path, so_far: str = "Nothing was changed.") -> Iterator[None]:
    """Turn an OSError into an error that names the file, the cure and what has happened `so_far`.

    Raises:
        SurroundingsError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename or root
        cure = _CURES.get(error.errno or 0, "Put it right and run the command again.")
        raise SurroundingsError(f"{os.fsdecode(name)}: {error.strerror or error}. {so_far}", help=cure) from error
