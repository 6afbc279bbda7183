"""A finding is a value: what is wrong, where, why, and how to mend it.

A finding knows its place first by spec path (`("models", "chat", "context")`); line and column are looked up late,
by whoever holds the text.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

from generator.core.frozen import frozen

Path = tuple[str | int, ...]


class Severity(StrEnum):
    """How much a finding matters. Only errors stop a render."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def reaches(self, least: "Severity") -> bool:
        """Whether it matters at least as much."""
        return _RANK[self] <= _RANK[least]


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@frozen
class Location:
    """A place in a file: 1-based line and columns, and the line's own text. Line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    end_column: int
    text: str


@frozen
class Finding:
    """One diagnostic. `on_key` points at the key of the last path step instead of its value.

    `accepted` is the reason why the spec accepts it; it stops nothing then, and counts apart.
    """

    kind: "Kind"
    path: Path
    message: str
    cause: str = ""
    help: str = ""
    on_key: bool = False
    severity: Severity = Severity.ERROR
    location: Location | None = None
    accepted: str = ""

    @property
    def id(self) -> str:
        """The stable id, `GEN101`: also the rule case's name, the docs heading and the JSON field."""
        return self.kind.id

    @property
    def acceptable(self) -> bool:
        """Whether a spec may accept it: an error only where it is a forecast, as files can be written all the same."""
        return self.severity is not Severity.ERROR or self.kind.forecast

    @property
    def aside(self) -> bool:
        """Whether it asks for nothing."""
        return self.kind.aside and self.severity is Severity.INFO

    @property
    def stops(self) -> bool:
        """Whether nothing can be rendered because of it."""
        return self.severity is Severity.ERROR and not self.accepted

    def located(self, location: Location | None) -> "Finding":
        """The same finding with its line and column."""
        return replace(self, location=location)

    def without(self, hide: Callable[[str], str]) -> "Finding":
        """The same finding with what must not be shown hidden in every word and in its path."""
        path = tuple(hide(step) if isinstance(step, str) else step for step in self.path)
        message, cause, help_, accepted = map(hide, (self.message, self.cause, self.help, self.accepted))
        return replace(self, path=path, message=message, cause=cause, help=help_, accepted=accepted)

    def order(self) -> tuple[object, ...]:
        """The sort key: place, severity, id."""
        place = self.location
        where = (place.file, place.line, place.column) if place else ("", 0, 0)
        return (*where, _RANK[self.severity], self.id, path_text(self.path), self.message)


@frozen
class Kind:
    """What sort of mistake a finding speaks of; the text of its heading in docs/errors.md.

    `forecast`: as an error it says what the rendered files will meet, which a spec may accept; others say that they
    cannot be written, or not as they were meant. `aside`: as an info it asks for nothing: `gen explain`
    tells it, and no check prints it.
    """

    id: str
    slug: str
    severity: Severity
    title: str
    why: str
    forecast: bool = False
    aside: bool = False

    def at(
        self,
        path: Path,
        message: str,
        *,
        cause: str = "",
        help: str = "",
        on_key: bool = False,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this kind at a spec path."""
        return Finding(self, path, message, cause, help, on_key, severity or self.severity)


class Findings:
    """Collects findings of one run and remembers which subtrees of the spec are broken.

    A rule asks `intact(path)` before it speaks, so that one mistake gives one finding.
    """

    def __init__(self, items: Iterable[Finding] = ()) -> None:
        self._items: dict[tuple[object, ...], Finding] = {}
        self._broken: set[Path] = set()
        self._above_broken: set[Path] = set()
        self._reason: Callable[[Finding], str] = _never
        self.extend(items)

    def add(self, finding: Finding) -> None:
        """Add a finding; the same one twice is one. An error marks its path as broken."""
        finding = self.judged(finding)
        self._items.setdefault((finding.id, finding.path, finding.message), finding)
        if finding.stops:
            self.mark_broken(finding.path)

    def accept(self, reason: Callable[[Finding], str]) -> None:
        """Ask for the reason why a finding is accepted, empty where it is not: of those so far, and of all to come."""
        self._reason = reason
        self._items = {key: self.judged(finding) for key, finding in self._items.items()}

    def judged(self, finding: Finding) -> Finding:
        """A finding as it counts here: with the reason for which the spec accepts it."""
        reason = self._reason(finding) if finding.acceptable and not finding.accepted else ""
        return replace(finding, accepted=reason) if reason else finding

    def stopped_by(self, finding: Finding) -> bool:
        """Whether a finding, if it is added, stops a render."""
        return self.judged(finding).stops

    def extend(self, items: Iterable[Finding]) -> None:
        """Add several findings."""
        for finding in items:
            self.add(finding)

    def mark_broken(self, path: Path) -> None:
        """Say that what stands below `path` is not to be judged further."""
        self._broken.add(path)
        self._above_broken.update(path[:size] for size in range(1, len(path)))

    def intact(self, path: Path) -> bool:
        """Whether nothing at, above or below `path` is broken (the root alone does not count as above)."""
        if not self._broken:
            return True
        inside = any(path[:size] in self._broken for size in range(1, len(path) + 1))
        return not inside and path not in self._above_broken

    @property
    def has_errors(self) -> bool:
        """Whether any finding stops a render."""
        return any(finding.stops for finding in self._items.values())

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self._items.values(), key=Finding.order))

    def __len__(self) -> int:
        return len(self._items)


def _never(_: Finding) -> str:
    return ""


def path_text(path: Path) -> str:
    """A spec path as people write it: `routes.chat.tiers[0][1].weight`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text
