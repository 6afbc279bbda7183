"""From a file to plain data, with a position for every path. What cannot be read is a finding."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from generator.core.errors import SurroundingsError, UsageError
from generator.core.finding import Findings, Location, Path
from generator.load import syntax
from generator.load.hidden import Hidden
from generator.load.positions import Positions
from generator.load.reader import Limits, Reader


class Document:
    """One file: its data as it was read, and where each value stands."""

    def __init__(self, file: str, text: str, data: dict[str, Any]) -> None:
        self.file = file
        self.text = text
        self.data = data

    def locate(self, path: Path, on_key: bool = False) -> Location:  # noqa: FBT001, FBT002
        """The place of a value, or of its nearest ancestor that was written.

        A value that begins on a later line than its key is shown by its key, as with `on_key`.
        """
        span = self._positions.find(path)
        empty = (span.line, span.column) == (span.end_line, span.end_column)
        if span.key_line >= 0 and (on_key or empty or not span.exact or span.line != span.key_line):
            return self.at(span.key_line, span.key_column, span.key_end)
        return self.at(span.line, span.column, span.end_column if span.end_line == span.line else 0)

    def at(self, line: int, column: int, end: int = 0) -> Location:
        """A place from 0-based numbers, its text masked; it ends with the line when `end` is not behind `column`."""
        text = self.hidden.line(line)
        last = end if end > column else max(len(text), column + 1)
        return Location(self.file, line + 1, column + 1, last + 1, text)

    @cached_property
    def hidden(self) -> Hidden:
        """What of the file is never shown. Asked only when something has to be."""
        return Hidden(self.text)

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.text)


def read_document(path: FilePath, findings: Findings, limits: Limits | None = None) -> Document | None:
    """Read one file; None when findings say why it cannot be used.

    Raises:
        UsageError: there is no such file.
        SurroundingsError: the file cannot be read.
    """
    limits = limits or Limits()
    document = Document(path.as_posix(), "", {})
    raw = _bytes(path, limits.size + 1)
    problem = syntax.unreadable(raw, limits.size)
    if problem is not None:
        findings.add(problem.finding.located(document.at(problem.line, 0)))
        return None
    document.text = raw.decode("utf-8-sig")
    reader = Reader(document.text, limits)
    data = reader.read()
    for problem in (*reader.problems, *_repeated(reader, document)):
        place = document.at(problem.line, problem.column, problem.end)
        findings.add(problem.finding.without(document.hidden.words_at(problem.line).hide).located(place))
        findings.mark_broken(problem.finding.path)
    if data is None:
        return None
    document.data = data
    return document


def _repeated(reader: Reader, document: Document) -> Iterator[syntax.Problem]:
    """One problem for each mapping with keys given twice."""
    by_mapping: dict[Path, dict[Path, Any]] = {}
    for where, event in reader.duplicates:
        by_mapping.setdefault(where[:-1], {}).setdefault(where, event)
    for mapping, keys in by_mapping.items():
        yield syntax.duplicates(
            mapping, {where: (document.locate(where, on_key=True).line, event) for where, event in keys.items()}
        )


def _bytes(path: FilePath, size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", help="name a spec, for example `fleet.yaml`") from None
    except OSError as error:
        raise SurroundingsError(
            f"{path} cannot be read: {error.strerror}", help="check that it is a file and that you may read it"
        ) from error
