"""Reads which values a chart knows out of its folder, into `tests/consumers/charts/`, so that tests hold ours to them.

    python -m scripts.facts.read_chart FOLDER [--version VERSION]

Names and types alone are kept. The folder is the chart's own, as `helm pull --untar` has it; that of a repository may
name no version yet.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from scripts.install.environment import ROOT

CHARTS = ROOT / "tests" / "consumers" / "charts"
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


def shape(value: Any) -> Any:
    """The keys of a map, each with its shape; else the type in JSON Schema's words, `any` where the chart is silent."""
    if isinstance(value, dict) and value:
        return {key: shape(value[key]) for key in sorted(value)}
    return "object" if isinstance(value, dict) else KINDS.get(type(value), "any")


def read(folder: Path) -> dict[str, Any]:
    """Name, version and values of a chart."""
    chart = yaml.safe_load((folder / "Chart.yaml").read_text(encoding="utf-8"))
    values = yaml.safe_load((folder / "values.yaml").read_text(encoding="utf-8"))
    return {"name": chart["name"], "version": chart["version"], "values": shape(values) if values else {}}


def main(folder: Path, version: str | None) -> None:
    """Write the chart's file."""
    found = read(folder)
    found["version"] = version or found["version"]
    path = CHARTS / f"{found['name']}.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {found['version']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the chart")
    parser.add_argument("--version", help="the version it was published as, where its folder does not say")
    given = parser.parse_args()
    main(given.folder, given.version)
