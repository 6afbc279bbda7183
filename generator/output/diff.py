"""Which files a fresh render changes, file by file, against any earlier state of the outputs."""

import difflib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from generator.core.artifact import ArtifactSet
from generator.core.frozen import frozen
from generator.core.lazy import lazy
from generator.output import manifest
from generator.output.disk import told_plainly
from generator.output.records import demand_plain
from generator.output.tree import Tree

_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"


@frozen
class Held:
    """A file as it is: content and mode flag."""

    content: bytes
    executable: bool = False


@frozen
class FileDiff:
    """One file that differs. `before` is None for a new file, `after` for one that goes."""

    path: str
    owner: str
    before: Held | None
    after: Held | None

    @property
    def change(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @lazy
    def texts(self) -> tuple[str, str] | None:
        """Both sides as text, an absent one empty; None when one of them is binary."""
        sides = [side.content if side else b"" for side in (self.before, self.after)]
        if any(b"\0" in side for side in sides):
            return None
        try:
            before, after = (side.decode() for side in sides)
        except UnicodeDecodeError:
            return None
        return before, after

    @lazy
    def hunks(self) -> tuple[str, ...]:
        """The lines of the unified diff from the first `@@` on, each with its end; none when binary."""
        if self.texts is None:
            return ()
        before, after = (_lines(text) for text in self.texts)
        # The first two lines are difflib's header; ours also knows modes and absent files.
        return tuple(_ended(line) for line in islice(difflib.unified_diff(before, after, n=_CONTEXT), 2, None))

    @property
    def added(self) -> int:
        """Lines that come."""
        return sum(line.startswith("+") for line in self.hunks)

    @property
    def removed(self) -> int:
        """Lines that go."""
        return sum(line.startswith("-") for line in self.hunks)

    def unified(self) -> str:
        """The diff of this file, as `git apply` reads it (a binary one as git words it)."""
        return "".join((*self._header(), *self.hunks))

    def _header(self) -> Iterator[str]:
        yield f"diff --git a/{self.path} b/{self.path}\n"
        yield from self._modes()
        old = f"a/{self.path}" if self.before else "/dev/null"
        new = f"b/{self.path}" if self.after else "/dev/null"
        if self.texts is None:
            yield f"Binary files {old} and {new} differ\n"
        elif self.hunks:
            yield f"--- {old}\n+++ {new}\n"

    def _modes(self) -> Iterator[str]:
        if self.before is None and self.after:
            yield f"new file mode {_mode(self.after)}\n"
        elif self.after is None and self.before:
            yield f"deleted file mode {_mode(self.before)}\n"
        elif self.before and self.after and self.before.executable != self.after.executable:
            yield f"old mode {_mode(self.before)}\nnew mode {_mode(self.after)}\n"


def differences(artifacts: ArtifactSet, before: Mapping[str, Held]) -> tuple[FileDiff, ...]:
    """What the artifacts change in the files held `before`, sorted by path."""
    after = {item.path: Held(item.content, item.executable) for item in artifacts}
    owners = {item.path: item.owner for item in artifacts}
    return tuple(
        FileDiff(path, owners.get(path, ""), before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def held_on_disk(artifacts: ArtifactSet, root: Path) -> dict[str, Held]:
    """The files of the output folder that are ours, or stand where an artifact belongs.

    Raises:
        SurroundingsError: a file cannot be read.
    """
    demand_plain(root)
    held = {}
    with told_plainly(root), Tree(root) as tree:
        for path in sorted({*_owned(root), *(item.path for item in artifacts)}):
            state = tree.look(path)
            if state.content is not None:
                held[path] = Held(state.content, state.executable)
    return held


def _owned(root: Path) -> set[str]:
    """The paths of the manifest; a damaged one is `gen render`'s to complain about."""
    try:
        return set(manifest.read(root))
    except manifest.ManifestError:
        return set()


def _mode(held: Held) -> str:
    return "100755" if held.executable else "100644"


def _lines(text: str) -> list[str]:
    """Lines that end with a newline only: what else Python takes for a line end is content."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"
