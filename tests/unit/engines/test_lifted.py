"""Checks that an argument or a variable lifts: each is made to speak, and then is silent with what lifts it."""

import json
from typing import Any

import pytest
import yaml

from generator.catalog import reader
from generator.core.finding import Finding
from generator.core.lazy import load
from generator.core.plan import SourcePlan
from generator.engines import ENGINES
from generator.pipeline import check
from generator.sizing.servers.protocol import server
from tests.serving import request

MODELS = reader.models()
GATED = [id for id, model in MODELS.items() if model.gated]
CODED = [id for id, model in MODELS.items() if dict(model.custom_code)]
OVERRIDDEN = [id for id, model in MODELS.items() if model.overrides]
SCALED = [id for id, model in MODELS.items() if model.yarn]
VERSIONS = tuple(reader.engine("vllm").versions)
SECRET = {"env": "HF_TOKEN"}


def fleet(tmp_path: Any, model: str, version: str = "0.33.0", **settings: Any) -> dict[str, Finding]:
    """Findings by id on a fleet of one model on eight of the largest cards."""
    args = settings.pop("args", {})
    data = {
        "apiVersion": "fleetgen/v1",
        "name": "acme",
        "clusters": {
            "lab": {
                "platform": "kubernetes",
                "pools": {"big": {"gpu": "b300", "gpusPerNode": 8, "nodes": 1, "nodeSelector": {"a": "b"}}},
            }
        },
        "models": {
            "chat": {
                "source": {"huggingface": model, **settings.pop("source", {})},
                "engine": {"name": "vllm", "version": version, "args": args},
                "placements": {"lab": {"cluster": "lab", "pool": "big", "replicas": 1}},
                **settings,
            }
        },
    }
    path = tmp_path / "fleet.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return {finding.id: finding for finding in check(path, "default").findings}


@pytest.mark.parametrize("id", GATED)
def test_a_gated_repository_wants_a_token_or_a_way_around_the_hub(tmp_path: Any, id: str) -> None:
    assert "GEN274" in fleet(tmp_path, id)
    lifting: list[dict[str, Any]] = [
        {"source": {"token": SECRET}},
        {"secretEnv": {"HF_TOKEN": SECRET}},
        {"secretEnv": {"HUGGING_FACE_HUB_TOKEN": SECRET}},
        {"env": {"HF_TOKEN_PATH": "/run/secrets/hf"}},
        {"env": {"HF_HUB_OFFLINE": "1"}},
        {"env": {"HF_ENDPOINT": "https://hub.example.com"}},
    ]
    for settings in lifting:
        assert "GEN274" not in fleet(tmp_path, id, **settings), settings


def judged(id: str, version: str, task: str = "chat", **args: Any) -> dict[str, Finding]:
    source = SourcePlan("huggingface", id)
    changes = {"quantization": MODELS[id].quantization, "version": version, "task": task, "args": args}
    return {item.id: item for item in load(ENGINES["vllm"]).check(request("vllm", source=source, **changes))}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("id", CODED)
def test_code_of_a_repository_is_trusted_or_not_needed(id: str, version: str) -> None:
    found, newest = judged(id, version), judged(id, VERSIONS[0])
    needed = dict(MODELS[id].custom_code)["vllm"]
    old = version in ("0.16.0", "0.11.2")
    assert ("GEN606" in found) == (needed == "every version" or old)
    assert "GEN606" not in judged(id, version, **{"trust-remote-code": True})
    if "GEN606" in found:
        # The newer version is offered where it helps.
        assert ("GEN606" not in newest) == ("version: 0.20.2" in found["GEN606"].help)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("id", OVERRIDDEN)
def test_a_task_that_needs_overrides_has_them_in_its_finding(id: str, version: str) -> None:
    for task in dict(MODELS[id].overrides):
        found = judged(id, version, task)["GEN607"]
        offered = found.help.partition("hf-overrides: '")[2].rpartition("'}")[0]
        assert "GEN607" not in judged(id, version, task, **{"hf-overrides": offered})
        half = json.dumps(dict([next(iter(json.loads(offered).items()))]))
        assert "GEN607" in judged(id, version, task, **{"hf-overrides": half})
    assert "GEN607" not in judged(id, version, "embed")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("id", SCALED[::5])
def test_a_longer_context_is_lifted_by_what_the_finding_offers(tmp_path: Any, id: str, version: str) -> None:
    yarn = MODELS[id].yarn
    assert yarn
    asked: dict[str, Any] = {"context": yarn.longest, "concurrency": 1, "tensorParallel": 1}
    found = fleet(tmp_path, id, version, **asked)["GEN308"]
    offered = found.help.partition("hf-overrides: '")[2].rpartition("'}")[0]
    lifted = fleet(tmp_path, id, version, **asked, args={"hf-overrides": offered})
    assert lifted.keys().isdisjoint({"GEN308", "GEN600", "GEN601"})
    assert "GEN308" not in fleet(tmp_path, id, version, **asked, env={"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"})


NOT_FOLLOWED = {
    **dict.fromkeys(server("vllm").arguments.not_modelled, 2),
    "hf-overrides": '{"num_hidden_layers": 2}',
    "limit-mm-per-prompt": '{"image": 0}',
}


@pytest.mark.parametrize("name", sorted(NOT_FOLLOWED))
def test_what_the_budget_cannot_follow_refuses_nothing(name: str) -> None:
    assert server("vllm").unmodelled({name: NOT_FOLLOWED[name]}) == name
    assert (
        server("vllm").unmodelled({"hf-overrides": '{"rope_scaling": {}}', "limit-mm-per-prompt": '{"image": 2}'}) == ""
    )
    assert any(name in version.flags for version in reader.engine("vllm").versions.values())


def test_between_two_versions_nothing_is_refused_that_one_of_them_takes() -> None:
    scaled = {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}
    args, model = {"hf-overrides": json.dumps(scaled)}, MODELS["Qwen/Qwen3-14B"]
    reached = {
        version: server("vllm").reach(model, version, args, {}).tokens for version in ("0.29.0", "0.30.0", "0.33.0")
    }
    assert reached == {"0.29.0": 131072, "0.30.0": 131072, "0.33.0": 40960}
    offered = server("vllm").longer(model, "0.31.0", 131072, {})
    assert offered
    assert json.loads(offered[1])["max_position_embeddings"] == 131072
    coded = "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"
    assert ["GEN606" in judged(coded, version) for version in ("0.10.0", "0.16.0", "0.18.0", "0.20.2", "0.34.0")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    # 0.11.2 computes AWQ in bfloat16 from 8.0 on, 0.16.0 from 7.5 on; neither does MXFP4 in float16.
    known = reader.release("vllm", "0.13.0")
    assert known
    assert known.activations["awq"]["bfloat16"][0] == 7.5
    assert known.activations["mxfp4"].keys() == {"bfloat16"}


@pytest.mark.parametrize(
    "written",
    [
        {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}},
        {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}},
        {
            "text_config": {
                "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
            }
        },
        {"architectures": ["Qwen3ForCausalLM"]},
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_the_override_that_is_offered_keeps_what_is_written(
    tmp_path: Any, version: str, written: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {"context": 131072, "concurrency": 1}
    found = fleet(tmp_path, "Qwen/Qwen3-14B", version, **asked, args={"hf-overrides": json.dumps(written)})
    if "GEN308" in found:
        offered = found["GEN308"].help.partition("hf-overrides: '")[2].rpartition("'}")[0]
        assert written.keys() <= json.loads(offered).keys()
        found = fleet(tmp_path, "Qwen/Qwen3-14B", version, **asked, args={"hf-overrides": offered})
    assert found.keys().isdisjoint({"GEN308", "GEN600"})


def test_a_model_without_a_tried_scaling_is_told_what_its_own_lacks(tmp_path: Any) -> None:
    scaled = {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16384}}
    asked: dict[str, Any] = {"context": 65536, "concurrency": 1}
    found = fleet(tmp_path, "microsoft/phi-4", **asked, args={"hf-overrides": json.dumps(scaled)})["GEN308"]
    assert "vLLM 0.33.0 does not multiply `max_position_embeddings`" in found.cause
    assert '"max_position_embeddings": 65536' in found.help
    assert "hf-overrides" not in fleet(tmp_path, "microsoft/phi-4", **asked)["GEN308"].help
