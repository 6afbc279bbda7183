"""What routes, tenants and models say of each other: the changes that a finding offers end it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.finding import Finding
from generator.pipeline import check


def told(folder: Path, requests: int, **target: int) -> list[Finding]:
    """Findings on the scaling of one model whose only caller may send so many requests at once."""
    here: dict[str, Any] = {"platform": "kubernetes", "storageClass": "fast", "has": ["keda"]}
    here |= {"prometheus": {"url": "http://prometheus:9090"}, "pools": {"gpu": {"gpu": "l4", "nodes": 4}}}
    placement = {"cluster": "here", "pool": "gpu", "replicas": {"min": 1, "max": 4, **target}}
    data = {
        "apiVersion": "fleetgen/v1",
        "name": "one",
        "clusters": {"here": here},
        "models": {
            "m": {
                "source": {"huggingface": "Qwen/Qwen3-14B-AWQ"},
                "engine": {"name": "vllm"},
                "placements": {"p": placement},
            }
        },
        "routes": {"r": {"tiers": [[{"model": "m"}]]}},
        "tenants": {"t": {"key": {"env": "KEY"}, "routes": ["r"], "limits": {"maxParallel": requests}}},
        "gateways": {
            "g": {"kind": "litellm", "cluster": "here", "database": {"env": "DB"}, "masterKey": {"env": "MK"}}
        },
    }
    path = folder / "fleet.yaml"
    path.write_text(yaml.safe_dump(data))
    found = check(path, "default").findings
    assert [item.message for item in found if item.severity.value == "error"] == []
    return [item for item in found if item.id == "GEN312"]


@pytest.mark.parametrize("requests", [4, 7, 20])
def test_a_target_that_is_offered_brings_the_last_replica(tmp_path: Path, requests: int) -> None:
    [finding] = told(tmp_path, requests)
    offered = re.search(r"`target: (\d+)`", finding.help)
    assert offered
    assert told(tmp_path, requests, target=int(offered[1])) == []
    assert told(tmp_path, requests, target=int(offered[1]) + 1)


def test_no_target_is_offered_where_none_would_do(tmp_path: Path) -> None:
    [finding] = told(tmp_path, 2)
    assert "target" not in finding.help
