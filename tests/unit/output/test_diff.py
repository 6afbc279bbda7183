"""Diffs: git applies them, and they compare with the disk or with any commit."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.core.artifact import Artifact, ArtifactSet
from generator.core.errors import SurroundingsError
from generator.output.diff import FileDiff, Held, differences, held_on_disk
from generator.output.revision import held_at
from generator.output.write import apply
from generator.report import diff
from tests.trees import new, old

LINES = st.lists(st.sampled_from(["a", "b", "", "+x", "-y", "\u2028z", "\x0cpage", "é"]), max_size=8)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


def held(artifacts: ArtifactSet) -> dict[str, Held]:
    return {item.path: Held(item.content, item.executable) for item in artifacts}


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    command = ["git", *identity, "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def written(folder: Path, files: Mapping[str, Held]) -> None:
    for path, state in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(state.content)
        (folder / path).chmod(0o755 if state.executable else 0o644)


def read(folder: Path) -> dict[str, Held]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {
        path.relative_to(folder).as_posix(): Held(path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in paths
    }


def test_files_are_sorted_and_named() -> None:
    changes = {item.path: (item.change, item.owner) for item in differences(new(), held(old()))}
    assert list(changes) == sorted(changes)
    assert changes["helm/gone/a.yaml"] == ("removed", "")
    assert changes["helm/new/deep/d.yaml"] == ("added", "helm")
    assert changes["compose/desk/run.sh"] == ("changed", "compose")
    assert "same.txt" not in changes


def test_git_applies_the_diff(tmp_path: Path) -> None:
    """Modes, new and removed files; binary files are left out, since their content is not in the diff."""
    before, after = held(old()), held(new())
    after.pop("helm/new/deep/d.yaml")
    target = ArtifactSet(Artifact(path, state.content, "helm", state.executable) for path, state in after.items())
    written(tmp_path, before)
    patch = diff.text(differences(target, before), colour=False)
    git(tmp_path, "init")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch.encode(), check=True)
    assert read(tmp_path) == after


@settings(max_examples=40, deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_patch_gives_any_text(before: str, after: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if before == after:
        return
    folder = tmp_path_factory.mktemp("patch")
    written(folder, {"f": Held(before.encode())})
    (item,) = differences(ArtifactSet([Artifact("f", after.encode(), "helm")]), {"f": Held(before.encode())})
    subprocess.run(["git", "apply", "-"], cwd=folder, input=item.unified().encode(), check=True)
    assert (folder / "f").read_bytes() == after.encode()


def test_the_diff_shows_lines() -> None:
    item = FileDiff("a.yaml", "helm", Held(b"a: 1\nb: 1\n"), Held(b"a: 2\nb: 1", executable=True))
    assert item.unified() == (
        "diff --git a/a.yaml b/a.yaml\nold mode 100644\nnew mode 100755\n--- a/a.yaml\n+++ b/a.yaml\n"
        "@@ -1,2 +1,2 @@\n-a: 1\n-b: 1\n+a: 2\n+b: 1\n\\ No newline at end of file\n"
    )
    assert (item.added, item.removed) == (2, 2)


@pytest.mark.parametrize("content", [b"\0", b"\xff\xfe", b"text\0"])
def test_binary_files_are_named_only(content: bytes) -> None:
    item = FileDiff("a", "helm", Held(b"text\n"), Held(content))
    assert item.unified() == "diff --git a/a b/a\nBinary files a/a and b/a differ\n"
    assert json.loads(diff.document([item], "f", "e", "disk"))["files"][0]["binary"] is True


def test_markdown_has_the_table_first_and_cannot_be_broken_out_of() -> None:
    files = differences(
        ArtifactSet([Artifact("a.md", b"````\n</details>\n", "guide"), Artifact("b.yaml", b"b: 1\n", "helm")]), {}
    )
    text = diff.markdown(files, "acme / prod")
    head, _, rest = text.partition("<details>")
    assert "| `a.md` | added | +2 |  |" in head
    assert "| `b.yaml` | added | +1 |  |" in head
    assert "\n`````diff\n" in rest
    assert rest.count("<details>") == 1, "the second file's; the first was cut off"
    assert diff.markdown((), "acme / prod") == "### acme / prod\n\nNo output changes.\n"


def test_json_counts() -> None:
    data = json.loads(diff.document(differences(new(), held(old())), "acme", "prod", "git:main"))
    assert (data["version"], data["fleet"], data["environment"], data["against"]) == (1, "acme", "prod", "git:main")
    assert data["summary"] == {"added": 3, "changed": 3, "removed": 4}
    assert {item["path"]: (item["added"], item["removed"]) for item in data["files"]}["helm/kept/c.yaml"] == (1, 1)


def test_colour_adds_codes_only() -> None:
    files = differences(new(), held(old()))
    assert "\x1b[32m+c: 2\x1b[0m\n" in diff.text(files, colour=True)
    assert "\x1b" not in diff.text(files, colour=False)


def test_summary_in_words() -> None:
    assert diff.summary(differences(new(), held(old()))) == "3 files added, 3 changed, 4 removed"
    assert diff.summary(()) == "nothing changes"


def test_the_disk_side_sees_edits_and_foreign_files_in_place(tmp_path: Path) -> None:
    root = tmp_path / "acme/default"
    apply(old(), root)
    (root / "helm/kept/c.yaml").write_bytes(b"c: 7\n")
    (root / "helm/new/deep").mkdir(parents=True)
    (root / "helm/new/deep/d.yaml").write_bytes(b"mine\n")
    (root / "notes").write_bytes(b"foreign\n")
    before = held_on_disk(new(), root)
    assert before["helm/kept/c.yaml"].content == b"c: 7\n"
    assert before["helm/new/deep/d.yaml"].content == b"mine\n"
    assert before["helm/gone/a.yaml"].content == b"a: 1\n"
    assert "notes" not in before
    assert held_on_disk(new(), tmp_path / "nowhere") == {}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the old tree committed under `fleets/outputs`, and the new one on disk."""
    folder = tmp_path / "repository"
    root = folder / "fleets/outputs/acme/default"
    apply(old(), root)
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "old")
    apply(new(), root)
    return folder


def test_a_commit_is_read_through_git(repository: Path) -> None:
    root = repository / "fleets/outputs/acme/default"
    assert held_at(new(), root, "HEAD") == held(old())
    assert held_at(new(), root, "main") == held(old())


def test_a_folder_that_is_gone_from_disk_is_still_in_the_commit(repository: Path) -> None:
    git(repository, "rm", "-rqf", "fleets")
    (repository / "elsewhere").mkdir()
    assert held_at(new(), repository / "fleets/outputs/acme/default", "HEAD") == held(old())


def test_outputs_that_were_not_committed_then_are_empty(repository: Path) -> None:
    assert held_at(new(), repository / "fleets/outputs/acme/prod", "HEAD") == {}


def test_a_missing_revision_names_the_fetch(repository: Path) -> None:
    with pytest.raises(SurroundingsError, match="knows no commit 'origin/next'") as caught:
        held_at(new(), repository, "origin/next")
    assert caught.value.exit_code == 4
    assert "git fetch --depth=1 origin next:refs/remotes/origin/next" in caught.value.help


def test_a_shallow_clone_names_a_fetch_that_works(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-qam", "new")
    first = git(repository, "rev-parse", "HEAD~1")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    root = tmp_path / "shallow/fleets/outputs/acme/default"
    for revision in (first, "HEAD~1"):
        with pytest.raises(SurroundingsError, match="shallow clone") as caught:
            held_at(new(), root, revision)
        git(tmp_path / "shallow", *caught.value.help.split("`")[1].split()[1:])
        assert held_at(new(), root, revision) == held(old())


def test_no_repository_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="not a git repository"):
        held_at(new(), tmp_path, "HEAD")


def test_no_git_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SurroundingsError, match="git is not installed"):
        held_at(new(), tmp_path, "HEAD")


@pytest.mark.parametrize("revision", ["--help", "-h", "--upload-pack=x", "HEAD:fleets"])
def test_a_revision_is_never_an_option(repository: Path, revision: str) -> None:
    with pytest.raises(SurroundingsError, match="knows no commit"):
        held_at(new(), repository, revision)
