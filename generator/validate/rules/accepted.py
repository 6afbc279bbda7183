"""What a spec accepts must be a finding that a spec can have."""

from collections.abc import Iterator

from generator.core.finding import Finding, Findings
from generator.core.kinds import of_specs
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet
from generator.core.words import did_you_mean


def ids(fleet: Fleet, _: Findings) -> Iterator[Finding]:
    """Every accepted id is that of a kind of finding about specs."""
    known = [kind.id for kind in of_specs()] if fleet.accept else []
    for number, entry in enumerate(fleet.accept):
        if entry.finding not in known:
            yield kinds.ACCEPTS_UNKNOWN.at(
                ("accept", number, "finding"),
                f"no spec has a finding {entry.finding}",
                cause=f"{len(known)} kinds of findings are about specs, and none of them has this id",
                help=did_you_mean(entry.finding, known) or "write the id that `gen validate` prints",
            )
