"""What a version of vLLM makes of a model's configuration: its own functions out of the wheel, run on a made-up GPU.

They know nothing of our catalogue. What they ask of torch, of the platform and of Transformers is played here.
"""

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

TORCH = SimpleNamespace(float16="float16", half="float16", bfloat16="bfloat16", float32="float32", float="float32")
FUNCTIONS = frozenset(
    {
        "_FLOAT16_NOT_SUPPORTED_MODELS",
        "_is_valid_dtype",
        "_check_valid_dtype",
        "_resolve_auto_dtype",
        "_get_and_verify_dtype",
        "_get_and_verify_max_len",
    }
)
ASKED = ("get_min_capability", "get_supported_act_dtypes")
WORDS = {"half": "float16", "float16": "float16", "float": "float32", "float32": "float32", "bfloat16": "bfloat16"}


class Config(SimpleNamespace):
    """A model's configuration as Transformers hands it over; of release 5 on a scaling has two names."""

    renamed = False

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__("rope_parameters" if self.renamed and name == "rope_scaling" else name, value)


class Renamed(Config):
    """The same of Transformers 5."""

    renamed = True


class Engine:
    """One version, on a GPU of this compute capability."""

    def __init__(self, root: Path, capability: float = 9.0) -> None:
        tree = _tree(root / "vllm" / "config" / "model.py")
        platform = SimpleNamespace(
            supported_dtypes=_supported(capability),
            get_device_name=lambda: "a GPU",
            get_device_capability=lambda: None,
            check_max_model_len=lambda length: length,
            is_cpu=lambda: False,
        )
        self._names: dict[str, Any] = {
            "torch": TORCH,
            "current_platform": platform,
            "envs": SimpleNamespace(VLLM_ALLOW_LONG_MAX_MODEL_LEN=False),
            "logger": SimpleNamespace(**dict.fromkeys(("warning", "warning_once", "info"), lambda *_: None)),
            "_STR_DTYPE_TO_TORCH_DTYPE": WORDS,
            "_find_dtype": lambda _model, config, **_: config.dtype,
            "ModelArchConfigConvertorBase": SimpleNamespace(get_torch_dtype=lambda config, _model, **_: config.dtype),
            "is_rope_parameters_nested": _nested,
            "iter_rope_parameters": _entries,
        }
        wanted = [node for node in tree.body if _name(node) in FUNCTIONS]
        for node in wanted:
            if isinstance(node, ast.FunctionDef):
                _simplify(node)
        exec(compile(ast.Module(wanted, []), "vllm", "exec"), self._names)

    def longest(self, own: int, family: str, overrides: Mapping[str, Any], asked: int, *, new: bool) -> int | None:
        """The context that is taken when so much is asked; none where it stops."""
        config = (Renamed if new else Config)(max_position_embeddings=own, model_type=family)
        for name, value in overrides.items():
            setattr(config, name, value)
        length = config.max_position_embeddings
        arch = SimpleNamespace(derived_max_model_len_and_key=(length, "max_position_embeddings"))
        given = {
            "hf_config": config,
            "model_arch_config": arch,
            "tokenizer_config": None,
            "max_model_len": asked,
            "disable_sliding_window": False,
            "sliding_window": None,
        }
        function = self._names["_get_and_verify_max_len"]
        try:
            return int(function(**{key: given[key] for key in given if key in inspect.signature(function).parameters}))
        except (ValueError, KeyError):
            return None

    def dtype(self, family: str, stored: str, asked: str, *, pooling: bool = False) -> str | None:
        """The type it computes in; none where it stops."""
        config = SimpleNamespace(dtype=stored, model_type=family)
        try:
            return str(self._names["_get_and_verify_dtype"]("m", config, asked, is_pooling_model=pooling))
        except ValueError:
            return None


METHODS = {
    "fp8": ("Fp8Config",),
    "awq": ("AWQConfig", "AWQMarlinConfig", "AutoAWQConfig"),
    "gptq": ("GPTQConfig", "GPTQMarlinConfig", "AutoGPTQConfig"),
    "bitsandbytes": ("BitsAndBytesConfig",),
    "gguf": ("GGUFConfig",),
    "mxfp4": ("Mxfp4Config",),
    "nvfp4": ("ModelOptNvFp4Config",),
    "compressed-tensors": ("CompressedTensorsConfig",),
}
"""The classes by which vLLM runs weights of each of our words."""


def activations(root: Path, word: str, capability: float) -> set[str]:
    """The types in which a version computes such weights on a GPU, by the classes that run there at all."""
    found: set[str] = set()
    for path in sorted((root / "vllm" / "model_executor" / "layers" / "quantization").rglob("*.py")):
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name in METHODS[word]:
                found |= _computes(node, capability)
    return found


def _computes(node: ast.ClassDef, capability: float) -> set[str]:
    platform = SimpleNamespace(has_device_capability=lambda needed: 10 * capability >= needed)
    torch = SimpleNamespace(**vars(TORCH), float8_e4m3fn="float8")
    names: dict[str, Any] = {"torch": torch, "current_platform": platform, "logger": SimpleNamespace(warning_once=str)}
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name in ASKED]
    for method in methods:
        _simplify(method)
        method.decorator_list = []
    exec(compile(ast.Module(list(methods), []), "vllm", "exec"), names)
    if capability and 10 * capability < names["get_min_capability"](None):
        return set()
    return set(names["get_supported_act_dtypes"](None)) - {"float8"}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return getattr(node, "name", "")


def _simplify(node: ast.FunctionDef) -> None:
    """Without annotations, whose names are not there, and imports inside, which are played."""
    node.returns = None
    for argument in [*node.args.args, *node.args.kwonlyargs]:
        argument.annotation = None
    node.body = [part for part in node.body if not isinstance(part, ast.ImportFrom)]


def _supported(capability: float) -> list[str]:
    """As `supported_dtypes` of vllm/platforms/cuda.py has it in all known versions; 0 stands for other makers."""
    every = ["bfloat16", "float16", "float32"]
    return every if capability >= 8.0 or not capability else every[1:] if capability >= 6.0 else every[2:]


def _nested(parameters: Mapping[str, Any]) -> bool:
    return bool(parameters) and all(isinstance(value, Mapping) for value in parameters.values())


def _entries(config: Config) -> list[Mapping[str, Any]]:
    parameters = getattr(config, "rope_parameters", None) or {}
    return list(parameters.values()) if _nested(parameters) else [parameters] if parameters else []
