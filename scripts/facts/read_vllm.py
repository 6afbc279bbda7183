"""Makes the catalogue's data file of a vLLM version from its sources, which are read and never run."""

import argparse
import ast
import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scripts.facts import vllm_weights, wheels
from scripts.facts.vllm_arguments import arguments
from scripts.facts.vllm_sources import Found, SourceError, Sources
from scripts.install.environment import ROOT, SetupError

DATA = ROOT / "generator" / "catalog" / "data" / "engines" / "vllm"
RECORDS = ROOT / "tools" / "vllm" / "records.txt"
PLATFORM = "x86_64"

FILES = (
    "vllm/__init__.py",
    "vllm/_version.py",
    "vllm/config/*.py",
    "vllm/engine/*.py",
    "vllm/entrypoints/*.py",
    "vllm/envs.py",
    "vllm/model_executor/layers/quantization/*.py",
    "vllm/model_executor/model_loader/*.py",
    "vllm/models/*/__init__.py",
    "vllm/reasoning/__init__.py",
    "vllm/renderers/*.py",
    "vllm/tool_parsers/__init__.py",
    "vllm/tool_parsers/tool_*.py",
    "vllm/usage/*.py",
    "vllm/utils/*.py",
    "vllm/v1/metrics/*.py",
)
"""What of a wheel is read; `*` matches folders too."""

METHODS: Mapping[str, Sequence[str]] = {
    "fp8": ("fp8",),
    "awq": ("awq", "awq_marlin"),
    "gptq": ("gptq", "gptq_marlin"),
    "bitsandbytes": ("bitsandbytes",),
    "gguf": ("gguf",),
    "mxfp4": ("mxfp4",),
    "nvfp4": ("modelopt_fp4",),
    "compressed-tensors": ("compressed-tensors",),
}
"""Words of the spec, and the methods by which vLLM runs such weights; the most frugal of them counts."""
NAMED = frozenset({"fp8", "bitsandbytes"})
"""Methods that are named on the command line: they also quantise weights that are published in 16 bit."""

METRICS: Mapping[str, Sequence[str]] = {
    "running": ("vllm:num_requests_running",),
    "waiting": ("vllm:num_requests_waiting",),
    "kvUsage": ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
}
"""Gauges by what they tell, their newest name first."""

SOURCE = (
    "wheel vllm {version} on PyPI: vllm/engine/arg_utils.py, cli_args.py of vllm/entrypoints, vllm/config, "
    "vllm/envs.py, vllm/model_executor (get_min_capability, get_supported_act_dtypes, load formats), vllm/v1/metrics, "
    "tool and reasoning parsers"
)


def facts(sources: Sources, as_of: str) -> dict[str, Any]:
    """What the data file holds of a version.

    Raises:
        SourceError: the sources are not built as in the versions that this was written for.
    """
    version = sources.value("vllm._version", "__version__")
    known = dict(arguments(sources))
    methods = dict(_methods(sources))
    least = {word: min(_capability(sources, one) for one in classes) / 10 for word, classes in methods.items()}
    plain = {name: one.default for name, one in known.items() if isinstance(one.default, bool | int | float)}
    return {
        "tag": f"v{version}",
        "source": SOURCE.format(version=version),
        "asOf": as_of,
        "quantizations": {"none": "", **{word: word if word in NAMED else "" for word in least}},
        "minCapability": least,
        "activations": {word: vllm_weights.activations(sources, classes) for word, classes in methods.items()},
        "float16Refused": vllm_weights.float16_refused(sources),
        "ropeTypes": vllm_weights.rope_types(sources),
        "metrics": dict(_metrics(sources)),
        "variables": sorted(sources.value("vllm.envs", "environment_variables")),
        "defaults": plain,
        "flags": {name: one.kind for name, one in known.items()},
    }


def _methods(sources: Sources) -> Iterator[tuple[str, list[Found]]]:
    """The classes of the methods that run each word of the spec, where this version runs it at all."""
    function = sources.definition("vllm.model_executor.layers.quantization", "get_quantization_config")
    classes = _registry(function)
    for word, methods in METHODS.items():
        found = [_class(sources, function, classes[method]) for method in methods if method in classes]
        if found:
            yield word, found


def _registry(function: Found) -> dict[str, str]:
    """The names of the methods and of their classes, from the dict in the function that hands them out."""
    for node in ast.walk(function.node):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.value, ast.Dict)
            and "config" in ast.unparse(node.target)
        ):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {ast.literal_eval(key): ast.unparse(value) for key, value in pairs if key is not None}
    raise SourceError("get_quantization_config holds no dict of methods")


def _class(sources: Sources, function: Found, name: str) -> Found:
    """Where a class stands that a function imports by itself."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return sources.definition(f"{function.module}.{node.module}" if node.level else str(node.module), name)
    raise SourceError(f"{name} of get_quantization_config was not found")


def _capability(sources: Sources, one: Found) -> int:
    """What `get_min_capability` of a class ends with, as 75 for 7.5."""
    method = sources.method(one, "get_min_capability")
    last = method[1].body[-1] if method else None
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant):
        return int(str(last.value.value))
    raise SourceError(f"{getattr(one.node, 'name', '')} does not say which compute capability it needs")


def _metrics(sources: Sources) -> Iterator[tuple[str, str]]:
    tree = sources.tree("vllm.v1.metrics.loggers")
    if tree is None:
        raise SourceError("vllm.v1.metrics.loggers is not there")
    there = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    for role, names in METRICS.items():
        yield role, next(name for name in names if name in there)


def text(data: Mapping[str, Any]) -> str:
    """The file's text: JSON, one line for each fact."""
    parts = []
    for key, value in data.items():
        if isinstance(value, dict):
            rows = [f"    {json.dumps(name)}: {json.dumps(item)}" for name, item in value.items()]
            parts.append("{\n" + ",\n".join(rows) + "\n  }")
        elif isinstance(value, list):
            parts.append("[\n" + ",\n".join(f"    {json.dumps(item)}" for item in value) + "\n  ]")
        else:
            parts.append(json.dumps(value))
        parts[-1] = f"  {json.dumps(key)}: {parts[-1]}"
    return "{\n" + ",\n".join(parts) + "\n}\n"


def fetch(version: str, place: Path) -> str:
    """The sources of a version from the package index into a folder. Returns the sum of its wheel's RECORD."""
    with zipfile.ZipFile(wheels.Remote(wheels.find("vllm", version, PLATFORM))) as archive:
        wheels.unpack(archive, FILES, place)
        return wheels.record_sum(archive)


def _place(asked: str, folder: Path, *, pinned: bool) -> Path:
    """The sources that were asked for; those of `vllm==X` are fetched, and `pinned` for the consumer tests."""
    name, _, version = asked.partition("==")
    if name != "vllm" or not version:
        return Path(asked)
    pin = f"{fetch(version, folder)}  {version}\n"
    pins = RECORDS.read_text(encoding="utf-8")
    if pinned and pin not in pins:
        RECORDS.write_text(pin + pins, encoding="utf-8")
    return folder


def main() -> int:
    """Read the arguments, then the sources, and write the file."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.facts.read_vllm",
        description=__doc__,
        epilog="example: python -m scripts.facts.read_vllm vllm==0.33.0, then make update && make test",
    )
    parser.add_argument(
        "sources", help="a wheel, the folder of an installed or unpacked vLLM, or vllm==VERSION from the package index"
    )
    parser.add_argument("--as-of", default=date.today().isoformat(), help="day of the reading (default: today)")
    parser.add_argument("--out", type=Path, default=DATA, help="folder of the data file (default: the catalogue's)")
    asked = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            data = facts(Sources(_place(asked.sources, Path(folder), pinned=asked.out == DATA)), asked.as_of)
    except (SourceError, SetupError, OSError, zipfile.BadZipFile) as error:
        print(f"read_vllm: {error}", file=sys.stderr)
        return 1
    target = asked.out / f"{data['tag'].removeprefix('v')}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text(data), encoding="utf-8")
    print(f"{target.name}: {len(data['flags'])} arguments, {len(data['quantizations'])} quantisations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
