"""What arguments of an engine say of each other: which need, exclude or silence which, in which versions."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

from generator.catalog.table import entry, load
from generator.core.frozen import frozen

_FILE = "argument_pairs.yaml"
Relation = Literal["needs", "excludes", "idleWithout", "idleBeside", "atLeast", "atMost"]
RELATIONS: tuple[Relation, ...] = ("needs", "excludes", "idleWithout", "idleBeside", "atLeast", "atMost")


@frozen
class ArgumentPair:
    """What one argument is to others, in the words of the catalogue's file.

    `says` is the text of the engine's own sources that shows it, `why` a sentence where that text is none.
    """

    when: str
    relation: Relation
    others: tuple[str, ...]
    says: str
    why: str
    source: str
    as_of: str


@cache
def pairs(engine: str) -> tuple[ArgumentPair, ...]:
    """All pairs of an engine, in the order of the file; none where it has none."""
    table = load(_FILE).get(engine)
    if table is None:
        return ()
    with entry(_FILE, engine):
        return tuple(pair for row in table["rows"] for pair in _made(row, table))


def _made(row: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[ArgumentPair]:
    relation = next(name for name in RELATIONS if name in row)
    for when in _listed(row["when"]):
        yield ArgumentPair(
            when=when,
            relation=relation,
            others=_listed(row[relation]),
            says=row["says"],
            why=row.get("why", ""),
            source=table["source"],
            as_of=table["asOf"],
        )


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
