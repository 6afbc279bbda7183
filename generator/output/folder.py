"""An output folder by handles: below `--out` no link is followed, whoever put it there and however late."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.output.disk import Disk, make_folders

_BASE = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_STEP = _BASE | os.O_NOFOLLOW


class OutputFolder:
    """The folder of one environment of a fleet, `OUT/<fleet>/<environment>`; it need not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def opened(self, folder: str = "", make: Disk | None = None) -> Iterator[int]:
        """A handle of a folder below; it stays that folder, whatever is put in its place. `make` makes what is missing.

        Raises:
            FileNotFoundError: there is none.
            OSError: it cannot be opened, or a step to it is no real folder.
        """
        handle = self._open(folder, make)
        try:
            yield handle
        except OSError as error:
            _say_whole(error, self._root / folder)
            raise
        finally:
            os.close(handle)

    def _open(self, folder: str, make: Disk | None) -> int:
        out, path = self._root.parent.parent, self._root.parent
        if make:
            make_folders(out, make)
        handle = os.open(out, _BASE)  # Where --out leads is the user's choice.
        try:
            for step in (self._root.parent.name, self._root.name, *filter(None, folder.split("/"))):
                inner = _step(step, handle, make)
                os.close(handle)
                handle = inner
        except OSError as error:
            os.close(handle)
            error.filename = str(self._root / folder if path.is_dir() else path)
            raise
        return handle


def _step(name: str, handle: int, make: Disk | None) -> int:
    try:
        return os.open(name, _STEP, dir_fd=handle)
    except FileNotFoundError:
        if make is None:
            raise
    make.mkdir(name, handle)
    return os.open(name, _STEP, dir_fd=handle)


def _say_whole(error: OSError, folder: Path) -> None:
    """A call by handle names its file by the last part only: say the path that a person knows."""
    if isinstance(error.filename, str) and "/" not in error.filename:
        error.filename = str(folder / error.filename)
    if isinstance(error.filename2, str) and "/" not in error.filename2:
        error.filename2 = str(folder / error.filename2)
