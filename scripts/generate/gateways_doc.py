"""Writes docs/gateways.md: what each gateway makes of every behaviour of a route, and what was seen row by row."""

from collections.abc import Iterator

from conformance import results
from conformance.rows import ROWS
from generator.catalog import reader
from generator.catalog.facts import GatewayFacts
from generator.gateways import GATEWAYS
from scripts.install.environment import ROOT

TARGET = ROOT / "docs" / "gateways.md"

HEAD = """# What gateways can do

Generated from `generator/catalog/data/gateways` and `conformance/results`; `make update` rewrites it. The levels are
what the conformance bench saw: `make conformance` starts each real gateway on rendered files, in front of upstreams
that misbehave on command, and calls it with OpenAI's own client. `gen validate` reads the same tables: a written value
that a gateway cannot honour is a warning at its line (`GEN343`), one that it approximates, or that no test could run,
an info (`GEN344`). `gateway/<gateway>/routes.json` holds every value as written, for gateways that can do more.

| level | means |
|---|---|
| exact | as the route says, in every row of the bench |
| approximated | nearly, or in some rows only; the tables below say where it differs |
| not-possible | not at all; the tables below say what happens instead |
| not-run | nothing here could run it |
"""

ROWS_HEAD = """## What was seen

Each row is a few calls to a running gateway, judged by what the caller got and what the upstreams received. A second
run turns every upstream round, and no row may be met then.
"""


def text() -> str:
    """The whole page."""
    kinds = sorted(GATEWAYS)
    facts = [reader.gateway(kind) for kind in kinds]
    parts = [HEAD, *_matrix(facts), "", *(line for one in facts for line in _section(one)), ROWS_HEAD, *_rows(kinds)]
    return "\n".join(parts) + "\n"


def _matrix(facts: list[GatewayFacts]) -> Iterator[str]:
    """Behaviours by gateways."""
    yield "| behaviour |" + "".join(f" {one.kind} |" for one in facts)
    yield "|---|" + "---|" * len(facts)
    for name in dict.fromkeys(name for one in facts for name in one.capabilities):
        levels = (one.capabilities[name].level if name in one.capabilities else "not-run" for one in facts)
        yield f"| `{name}` |" + "".join(f" {level} |" for level in levels)


def _section(facts: GatewayFacts) -> Iterator[str]:
    yield f"## {facts.kind}"
    yield ""
    tag = facts.tag.format(version=facts.version)
    seen = results.version(facts.kind)
    yield f"Rendered for {facts.version} (`{facts.repository}:{tag}`), {facts.as_of}."
    yield f"Source: {facts.source}." + (f" The bench ran {seen}." if seen else " The bench never ran it.")
    yield ""
    yield "| behaviour | level | the gateway ... |"
    yield "|---|---|---|"
    for capability in facts.capabilities.values():
        yield f"| `{capability.behaviour}` | {capability.level} | {capability.how} |"
    yield ""
    if facts.refused:
        yield "Refused versions, and why:"
        yield ""
        yield from (f"- `{version}`: {why}" for version, why in sorted(facts.refused.items()))
        yield ""


def _rows(kinds: list[str]) -> Iterator[str]:
    """Rows of the bench by gateways."""
    cells = {kind: results.read(kind) for kind in kinds}
    yield "| behaviour | row | what must be seen |" + "".join(f" {kind} |" for kind in kinds)
    yield "|---|---|---|" + "---|" * len(kinds)
    for behaviour in dict.fromkeys(row.behaviour for row in ROWS):
        for row in ROWS:
            if row.behaviour == behaviour:
                told = "".join(f" {_cell(cells[kind][row.name])} |" for kind in kinds)
                yield f"| `{behaviour}` | {row.name} | {row.says} |{told}"


def _cell(cell: results.Recorded) -> str:
    return cell.level if cell.level == "exact" or not cell.how else f"{cell.level}: {cell.how}"


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
