"""Reads the small files that a spec ships with a model, so that later stages see what they hold and open no file.

Only a regular file below the spec's folder, reached without a link, is read, and not more of it than may be shipped.
"""

import os
import stat
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

from generator.core.finding import Findings, Path
from generator.core.kinds import containers as kinds
from generator.core.words import did_you_mean
from generator.load.secrets import holds_key
from generator.load.settings import Unread, replaced, settings
from generator.load.shorthands import entries

LARGEST = 256 * 1024
_MOVE = "copy the file into the spec's folder, or below it, and write its path from there"


def read_files(data: dict[str, Any], folder: FilePath, findings: Findings) -> dict[str, Any]:
    """The data with the path of each file in `files` replaced by its bytes in base64; `folder` is the spec's own.

    A file that cannot be shipped is a finding, and its key is left out.
    """
    for path, name in list(_named(data)):
        held = _read(name, folder)
        if isinstance(held, Unread):
            findings.add(
                kinds.FILE_NOT_SHIPPED.at(path, f"`{name}` cannot be shipped", cause=held.reason, help=held.cure)
            )
        data = replaced(data, path, None if isinstance(held, Unread) else b64encode(held).decode("ascii"))
    return data


def _named(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where a file is named by its path."""
    for path, held in settings(data):
        files = held.get("files") if isinstance(held, dict) else None
        for name, source in entries(files):
            if isinstance(source, str) and source.isprintable() and source:
                yield (*path, "files", name), source


def _read(name: str, folder: FilePath) -> bytes | Unread:
    """What a file holds, or why it cannot be shipped."""
    if outside := _outside(name, folder):
        return Unread(outside, _MOVE)
    try:
        raw = _bytes(folder / name)
    except OSError as error:
        return Unread(str(error.strerror or error), _where(name, folder))
    if raw is None:
        return Unread("it is no regular file", "name a file; a folder of weights or adapters belongs in `source`")
    return _unfit(raw) or raw


def _outside(name: str, folder: FilePath) -> str:
    """Why a path does not stay below the spec's folder; empty where it does."""
    parts = PurePosixPath(name).parts
    if name.startswith(("/", "~")) or ".." in parts or "\\" in name:
        return "it lies outside the spec's folder, and another machine renders other bytes or none"
    for number in range(1, len(parts) + 1):
        above = PurePosixPath(*parts[:number])
        if (folder / above).is_symlink():
            return f"`{above}` is a link, and what it leads to is not followed"
    return ""


def _unfit(raw: bytes) -> Unread | None:
    """Why these bytes cannot be shipped; none where they can."""
    if len(raw) > LARGEST:
        cure = "put it beside the weights (`source.path` or `source.pvc`)"
        return Unread(f"it has more than {LARGEST // 1024} KiB", cure)
    if holds_key(raw.decode("utf-8", errors="ignore")):
        return Unread(
            "it holds what looks like a secret, and its bytes are written into files that are committed",
            "take the secret out of the file, and give it by `secretEnv`",
        )
    return None


def _bytes(file: FilePath) -> bytes | None:
    """One byte more than may be shipped at most; none where it is no regular file, which is not waited for."""
    if not stat.S_ISREG(file.lstat().st_mode):
        return None
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        return stream.read(LARGEST + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None


def _where(name: str, folder: FilePath) -> str:
    """A file nearby with a similar name."""
    above = folder / PurePosixPath(name).parent
    beside = [file.relative_to(folder).as_posix() for file in sorted(above.glob("*")) if file.is_file()]
    meant = did_you_mean(PurePosixPath(name).as_posix(), beside)
    return f"{meant} paths are read from the folder of the spec".lstrip()
