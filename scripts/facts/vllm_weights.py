"""What vLLM's sources say of a model's numbers and positions: types it refuses, and its longest context."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.facts.vllm_sources import Found, SourceError, Sources

_CONFIG = "vllm.config.model"
_DTYPES: Mapping[str, str] = {
    "torch.half": "float16",
    "torch.float16": "float16",
    "torch.bfloat16": "bfloat16",
    "torch.float32": "float32",
}
"""Types that a model computes in; others in these lists are those of weights."""


def float16_refused(sources: Sources) -> list[str]:
    """The model types that are not served in float16."""
    return sorted(sources.value(_CONFIG, "_FLOAT16_NOT_SUPPORTED_MODELS"))


def rope_types(sources: Sources) -> dict[str, list[str]]:
    """The types of scaled positions whose factor is not applied, and those for which it is applied to what was before.

    Raises:
        SourceError: the function that derives the longest context is built in a way that is not known.
    """
    function = sources.definition(_CONFIG, "_get_and_verify_max_len").node
    tests = [node for node in ast.walk(function) if isinstance(node, ast.Compare) and _is_type(node.left)]
    unscaled = [node for node in tests if isinstance(node.ops[0], ast.NotIn)]
    if len(unscaled) != 1:
        raise SourceError("_get_and_verify_max_len has no one list of types whose factor is not applied")
    before = [str(ast.literal_eval(node.comparators[0])) for node in tests if isinstance(node.ops[0], ast.Eq)]
    reset = {"original_max_position_embeddings"} & {
        node.slice.value
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    }
    return {
        "unscaled": sorted(ast.literal_eval(unscaled[0].comparators[0])),
        "fromOriginal": sorted({name for name in before if name != "longrope"}) if reset else [],
    }


def _is_type(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "rope_type"


def activations(sources: Sources, classes: Sequence[Found]) -> dict[str, list[float]]:
    """The types that one of these methods computes in, each from which compute capability on, and below which.

    A method with a test of the GPU says other types from there on.
    """
    ranges: dict[str, list[float]] = {}
    for one in classes:
        for dtype, least, below in _ranges(sources, one):
            known = ranges.get(dtype)
            if known is None or least < known[0]:
                ranges[dtype] = [least] if below is None else [least, below]
    return ranges


def _ranges(sources: Sources, one: Found) -> Iterator[tuple[str, float, float | None]]:
    method, least = sources.method(one, "get_supported_act_dtypes"), sources.method(one, "get_min_capability")
    if method is None or least is None:
        raise SourceError(f"{getattr(one.node, 'name', '')} does not say in which types it computes")
    first = least[1].body[-1]
    assert isinstance(first, ast.Return)
    assert isinstance(first.value, ast.Constant)
    start = int(str(first.value.value)) / 10
    *before, last = [node for node in method[1].body if not isinstance(node, ast.Expr)]
    later, bound = _later(before)
    for dtype in _listed(last):
        yield dtype, start, None if bound is None or dtype in later else bound


def _later(statements: Sequence[ast.stmt]) -> tuple[frozenset[str], float | None]:
    """The types from a newer GPU on, and its compute capability, where the method tests it."""
    for node in statements:
        if isinstance(node, ast.If) and "has_device_capability" in ast.unparse(node.test):
            number = next(part.value for part in ast.walk(node.test) if isinstance(part, ast.Constant))
            return frozenset(_listed(node.body[-1])), int(str(number)) / 10
    return frozenset(), None


def _listed(node: Any) -> list[str]:
    if not (isinstance(node, ast.Return) and isinstance(node.value, ast.List)):
        raise SourceError("get_supported_act_dtypes ends with no list")
    return [_DTYPES[name] for item in node.value.elts if (name := ast.unparse(item)) in _DTYPES]
