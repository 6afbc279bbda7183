"""Writing touches what the manifest calls ours, and nothing else, whatever the disk does."""

import errno
import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from generator import API_VERSION, __version__
from generator.core.artifact import Artifact, ArtifactSet
from generator.core.errors import SurroundingsError
from generator.core.layout import RECORDS
from generator.core.spec import Fleet
from generator.output.compare import Action
from generator.output.disk import Disk, lock
from generator.output.folder import OutputFolder
from generator.output.journal import interrupted
from generator.output.manifest import FORMAT, digest, read
from generator.output.write import apply, check
from tests.test_crash import FOREIGN, files, prepare
from tests.trees import new, old

NOBODY = 65534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "outputs/acme/default"


def one(content: bytes = b"a\n", path: str = "compose/a.yaml", owner: str = "compose") -> ArtifactSet:
    return ArtifactSet([Artifact(path, content, owner)])


def ids(findings: Any) -> list[str]:
    return [finding.id for finding in findings]


def test_the_disk_equals_the_artifacts(root: Path) -> None:
    outcome = apply(old(), root)
    written = {path: state for path, state in files(root).items() if not path.startswith(".gen/")}
    assert written == {item.path: (item.content, item.executable) for item in old()}
    assert {change.action for change in outcome.changes} == {Action.CREATE}
    assert json.loads((root / ".gen/versions.json").read_text()) == {"apiVersion": "fleetgen/v1", "gen": __version__}
    assert sorted(path.name for path in (root / ".gen").iterdir()) == ["manifest", "versions.json"]


def test_the_api_version_is_the_specs_own() -> None:
    assert get_args(Fleet.model_fields["api_version"].annotation) == (API_VERSION,)


def test_a_second_run_touches_nothing(root: Path) -> None:
    apply(old(), root)
    stamps = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    outcome = apply(old(), root)
    assert (outcome.changes, outcome.unchanged) == ((), len(old()))
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == stamps


def test_a_change_leaves_unchanged_files_alone(root: Path) -> None:
    apply(old(), root)
    stamp = (root / "same.txt").stat().st_ino
    outcome = apply(new(), root)
    actions = {change.path: change.action for change in outcome.changes}
    assert (root / "same.txt").stat().st_ino == stamp
    assert actions["helm/gone/deep/b.yaml"] is Action.REMOVE
    assert actions["helm/new/deep/d.yaml"] is Action.CREATE
    assert actions["compose/desk/run.sh"] is Action.REPLACE, "its mode changed"
    assert "same.txt" not in actions
    assert not (root / "helm/gone").exists()


def test_a_hand_edit_is_named_and_kept(root: Path) -> None:
    apply(old(), root)
    before = files(root)
    (root / "helm/kept/c.yaml").write_bytes(b"c: 7\n")
    (root / "helm/gone/a.yaml").write_bytes(b"a: 7\n")
    outcome = apply(new(), root)
    assert outcome.changes == ()
    assert ids(outcome.findings) == ["GEN401", "GEN401"]
    named = sorted(str(finding.location.file) for finding in outcome.findings if finding.location)
    assert named == [str(root / "helm/gone/a.yaml"), str(root / "helm/kept/c.yaml")]
    edits = {"helm/kept/c.yaml": (b"c: 7\n", False), "helm/gone/a.yaml": (b"a: 7\n", False)}
    assert files(root) == before | edits


def test_force_gives_hand_edits_up_and_says_which(root: Path) -> None:
    apply(old(), root)
    (root / "helm/kept/c.yaml").write_bytes(b"c: 7\n")
    (root / "helm/gone/a.yaml").write_bytes(b"a: 7\n")
    outcome = apply(new(), root, force=True)
    assert [change.path for change in outcome.changes if change.edited] == ["helm/gone/a.yaml", "helm/kept/c.yaml"]
    assert (root / "helm/kept/c.yaml").read_bytes() == b"c: 2\n"
    assert not (root / "helm/gone/a.yaml").exists()


def test_an_edit_to_what_would_be_rendered_is_no_edit(root: Path) -> None:
    apply(old(), root)
    (root / "helm/kept/c.yaml").write_bytes(b"c: 2\n")
    assert apply(new(), root).findings == ()


def test_a_file_deleted_by_hand_comes_back(root: Path) -> None:
    apply(old(), root)
    (root / "same.txt").unlink()
    outcome = apply(old(), root)
    assert [(change.path, change.action) for change in outcome.changes] == [("same.txt", Action.CREATE)]


def test_a_mode_changed_by_hand_is_set_right(root: Path) -> None:
    apply(old(), root)
    (root / "compose/desk/run.sh").chmod(0o644)
    assert [change.path for change in apply(old(), root).changes] == ["compose/desk/run.sh"]
    assert (root / "compose/desk/run.sh").stat().st_mode & 0o111


@pytest.mark.parametrize("force", [False, True])
def test_a_foreign_file_is_never_overwritten(root: Path, force: bool) -> None:
    (root / "compose").mkdir(parents=True)
    (root / "compose/a.yaml").write_bytes(b"mine\n")
    outcome = apply(one(), root, force=force)
    assert ids(outcome.findings) == ["GEN402"]
    assert files(root) == {"compose/a.yaml": (b"mine\n", False)}
    assert not (root / ".gen").exists()


def test_a_foreign_file_with_the_same_content_is_adopted(root: Path) -> None:
    (root / "compose").mkdir(parents=True)
    (root / "compose/a.yaml").write_bytes(b"a\n")
    assert apply(one(), root).findings == ()
    assert list(read(root)) == ["compose/a.yaml"]


def test_foreign_files_beside_ours_stay(root: Path) -> None:
    prepare(root, "old")
    apply(new(), root)
    apply(ArtifactSet(), root)
    left = {path: content for path, (content, _) in files(root).items() if not path.startswith(".gen/")}
    assert left == FOREIGN


@pytest.mark.parametrize("link", ["compose/a.yaml", "compose", ".gen", "."])
def test_a_symlink_in_the_way_is_refused(root: Path, tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    target = root if link == "." else root / link
    target.symlink_to(elsewhere)
    outcome = apply(one(), root, force=True)
    assert ids(outcome.findings) == ["GEN403"]
    assert list(elsewhere.iterdir()) == []


def test_a_link_before_several_files_is_told_once(root: Path, tmp_path: Path) -> None:
    apply(old(), root)
    folder = next(path for path in sorted(root.iterdir()) if path.is_dir() and len(list(path.rglob("*.*"))) > 1)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert ids(apply(old(), root).findings) == ["GEN403"]


def test_an_owned_file_turned_into_a_symlink_is_refused(root: Path, tmp_path: Path) -> None:
    apply(old(), root)
    (tmp_path / "precious").write_bytes(b"same\n")
    (root / "same.txt").unlink()
    (root / "same.txt").symlink_to(tmp_path / "precious")
    assert ids(apply(ArtifactSet(), root).findings) == ["GEN403"]
    assert (tmp_path / "precious").exists()


def test_a_folder_or_pipe_in_the_way_is_refused(root: Path) -> None:
    (root / "compose/a.yaml").mkdir(parents=True)
    os.mkfifo(root / "pipe")
    outcome = apply(ArtifactSet([*one(), Artifact("pipe", b"", "helm")]), root)
    assert [finding.message for finding in outcome.findings] == [
        "a folder stands at compose/a.yaml, where gen keeps compose/a.yaml",
        "a device or pipe stands at pipe, where gen keeps pipe",
    ]


def test_a_file_where_a_folder_must_be_is_refused(root: Path) -> None:
    root.mkdir(parents=True)
    (root / "compose").write_bytes(b"mine\n")
    assert ids(apply(one(), root).findings) == ["GEN403"]


def test_targets_limit_writing_removing_and_the_manifest(root: Path) -> None:
    apply(old(), root)
    before = files(root)
    apply(new(), root, ["helm"])
    after = files(root)
    owners = {item.path: item.owner for tree in (old(), new()) for item in tree}
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {owners.get(path, path) for path in changed} == {"helm", ".gen/manifest"}
    helm = {item.path for item in new() if item.owner == "helm"}
    assert {path for path, item in read(root).items() if item.owner == "helm"} == helm
    assert read(root)["compose/desk/compose.yaml"].sha256 == digest(b"services: {}\n")


def test_targets_remove_only_their_own(root: Path) -> None:
    apply(old(), root)
    apply(ArtifactSet(), root, ["helm"])
    assert {item.owner for item in read(root).values()} == {"compose"}
    left = {path for path in files(root) if not path.startswith(".gen/")}
    assert left == {item.path for item in old() if item.owner == "compose"}


def test_the_versions_are_those_of_the_last_whole_render(root: Path) -> None:
    apply(old(), root)
    (root / ".gen/versions.json").write_text("{}\n")
    apply(new(), root, ["helm"])
    assert (root / ".gen/versions.json").read_text() == "{}\n"
    apply(new(), root)
    assert __version__ in (root / ".gen/versions.json").read_text()


def test_one_environment_never_touches_another(root: Path) -> None:
    apply(old(), root)
    before = files(root)
    apply(new(), root.parent / "prod")
    apply(ArtifactSet(), root.parent / "prod")
    assert files(root) == before


def test_a_damaged_manifest_stops_the_run(root: Path) -> None:
    apply(old(), root)
    (root / ".gen/manifest").write_text(f"{FORMAT}\n<<<<<<< HEAD\n")
    before = files(root)
    outcome = apply(new(), root, force=True)
    assert ids(outcome.findings) == ["GEN404"]
    assert "line 2" in outcome.findings[0].message
    assert files(root) == before


def test_check_reads_only(root: Path) -> None:
    assert len(check(one(), root).changes) == 3
    assert not root.exists()


class Full(Disk):
    """A disk that is full from the n-th change that needs space."""

    def __init__(self, lives: int) -> None:
        self.lives = lives

    def _take(self, path: Path | str) -> None:
        self.lives -= 1
        if self.lives < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def mkdir(self, folder: Path | str, at: int | None = None) -> None:
        self._take(folder)
        super().mkdir(folder, at)

    def write(self, path: Path | str, content: bytes, at: int | None = None, **options: Any) -> None:
        if self.lives == 0:
            super().write(path, content[:1], at, **options)
        self._take(path)
        super().write(path, content, at, **options)


def full_runs(tmp_path: Path) -> Iterator[tuple[Path, SurroundingsError]]:
    for lives in range(1000):
        root = tmp_path / str(lives) / "fleet/env"
        prepare(root, "old")
        try:
            apply(new(), root, disk=Full(lives))
        except SurroundingsError as error:
            yield root, error
        else:
            return


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    prepare(tmp_path / "goal/fleet/env", "old")
    start = files(tmp_path / "goal/fleet/env")
    apply(new(), tmp_path / "goal/fleet/env")
    goal = files(tmp_path / "goal/fleet/env")
    told = set()
    for root, error in full_runs(tmp_path):
        assert error.exit_code == 4
        assert "No space left on device" in error.message
        assert "space" in error.help
        halfway = interrupted(root)
        assert ("halfway" in error.message) == halfway
        if not halfway:
            assert files(root) == start
        assert apply(new(), root).findings == ()
        assert files(root) == goal
        told.add(halfway)
    assert told == {False, True}


def test_a_second_render_at_the_same_time_is_told_to_wait(root: Path) -> None:
    apply(old(), root)
    before = files(root)
    with OutputFolder(root).opened(RECORDS) as records:
        lock(records, root)
        process = multiprocessing.get_context("spawn").Process(target=_render_must_wait, args=(root,))
        process.start()
        process.join()
    assert process.exitcode == 0
    assert files(root) == before
    assert apply(new(), root).findings == ()


def _render_must_wait(root: Path) -> None:
    with pytest.raises(SurroundingsError, match="another gen render is writing"):
        apply(new(), root)


@pytest.mark.parametrize("path", ["../../escape", "/escape", ".gen/../../escape"])
def test_a_strangers_journal_reaches_nowhere(root: Path, path: str) -> None:
    apply(old(), root)
    (root / ".gen/staged").mkdir()
    (root / ".gen/staged/0").write_bytes(b"evil")
    journal = root / ".gen/journal"
    journal.write_text(json.dumps({"format": 1, "operations": [[path, "", "0"]]}))
    with pytest.raises(SurroundingsError, match="damaged") as caught:
        apply(old(), root)
    assert str(journal) in caught.value.help
    assert not list(root.parent.parent.rglob("escape"))


def test_a_strangers_journal_removes_no_folder_behind_a_link(root: Path, tmp_path: Path) -> None:
    apply(old(), root)
    (tmp_path / "elsewhere/empty").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / ".gen/journal").write_text(json.dumps({"format": 1, "operations": [["link/empty/x", "", ""]]}))
    apply(old(), root)
    assert (tmp_path / "elsewhere/empty").is_dir()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2, "operations": []}', '{"format": 1, "operations": [1]}'])
def test_a_damaged_journal_is_named(root: Path, text: str) -> None:
    apply(old(), root)
    (root / ".gen/journal").write_text(text)
    with pytest.raises(SurroundingsError, match="damaged"):
        apply(old(), root)


def test_a_folder_without_write_permission_is_named_before_anything_changes() -> None:
    """In a process without root's rights, which would overrule the permissions."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "fleet/env"
        apply(old(), root)
        (root / "helm/kept").chmod(0o555)
        if os.geteuid() == 0:
            for path in (Path(name), *Path(name).rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        before = files(root)
        process = multiprocessing.get_context("spawn").Process(target=_render_is_refused, args=(root,))
        process.start()
        process.join()
        assert process.exitcode == 0
        assert files(root) == before
        (root / "helm/kept").chmod(0o755)


def _render_is_refused(root: Path) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    places = [(finding.id, finding.location and finding.location.file) for finding in apply(new(), root).findings]
    assert places == [("GEN406", str(root / "helm/kept"))]
