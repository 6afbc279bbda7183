"""A folder may be exchanged for a link while a render is at work: what is open stays what it was."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from generator.core.errors import SurroundingsError
from generator.core.layout import RECORDS, STAGED
from generator.output.disk import Disk
from generator.output.write import apply
from tests.test_crash import files, prepare
from tests.trees import new, old


class Swapping(Disk):
    """At the n-th change, just before it, a folder is exchanged for a link."""

    def __init__(self, lives: int, place: Path, outside: Path) -> None:
        self.lives, self.place, self.outside = lives, place, outside

    def _step(self) -> None:
        self.lives -= 1
        if self.lives == 0 and self.place.is_dir():
            self.place.rename(self.place.with_name("aside"))
            self.place.symlink_to(self.outside)

    def mkdir(self, *where: Any) -> None:
        self._step()
        super().mkdir(*where)

    def write(self, *where: Any, **options: Any) -> None:
        self._step()
        super().write(*where, **options)

    def replace(self, *where: Any) -> None:
        self._step()
        super().replace(*where)

    def unlink(self, *where: Any) -> None:
        self._step()
        super().unlink(*where)

    def rmdir(self, *where: Any) -> None:
        self._step()
        super().rmdir(*where)


@pytest.mark.parametrize("place", [".", "..", RECORDS, STAGED, "compose", "compose/desk", "helm", "helm/gone"])
def test_a_link_put_there_meanwhile_leads_nowhere(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    prepare(outside / "fleet/env", "old")
    before = files(outside)
    for lives in range(1, 40):
        root = tmp_path / f"{lives}/fleet/env"
        apply(old(), root)
        exchanged = root.parent if place == ".." else root / place
        swapping = Swapping(lives, exchanged, outside)
        with suppress(SurroundingsError):
            apply(new(), root, disk=swapping)
    assert swapping.lives > 0, "every change had its turn"
    assert files(outside) == before
