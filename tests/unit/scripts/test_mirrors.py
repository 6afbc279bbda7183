"""Folders with Terraform providers are found wherever they usually stand, and no search is long."""

import os
from pathlib import Path

import pytest

from scripts.install import mirrors


def _mirror(folder: Path) -> Path:
    (folder / mirrors.REGISTRY).mkdir(parents=True)
    return folder


def test_the_setting_names_them_and_nothing_else_is_searched(tmp_path: Path) -> None:
    _mirror(tmp_path / ".terraform.d")
    listed = os.pathsep.join(["/a", "/b"])
    assert mirrors.mirrors({mirrors.SETTING: listed, "HOME": str(tmp_path)}) == [Path("/a"), Path("/b")]
    assert mirrors.mirrors({mirrors.SETTING: "", "HOME": str(tmp_path)}) == []


def test_the_usual_folders_are_searched_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "ROOT", tmp_path / "work" / "checkout")
    shared = _mirror(tmp_path / "work" / "shared" / "providers")
    home = tmp_path / "home"
    own = [_mirror(home / ".terraform.d" / "plugins"), _mirror(home / ".local/share/terraform/plugins")]
    cache = _mirror(tmp_path / "cache")
    found = mirrors.mirrors({"HOME": str(home), "TF_PLUGIN_CACHE_DIR": str(cache)})
    assert [path for path in found if path.is_relative_to(tmp_path)] == [*own, cache, shared]


def test_a_search_ends_at_its_depth_and_its_time(tmp_path: Path) -> None:
    near, far = _mirror(tmp_path / "a" / "b"), _mirror(tmp_path / "a" / "b" / "c" / "d" / "e")
    assert list(mirrors.search(tmp_path)) == [near]
    assert list(mirrors.search(tmp_path, depth=6)) == [near, far]
    assert list(mirrors.search(tmp_path, seconds=-1)) == []


def test_a_search_follows_no_link_and_leaves_out_what_projects_made(tmp_path: Path) -> None:
    for name in (".git", ".tools", ".terraform", ".venv", "node_modules"):
        _mirror(tmp_path / "root" / name)
    (tmp_path / "root" / "link").symlink_to(_mirror(tmp_path / "elsewhere"))
    (tmp_path / "root" / "file").touch()
    assert list(mirrors.search(tmp_path / "root")) == []
    assert list(mirrors.search(tmp_path / "nothing")) == []
