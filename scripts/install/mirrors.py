"""Finds the folders of a machine that hold Terraform providers, so that none has to be named and no network asked."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scripts.install.environment import ROOT

SETTING = "GEN_TF_MIRRORS"
"""Folders, separated as in PATH, that hold a `registry.terraform.io/`; where it is set, no other is looked for."""

REGISTRY = "registry.terraform.io"
_DEPTH = 5
_SECONDS = 10.0
"""How deep and how long each root is searched."""

_NOT_SEARCHED = {".git", ".terraform", ".tools", ".venv", "node_modules"}


def mirrors(environment: Mapping[str, str]) -> list[Path]:
    """The folders that hold a `registry.terraform.io/`: those of the setting, else what the usual roots hold."""
    if SETTING in environment:
        return [Path(item) for item in environment[SETTING].split(os.pathsep) if item]
    roots = {root.resolve(): None for root in _roots(environment) if root.is_dir()}
    return list({folder: None for root in roots for folder in search(root)})


def _roots(environment: Mapping[str, str]) -> Iterable[Path]:
    """Where Terraform looks by itself, then the folders that this checkout stands in and those of a machine."""
    if home := environment.get("HOME") or environment.get("USERPROFILE"):
        yield Path(home, ".terraform.d")
        yield Path(home, ".local", "share", "terraform")
    if cache := environment.get("TF_PLUGIN_CACHE_DIR"):
        yield Path(cache)
    yield ROOT.parent
    yield ROOT.parent / "shared"
    yield from map(Path, ("/opt", "/srv", "/usr/local", "/usr/share"))


def search(root: Path, depth: int = _DEPTH, seconds: float = _SECONDS) -> Iterator[Path]:
    """The folders at most `depth` below a root that hold a `registry.terraform.io/`, the nearest first.

    Links are not followed, what cannot be read is passed over, and after `seconds` the search ends.
    """
    end = time.monotonic() + seconds
    level = [root]
    for _ in range(depth):
        below: list[Path] = []
        for folder in level:
            if time.monotonic() > end:
                return
            names = _folders(folder)
            if REGISTRY in names:
                yield folder
            below += [folder / name for name in names if name != REGISTRY and name not in _NOT_SEARCHED]
        level = below


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
