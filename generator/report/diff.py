"""A diff for the terminal, for a pull request's comment, and for programs."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from generator.impact import cost as cost_impact
from generator.impact import nodes as node_impact
from generator.impact.cost import CostDelta
from generator.impact.nodes import GroupChange
from generator.load.secrets import certain_parts, starred
from generator.output.diff import FileDiff
from generator.render.emit import json_text
from generator.render.text import markdown as markdown_text

VERSION = 1
_COLOURS = {"+": "32", "-": "31", "@": "36"}
_FENCE = re.compile(r"^[ +-]?\s*(`{3,})", re.MULTILINE)


def text(files: Sequence[FileDiff], *, colour: bool) -> str:
    """The unified diff of all files."""
    plain = "".join(map(_shown, files))
    if not colour:
        return plain
    return "\n".join(_coloured(line) for line in plain.split("\n"))


def markdown(
    files: Sequence[FileDiff], title: str, cost: CostDelta | None = None, nodes: Sequence[GroupChange] = ()
) -> str:
    """A table of the files, the cost and what happens to nodes first, then each diff folded away."""
    if not files:
        return f"### {title}\n\nNo output changes.\n"
    rows = [
        f"| `{item.path}` | {item.change} | {_count('+', item.added)} | {_count('-', item.removed)} |" for item in files
    ]
    table = "\n".join(["| file | change | + | - |", "|---|---|--:|--:|", *rows])
    money = [f"**Cost:** {markdown_text(cost_impact.sentence(cost))}."] if cost else []
    groups = "\n".join(f"- {markdown_text(line)}" for line in node_impact.sentences(nodes))
    moved = [f"**Nodes:**\n\n{groups}"] if nodes else []
    folded = (_folded(item) for item in files)
    return "\n\n".join([f"### {title}", f"{summary(files)}.", *money, *moved, table, *folded]) + "\n"


def document(
    files: Sequence[FileDiff],
    fleet: str,
    environment: str,
    against: str,
    cost: CostDelta | None = None,
    nodes: Sequence[GroupChange] = (),
) -> str:
    """One JSON document; `diff` is empty for a binary file, `cost` null where nothing is rented.

    `nodes` are the node groups that Terraform would touch.
    """
    data = {
        "version": VERSION,
        "fleet": fleet,
        "environment": environment,
        "against": against,
        "files": [_file(item) for item in files],
        "summary": {name: sum(item.change == name for item in files) for name in ("added", "changed", "removed")},
        "cost": cost_impact.document(cost) if cost else None,
        "nodes": node_impact.document(nodes),
    }
    return json_text(data)


def summary(files: Sequence[FileDiff]) -> str:
    """The count in words: `2 files changed, 1 added`."""
    if not files:
        return "nothing changes"
    counted = Counter(item.change for item in files)
    parts = [f"{counted[name]} {name}" for name in ("added", "changed", "removed") if counted[name]]
    number, _, word = parts[0].partition(" ")
    return ", ".join([f"{number} file{'' if number == '1' else 's'} {word}", *parts[1:]])


def _shown(item: FileDiff) -> str:
    """The diff of a file, without the secrets that somebody wrote into it by hand; a fresh render holds none."""
    lines = item.unified().split("\n")
    return "\n".join(starred(line, certain_parts(line)) if line.startswith("-") else line for line in lines)


def _coloured(line: str) -> str:
    code = "1" if line.startswith(("diff ", "--- ", "+++ ")) else _COLOURS.get(line[:1], "")
    return f"\x1b[{code}m{line}\x1b[0m" if code else line


def _count(sign: str, number: int) -> str:
    return f"{sign}{number}" if number else ""


def _folded(item: FileDiff) -> str:
    body = _shown(item)
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCE.findall(body))])
    return f"<details><summary><code>{item.path}</code></summary>\n\n{fence}diff\n{body}{fence}\n\n</details>"


def _file(item: FileDiff) -> dict[str, Any]:
    return {
        "path": item.path,
        "owner": item.owner or None,
        "change": item.change,
        "binary": item.texts is None,
        "added": item.added,
        "removed": item.removed,
        "diff": "" if item.texts is None else _shown(item),
    }
