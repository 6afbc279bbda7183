"""gen's records in an output folder, looked at before they are used: the folder may come from a stranger."""

from collections.abc import Iterator
from pathlib import Path

from generator.core.errors import SurroundingsError
from generator.core.finding import Finding
from generator.core.kinds import output as kinds
from generator.core.layout import MANIFEST, RECORD_FILES, RECORD_FOLDERS
from generator.output.compare import in_the_way, whole_file
from generator.output.disk import told_plainly
from generator.output.tree import RECORD_BYTES, Tree


def obstacles(root: Path) -> tuple[Finding, ...]:
    """A finding for everything that stands where gen keeps a folder or a record of its own.

    Raises:
        SurroundingsError: the disk refuses.
    """
    with told_plainly(root):
        return tuple(_links(root)) or tuple(_strange(root))


def demand_plain(root: Path) -> None:
    """Refuse a folder with obstacles, where findings have no place.

    Raises:
        SurroundingsError: there are some; the first is named.
    """
    for finding in obstacles(root):
        raise SurroundingsError(finding.message, help=finding.help)


def environments(out: Path, fleet: str) -> tuple[str, ...]:
    """The environments that were rendered for a fleet at any time and still lie there, sorted."""
    folder = out / fleet
    if folder.is_symlink() or not folder.is_dir():
        return ()
    return tuple(sorted(item.name for item in folder.iterdir() if item.is_dir() and _has_manifest(item)))


def _has_manifest(root: Path) -> bool:
    if obstacles(root):
        return False
    with told_plainly(root), Tree(root) as tree:
        return tree.look(MANIFEST, RECORD_BYTES).content is not None


def _links(root: Path) -> Iterator[Finding]:
    """The fleet's and the environment's folder have to be real; where `--out` leads is the user's choice."""
    for path in (root.parent, root):
        if path.is_symlink():
            yield kinds.IN_THE_WAY.at(
                (),
                f"a symbolic link stands at {path}, where gen keeps a folder",
                cause="gen follows no links inside the outputs",
                help="remove the link, or give the folder it points at with --out",
            ).located(whole_file(path))


def _strange(root: Path) -> Iterator[Finding]:
    with Tree(root) as tree:
        for path in RECORD_FOLDERS:
            state = tree.folder(path)
            if state and state.obstacle:
                yield in_the_way(root, path, state)
                return  # the records are below
        for path in RECORD_FILES:
            state = tree.look(path, RECORD_BYTES)
            if state.obstacle:
                yield in_the_way(root, path, state)
