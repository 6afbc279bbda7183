"""Writes docs/errors.md: every kind of finding, out of the kinds themselves."""

from generator.core.finding import Kind
from generator.core.kinds import all_kinds
from scripts.install.environment import ROOT

TARGET = ROOT / "docs" / "errors.md"

HEAD = """# Findings

Generated from `generator/core/kinds`; `make update` rewrites it. A finding has a stable id, a place, a message, a
cause with the numbers, and a help that names the fix. All findings of a spec come out in one run. Errors end
`gen validate` and `gen render` with exit code 1; warnings and infos do not. [preflight.md](preflight.md) says how
`gen preflight` ends.

| ids | about |
|---|---|
| GEN101-119 | the text of a file |
| GEN120-139 | the form of a spec: keys, types, units |
| GEN2xx | what was written, across fields: references, names, ranges, routes, secrets |
| GEN3xx | what was decided: sizes, engines, gateways, clouds, patches |
| GEN4xx | the files on disk |
| GEN5xx | what the clouds answered to `gen preflight`; GEN501-509 are questions without an answer |
| GEN6xx | what stops a start: weights, cards and images, memory of the host, files, addresses, rollouts |
"""


def text() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(kind) for kind in all_kinds())])


def _section(kind: Kind) -> str:
    return f"## {kind.id} {kind.slug}\n\n**{kind.severity.capitalize()}: {kind.title}.** {kind.why}\n"


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
