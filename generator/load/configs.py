"""Reads the `config.json` files that a spec names, so that later stages see what they hold and open no file."""

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any, NoReturn

from generator.core.finding import Finding, Findings, Path
from generator.core.kinds import rules as kinds
from generator.core.words import did_you_mean
from generator.load.settings import Unread, replaced, settings

_LARGEST = 4 * 1024 * 1024
_AGAIN = "copy it again from the model's repository"


def read_configs(data: dict[str, Any], folder: FilePath, findings: Findings) -> dict[str, Any]:
    """The data with each path in `source.config` replaced by what the file holds; `folder` is the spec's own.

    A file that cannot be read is a finding, and its key is left out.
    """
    for path, name in list(_named(data)):
        held = _read(path, name, folder)
        if isinstance(held, Finding):
            findings.add(held)
        data = replaced(data, path, None if isinstance(held, Finding) else held)
    return data


def _named(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where a configuration is named by its path."""
    for path, held in settings(data):
        source = held.get("source") if isinstance(held, dict) else None
        name = source.get("config") if isinstance(source, dict) else None
        if isinstance(name, str) and name.isprintable() and name:
            yield (*path, "source", "config"), name


def _read(path: Path, name: str, folder: FilePath) -> dict[str, Any] | Finding:
    held = read_config(folder / name)
    if not isinstance(held, Unread):
        return held
    help_ = held.cure or _where(folder / name, name, folder)
    return kinds.CONFIG_FILE.at(path, f"`{name}` cannot be read", cause=held.reason, help=help_)


def read_config(file: FilePath) -> dict[str, Any] | Unread:
    """What a `config.json` on disk holds, or why it cannot be used."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError as error:
        return Unread(str(error.strerror or error), "")
    if len(raw) > _LARGEST:
        return Unread(f"it has more than {_LARGEST // 2**20} MiB", "name the config.json, not the weights")
    try:
        held = json.loads(raw.decode("utf-8-sig"), parse_constant=_not_finite, parse_float=_finite)
    except json.JSONDecodeError as error:
        return Unread(f"it is not JSON: line {error.lineno}, column {error.colno}: {error.msg}", _AGAIN)
    except UnicodeDecodeError:
        return Unread("it is no UTF-8 text", _AGAIN)
    except (ValueError, RecursionError) as error:
        return Unread(f"it is no JSON that can be used: {error}", _AGAIN)
    return held if isinstance(held, dict) else Unread("it holds no JSON object", "name the config.json of the model")


def _where(file: FilePath, name: str, folder: FilePath) -> str:
    """What to write instead: the file in a folder, or one nearby with a similar name."""
    if (file / "config.json").is_file():
        return f"write `config: {name.rstrip('/')}/config.json`"
    above = PurePosixPath(name).parent
    beside = [(above / item.name).as_posix() for item in sorted(file.parent.glob("*.json"))]
    beside += [item.name for item in sorted(folder.glob("*.json"))]
    meant = did_you_mean(name, beside)
    return f"{meant} paths are read from the folder of the spec".lstrip()


def _finite(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _not_finite(text)


def _not_finite(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a finite number")
