"""Which findings a spec accepts: by id and place, each with a reason."""

from collections.abc import Callable, Iterator, Sequence

from generator.core.finding import Finding, Findings, path_text
from generator.core.kinds import rules as kinds
from generator.core.spec import Acceptance, Fleet


def entries(fleet: Fleet, environment: str) -> list[tuple[int, Acceptance]]:
    """The entries that count in an environment, with their places in the list."""
    listed = enumerate(fleet.accept)
    return [(number, entry) for number, entry in listed if environment in (entry.environments or [environment])]


def reasons(fleet: Fleet, environment: str) -> Callable[[Finding], str]:
    """Asks for the reason why a finding is accepted; it is empty where it is not."""
    by_id: dict[str, Sequence[Acceptance]] = {}
    for _, entry in entries(fleet, environment):
        by_id[entry.finding] = (*by_id.get(entry.finding, ()), entry)
    return lambda finding: next((e.reason for e in by_id.get(finding.id, ()) if covers(e, finding)), "")


def covers(entry: Acceptance, finding: Finding) -> bool:
    """Whether an entry speaks of a finding: of its id, at its place or above."""
    text = path_text(finding.path)
    return finding.id == entry.finding and (text == entry.at or text.startswith((f"{entry.at}.", f"{entry.at}[")))


def idle(fleet: Fleet, environment: str, findings: Findings) -> Iterator[Finding]:
    """A finding for each entry that accepts nothing, once everything else was found."""
    found = list(findings)
    for number, entry in entries(fleet, environment):
        path = ("accept", number)
        meant = [finding for finding in found if covers(entry, finding)]
        if refused := [finding for finding in meant if not finding.acceptable]:
            yield kinds.ACCEPTS_ERROR.at(
                path,
                f"{entry.finding} at {path_text(refused[0].path)} cannot be accepted",
                cause="it is an error that no file can be written with as it was meant",
                help="correct it, and remove this entry",
            )
        elif not meant and not findings.has_errors:
            yield kinds.ACCEPTS_NOTHING.at(
                path,
                f"{entry.finding} is not found at {entry.at}",
                cause=_elsewhere(entry, [finding for finding in found if finding.id == entry.finding]),
                help="remove the entry, or name the environments that have it: `environments: [...]`",
            )


def _elsewhere(entry: Acceptance, others: Sequence[Finding]) -> str:
    places = ", ".join(path_text(finding.path) for finding in others)
    return f"the places of {entry.finding} here are: {places}" if places else f"nothing here has {entry.finding}"
