"""Artifacts: the files a render writes, held in memory, each path written once."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from generator.core.errors import BugError
from generator.core.frozen import frozen


@frozen
class Artifact:
    """One file: a relative path with `/`, its bytes, and the target that owns it."""

    path: str
    content: bytes
    owner: str
    executable: bool = False


class ArtifactSet:
    """Artifacts by path, write-once and sorted."""

    def __init__(self, items: Iterable[Artifact] = ()) -> None:
        self._items: dict[str, Artifact] = {}
        for item in items:
            self.add(item)

    def add(self, artifact: Artifact) -> None:
        """Add one file.

        Raises:
            BugError: the path was written before, or does not stay inside the output folder. Names come from
                validated labels, so neither can be caused by a spec.
        """
        parts = PurePosixPath(artifact.path).parts
        if not parts or artifact.path.startswith("/") or ".." in parts or "\\" in artifact.path:
            raise BugError(f"artifact path {artifact.path!r} leaves the output folder")
        if artifact.path in self._items:
            raise BugError(f"artifact {artifact.path!r} written twice")
        self._items[artifact.path] = artifact

    def __iter__(self) -> Iterator[Artifact]:
        return iter(self._items[path] for path in sorted(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, path: str) -> Artifact:
        return self._items[path]

    def __contains__(self, path: str) -> bool:
        return path in self._items
