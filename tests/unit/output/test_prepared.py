"""An output folder may come from a stranger: whatever was put there, nothing outside is touched and nothing hangs."""

import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.core.artifact import Artifact, ArtifactSet
from generator.core.errors import SurroundingsError
from generator.core.layout import JOURNAL, MANIFEST, RECORD_FILES, RECORD_FOLDERS, RECORDS, STAGED, VERSIONS
from generator.output import tree
from generator.output.diff import held_on_disk
from generator.output.journal import interrupted
from generator.output.manifest import FORMAT
from generator.output.records import environments
from generator.output.write import apply, check
from tests.trees import new, old

SECONDS = 20
MEMORY = 3 << 29
CANARY = b"canary: precious\n"
DEEP = b"[" * 200_000
OUTPUTS = ("compose", "compose/desk", "compose/desk/compose.yaml", "helm/gone", "helm/gone/a.yaml")

VERBS: dict[str, Callable[[Path], Any]] = {
    "render": lambda root: apply(new(), root),
    "force": lambda root: apply(new(), root, force=True),
    "targets": lambda root: apply(new(), root, ["helm"], force=True),
    "check": lambda root: check(new(), root),
    "diff": lambda root: held_on_disk(new(), root),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "in/fleet/env"
    assert not apply(old(), root).findings
    (root / "notes").write_bytes(b"notes\n")
    return root


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder with all that a link could lead to; it must be the same when the test has ended."""
    folder = tmp_path / "outside"
    for name in ("a.yaml", "compose.yaml", "manifest", "journal", "versions.json", "0", "desk/compose.yaml", "deep/b"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(CANARY)
    (folder / "empty").mkdir()
    (folder / "run").write_bytes(b"#!/bin/sh\n")
    (folder / "run").chmod(0o750)
    before = state(folder)
    yield folder
    assert state(folder) == before


def state(folder: Path) -> dict[str, tuple[Any, ...]]:
    """All below, links not followed: kind and mode, time of change, target or content."""
    rows = {}
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        plain = stat.S_ISREG(status.st_mode) and status.st_size < len(DEEP) + 1
        held = path.read_bytes() if plain else path.readlink() if path.is_symlink() else None
        when = None if stat.S_ISDIR(status.st_mode) and path == folder.parent else status.st_mtime_ns
        rows[path.relative_to(folder).as_posix()] = (status.st_mode, when, held)
    return rows


def contents(folder: Path) -> dict[str, tuple[Any, ...]]:
    """As `state`, without the times of folders and an empty folder of records: a lock may have been taken."""
    return {path: (mode, held) for path, (mode, _, held) in state(folder).items() if path not in (".", RECORDS)}


def attempt(verb: str, root: Path) -> tuple[str, Any]:
    """How a verb ends, in a process of its own that may take some seconds and some memory."""
    context = multiprocessing.get_context("fork")
    theirs, ours = context.Pipe()
    process = context.Process(target=_run, args=(verb, root, ours))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        pytest.fail(f"{verb} hangs")
    return theirs.recv() if theirs.poll() else ("died", process.exitcode)


def _run(verb: str, root: Path, answer: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        done = VERBS[verb](root)
        if verb == "diff":
            answer.send(("held", {path: item.content for path, item in done.items()}))
        else:
            answer.send(("findings", [(item.id, item.message, item.help) for item in done.findings]))
    except SurroundingsError as error:
        answer.send(("error", [("", error.message, error.help)]))
    except BaseException as error:
        answer.send(("traceback", repr(error)[:200]))


def _link(target: str) -> Callable[[Path, Path], None]:
    return lambda place, outside: place.symlink_to(target.format(outside=outside))


def _sparse(place: Path, outside: Path) -> None:
    with place.open("wb") as stream:
        stream.truncate(1 << 30)


def _folder(place: Path, outside: Path) -> None:
    place.mkdir()
    (place / "mine").write_bytes(b"mine\n")


def _socket(place: Path, outside: Path) -> None:
    here = Path.cwd()
    os.chdir(place.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def _device(place: Path, outside: Path) -> None:
    try:
        os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        place.symlink_to("/dev/zero")


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "link to a file": _link("{outside}/compose.yaml"),
    "link to a folder": _link("{outside}"),
    "link to an empty folder": _link("{outside}/empty"),
    "link to nothing": _link("{outside}/none"),
    "link to /dev/zero": _link("/dev/zero"),
    "link to /dev/tty": _link("/dev/tty"),
    "link to /etc": _link("/etc"),
    "link to itself": lambda place, outside: place.symlink_to(place.name),
    "link within": _link("../notes"),
    "pipe": lambda place, outside: os.mkfifo(place),
    "socket": _socket,
    "device": _device,
    "huge file": _sparse,
    "folder": _folder,
    "deep file": lambda place, outside: place.write_bytes(DEEP) and None,
}
RIGHT = {(path, "folder") for path in (*OUTPUTS, *RECORD_FOLDERS)} | {
    *((path, "deep file") for path in (VERSIONS, "compose/desk/compose.yaml", "helm/gone/a.yaml")),
}
"""What may stand there, or is a hand edit that tests of writing hold."""
PREPARED = [
    (place, kind)
    for place in (*RECORD_FOLDERS, *RECORD_FILES, *OUTPUTS)
    for kind in KINDS
    if (place, kind) not in RIGHT
]


def put(root: Path, place: str, kind: str, outside: Path) -> None:
    path = root / place
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    KINDS[kind](path, outside)


def test_the_records_are_those_of_the_layout(root: Path) -> None:
    assert {path.relative_to(root).as_posix() for path in (root / RECORDS).iterdir()} <= set(RECORD_FILES)


@pytest.mark.parametrize(("place", "kind"), PREPARED)
def test_what_is_no_plain_file_or_folder_is_told(root: Path, outside: Path, place: str, kind: str) -> None:
    put(root, place, kind, outside)
    before = contents(root)
    for verb in VERBS:
        if verb == "targets" and place.startswith("compose"):
            continue
        how, told = attempt(verb, root)
        assert how in ("findings", "error", "held"), (verb, how, told)
        assert contents(root) == before, verb
        if how == "held":
            assert CANARY not in told.values()
            continue
        assert told, verb
        assert all(name for _, message, help in told for name in (message, help))
        assert any(place in message for _, message, _ in told) or verb == "check", told


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["link to a folder", "link to nothing", "link to /dev/zero", "pipe", "deep file"])
@pytest.mark.parametrize("above", [0, 1])
def test_the_folders_above_have_to_be_real(root: Path, outside: Path, verb: str, kind: str, above: int) -> None:
    place = (root, root.parent)[above]
    put(place.parent, place.name, kind, outside)
    how, told = attempt(verb, root)
    assert how in ("findings", "error"), (how, told)
    assert str(place) in told[0][1]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def plant(root: Path, path: Any, staged: Any, before: str = "") -> None:
    (root / STAGED).mkdir(exist_ok=True)
    if not (root / STAGED / "0").exists():
        (root / STAGED / "0").write_bytes(b"evil\n")
    (root / JOURNAL).write_text(json.dumps({"format": 1, "operations": [[path, before, staged]]}))


THEIRS = {
    ".git/config": b"[core]\n",
    ".GIT/config": b"[core]\n",
    "compose/desk/.env": b"TOKEN=1\n",
    "compose/desk/.env.local": b"TOKEN=2\n",
    "terraform/x/terraform.tfstate": b"{}\n",
    "terraform/x/terraform.tfstate.backup": b"{}\n",
    "terraform/x/.terraform/providers": b"x\n",
    "terraform/x/a.tfplan": b"x\n",
    "terraform/x/crash.log": b"x\n",
}
"""A user's files, by name: no manifest makes them gen's."""
OUT_OF_BOUNDS = (
    "../../../outside/a.yaml",
    "compose/../../../../outside/a.yaml",
    "{outside}/a.yaml",
    "//{outside}/a.yaml",
    "",
    ".",
    "..",
    "/",
    "helm//kept/c.yaml",
    "helm/./kept/c.yaml",
    "helm/kept/",
    "helm\\kept",
    "helm/kept\0",
    "helm/kept\n",
    RECORDS,
    JOURNAL,
    f"{STAGED}/0",
    f"{RECORDS}/other",
    "a/" * 2000 + "a",
)


def names(outside: Path) -> list[Any]:
    paths = [path.format(outside=outside) for path in OUT_OF_BOUNDS]
    return [*paths, *THEIRS, "notes", "new", "compose/desk/new", 1, None, ["helm/kept/c.yaml"], {"a": 1}, True]


@pytest.mark.parametrize("number", range(len(OUT_OF_BOUNDS) + len(THEIRS) + 8))
def test_a_journal_names_what_the_manifest_does(root: Path, outside: Path, number: int) -> None:
    """Moves to and removals of everything else are refused before the first is made."""
    for path, content in THEIRS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    name = names(outside)[number]
    shas = {"", *map(sha256, (CANARY, b"notes\n", *THEIRS.values()))}
    for staged in ("0", ""):
        for before in shas:
            plant(root, name, staged, before)
            stood = contents(root)
            how, told = attempt("force", root)
            gone = not staged and isinstance(name, str) and name in ("new", "compose/desk/new")
            assert how == ("findings" if gone else "error"), (name, staged, told)
            if gone:
                return
            assert "damaged" in told[0][1]
            assert contents(root) == stood


@pytest.mark.parametrize("staged", ["²", "../0", "0/../0", "./0", "journal", " 0", "0\n", "-1", 0, None, [], "0" * 99])
def test_what_is_staged_has_a_number(root: Path, outside: Path, staged: Any) -> None:
    plant(root, "helm/kept/c.yaml", staged, sha256(b"c: 1\n"))
    before = contents(root)
    how, told = attempt("force", root)
    assert (how, contents(root)) == ("error", before), told
    assert "damaged" in told[0][1]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("huge file", "deep file")])
@pytest.mark.parametrize("name", ["0", "7", "mine"])
def test_what_is_staged_is_a_plain_file(root: Path, outside: Path, kind: str, name: str) -> None:
    plant(root, "helm/kept/c.yaml", "0", sha256(b"c: 1\n"))
    put(root, f"{STAGED}/{name}", kind, outside)
    before = contents(root)
    how, told = attempt("force", root)
    assert (how, contents(root)) == ("error", before), told
    assert name in told[0][1]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "folder"])
def test_a_staged_manifest_is_read_as_one(root: Path, outside: Path, kind: str) -> None:
    plant(root, MANIFEST, "0", sha256((root / MANIFEST).read_bytes()))
    put(root, f"{STAGED}/0", kind, outside)
    before = contents(root)
    how, told = attempt("force", root)
    assert (how, contents(root)) == ("error", before), told


def test_a_staged_file_that_nobody_staged_is_kept(root: Path) -> None:
    (root / STAGED).mkdir()
    (root / STAGED / "mine.txt").write_bytes(b"mine\n")
    how, told = attempt("render", root)
    assert (how, (root / STAGED / "mine.txt").read_bytes()) == ("error", b"mine\n")
    assert "mine.txt" in told[0][1]


@pytest.mark.parametrize("path", [*THEIRS, *(path for path in OUT_OF_BOUNDS if "{" not in path)])
def test_no_manifest_makes_a_users_file_gens(root: Path, outside: Path, path: str) -> None:
    content = THEIRS.get(path, CANARY)
    if path in THEIRS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / MANIFEST).write_text(f"{FORMAT}\n{sha256(content)} helm - {path}\n")
    before = contents(root)
    for plan in (False, True):
        if plan:
            plant(root, path, "", sha256(content))
            before = contents(root)
        how, told = attempt("force", root)
        assert how == ("error" if plan else "findings"), told
        assert contents(root) == before
        assert plan or told[0][0] == "GEN404"


@pytest.mark.parametrize(
    "content", [DEEP, b'{"format":1,"operations":' + DEEP, b"\xff", b'{"operations": {}}', b"null"]
)
def test_a_journal_that_is_none_is_damage(root: Path, content: bytes) -> None:
    (root / JOURNAL).write_bytes(content)
    how, told = attempt("force", root)
    assert (how, "damaged" in told[0][1]) == ("error", True), told


def test_a_manifest_of_the_largest_size_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "RECORD_BYTES", 10)
    assert tree.Tree(root).look(MANIFEST, 1 << 20).content
    size = (root / MANIFEST).stat().st_size
    assert tree.Tree(root).look(MANIFEST, size).content
    assert "more than" in tree.Tree(root).look(MANIFEST, size - 1).obstacle


def test_environments_are_real_folders_with_a_manifest(root: Path, outside: Path) -> None:
    out = root.parent.parent
    (root.parent / "linked").symlink_to(root)
    for name, kind in (("piped", "pipe"), ("zero", "link to /dev/zero"), ("nothing", "link to nothing")):
        (root.parent / name / RECORDS).mkdir(parents=True)
        put(root.parent / name, MANIFEST, kind, outside)
    assert environments(out, "fleet") == ("env",)
    (out / "link").symlink_to(root.parent)
    assert environments(out, "link") == ()


def test_a_folder_very_deep_in_the_way_is_no_traceback(root: Path) -> None:
    handle = os.open(root, os.O_RDONLY)
    for step in ["pipe", *["a"] * 1500]:
        os.mkdir(step, dir_fd=handle)
        inner = os.open(step, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    found = check(ArtifactSet([Artifact("pipe", b"", "helm")]), root)
    waiting = interrupted(root)
    subprocess.run(["rm", "-rf", root / "pipe"], check=True)
    assert [item.id for item in found.findings] == ["GEN403"]
    assert not waiting
