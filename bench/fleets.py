"""Fleets of any size, made like real ones: many models, several placements each, over EKS and on-prem clusters."""

import json
from pathlib import Path
from typing import Any

PLACEMENTS_PER_CLUSTER = 250
PLACEMENTS_PER_MODEL = 10
MODELS_PER_ROUTE = 5
_KEY = {"secret": {"name": "engine", "key": "api-key"}}
_POOLS = {
    "eks": {"l4": {"gpu": "l4", "nodes": {"min": 0, "max": 2000}, "capacity": ["spot", "on-demand"]}},
    "kubernetes": {"l4": {"gpu": "l4", "gpusPerNode": 4, "nodes": 500}},
}


def write_fleet(placements: int, folder: Path) -> Path:
    """Write the spec of a fleet with so many placements; the path of its fleet.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fleet.yaml"
    path.write_text(yaml_of(fleet(placements)), encoding="utf-8")
    return path


def fleet(placements: int) -> dict[str, Any]:
    """The spec as data."""
    clusters = [f"c{number:03}" for number in range(max(2, placements // PLACEMENTS_PER_CLUSTER))]
    models = {
        f"model-{first // PLACEMENTS_PER_MODEL:04}": _model(
            range(first, min(first + PLACEMENTS_PER_MODEL, placements)), clusters
        )
        for first in range(0, placements, PLACEMENTS_PER_MODEL)
    }
    names = list(models)
    return {
        "apiVersion": "fleetgen/v1",
        "name": f"bench-{placements}",
        "clusters": {name: _cluster(name, number) for number, name in enumerate(clusters)},
        "providers": {"openai": {"api": "openai", "key": {"secret": {"name": "openai", "key": "api-key"}}}},
        "defaults": {"engine": {"name": "vllm", "version": "0.33.0"}, "context": 8192, "concurrency": 16},
        "models": models,
        "routes": {
            f"route-{first // MODELS_PER_ROUTE:04}": {
                "tiers": [
                    [{"model": name} for name in names[first : first + MODELS_PER_ROUTE]],
                    [{"provider": "openai", "model": "gpt-5-mini"}],
                ]
            }
            for first in range(0, len(names), MODELS_PER_ROUTE)
        },
        "gateways": {"edge": {"kind": "litellm", "cluster": clusters[0]}},
    }


def _cluster(name: str, number: int) -> dict[str, Any]:
    platform = "kubernetes" if number % 2 else "eks"
    cloud = {"region": "us-east-1", "cluster": {"existing": f"platform-{name}"}} if platform == "eks" else {}
    return {
        "platform": platform,
        **cloud,
        "has": ["prometheus-operator"],
        "storageClass": "gp3",
        "endpoint": {"url": f"https://{{service}}.{name}.example.com", "key": _KEY},
        "pools": _POOLS[platform],
    }


def _model(numbers: range, clusters: list[str]) -> dict[str, Any]:
    return {
        "source": {"huggingface": "Qwen/Qwen3-14B-AWQ"},
        "quantization": "awq",
        # No two models alike, so that each has a memory budget of its own.
        "context": 4096 + numbers.start,
        "placements": {
            f"p{number:05}": {"cluster": clusters[number % len(clusters)], "pool": "l4", "replicas": 2}
            for number in numbers
        },
    }


def yaml_of(value: Any, indent: int = 0) -> str:
    """Block style for maps and flow style for the rest, as people write it; needs no library and no time."""
    text = ""
    for key, inner in value.items():
        if isinstance(inner, dict) and indent < 3:
            text += f"{'  ' * indent}{key}:\n{yaml_of(inner, indent + 1)}"
        else:
            text += f"{'  ' * indent}{key}: {json.dumps(inner)}\n"
    return text
