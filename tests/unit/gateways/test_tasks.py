"""Every task of a route to a provider's model, on every kind of gateway: its paths are open, or it is told why not."""

import json
import re
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import yaml

from generator.catalog import reader
from generator.core.tasks import Task
from generator.gateways import GATEWAYS
from generator.gateways.calls import TASK_PATHS
from generator.pipeline import Checked, check, render

TASKS = get_args(Task)
FLEET = """\
apiVersion: fleetgen/v1
name: tasks
clusters:
  dc1:
    platform: kubernetes
    has: [envoy-gateway]
    pools: {{gpu: {{gpu: l40s, nodes: 1}}}}
providers:
  openai: {{api: openai, key: {{env: OPENAI_API_KEY}}}}
  anthropic: {{api: anthropic, key: {{env: ANTHROPIC_API_KEY}}}}
  own: {{api: openai-compatible, url: "https://api.example.com/v1", key: {{env: OWN_KEY}}}}
models:
  other:
    source: {{huggingface: Qwen/Qwen3-4B-AWQ}}
    engine: {{name: vllm, version: 0.33.0}}
    context: 8192
    placements: {{one: {{cluster: dc1, pool: gpu}}}}
routes:
  asked: {{{task}tiers: [[{{provider: {provider}, model: {model}}}]]}}
gateways: {{edge: {{kind: {kind}, cluster: dc1, routes: [asked]}}}}
"""
KNOWN = {"chat": "gpt-5-mini", "complete": "gpt-5-mini", "embed": "text-embedding-3-small", "rerank": "of-tomorrow"}


def checked(folder: Path, kind: str, provider: str, model: str, task: str = "") -> Checked:
    spec = folder / "fleet.yaml"
    written = f"task: {task}, " if task else ""
    spec.write_text(FLEET.format(kind=kind, provider=provider, model=model, task=written))
    return check(spec, "default")


def wrong(found: Checked) -> list[str]:
    return [item.id for item in found.findings if item.stops]


def texts(found: Checked) -> dict[str, str]:
    return {item.path: item.content.decode() for item in render(found) if item.path.startswith("gateway/")}


@pytest.mark.parametrize(("kind", "task"), list(product(GATEWAYS, TASKS)))
def test_a_provider_that_is_like_openai(tmp_path: Path, kind: str, task: str) -> None:
    found = checked(tmp_path, kind, "own", "some-model", task)
    if task not in reader.gateway(kind).speaks["openai"]:
        assert wrong(found) == ["GEN351"]
        [told] = [item for item in found.findings if item.id == "GEN351"]
        assert "use a gateway of kind" in told.help
        return
    assert wrong(found) == []
    assert_opened(found, kind, task)


def assert_opened(found: Checked, kind: str, task: str) -> None:
    files = texts(found)
    table = json.loads(files["gateway/edge/routes.json"])
    assert table["routes"]["asked"]["task"] == task
    if kind == "litellm":
        [item] = yaml.safe_load(files["gateway/edge/config.yaml"])["model_list"]
        modes = {"chat": "chat", "complete": "completion", "embed": "embedding", "rerank": "rerank"}
        assert item["model_info"]["mode"] == modes[task]
        assert item["litellm_params"]["model"].startswith("hosted_vllm/" if task == "rerank" else "openai/")
    elif kind == "envoy":
        written = "\n".join(files.values())
        for name, paths in TASK_PATHS.items():
            for path in paths:
                opened = path in TASK_PATHS[task]
                assert (re.search(rf"{re.escape(path)}(?![a-z/])", written) is not None) is opened, (name, path)


@pytest.mark.parametrize(("kind", "task"), list(product(GATEWAYS, ["chat", "embed"])))
def test_a_known_model_of_a_provider_needs_no_word(tmp_path: Path, kind: str, task: str) -> None:
    found = checked(tmp_path, kind, "openai", KNOWN[task])
    assert wrong(found) == []
    assert_opened(found, kind, task)


@pytest.mark.parametrize(
    ("provider", "model", "task"),
    [
        ("openai", "gpt-5-mini", "embed"),
        ("openai", "text-embedding-3-small", "chat"),
        ("openai", "text-embedding-3-small", "complete"),
        ("openai", "text-embedding-3-large", "rerank"),
        ("openai", "of-tomorrow", "rerank"),
        ("anthropic", "claude-haiku-4-5", "embed"),
        ("anthropic", "claude-of-tomorrow", "embed"),
        ("anthropic", "claude-haiku-4-5", "rerank"),
    ],
)
@pytest.mark.parametrize("kind", list(GATEWAYS))
def test_what_no_provider_answers_is_refused_once(
    tmp_path: Path, kind: str, provider: str, model: str, task: str
) -> None:
    [told] = wrong(checked(tmp_path, kind, provider, model, task))
    assert told in {"GEN282", "GEN351"}


@pytest.mark.parametrize("model", ["nomic-embed-text", "bge-reranker-v2-m3", "acme/Embedder"])
def test_a_name_alone_is_no_fact(tmp_path: Path, model: str) -> None:
    found = checked(tmp_path, "envoy", "own", model)
    assert wrong(found) == []
    assert [str(item.severity) for item in found.findings if item.id == "GEN281"] == ["warning"]


def test_every_entry_of_the_catalogue_has_a_task_that_a_route_can_have() -> None:
    assert {facts.task for facts in reader.provider_models().values()} <= set(TASKS)
