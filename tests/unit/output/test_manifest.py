"""The manifest: its text comes back as it was, and no line of it reaches out of the folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.artifact import Artifact
from generator.output.manifest import FORMAT, Entry, ManifestError, digest, entry, from_text, is_inside, read, to_text

STEP = st.text(st.characters(exclude_characters="/\\\x7f", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
PATH = st.lists(STEP, min_size=1, max_size=4).map("/".join).filter(is_inside)
ENTRIES = st.dictionaries(
    PATH, st.tuples(st.binary(max_size=4), st.sampled_from(["compose", "helm"]), st.booleans()), max_size=8
).map(lambda rows: {path: Entry(path, digest(content), owner, mode) for path, (content, owner, mode) in rows.items()})


@given(ENTRIES)
def test_what_is_written_is_read_back(entries: dict[str, Entry]) -> None:
    assert from_text(to_text(entries.values())) == entries


@given(ENTRIES)
def test_the_text_does_not_depend_on_order(entries: dict[str, Entry]) -> None:
    assert to_text(entries.values()) == to_text(reversed(entries.values()))


def test_one_line_a_file_says_hash_owner_mode_and_path() -> None:
    artifact = Artifact("compose/desk/run me.sh", b"abc", "compose", executable=True)
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert to_text([entry(artifact)]) == f"{FORMAT}\n{sha256} compose x compose/desk/run me.sh\n"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../b", "a//b", "./a", "a/", ".gen/manifest", ".gen", "a\\b", "a\x00b", "a\rb"]
)
def test_a_path_that_leaves_the_folder_is_damage(path: str) -> None:
    with pytest.raises(ManifestError, match="line 2"):
        from_text(f"{FORMAT}\n{'0' * 64} compose - {path}\n")


@pytest.mark.parametrize(
    "lines",
    [
        ["<<<<<<< HEAD", f"{'0' * 64} helm - a", "=======", f"{'1' * 64} helm - a", ">>>>>>> other"],
        [f"{'0' * 64} helm - a", f"{'1' * 64} helm - a"],
        [f"{'0' * 63} helm - a"],
        [f"{'0' * 64} helm z a"],
        ["", f"{'0' * 64} helm - a"],
    ],
)
def test_a_damaged_line_is_named(lines: list[str]) -> None:
    with pytest.raises(ManifestError, match=r"line [23] is not"):
        from_text("\n".join([FORMAT, *lines, ""]))


def test_another_format_is_refused() -> None:
    with pytest.raises(ManifestError, match="line 1"):
        from_text("# fleetgen manifest v2\n")


def test_a_folder_without_manifest_owns_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == {}


def test_a_manifest_that_is_no_text_is_damage(tmp_path: Path) -> None:
    (tmp_path / ".gen").mkdir()
    (tmp_path / ".gen/manifest").write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestError):
        read(tmp_path)
