"""Reads the schema of a Compose service out of a folder of compose-go, which Compose itself judges projects by.

    python -m scripts.facts.read_compose FOLDER

The folder is that of the module in Go's cache; the version is the one that the pinned Compose was built with
(`go version -m` of the program tells). Descriptions are left out.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from scripts.install.environment import ROOT

DATA = ROOT / "generator" / "catalog" / "data" / "compose_service.json"
AS_OF = "2026-12-01"


def plain(node: Any) -> Any:
    """The same without what is for people alone."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items() if key != "description" or not isinstance(value, str)}
    return [plain(item) for item in node] if isinstance(node, list) else node


def main(folder: Path) -> None:
    """Write the catalogue's file."""
    schema = json.loads((folder / "schema" / "compose-spec.json").read_text(encoding="utf-8"))
    module = "/".join(folder.parts[-3:])
    found = {
        "source": f"{module} schema/compose-spec.json, Apache-2.0",
        "asOf": AS_OF,
        "schema": {"$schema": schema["$schema"], "$ref": "#/$defs/service", "$defs": plain(schema["$defs"])},
    }
    DATA.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    main(parser.parse_args().folder)
