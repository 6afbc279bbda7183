"""Arguments and variables of an engine that name files or folders, which it reads inside its container."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from generator.catalog.table import entry, load
from generator.core.frozen import frozen

_FILE = "argument_paths.yaml"
PathKind = Literal["file", "folder", "repository", "adapters", "mapping"]


@frozen
class NamedPath:
    """How an argument names a path. A value with a character of `text` is no path, nor is one of `words`."""

    kind: PathKind
    text: str = ""
    words: tuple[str, ...] = ()


@frozen
class EnginePaths:
    """All of an engine's: arguments by name (`name.key` for a key of JSON) and variables.

    `in_image` has the beginnings of paths that the engine's own image brings along; `none` why an argument is not here
    whose name sounds like a path.
    """

    arguments: Mapping[str, NamedPath]
    variables: Mapping[str, NamedPath]
    in_image: tuple[str, ...]
    none: Mapping[str, str]
    source: str
    as_of: str


@cache
def paths(engine: str) -> EnginePaths:
    """Those of an engine; it may have none."""
    row = load(_FILE).get(engine)
    if row is None:
        return EnginePaths({}, {}, (), {}, "", "")
    with entry(_FILE, engine):
        return EnginePaths(
            arguments={name: _made(how) for name, how in row["arguments"].items()},
            variables={name: _made(how) for name, how in row["variables"].items()},
            in_image=tuple(row["inImage"]),
            none=row["none"],
            source=row["source"],
            as_of=row["asOf"],
        )


def _made(row: Mapping[str, Any]) -> NamedPath:
    return NamedPath(row["kind"], row.get("text", ""), tuple(row.get("words", ())))
