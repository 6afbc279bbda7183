"""The outputs as they are committed at a git revision, read through git itself."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.core.artifact import ArtifactSet
from generator.core.errors import SurroundingsError
from generator.core.layout import MANIFEST
from generator.output import manifest
from generator.output.diff import Held
from generator.output.records import demand_plain
from generator.output.tree import MIB, OUTPUT_BYTES, RECORD_BYTES

_PLAIN = ("100644", "100755")
_DAMAGED = "check the repository with `git fsck`"


def held_at(artifacts: ArtifactSet, root: Path, revision: str) -> dict[str, Held]:
    """The files of the output folder at a revision: those its manifest names, and those where an artifact belongs.

    Raises:
        SurroundingsError: there is no git, no repository, no such revision, or a damaged manifest there; or the folder
            stands behind a link.
    """
    demand_plain(root)
    git = _Git(root)
    commit = git.commit(revision)
    entries = _entries(git, commit, revision)
    paths = sorted({*entries, *(item.path for item in artifacts)})
    contents = git.contents(commit, paths)
    return {
        path: Held(content, path in entries and entries[path].executable)
        for path, content in zip(paths, contents, strict=True)
        if content is not None
    }


def _entries(git: "_Git", commit: str, revision: str) -> dict[str, manifest.Entry]:
    content = next(git.contents(commit, [MANIFEST], RECORD_BYTES))
    try:
        return manifest.from_text(content.decode()) if content is not None else {}
    except (manifest.ManifestError, UnicodeDecodeError) as error:
        raise SurroundingsError(
            f"{MANIFEST} at {revision} cannot be read: {error}",
            help="compare with a revision that has it whole",
        ) from error


class _Git:
    """git, run in the nearest folder of `root` that exists."""

    def __init__(self, root: Path) -> None:
        self._folder = root.absolute()
        while not self._folder.is_dir():
            self._folder = self._folder.parent
        below = root.absolute().relative_to(self._folder).as_posix()
        inside = self._run("rev-parse", "--show-prefix", help="run gen inside the repository that holds the outputs")
        self._prefix = inside.decode().rstrip("\n") + ("" if below == "." else f"{below}/")

    def commit(self, revision: str) -> str:
        """The full name of the commit that a revision means."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        try:
            return self._run(*asked, help="").decode().strip()
        except SurroundingsError as error:
            raise self._missing(revision) from error

    def contents(self, commit: str, paths: Iterable[str], largest: int = OUTPUT_BYTES) -> Iterator[bytes | None]:
        """The content of each path below the output folder; None where there is no plain file.

        Raises:
            SurroundingsError: one is larger than `largest` bytes, or the repository is damaged.
        """
        files = self._files(commit)
        names = []
        for path in paths:
            name, size = files.get(path, ("", 0))
            if size > largest:
                raise SurroundingsError(
                    f"{path} at {commit[:12]} has more than {largest // MIB} MiB",
                    help="no render writes such a file; compare with another revision",
                )
            names.append(name)
        asked = "".join(f"{name}\n" for name in names if name).encode()
        answer = self._run("cat-file", "--batch", stdin=asked, help=_DAMAGED)
        position = 0
        for name in names:
            if not name:
                yield None
                continue
            end = answer.index(b"\n", position)
            size, position = int(answer[position:end].split(b" ")[-1]), end + 1
            yield answer[position : position + size]
            position += size + 1

    def _files(self, commit: str) -> dict[str, tuple[str, int]]:
        """The blob and the size of every plain file below the output folder, links left out."""
        within = ("--", self._prefix) if self._prefix else ()
        listed = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, *within, help=_DAMAGED)
        files = {}
        for row in listed.decode(errors="surrogateescape").split("\0")[:-1]:
            facts, _, path = row.partition("\t")
            mode, _, name, size = facts.split()
            if mode in _PLAIN:
                files[path.removeprefix(self._prefix)] = name, int(size)
        return files

    def _missing(self, revision: str) -> SurroundingsError:
        shallow = self._run("rev-parse", "--is-shallow-repository", help="").strip() == b"true"
        message = f"git knows no commit {revision!r}" + (" in this shallow clone" if shallow else "")
        cure = _fetch(revision)
        return SurroundingsError(
            message, help=f"fetch it: `{cure}`" if shallow else f"check its name, or fetch it: `{cure}`"
        )

    def _run(self, *arguments: str, help: str, stdin: bytes = b"") -> bytes:
        # A folder below that looks like a bare repository is a stranger's: its settings can name programs to run.
        command = ["git", "-c", "safe.bareRepository=explicit", "-C", str(self._folder), *arguments]
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, check=False)  # noqa: S603
        except FileNotFoundError as error:
            raise SurroundingsError("git is not installed", help="install git, or compare with the disk") from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
            raise SurroundingsError(f"git: {said.splitlines()[0] if said else 'failed'}", help=help)
        return done.stdout


def _fetch(revision: str) -> str:
    """The command that brings a revision: one counted from another (`HEAD~2`) needs the history between them."""
    if any(mark in revision for mark in "~^@"):
        return "git fetch --unshallow"
    name = revision.removeprefix("origin/")
    return f"git fetch --depth=1 origin {name}" + (f":refs/remotes/{revision}" if name != revision else "")
