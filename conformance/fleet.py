"""The bench's fleet as a spec that the real pipeline renders: an upstream is a provider or a model, a row a route."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from conformance.row import Row
from conformance.upstream import Upstream

BASE = Path(__file__).with_name("fleet.yaml")
SERVED = "Qwen/Qwen3-0.6B"
ENGINES: Mapping[str, Mapping[str, Any]] = {
    "vllm": {"source": {"huggingface": SERVED}, "engine": {"name": "vllm", "version": "0.33.0"}},
    "tgi": {"source": {"huggingface": SERVED}, "engine": {"name": "tgi", "version": "3.3.7"}},
    "ollama": {"source": {"ollama": "qwen3:0.6b"}, "engine": {"name": "ollama", "version": "0.32.15"}},
}
_LISTENS = ("openai", "anthropic")
Places = Mapping[str, Mapping[str, Upstream]]
"""Upstreams by the row's name and their role."""


def write(folder: Path, rows: Sequence[Row], places: Places, kinds: Sequence[str]) -> Path:
    """Render the rows for a gateway of each kind; the folder of the rendered files.

    Raises:
        RuntimeError: the pipeline refuses the fleet; the message holds its findings.
    """
    spec = folder / "fleet.yaml"
    spec.write_text(json.dumps(fleet(rows, places, kinds), indent=1), encoding="utf-8")
    gen = Path(sys.executable).with_name("gen")
    command = [str(gen), "render", str(spec), "--out", str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("\n".join(line for line in done.stderr.splitlines() if " error " in line) or done.stderr)
    return folder / "out" / "conformance" / "default"


def fleet(rows: Sequence[Row], places: Places, kinds: Sequence[str]) -> dict[str, Any]:
    """The spec."""
    base: dict[str, Any] = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    parts: dict[str, dict[str, Any]] = {"providers": {}, "models": dict(base["models"]), "routes": {}}
    for row in rows:
        for section, name, value in _row(row, places[row.name]):
            parts[section][name] = value
    here, there = base["clusters"]["here"], base["clusters"]["there"]
    hosts = {"here": here} | {
        host: there for model in parts["models"].values() for host in _hosts(model) if host != "here"
    }
    return {
        **base,
        **parts,
        "clusters": hosts,
        **({"tenants": tenants} if (tenants := _tenants(rows, places)) else {}),
        "gateways": {kind: {"kind": kind, "cluster": "here"} for kind in kinds},
    }


def _tenants(rows: Sequence[Row], places: Places) -> dict[str, Any]:
    return {name: _tenant(row, tenant, places[row.name]) for row in rows for name, tenant in row.tenants.items()}


def _tenant(row: Row, tenant: Mapping[str, Any], upstreams: Mapping[str, Upstream]) -> dict[str, Any]:
    """The tenant of a row, whose own weights are those of roles."""
    weights = {
        route: [_reference(row, role, upstreams[role], weight) for role, weight in roles.items()]
        for route, roles in tenant.get("weights", {}).items()
    }
    return {**tenant, **({"weights": weights} if weights else {})}


def _hosts(model: Mapping[str, Any]) -> list[str]:
    return [place["cluster"] for place in model["placements"].values()]


def _row(row: Row, upstreams: Mapping[str, Upstream]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for role, upstream in upstreams.items():
        name = f"{row.name}-{role}"
        if upstream.engine in ENGINES:
            task = {"task": row.settings["task"]} if "task" in row.settings else {}
            # A host has few GPUs, so each row has one of its own.
            host = f"at-{row.name}"
            place = {"cluster": host, "pool": "gpu", "hostPort": upstream.port}
            yield "models", name, {**ENGINES[upstream.engine], **task, "placements": {"on": place}}
        else:
            yield "providers", name, _provider(upstream)
    settings = {key: value for key, value in row.settings.items() if key not in {"long", "beyond", "shadow", "task"}}
    if "long" in row.settings:
        over, role = row.settings["long"]
        beyond = row.settings.get("beyond", "reject")
        settings["context"] = {"over": over, "use": [_reference(row, role, upstreams[role], 1)], "beyond": beyond}
    if "shadow" in row.settings:
        role, percent = row.settings["shadow"]
        reference = _reference(row, role, upstreams[role], 1)
        settings["shadow"] = {**{key: reference[key] for key in reference if key != "weight"}, "share": percent}
    tiers = [[_reference(row, role, upstreams[role], weight) for role, weight in tier.items()] for tier in row.tiers]
    yield "routes", row.name, {"tiers": tiers, **settings}


def _provider(upstream: Upstream) -> dict[str, Any]:
    api = "anthropic" if upstream.engine == "anthropic" else "openai-compatible"
    path = "" if api == "anthropic" else "/v1"
    return {"api": api, "url": f"http://127.0.0.1:{upstream.port}{path}", "key": {"env": variable(upstream.role)}}


def _reference(row: Row, role: str, upstream: Upstream, weight: int) -> dict[str, Any]:
    name = f"{row.name}-{role}"
    if upstream.engine in ENGINES:
        return {"model": name, "weight": weight}
    return {"provider": name, "model": upstream_model(row, role), "weight": weight}


def upstream_model(row: Row, role: str) -> str:
    """What an external API calls its model."""
    return f"{role}-model"


def variable(role: str) -> str:
    """The variable that holds a provider's key: one a role."""
    return f"{role.upper()}_KEY"
