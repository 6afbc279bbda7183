"""Charts that stand in for those of others: their name, version and values, held by Helm to what the real ones know."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import yaml

CHARTS = Path(__file__).parent / "charts"
FREE = {
    "cluster-autoscaler": {"extraArgs": "object"},
    "gateway-helm": {"config": "object"},
    # Templates that read more than the values have, and a chart inside.
    "gpu-operator": {"dcgm": "object", "dcgmExporter": "object", "node-feature-discovery": "object"},
}
"""Values that a chart has defaults in and takes more of: it hands them on as they are, whatever they are called."""
REAL = "GEN_CHARTS"
"""A folder with the real charts, each in a folder of its name: with it the tests render these as well."""


def known(chart: str) -> dict[str, Any]:
    """What `scripts.facts.read_chart` read: `name`, `version` and the shape of the `values`."""
    found: dict[str, Any] = json.loads((CHARTS / f"{chart}.json").read_text())
    return found


def schema(shape: Any) -> dict[str, Any]:
    """The closed JSON Schema of a shape: no key that the chart does not know, no value of another type."""
    if isinstance(shape, dict):
        properties = {key: schema(each) for key, each in shape.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    # An empty default tells nothing of what may stand there: a number may be asked for as text, a list may be a map.
    return {} if shape == "any" else {"type": shape}


def stand_in(chart: str, place: Path) -> None:
    """A chart of this name and version, whose only object holds the values that reached it."""
    facts = known(chart)
    (place / "templates").mkdir(parents=True)
    head = {"apiVersion": "v2", "name": chart, "version": facts["version"]}
    (place / "Chart.yaml").write_text(yaml.safe_dump(head))
    # Helm hands every chart a `global`.
    wanted = schema({**facts["values"], **FREE.get(chart, {}), "global": "object"})
    (place / "values.schema.json").write_text(json.dumps(wanted))
    (place / "templates" / "values.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  values: {{ toJson .Values | quote }}\n"
    )


def real(chart: str) -> Path | None:
    """The folder of the real chart, where the environment names one."""
    folder = os.environ.get(REAL)
    return Path(folder) / chart if folder else None


def complete(source: Path, place: Path, *, with_real: bool) -> Path:
    """A copy of one of our charts below `place`, with its dependency inside, as `helm dependency update` leaves it."""
    folder = place / source.name
    shutil.copytree(source, folder)
    below = folder / "charts" / source.name
    origin = real(source.name)
    if with_real and origin is not None:
        shutil.copytree(origin, below)
        chart = yaml.safe_load((below / "Chart.yaml").read_text())
        (below / "Chart.yaml").write_text(yaml.safe_dump({**chart, "version": known(source.name)["version"]}))
    else:
        stand_in(source.name, below)
    return folder
