"""Run the real `apply` once for every n, killed with SIGKILL at the n-th change: `crash_run START FOLDER TREE`.

Run n works on a copy of START at FOLDER/n/fleet/env, in a process of its own. Each method of `Disk` is a change; a
write is two, the second in the middle of the content. Ends with the first run that lived to its end.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from generator.output.disk import Disk
from generator.output.write import apply
from tests.trees import TREES


class Mortal(Disk):
    def __init__(self, lives: int) -> None:
        self.lives = lives

    def _step(self) -> None:
        self.lives -= 1
        if self.lives < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def mkdir(self, *where: Any) -> None:
        self._step()
        super().mkdir(*where)

    def write(self, path: Path | str, content: bytes, at: int | None = None, **options: Any) -> None:
        self._step()
        super().write(path, content[: len(content) // 2], at, **options)
        self._step()
        super().write(path, content, at, **options)

    def replace(self, *where: Any) -> None:
        self._step()
        super().replace(*where)

    def unlink(self, path: str, at: int) -> None:
        self._step()
        super().unlink(path, at)

    def rmdir(self, folder: str, at: int) -> None:
        self._step()
        super().rmdir(folder, at)


def lives_through(root: Path, tree: str, lives: int) -> bool:
    """Whether `apply` ended in a child with so many lives."""
    child = os.fork()
    if child == 0:
        apply(TREES[tree](), root, disk=Mortal(lives))
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status not in (0, signal.SIGKILL):
        raise SystemExit(f"run {lives} ended with status {status}")
    return status == 0


def main(start: Path, folder: Path, tree: str) -> None:
    """All runs."""
    for lives in range(10_000):
        root = folder / str(lives) / "fleet/env"
        shutil.copytree(start, root)
        if lives_through(root, tree, lives):
            break


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
