"""A render may be killed between any two changes of the disk; the next run leaves exactly the old or the new tree."""

import subprocess
import sys
from pathlib import Path

import pytest

from generator.output.disk import DISK
from generator.output.journal import interrupted, recover
from generator.output.write import apply, check
from tests.trees import TREES

REPOSITORY = Path(__file__).parents[1]
FOREIGN = {
    "compose/desk/.env": b"TOKEN=1\n",
    "helm/gone/mine.txt": b"mine\n",
    "terraform/x/.terraform/lock": b"lock\n",
    "notes": b"notes\n",
}


def files(root: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def folders(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir()}


def prepare(root: Path, tree: str) -> None:
    root.mkdir(parents=True)
    for path, content in FOREIGN.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    if tree != "nothing":
        assert not apply(TREES[tree](), root).findings


def killed_runs(start: Path, folder: Path, tree: str) -> list[Path]:
    """The roots of all killed runs, and last that of the run that lived."""
    command = [sys.executable, "-m", "tests.crash_run", str(start), str(folder), tree]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [folder / name / "fleet/env" for name in sorted((path.name for path in folder.iterdir()), key=int)]


@pytest.mark.parametrize(("before", "after"), [("old", "new"), ("new", "old"), ("nothing", "new"), ("old", "empty")])
def test_killed_anywhere_gives_the_old_or_the_new_tree(tmp_path: Path, before: str, after: str) -> None:
    start, goal = tmp_path / "start/fleet/env", tmp_path / "goal/fleet/env"
    prepare(start, before)
    prepare(goal, before)
    assert not apply(TREES[after](), goal).findings
    *killed, lived = killed_runs(start, tmp_path / "runs", after)
    assert files(lived) == files(goal)
    assert len(killed) >= 20
    outcomes = []
    for root in killed:
        assert FOREIGN.items() <= {path: content for path, (content, _) in files(root).items()}.items()
        reported = {finding.id for finding in check(TREES[after](), root).findings}
        assert reported == ({"GEN405"} if interrupted(root) else set())
        recover(root, DISK)
        assert files(root) in (files(start), files(goal)), root
        assert folders(root) - {".gen"} in (folders(start) - {".gen"}, folders(goal) - {".gen"}), root
        outcomes.append(files(root) == files(goal))
        assert not apply(TREES[after](), root).findings
        assert (files(root), folders(root)) == (files(goal), folders(goal)), root
    assert outcomes == sorted(outcomes), "old until the commit, new from then on"
    assert set(outcomes) == {False, True}


def test_a_recovery_may_be_killed_too(tmp_path: Path) -> None:
    start, goal = tmp_path / "start/fleet/env", tmp_path / "goal/fleet/env"
    prepare(start, "old")
    prepare(goal, "old")
    apply(TREES["new"](), goal)
    *killed, _ = killed_runs(start, tmp_path / "runs", "new")
    half = next(root for root in killed if (root / ".gen/journal").exists())
    *again, lived = killed_runs(half, tmp_path / "recoveries", "new")
    assert files(lived) == files(goal)
    assert len(again) > 10
    for root in again:
        recover(root, DISK)
        assert files(root) == files(goal), root


def test_what_a_person_changed_after_the_crash_is_kept(tmp_path: Path) -> None:
    prepare(tmp_path / "start/fleet/env", "old")
    *killed, _ = killed_runs(tmp_path / "start/fleet/env", tmp_path / "runs", "new")
    root = next(root for root in killed if (root / ".gen/journal").exists())
    edited = root / "compose/desk/compose.yaml"
    edited.write_bytes(b"by hand\n")
    leaving = root / "helm/gone/deep/b.yaml"
    leaving.write_bytes(b"by hand\n")
    outcome = apply(TREES["new"](), root)
    assert outcome.resumed
    assert [finding.id for finding in outcome.findings] == ["GEN401"]
    assert edited.read_bytes() == leaving.read_bytes() == b"by hand\n"
