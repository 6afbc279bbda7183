"""Placements of one GPU: which may share it, and how much they may hold of it together."""

from pathlib import Path

import pytest

from generator.core.finding import Severity
from generator.pipeline import check

VLLM = "source: {huggingface: Qwen/Qwen3-0.6B, revision: c1899de289a04d12100db370d81485cdf75e47ca}, context: 2048"
TGI = f"engine: {{name: tgi, args: {{cuda-memory-fraction: %s}}}}, {VLLM}"
OLLAMA = 'engine: {name: ollama}, source: {ollama: "%s"}, context: 4096'


def vllm(share: float | None) -> str:
    args = "" if share is None else f", args: {{gpu-memory-utilization: {share:g}}}"
    return f"engine: {{name: vllm, version: 0.33.0{args}}}, {VLLM}"


def said(folder: Path, *models: str, pool: str = "gpu: rtx-4090", devices: str = "[0]") -> dict[str, Severity]:
    """The findings about GPUs of these models, each placed on GPU 0 of one host."""
    file = folder / "fleet.yaml"
    lines = [
        f"  m{number}: {{{model}, placements: {{ws: {{cluster: ws, pool: gpu, devices: {devices}}}}}}}"
        for number, model in enumerate(models)
    ]
    file.write_text(
        "apiVersion: fleetgen/v1\nname: shares\n"
        f"clusters: {{ws: {{platform: docker, pools: {{gpu: {{{pool}, nodes: 1}}}}}}}}\n"
        "models:\n" + "\n".join(lines) + "\n"
    )
    return {item.id: item.severity for item in check(file, "default").findings if item.id in {"GEN305", "GEN645"}}


@pytest.mark.parametrize(
    "models",
    [
        [vllm(0.45), vllm(0.45)],
        [vllm(0.3), vllm(0.3), vllm(0.3)],
        [vllm(0.6), TGI % 0.3],
        [vllm(0.7), OLLAMA % "qwen3:0.6b"],
        [OLLAMA % "qwen3:8b", OLLAMA % "qwen3:0.6b"],
        [OLLAMA % "qwen3:8b", OLLAMA % "qwen3:4b", OLLAMA % "qwen3:0.6b"],
    ],
)
def test_these_share_a_gpu(tmp_path: Path, models: list[str]) -> None:
    assert said(tmp_path, *models) == {}


@pytest.mark.parametrize(
    ("models", "pool"),
    [
        ([vllm(0.5), vllm(0.5)], "gpu: rtx-4090"),
        ([vllm(0.4), vllm(0.4), vllm(0.4)], "gpu: rtx-4090"),
        ([vllm(0.6), TGI % 0.5], "gpu: rtx-4090"),
        ([vllm(0.9), OLLAMA % "qwen3:8b"], "gpu: rtx-4090"),
        ([vllm(0.45), vllm(0.45)], "gpu: rtx-4090, reserved: 4Gi"),
    ],
)
def test_these_hold_more_than_there_is(tmp_path: Path, models: list[str], pool: str) -> None:
    assert said(tmp_path, *models, pool=pool) == {"GEN645": Severity.ERROR}


def test_ollama_computes_on_the_cpu_what_finds_no_room(tmp_path: Path) -> None:
    assert said(tmp_path, OLLAMA % "qwen3:32b", OLLAMA % "qwen3:14b") == {"GEN645": Severity.WARNING}


@pytest.mark.parametrize(
    "models", [[vllm(None), vllm(0.4)], [vllm(0.4), vllm(None)], [OLLAMA % "qwen3:8b", vllm(None)]]
)
def test_who_keeps_to_no_share_shares_with_nobody(tmp_path: Path, models: list[str]) -> None:
    assert said(tmp_path, *models) == {"GEN305": Severity.ERROR}


def test_of_a_card_that_nobody_knows_the_shares_alone_are_judged(tmp_path: Path) -> None:
    assert said(tmp_path, vllm(0.45), vllm(0.45), pool="gpu: acme-gpu-9") == {}
    assert said(tmp_path, vllm(0.6), vllm(0.6), pool="gpu: acme-gpu-9") == {"GEN645": Severity.ERROR}
