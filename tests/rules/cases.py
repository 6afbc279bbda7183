"""Reads rule cases and runs them. A case is a file GENxxx.yaml with `ok` and `bad` entries.

An entry is `overlay: |` (merged over base.yaml) or `fleet: |` (a whole spec). A trailing comment `# GEN201` on a line
says which finding points there; `at: {GEN101: [3]}` says it for lines that cannot bear a comment. `encoding` and `pad`
(MiB of comment lines behind the text) make files that YAML in YAML cannot show; `environment` names another overlay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from generator.core.finding import Finding, Severity
from generator.pipeline import check

FOLDER = Path(__file__).parent
BASE = FOLDER / "base.yaml"

Mark = tuple[str, int]
_MARK = re.compile(r"#((?:\s+GEN\d{3})+)\s*$")


@dataclass(frozen=True)
class Case:
    """One entry of a case file."""

    id: str
    verdict: str
    number: int
    entry: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.id}-{self.verdict}{self.number}"

    @property
    def text(self) -> str:
        """The YAML of the entry."""
        text = str(self.entry.get("overlay", self.entry.get("fleet")))
        return text + ("# padding\n" * (int(self.entry.get("pad", 0)) * 1024 * 1024 // 10))

    @property
    def marks(self) -> set[Mark]:
        """What is expected: ids and lines."""
        found = {
            (id_, number)
            for number, line in enumerate(self.text.splitlines(), 1)
            for group in _MARK.findall(line)
            for id_ in group.split()
        }
        return found | {(id_, line) for id_, lines in self.entry.get("at", {}).items() for line in lines}


def cases() -> Iterator[Case]:
    """All entries of all case files."""
    for path in sorted(FOLDER.glob("GEN*.yaml")):
        for verdict, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            for number, entry in enumerate(entries):
                yield Case(path.stem, verdict, number, entry)


def findings(case: Case, folder: Path) -> tuple[Finding, ...]:
    """What `gen validate` says of an entry, beyond what it says of the base; infos only of the case's own kind."""
    spec, environment = folder / "fleet.yaml", "default"
    if "overlay" in case.entry:
        environment = case.entry.get("environment", "case")
        spec.write_bytes(BASE.read_bytes())
        (folder / f"fleet.{environment}.yaml").write_bytes(_bytes(case))
    else:
        spec.write_bytes(_bytes(case))
    found = check(spec, environment).findings
    known = base_findings() if "overlay" in case.entry else set()
    return tuple(
        finding
        for finding in found
        if (finding.severity is not Severity.INFO or finding.id == case.id) and (finding.id, finding.path) not in known
    )


@cache
def base_findings() -> set[tuple[str, Any]]:
    """What is said of the base alone."""
    return {(finding.id, finding.path) for finding in check(BASE, "default").findings}


def problem(case: Case, found: tuple[Finding, ...], folder: Path) -> str:
    """Why the findings are not what the entry expects; empty when they are."""
    if case.verdict == "ok":
        own = [finding for finding in found if finding.id == case.id]
        return f"reported though the entry is fine: {_told(own)}" if own else ""
    if case.id not in {id_ for id_, _ in case.marks}:
        return "no line is marked with the case's own id"
    marked = "fleet.yaml" if "fleet" in case.entry else f"fleet.{case.entry.get('environment', 'case')}.yaml"
    places = {
        (
            finding.id,
            finding.location.line if finding.location and finding.location.file == (folder / marked).as_posix() else 0,
        )
        for finding in found
    }
    if len(found) != len(case.marks) or places != case.marks:
        return f"expected {sorted(case.marks)}, found {_told(found)}"
    return ""


def _bytes(case: Case) -> bytes:
    return case.text.encode(case.entry.get("encoding", "utf-8"))


def _told(found: Any) -> str:
    lines = [
        f"{f.id} {f.location.file if f.location else ''}:{f.location.line if f.location else 0} {f.message} ({f.cause})"
        for f in found
    ]
    return "\n  ".join(["", *lines]) if lines else "nothing"
