"""Writes docs/gateways.md: what each gateway makes of every behaviour of a route, out of the catalogue."""

from collections.abc import Iterator

from generator.catalog import reader
from generator.catalog.facts import GatewayFacts
from generator.targets import GATEWAYS
from scripts.environment import ROOT

TARGET = ROOT / "docs" / "gateways.md"

HEAD = """# What gateways can do

Generated from `generator/catalog/data/gateways`; `make update` rewrites it. `gen validate` reads the same tables: a
written value that a gateway cannot honour is a warning at its line (`GEN343`), one that it approximates an info
(`GEN344`). `gateway/<gateway>/routes.json` holds every value as written, for gateways that can do more.

| level | means |
|---|---|
| exact | as the route says |
| approximated | nearly; the last column says where it differs |
| not-possible | not at all; the last column says what happens instead |
"""


def text() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for kind in sorted(GATEWAYS) for line in _section(reader.gateway(kind)))]) + "\n"


def _section(facts: GatewayFacts) -> Iterator[str]:
    yield f"## {facts.kind}"
    yield ""
    tag = facts.tag.format(version=facts.version)
    yield f"Checked with {facts.version} (`{facts.repository}:{tag}`), {facts.as_of}."
    yield f"Source: {facts.source}."
    yield ""
    yield "| behaviour | level | the gateway ... |"
    yield "|---|---|---|"
    for capability in facts.capabilities.values():
        yield f"| `{capability.behaviour}` | {capability.level} | {capability.how} |"
    yield ""
    yield "Refused versions, and why:"
    yield ""
    yield from (f"- `{version}`: {why}" for version, why in sorted(facts.refused.items()))


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
