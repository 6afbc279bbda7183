"""vLLM's command line as its own wheel reads it: what we render must parse, and mean what was asked."""

import argparse
from collections.abc import Iterator, Mapping
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


@pytest.fixture(scope="module")
def judge() -> argparse.ArgumentParser:
    return parser(tool("vllm"))


def rendered(**changes: Any) -> list[str]:
    asked = request("vllm", **changes)
    errors = [finding.message for finding in load(ENGINES["vllm"]).check(asked)]
    assert not errors
    return list(load(ENGINES["vllm"]).workload(asked).main.args)


def test_the_whole_request_arrives(judge: argparse.ArgumentParser) -> None:
    source = SourcePlan("huggingface", "Qwen/Qwen3-14B-AWQ", "abc")
    found = judge.parse_args(rendered(tensor_parallel=2, source=source, utilization=0.92, batched_tokens=2048))
    assert found.model_tag == "Qwen/Qwen3-14B-AWQ"
    assert found.served_model_name in ("chat", ["chat"])
    assert (found.revision, found.port, found.tensor_parallel_size) == ("abc", 8000, 2)
    assert (found.max_model_len, found.max_num_seqs, found.shutdown_timeout) == (16384, 16, 120)
    assert (found.gpu_memory_utilization, found.max_num_batched_tokens) == (pytest.approx(0.92), 2048)
    assert found.disable_access_log_for_endpoints == "/health,/metrics,/ping"


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
        ({"args": {"lora-modules": ("a=/x", "b=/y")}}, "lora_modules", ["a=/x", "b=/y"]),
        ({"args": {"speculative-config": '{"method": "ngram"}'}}, "speculative_config", {"method": "ngram"}),
        ({"args": {"kv-cache-dtype": "fp8"}}, "kv_cache_dtype", "fp8"),
        ({"args": {"max-lora-rank": 16}}, "max_lora_rank", 16),
    ],
)
def test_each_form_means_what_was_asked(
    judge: argparse.ArgumentParser, changes: dict[str, Any], option: str, value: Any
) -> None:
    assert getattr(judge.parse_args(rendered(**changes)), option) == value


def test_every_switch_of_the_catalogue_parses_both_ways(judge: argparse.ArgumentParser) -> None:
    facts = reader.engine("vllm").newest
    reserved = OWN.arguments
    names = [name for name, kind in facts.flags.items() if kind in {"boolean", "switch"} and name not in reserved]
    assert len(names) > 80
    for value in (True, False):
        args = dict.fromkeys(names, value) | {"tool-call-parser": "hermes"}
        judge.parse_args(rendered(args=args))


def test_every_choice_of_the_catalogue_parses(judge: argparse.ArgumentParser) -> None:
    facts = reader.engine("vllm").newest
    reserved = OWN.arguments
    for name, kind in facts.flags.items():
        for choice in kind if isinstance(kind, tuple) and name not in reserved else ():
            judge.parse_args(rendered(args={name: choice}))


def test_the_catalogue_knows_exactly_the_options_of_the_wheel(judge: argparse.ArgumentParser) -> None:
    booleans, plain = set(), set()
    for action in judge._actions:
        names = {option.removeprefix("--") for option in action.option_strings if option.startswith("--")}
        if isinstance(action, argparse.BooleanOptionalAction):
            booleans |= {name for name in names if not name.startswith("no-")}
        else:
            plain |= names
    flags = reader.engine("vllm").newest.flags
    assert {name for name, kind in flags.items() if kind == "boolean"} == booleans
    assert {name for name, kind in flags.items() if kind != "boolean"} == plain


@pytest.mark.parametrize(
    "wrong",
    [
        ["--swap-space", "4"],
        ["--disable-log-requests"],
        ["--max-num-seq", "4"],
        ["--no-disable-log-stats"],
        ["--max-num-seqs", "many"],
        ["--runner", "embedding"],
        ["--quantization", "gguf"],
        ["--load-format", "bitsandbytes"],
        ["--kv-cache-dtype", "fp9"],
        ["--enforce-eager", "true", "more"],
    ],
)
def test_the_judge_refuses_what_vllm_would_refuse(judge: argparse.ArgumentParser, wrong: list[str]) -> None:
    judge.parse_args(rendered())
    with pytest.raises(RefusedError):
        judge.parse_args([*rendered(), *wrong])


def _command_lines() -> Iterator[tuple[Path, list[str]]]:
    """The arguments of every vLLM container under outputs/, whatever wrote the file."""
    for file in sorted(OUTPUTS.rglob("*.yaml")):
        if "charts" in file.parts:
            continue
        for node in _mappings(yaml.safe_load(file.read_text(encoding="utf-8"))):
            line = node.get("args", node.get("command"))
            if isinstance(line, list) and "--served-model-name" in line:
                yield file, [str(part).replace("$$", "$") for part in line]


def _mappings(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
    for child in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _mappings(child)


def test_every_committed_command_line_parses(judge: argparse.ArgumentParser) -> None:
    lines = list(_command_lines())
    if not lines:
        pytest.skip("no outputs yet")
    for file, line in lines:
        try:
            judge.parse_args(line)
        except RefusedError as refusal:
            pytest.fail(f"{file.relative_to(OUTPUTS)}: {refusal}")
