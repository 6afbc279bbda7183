"""vLLM's command line as each version's own wheel reads it: what we render must parse, and mean what was asked."""

import argparse
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.catalog import reader
from generator.core.lazy import load
from generator.core.plan import SourcePlan
from generator.engines import ENGINES
from generator.engines.vllm import OWN
from tests.consumers.tools import tool
from tests.consumers.vllm_cli import RefusedError, parser
from tests.serving import request

pytestmark = pytest.mark.consumer("vllm")

OUTPUTS = Path(__file__).resolve().parents[2] / "outputs"


VERSIONS = tuple(reader.engine("vllm").versions)
"""All that the catalogue knows, newest first."""


@cache
def judge(version: str) -> argparse.ArgumentParser:
    """The command line of one version, out of its wheel."""
    place = tool("vllm") / version
    assert place.is_dir(), (
        f"sources of vLLM {version} are not pinned: python -m scripts.facts.read_vllm vllm=={version}"
    )
    return parser(place)


def rendered(version: str = VERSIONS[0], **changes: Any) -> list[str]:
    asked = request("vllm", version=version, **changes)
    findings = [finding for finding in load(ENGINES["vllm"]).check(asked) if finding.severity == "error"]
    # What arguments say of each other, of files and of weights is no matter of the command line.
    assert not [finding.message for finding in findings if finding.id not in {"GEN333", "GEN604", "GEN621", "GEN623"}]
    return list(load(ENGINES["vllm"]).workload(asked).main.args)


def free(version: str) -> dict[str, str | tuple[str, ...]]:
    """The arguments of a version that a user may write, and gen does not refuse for what they came to mean."""
    engine = reader.engine("vllm")
    changed = {name for name, change in engine.changes.items() if change.since}
    return {
        name: kind
        for name, kind in engine.versions[version].flags.items()
        if name not in OWN.arguments.keys() | changed
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_the_whole_request_arrives(version: str) -> None:
    source = SourcePlan("huggingface", "Qwen/Qwen3-14B-AWQ", "abc")
    line = rendered(version, tensor_parallel=2, source=source, batched_tokens=4096, utilization=0.87)
    found = judge(version).parse_args(line)
    assert found.model_tag == "Qwen/Qwen3-14B-AWQ"
    assert found.served_model_name in ("chat", ["chat"])
    assert (found.revision, found.port, found.tensor_parallel_size) == ("abc", 8000, 2)
    assert (found.max_model_len, found.max_num_seqs, found.max_num_batched_tokens) == (16384, 16, 4096)
    assert found.gpu_memory_utilization == pytest.approx(0.87)
    if hasattr(found, "shutdown_timeout"):
        assert found.shutdown_timeout == 120
    if hasattr(found, "disable_access_log_for_endpoints"):
        assert found.disable_access_log_for_endpoints == "/health,/metrics,/ping"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("changes", "option", "value"),
    [
        ({"task": "embed"}, "runner", "pooling"),
        ({"source": SourcePlan("s3", "s3://m/q"), "kubernetes": True}, "load_format", "runai_streamer"),
        ({"source": SourcePlan("huggingface", "Qwen/Qwen3-14B"), "quantization": "fp8"}, "quantization", "fp8"),
        ({"args": {"enable-prefix-caching": False}}, "enable_prefix_caching", False),
        ({"args": {"enforce-eager": True}}, "enforce_eager", True),
        ({"args": {"seed": -1}}, "seed", -1),
        ({"args": {"max-num-batched-tokens": "32K"}}, "max_num_batched_tokens", 32768),
        ({"args": {"max-num-batched-tokens": 512}, "batched_tokens": 4096}, "max_num_batched_tokens", 512),
        ({"args": {"gpu-memory-utilization": 0.5}, "utilization": 0.8}, "gpu_memory_utilization", 0.5),
        ({"args": {"lora-modules": ("a=/x", "b=/y")}}, "lora_modules", ["a=/x", "b=/y"]),
        ({"args": {"middleware": ("a.B", "c.D")}}, "middleware", ["a.B", "c.D"]),
        ({"args": {"speculative-config": '{"method": "ngram"}'}}, "speculative_config", {"method": "ngram"}),
        ({"args": {"kv-cache-dtype": "fp8"}}, "kv_cache_dtype", "fp8"),
        ({"args": {"max-lora-rank": 16}}, "max_lora_rank", 16),
    ],
)
def test_each_form_means_what_was_asked(version: str, changes: dict[str, Any], option: str, value: Any) -> None:
    assert getattr(judge(version).parse_args(rendered(version, **changes)), option) == value


@pytest.mark.parametrize("version", VERSIONS)
def test_utilization_is_this_versions_default(version: str) -> None:
    found = judge(version).parse_args(rendered(version)).gpu_memory_utilization
    assert found == (0.9 if version in {"0.11.2", "0.16.0"} else 0.92)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("quantization", ["none", "fp8", "awq", "gptq", "bitsandbytes", "gguf", "mxfp4", "nvfp4"])
def test_every_quantization_of_the_catalogue_parses(version: str, quantization: str) -> None:
    if quantization in reader.engine("vllm").versions[version].quantizations:
        source = SourcePlan("huggingface", "acme/unknown")
        judge(version).parse_args(rendered(version, source=source, quantization=quantization, gpu="h100-sxm"))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_switch_of_the_catalogue_parses_both_ways(version: str) -> None:
    names = [name for name, kind in free(version).items() if kind in {"boolean", "switch"}]
    assert len(names) > 50
    for value in (True, False):
        args = dict.fromkeys(names, value) | {"tool-call-parser": "hermes"}
        judge(version).parse_args(rendered(version, args=args))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_choice_of_the_catalogue_parses(version: str) -> None:
    for name, kind in free(version).items():
        for choice in kind if isinstance(kind, tuple) else ():
            judge(version).parse_args(rendered(version, args={name: choice}))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_catalogue_knows_exactly_the_options_of_the_wheel(version: str) -> None:
    booleans, plain = set(), set()
    for action in judge(version)._actions:
        names = {option.removeprefix("--") for option in action.option_strings if option.startswith("--")}
        if isinstance(action, argparse.BooleanOptionalAction):
            booleans |= {name for name in names if not name.startswith("no-")}
        else:
            plain |= names
    flags = reader.engine("vllm").versions[version].flags
    assert {name for name, kind in flags.items() if kind == "boolean"} == booleans
    assert {name for name, kind in flags.items() if kind != "boolean"} == plain


@pytest.mark.parametrize("version", VERSIONS)
def test_the_catalogue_takes_every_choice_of_the_wheel(version: str) -> None:
    flags = reader.engine("vllm").versions[version].flags
    for action in judge(version)._actions:
        name = next((option[2:] for option in action.option_strings if option.startswith("--")), "")
        kind = flags.get(name)
        # From the choices of `all2all-backend` vLLM takes one away, which the judge does not follow.
        if action.choices and isinstance(kind, tuple) and name != "all2all-backend":
            assert {str(choice) for choice in action.choices if choice is not None} == set(kind), name


@pytest.mark.parametrize(
    ("version", "wrong"),
    [
        ("0.33.0", ["--swap-space", "4"]),
        ("0.33.0", ["--disable-log-requests"]),
        ("0.33.0", ["--max-num-seq", "4"]),
        ("0.33.0", ["--no-disable-log-stats"]),
        ("0.33.0", ["--max-num-seqs", "many"]),
        ("0.33.0", ["--runner", "embedding"]),
        ("0.33.0", ["--quantization", "gguf"]),
        ("0.33.0", ["--load-format", "bitsandbytes"]),
        ("0.33.0", ["--kv-cache-dtype", "fp9"]),
        ("0.33.0", ["--enforce-eager", "true", "more"]),
        ("0.33.0", ["--middleware", "a.B", "c.D"]),
        ("0.29.0", ["--load-format", "bitsandbytes"]),
        ("0.25.1", ["--quantization", "gguf"]),
        ("0.20.2", ["--swap-space", "4"]),
        ("0.16.0", ["--shutdown-timeout", "4"]),
        ("0.11.2", ["--disable-access-log-for-endpoints", "/health"]),
        ("0.11.2", ["--kv-cache-dtype", "float16"]),
    ],
)
def test_the_judge_refuses_what_vllm_would_refuse(version: str, wrong: list[str]) -> None:
    judge(version).parse_args(rendered(version))
    with pytest.raises(RefusedError):
        judge(version).parse_args([*rendered(version), *wrong])


def test_the_judge_takes_what_older_versions_took() -> None:
    judge("0.16.0").parse_args([*rendered("0.16.0"), "--swap-space", "4", "--disable-log-requests"])
    judge("0.25.1").parse_args(
        [*rendered("0.25.1"), "--load-format", "bitsandbytes", "--max-num-partial-prefills", "2"]
    )
    judge("0.11.2").parse_args([*rendered("0.11.2"), "--task", "generate", "--guided-decoding-backend", "xgrammar"])


def _command_lines() -> Iterator[tuple[Path, str, list[str]]]:
    """The version and the arguments of every vLLM container under outputs/, whatever wrote the file."""
    for file in sorted(OUTPUTS.rglob("*.yaml")):
        if "charts" in file.parts:
            continue
        for node in _mappings(list(yaml.safe_load_all(file.read_text(encoding="utf-8")))):
            line = node.get("args", node.get("command"))
            if isinstance(line, list) and "--served-model-name" in line:
                yield file, _version(node["image"]), [str(part).replace("$$", "$") for part in line]


def _version(image: Any) -> str:
    tag = image["tag"] if isinstance(image, Mapping) else image.partition(":")[2]
    return str(tag).partition("@")[0].removeprefix("v")


def _mappings(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
    for child in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _mappings(child)


def test_every_committed_command_line_parses() -> None:
    lines = list(_command_lines())
    if not lines:
        pytest.skip("no outputs yet")
    for file, version, line in lines:
        try:
            judge(version).parse_args(line)
        except RefusedError as refusal:
            pytest.fail(f"{file.relative_to(OUTPUTS)}: {refusal}")
