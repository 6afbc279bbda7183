"""Finds literal secrets anywhere in a spec, by the prefixes of known keys."""

from collections.abc import Iterator
from typing import Any

from generator.core.finding import Finding, Path
from generator.load.fleet import LoadedFleet
from generator.load.secrets import holds_secret
from generator.validate.schema import literal_secret


def literal_secrets(loaded: LoadedFleet) -> Iterator[Finding]:
    """A finding for every text with a known key in it. The values are asked only when the files mention one."""
    if loaded.mentions(holds_secret):
        for path, value in _texts(loaded.data, ()):
            if holds_secret(value):
                yield literal_secret(path, value)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _texts(below, (*path, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _texts(below, (*path, number))
