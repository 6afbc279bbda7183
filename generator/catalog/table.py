"""A file of many entries of which a run needs few: each is parsed when it is first asked for."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import yaml

from generator import resources
from generator.core.errors import BugError

Fact = TypeVar("Fact")
_ENTRY = re.compile(r"^([^\s#].*):[ ]*$", re.MULTILINE)


class Table(Mapping[str, Fact], Generic[Fact]):
    """The entries of a YAML file of the catalogue, in its order.

    An entry is a plain key at the start of a line, alone on it, and the indented lines below.
    """

    def __init__(self, name: str, make: Callable[[str, Any], Fact]) -> None:
        text = (resources.catalog() / name).read_text(encoding="utf-8")
        entries = list(_ENTRY.finditer(text))
        ends = [entry.start() for entry in entries[1:]] + [len(text)]
        self._texts = {entry[1]: text[entry.end() : end] for entry, end in zip(entries, ends, strict=True)}
        self._facts: dict[str, Fact] = {}
        self._name, self._make = name, make

    def row(self, key: str) -> Any:
        """What the file says of an entry, as written."""
        return parse(self._texts[key])

    def mentioning(self, line: str) -> Iterator[str]:
        """The keys of the entries that have this line, without its indentation."""
        return (key for key, text in self._texts.items() if f"  {line}\n" in text)

    def __getitem__(self, key: str) -> Fact:
        if key not in self._facts:
            row = self.row(key)
            with entry(self._name, key):
                self._facts[key] = self._make(key, row)
        return self._facts[key]

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


@contextmanager
def entry(file: str, key: str = "") -> Iterator[None]:
    """Where an entry, or a file that is one, is made into a value.

    Raises:
        BugError: it lacks a key, or has one that nothing is known of. Whoever writes an entry reads this.
    """
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        why = f"the key {error} is missing, or not known" if isinstance(error, KeyError) else str(error)
        where = f"generator/catalog/data/{file}" + (f", entry `{key}`" if key else "")
        raise BugError(f"{where}: {why}; docs/extending.md says what an entry has") from error


def made(file: str, make: Callable[[str, Any], Fact]) -> Mapping[str, Fact]:
    """All entries of a file."""
    facts = {}
    for key, row in load(file).items():
        with entry(file, key):
            facts[key] = make(key, row)
    return facts


def load(name: str) -> Any:
    """A whole file of the catalogue."""
    return parse((resources.catalog() / name).read_text(encoding="utf-8"))


def parse(text: str) -> Any:
    """YAML text, by the fastest safe loader there is."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
