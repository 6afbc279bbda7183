"""Every change of the disk goes through `Disk`, one system call a method, so that a test can stop between any two."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.core.errors import SurroundingsError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
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
    """The changes we make, one at a time. A path is taken from the folder whose handle is `at`, when one is given."""

    def mkdir(self, folder: Path | str, at: int | None = None) -> None:
        """Make one folder whose parent exists; one that is there already is fine."""
        with suppress(FileExistsError):
            os.mkdir(folder, dir_fd=at)

    def write(
        self, path: Path | str, content: bytes, at: int | None = None, *, executable: bool = False, sync: bool = False
    ) -> None:
        """Write a new file, with the permissions that the umask gives. `sync` waits until it is on the platter."""
        handle = os.open(path, _NEW, 0o777 if executable else 0o666, dir_fd=at)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(handle, rest) :]
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)

    def replace(
        self, source: Path | str, destination: Path | str, source_at: int | None = None, at: int | None = None
    ) -> None:
        """Move a file over another, atomically; `at` is the destination's folder."""
        os.replace(source, destination, src_dir_fd=source_at, dst_dir_fd=at)

    def unlink(self, path: str, at: int) -> None:
        """Delete a file."""
        os.unlink(path, dir_fd=at)

    def rmdir(self, folder: str, at: int) -> None:
        """Delete an empty folder."""
        os.rmdir(folder, dir_fd=at)


DISK = Disk()


def make_folders(folder: Path, disk: Disk) -> None:
    """Make a folder and those above it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for item in reversed(missing):
        disk.mkdir(item)


def lock(records: int, root: Path) -> None:
    """Take the one lock of an output folder, on the handle of its records' folder, so that no file is left behind.

    It lasts as long as the handle is open.

    Raises:
        SurroundingsError: another process holds it.
    """
    try:
        fcntl.flock(records, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SurroundingsError(
            f"another gen render is writing {root}", help="Wait until it has ended, then run this one again."
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
