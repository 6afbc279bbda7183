"""`gen catalog refresh`: what a cloud offers today becomes the text of the catalogue's files, in memory."""

from collections.abc import Sequence
from pathlib import Path

from generator.catalog.table import parse
from generator.core.frozen import frozen
from generator.core.lazy import load
from generator.live import REFRESHERS
from generator.live.answers import Limits
from generator.live.entries import rewritten
from generator.live.offers import merge
from generator.live.preflight import missing_extra


@frozen
class Refreshed:
    """The files of one cloud by name as they were and as they are to be, and what is to be said of it.

    A file may differ by its dates alone, where the cloud confirmed what it says.
    """

    before: dict[str, str]
    after: dict[str, str]
    changes: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether any fact changes."""
        return any(not change.startswith("=") for change in self.changes)


def refresh(cloud: str, regions: Sequence[str], folder: Path, limits: Limits, as_of: str) -> Refreshed:
    """Ask a cloud about regions, all known ones when none is named, and merge the answers into the files of a folder.

    Raises:
        NotAnsweredError: something was not answered, and so nothing is to be written.
    """
    names = [f"instances_{cloud}.yaml", f"prices_{cloud}.yaml"]
    before = {name: (folder / name).read_text(encoding="utf-8") for name in names}
    machines, prices = (parse(before[name]) or {} for name in names)
    asked = sorted(set(regions)) or sorted({region for row in machines.values() for region in row["regions"]})
    try:
        collect = load(REFRESHERS[cloud])
    except ModuleNotFoundError as error:
        raise missing_extra(cloud, error) from error
    offers = collect(asked, limits)
    merged = merge(machines, prices, offers, as_of)
    after = {
        name: rewritten(before[name], rows) for name, rows in zip(names, (merged.instances, merged.prices), strict=True)
    }
    remarks = (
        *(f"not asked: {words}" for words in offers.not_asked),
        *(f"left out: {words}" for words in offers.left_out),
    )
    return Refreshed(before, after, merged.changes, remarks)
