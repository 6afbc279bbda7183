"""What is read of a git revision: plain files of the outputs, bounded; a folder of a stranger runs nothing."""

import subprocess
from pathlib import Path

import pytest

from generator.core.artifact import Artifact, ArtifactSet
from generator.core.errors import SurroundingsError
from generator.core.layout import MANIFEST
from generator.output.revision import _Git, held_at


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An output folder with a plain file and a link, committed."""
    folder = tmp_path / "outputs" / "acme"
    folder.mkdir(parents=True)
    (folder / "plain.yaml").write_text("a: 1\n")
    (folder / "link.yaml").symlink_to("plain.yaml")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return folder


def wanted() -> ArtifactSet:
    return ArtifactSet(Artifact(path, b"b: 2\n", "helm") for path in ("plain.yaml", "link.yaml", "new.yaml"))


def test_links_are_left_out(root: Path) -> None:
    assert {path: held.content for path, held in held_at(wanted(), root, "HEAD").items()} == {"plain.yaml": b"a: 1\n"}


def test_a_file_that_no_render_writes_is_refused_by_its_size(root: Path) -> None:
    asked = _Git(root)
    with pytest.raises(SurroundingsError, match=r"plain\.yaml at [0-9a-f]+ has more than"):
        list(asked.contents(asked.commit("HEAD"), ["plain.yaml"], 4))


def test_a_damaged_manifest_is_told(root: Path) -> None:
    (root / MANIFEST).parent.mkdir()
    (root / MANIFEST).write_text("no manifest")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "second")
    with pytest.raises(SurroundingsError, match="cannot be read"):
        held_at(wanted(), root, "HEAD")


def test_a_folder_that_looks_like_a_repository_runs_nothing(root: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for name in ("objects", "refs"):
        (root / name).mkdir()
    (root / "HEAD").write_text("ref: refs/heads/main\n")
    (root / "config").write_text(f"[core]\n\tbare = true\n\tpager = touch {ran}\n\tfsmonitor = touch {ran}\n")
    with pytest.raises(SurroundingsError, match=r"safe\.bareRepository"):
        held_at(wanted(), root, "HEAD")
    assert not ran.exists()
