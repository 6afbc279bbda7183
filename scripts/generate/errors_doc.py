"""Writes docs/errors.md: every kind of finding, out of the kinds themselves."""

from generator.core.finding import Kind
from generator.core.kinds import all_kinds
from scripts.install.environment import ROOT

TARGET = ROOT / "docs" / "errors.md"

HEAD = """# Findings

Generated from `generator/core/kinds`; `make update` rewrites it. A finding has a stable id, a place, a message, a
cause with the numbers, and a help that names the fix. All findings of a spec come out in one run. Errors end
`gen validate` and `gen render` with exit code 1, with `--strict` warnings do too, and infos do not.
[preflight.md](preflight.md) says how `gen preflight` ends.

A spec can accept a finding, by its id and place and with a reason; it is then counted and no longer printed, in SARIF
it is suppressed, and it ends nothing. That goes for warnings, infos, and those errors below that say so: they are
forecasts of what the rendered files will meet. Others mean that a file cannot be written as it was meant. An entry that
accepts nothing is told.

```yaml
accept:
  - finding: GEN311
    at: models.qwen3-14b.placements.use1-l4
    reason: ran for a week on the same card
```

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
    accepted = ", can be accepted" if kind.forecast else ""
    return f"## {kind.id} {kind.slug}\n\n**{kind.severity.capitalize()}{accepted}: {kind.title}.** {kind.why}\n"


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
