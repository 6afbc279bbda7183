"""The manifest says which files of an output folder are ours. One sorted line a file, so that git merges it well."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from pathlib import Path

from generator.core.artifact import Artifact
from generator.core.frozen import frozen
from generator.core.layout import COMMITTED, MANIFEST, RECORDS, UNCOMMITTED
from generator.output.tree import RECORD_BYTES, Tree

FORMAT = "# fleetgen manifest v1: sha256 owner mode path"

_LINE = re.compile(r"([0-9a-f]{64}) ([a-z0-9-]+) ([x-]) (.+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_NO_STEPS = frozenset(("", ".", "..", ".git"))
_DEEPEST = 32
_OF_USERS = re.compile("|".join(map(translate, UNCOMMITTED)))


class ManifestError(ValueError):
    """The text is no manifest; the message names the line."""


@frozen
class Entry:
    """One owned file: `path` is relative with `/`; `executable` is its mode flag."""

    path: str
    sha256: str
    owner: str
    executable: bool = False


def entry(artifact: Artifact) -> Entry:
    """The entry of an artifact."""
    return Entry(artifact.path, digest(artifact.content), artifact.owner, artifact.executable)


def digest(content: bytes) -> str:
    """The sha256 of a file's content, in hex."""
    return hashlib.sha256(content).hexdigest()


def to_text(entries: Iterable[Entry]) -> str:
    """The manifest of these entries, sorted by path."""
    lines = [
        f"{item.sha256} {item.owner} {'x' if item.executable else '-'} {item.path}"
        for item in sorted(entries, key=lambda item: item.path)
    ]
    return "\n".join([FORMAT, *lines, ""])


def from_text(text: str) -> dict[str, Entry]:
    """The entries of a manifest by path.

    Raises:
        ManifestError: a line is not in the format, names a file twice, or a path outside the folder.
    """
    first, *lines = text.split("\n")
    if first != FORMAT:
        raise ManifestError(f"line 1 is not {FORMAT!r}")
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines, start=2):
        if not line and number == len(lines) + 1:
            continue
        match = _LINE.fullmatch(line)
        if match is None or not is_inside(match[4]) or match[4] in entries:
            raise ManifestError(f"line {number} is not `sha256 owner mode path` of one more file in this folder")
        entries[match[4]] = Entry(match[4], match[1], match[2], match[3] == "x")
    return entries


def read(root: Path) -> Mapping[str, Entry]:
    """The entries of the manifest below `root`; empty when there is none yet.

    Raises:
        ManifestError: it is damaged.
        OSError: it cannot be read.
    """
    with Tree(root) as tree:
        return look(tree)


def look(tree: Tree, path: str = MANIFEST) -> Mapping[str, Entry]:
    """The same of an open tree, also where a manifest is staged.

    Raises:
        ManifestError: it is damaged, or no plain file.
        OSError: it cannot be read.
    """
    state = tree.look(path, RECORD_BYTES)
    if state.obstacle:
        raise ManifestError(state.obstacle)
    try:
        return {} if state.content is None else from_text(state.content.decode())
    except UnicodeDecodeError as error:
        raise ManifestError("it is not text") from error


def is_inside(path: str) -> bool:
    """Whether a relative path can be an output's: in the folder, in its one normal form, no record, no file of users.

    A manifest or journal comes out of a repository that a stranger may have prepared: no line of it may reach further,
    into git's own files or into those that `.gitignore` keeps out of git.
    """
    steps = path.lower().split("/")  # A disk may take `.GIT` for `.git`.
    return (
        len(steps) <= _DEEPEST
        and steps[0] != RECORDS
        and not _CONTROL.search(path)
        and not _NO_STEPS.intersection(steps)
        and not any(_OF_USERS.match(step) and step not in COMMITTED for step in steps)
    )
