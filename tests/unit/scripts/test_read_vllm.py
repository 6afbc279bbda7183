"""The reader of vLLM's sources: on sources made here, and on the real ones, which give the files of the catalogue."""

import hashlib
import http.server
import json
import threading
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.facts import read_vllm, wheels
from scripts.facts.vllm_arguments import arguments
from scripts.facts.vllm_sources import SourceError, Sources
from scripts.install.environment import SetupError
from tests.consumers.tools import tool

MODULES = {
    "__init__": "",
    "_version": "__version__: str\n__version__ = version = '1.2.3'",
    "envs": "environment_variables = {'VLLM_B': 1, 'VLLM_A': 2}",
    "config/cache": """
from typing import Literal
CacheDType = Literal["auto", "fp8"]
@config
class CacheConfig:
    size: int = Field(default=2, ge=1)
    share: float = 0.5
    cache_dtype: CacheDType | str = "auto"
    cold: bool | None = None
    rank: Literal[8, 16] = 8
    window: int | None = None
    nested: "CacheConfig | None" = None
    rules: dict[str, int] = {}
    parts: list[str] = []
""",
    "engine/arg_utils": """
from vllm.config.cache import CacheConfig
if name in ("max_num_batched_tokens", "window"):
    kwargs[name]["type"] = human_readable_int
class EngineArgs:
    @staticmethod
    def add_cli_args(parser):
        cache_kwargs = get_kwargs(CacheConfig)
        cache_kwargs["rank"]["choices"].remove(16)
        group = parser.add_argument_group(title="Cache")
        for name in ("size", "share"):
            pass
        group.add_argument("--size", "-s", **cache_kwargs["size"])
        group.add_argument("--share", "--portion", dest="share", **cache_kwargs["share"])
        group.add_argument("--kv-cache-dtype", **cache_kwargs["cache_dtype"])
        if not help:
            group.add_argument("--cold", **cache_kwargs["cold"])
        group.add_argument("--rank", **{**cache_kwargs["rank"], "default": 16})
        group.add_argument("--window", **cache_kwargs["window"])
        group.add_argument("--nested", **cache_kwargs["nested"])
        group.add_argument("--rules", **cache_kwargs["rules"])
        group.add_argument("--parts", **cache_kwargs["parts"])
        group.add_argument("--quantization", type=str)
        group.add_argument("--load-format", type=str)
        for arg, type in [("--old-one", str)]:
            group.add_argument(arg, type=type)
        parser.add_argument("--loud", action="store_true")
        return parser
""",
    "entrypoints/openai/cli_args": """
from vllm.engine.arg_utils import EngineArgs
class FrontendArgs:
    middleware: list[str] = []
    allowed_origins: list[str] = []
    @classmethod
    def add_cli_args(cls, parser):
        frontend_kwargs = get_kwargs(cls)
        frontend_kwargs["middleware"]["action"] = "append"
        frontend_kwargs["allowed_origins"]["type"] = json.loads
        for key, value in frontend_kwargs.items():
            parser.add_argument(f"--{key}", **value)
        return parser
def make_arg_parser(parser):
    parser.add_argument("model_tag", nargs="?")
    parser = FrontendArgs.add_cli_args(parser)
    parser = EngineArgs.add_cli_args(parser)
    return parser
""",
    "model_executor/layers/quantization/__init__": """
from typing import Literal
QuantizationMethods = Literal["awq", "awq_marlin", "fp8"]
def get_quantization_config(quantization):
    from .awq import AWQConfig, AWQMarlinConfig
    from vllm.model_executor.layers.quantization.fp8 import Fp8Config
    method_to_config: dict = {"awq": AWQConfig, "awq_marlin": AWQMarlinConfig, "fp8": Fp8Config}
    return method_to_config[quantization]
""",
    "model_executor/layers/quantization/awq": """
class AWQConfig:
    def get_min_capability(cls): return 75
    def get_supported_act_dtypes(cls): return [torch.half]
class AWQMarlinConfig(AWQConfig):
    def get_min_capability(cls): return 80
    def get_supported_act_dtypes(cls): return [torch.half, torch.bfloat16, torch.float8_e4m3fn]
""",
    "model_executor/layers/quantization/fp8": """
class Fp8Config:
    def get_min_capability(cls): return 89
    def get_supported_act_dtypes(cls):
        if current_platform.has_device_capability(100):
            return [torch.half]
        return [torch.half, torch.bfloat16]
""",
    "config/model": """
_FLOAT16_NOT_SUPPORTED_MODELS = {"old": "why", "older": "why"}
def _get_and_verify_max_len(hf_config):
    rope_type = hf_config.rope_parameters["rope_type"]
    if rope_type not in ("su", "llama3"):
        if rope_type == "yarn":
            length = hf_config.rope_parameters["original_max_position_embeddings"]
""",
    "model_executor/model_loader/__init__": "from typing import Literal\nLoadFormats = Literal['auto', 'hf']",
    "tool_parsers/__init__": "_TOOL_PARSERS_TO_REGISTER = {'hermes': ('a', 'B')}",
    "reasoning/__init__": "_REASONING_PARSERS_TO_REGISTER = {'qwen3': ('a', 'B')}",
    "v1/metrics/loggers": """
gauge(name="vllm:num_requests_running")
gauge(name="vllm:num_requests_waiting")
gauge(name="vllm:gpu_cache_usage_perc")
""",
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A vLLM of a few arguments, built as the real one is."""
    for name, text in MODULES.items():
        path = tmp_path / "vllm" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_kinds_follow_from_declarations(sources: Path) -> None:
    assert {name: one.kind for name, one in arguments(Sources(sources))} == {
        "allowed-origins": "json",
        "cold": "boolean",
        "kv-cache-dtype": ["auto", "fp8"],
        "load-format": ["auto", "hf"],
        "loud": "switch",
        "middleware": "repeated",
        "nested": "json",
        "old-one": "text",
        "parts": "list",
        "portion": "number",
        "quantization": ["awq", "awq_marlin", "fp8"],
        "rank": ["8"],
        "rules": "json",
        "share": "number",
        "size": "integer",
        "window": "size",
    }


def test_a_version_is_its_arguments_defaults_quantizations_and_gauges(sources: Path) -> None:
    found = read_vllm.facts(Sources(sources / "vllm"), "2026-01-02")
    assert (found["tag"], found["asOf"]) == ("v1.2.3", "2026-01-02")
    assert found["minCapability"] == {"fp8": 8.9, "awq": 7.5}
    assert found["quantizations"] == {"none": "", "fp8": "fp8", "awq": ""}
    assert found["defaults"] == {"portion": 0.5, "rank": 16, "share": 0.5, "size": 2}
    assert found["activations"] == {
        "fp8": {"float16": [8.9], "bfloat16": [8.9, 10.0]},
        "awq": {"float16": [7.5], "bfloat16": [8.0]},
    }
    assert found["float16Refused"] == ["old", "older"]
    assert found["ropeTypes"] == {"unscaled": ["llama3", "su"], "fromOriginal": ["yarn"]}
    assert found["metrics"]["kvUsage"] == "vllm:gpu_cache_usage_perc"
    assert found["variables"] == ["VLLM_A", "VLLM_B"]
    assert json.loads(read_vllm.text(found)) == found


@pytest.mark.parametrize(
    "lost", ["config/cache", "config/model", "engine/arg_utils", "v1/metrics/loggers", "_version", "__init__"]
)
def test_sources_that_are_built_otherwise_are_refused(sources: Path, lost: str) -> None:
    (sources / "vllm" / f"{lost}.py").unlink()
    with pytest.raises(SourceError):
        read_vllm.facts(Sources(sources), "2026-01-02")


@pytest.mark.consumer("vllm")
@pytest.mark.parametrize("version", [path.stem for path in sorted(read_vllm.DATA.glob("*.json"))])
def test_the_catalogue_is_what_the_reader_makes_of_the_sources(version: str) -> None:
    committed = (read_vllm.DATA / f"{version}.json").read_text(encoding="utf-8")
    made = read_vllm.facts(Sources(tool("vllm") / version), json.loads(committed)["asOf"])
    assert read_vllm.text(made) == committed


class _Index(http.server.SimpleHTTPRequestHandler):
    """Serves a wheel, by ranges unless told otherwise."""

    data: bytes
    ranges: bool

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()

    def do_GET(self) -> None:
        asked = self.headers["Range"] if self.ranges else None
        first, _, last = asked.removeprefix("bytes=").partition("-") if asked else ("0", "", len(self.data) - 1)
        part = self.data[int(first) : int(last) + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_: Any) -> None:
        pass


def wheel(path: Path, *, broken: bool = False) -> bytes:
    """A wheel of two megabytes with two modules and a RECORD."""
    files = {"vllm/a.py": b"a = 1\n", "vllm/big.so": bytes(range(256)) * 8192, "vllm/b/c.py": b"c = 2\n"}
    sums = {name: urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=") for name, data in files.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, b"other" if broken and name == "vllm/a.py" else data)
        archive.writestr("vllm-1.dist-info/RECORD", "".join(f"{name},sha256={sums[name]},1\n" for name in files))
    return path.read_bytes()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[_Index], str]]:
    """A server of one file, and its address."""
    handler = type("Handler", (_Index,), {"data": b"", "ranges": True})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(wheels, "SCHEMES", ("http://",))
    yield handler, f"http://127.0.0.1:{server.server_port}/vllm.whl"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("ranges", [True, False])
def test_only_what_is_wanted_of_a_wheel_is_fetched(
    tmp_path: Path, served: tuple[type[_Index], str], monkeypatch: pytest.MonkeyPatch, *, ranges: bool
) -> None:
    handler, url = served
    monkeypatch.setattr(wheels, "BLOCK", 1024)
    handler.data, handler.ranges = wheel(tmp_path / "x.whl"), ranges
    remote = wheels.Remote(url)
    with zipfile.ZipFile(remote) as archive:
        wheels.unpack(archive, ("vllm/*.py",), tmp_path / "out")
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.py")}
    assert found == {"vllm/a.py", "vllm/b/c.py"}
    assert remote.received < 20_000


def test_a_file_that_is_not_the_recorded_one_is_refused(tmp_path: Path) -> None:
    wheel(tmp_path / "x.whl", broken=True)
    with zipfile.ZipFile(tmp_path / "x.whl") as archive, pytest.raises(SetupError, match=r"vllm/a\.py"):
        wheels.unpack(archive, ("vllm/*.py",), tmp_path / "out")
