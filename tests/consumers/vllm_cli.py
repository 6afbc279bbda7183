"""The command line of `vllm serve`, read from the syntax trees of a version's wheel: the judge of what we render.

It knows nothing of our catalogue. A field of a config class becomes an option the way vLLM's own `get_kwargs` makes it.
"""

import argparse
import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn


class RefusedError(Exception):
    """The command line would not have been accepted."""


@dataclass(frozen=True)
class Hint:
    """One member of a type union: a plain name, or a Literal with its values, or a container with its element."""

    name: str
    values: tuple[Any, ...] = ()
    inner: tuple["Hint", ...] = ()


class Sources:
    """Modules of the unpacked wheel, parsed when first asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cache  # noqa: B019 - lives as long as the test run
    def tree(self, module: str) -> ast.Module | None:
        """The syntax tree of `vllm.a.b`, or None when the file was not unpacked."""
        base = self._root.joinpath(*module.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return ast.parse(path.read_text(encoding="utf-8"))
        return None

    def find(self, module: str, name: str) -> tuple[str, ast.stmt] | None:
        """Where `name` is defined when seen from `module`, through imports."""
        tree = self.tree(module)
        for node in _statements(tree.body) if tree else ():
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return self.find(_absolute(module, node), alias.name)
            elif _defines(node, name):
                return module, node
        return None

    def hints(self, module: str, node: ast.expr) -> tuple[Hint, ...]:
        """The members of an annotation, unions and Annotated unwrapped."""
        match node:
            case ast.BinOp(left=left, right=right):
                return self.hints(module, left) + self.hints(module, right)
            case ast.Constant(value=None):
                return (Hint("None"),)
            case ast.Constant(value=str(text)):
                return self.hints(module, ast.parse(text, mode="eval").body)
            case ast.Subscript(value=value, slice=inner):
                return self._generic(module, ast.unparse(value).rpartition(".")[2], inner)
            case ast.Name(id=name):
                return self._named(module, name)
            case _:
                return (Hint("other"),)

    def _generic(self, module: str, name: str, inner: ast.expr) -> tuple[Hint, ...]:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if name in {"Annotated", "SkipValidation", "SkipJsonSchema", "ClassVar"}:
            return self.hints(module, parts[0])
        if name == "Literal":
            return (Hint("Literal", tuple(self._literal(module, part) for part in parts)),)
        if name in {"list", "set", "tuple"}:
            return (Hint(name, inner=self.hints(module, parts[0])),)
        return (Hint("dict"),) if name in {"dict", "Mapping"} else (Hint("other"),)

    def _literal(self, module: str, node: ast.expr) -> Any:
        """A member of a Literal: a constant, or another alias whose values are taken in."""
        if isinstance(node, ast.Constant):
            return node.value
        return tuple(value for hint in self.hints(module, node) for value in hint.values)

    def _named(self, module: str, name: str) -> tuple[Hint, ...]:
        if name in {"bool", "int", "float", "str", "dict", "list", "tuple", "set"}:
            return (Hint(name),)
        found = self.find(module, name)
        if found is None:
            return (Hint("other"),)
        where, node = found
        if isinstance(node, ast.ClassDef):
            return (Hint("dataclass" if node.decorator_list else "other"),)
        value = getattr(node, "value", None)
        return self.hints(where, value) if isinstance(value, ast.expr) else (Hint("other"),)

    def fields(self, module: str, cls: str) -> dict[str, tuple[Hint, ...]]:
        """The fields of a config class with its bases, by name."""
        found = self.find(module, cls)
        if found is None or not isinstance(found[1], ast.ClassDef):
            return {}
        where, node = found
        fields = {key: hints for base in node.bases for key, hints in self.fields(where, ast.unparse(base)).items()}
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                fields[item.target.id] = self.hints(where, item.annotation)
        return fields


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RefusedError(message)


def parser(root: Path) -> argparse.ArgumentParser:
    """A parser with the options of `vllm serve`: no abbreviations, unknown options refused.

    Raises:
        AssertionError: the wheel is not built as this reader expects, so it must not judge.
    """
    sources = Sources(root)
    made = _Parser(prog="vllm serve", allow_abbrev=False, add_help=False)
    made.add_argument("model_tag", nargs="?")
    front = next(module for module in _FRONTS if sources.tree(module) is not None)
    for name, hints in sources.fields(front, "FrontendArgs").items():
        made.add_argument(f"--{name.replace('_', '-')}", **_options(name, hints))
    for module, scope in ((front, "make_arg_parser"), ("vllm.engine.arg_utils", "add_cli_args")):
        for call, classes in _calls(sources, module, scope):
            flags, options = _argument(sources, module, call, classes)
            if flags:
                made.add_argument(*flags, **options)
    for flag in _written_out(sources):
        made.add_argument(flag)
    for flag, (module, alias) in _REGISTERED.items():
        _option(made, flag).choices = _flat(_registered(sources, module, alias))
    count = len({action.dest for action in made._actions})
    assert count > 180, f"only {count} options were read from the wheel"
    return made


_FRONTS = (
    "vllm.entrypoints.common.cli_args",
    "vllm.entrypoints.launchers.cli_args",
    "vllm.entrypoints.openai.cli_args",
)
"""Where the front end's arguments stand, newest first."""
_REGISTERED = {
    "--kv-cache-dtype": ("vllm.config.cache", "CacheDType"),
    "--load-format": ("vllm.model_executor.model_loader", "LoadFormats"),
    "--quantization": ("vllm.model_executor.layers.quantization", "QuantizationMethods"),
}
"""Options typed as plain text, because plugins may register more: what the wheel itself has."""


def _written_out(sources: Sources) -> Iterator[str]:
    """Options whose names stand in a list that a loop goes through."""
    tree = sources.tree("vllm.engine.arg_utils")
    for loop in [node for node in ast.walk(tree) if isinstance(node, ast.For)] if tree else []:
        if "add_argument" in ast.unparse(loop.body[0]) and isinstance(loop.iter, ast.List):
            yield from (ast.literal_eval(row.elts[0]) for row in loop.iter.elts if isinstance(row, ast.Tuple))


def _option(made: argparse.ArgumentParser, flag: str) -> argparse.Action:
    return next(action for action in made._actions if flag in action.option_strings)


def _registered(sources: Sources, module: str, alias: str) -> tuple[Any, ...]:
    values = tuple(value for hint in sources.hints(module, ast.Name(alias)) for value in hint.values)
    assert values, f"{module}.{alias} was not found in the wheel"
    return values


def _calls(sources: Sources, module: str, scope: str) -> Iterator[tuple[ast.Call, dict[str, str]]]:
    """Each `add_argument` call of the functions of that name, with the config class behind each kwargs variable."""
    tree = sources.tree(module)
    assert tree is not None, f"{module} is not unpacked"
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == scope]:
        classes = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and "get_kwargs(" in (text := ast.unparse(node.value)):
                classes[ast.unparse(node.targets[0])] = (
                    text.partition("get_kwargs(")[2].partition(")")[0] + text.partition(")")[2]
                )
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("_kwargs"):
                classes[ast.unparse(node.targets[0])] = ast.unparse(node.value)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".add_argument"):
                yield node, classes


def _argument(
    sources: Sources, module: str, call: ast.Call, classes: dict[str, str]
) -> tuple[list[str], dict[str, Any]]:
    flags = [a.value for a in call.args if isinstance(a, ast.Constant) and str(a.value).startswith("-")]
    options: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            cls, field = _field(ast.unparse(keyword.value), classes)
            fields = sources.fields(module, cls)
            assert field in fields, f"{cls}.{field} of {flags} was not found in the wheel"
            options |= _options(field, fields[field])
        else:
            options |= _explicit(keyword.arg, keyword.value)
    return flags, options


def _field(text: str, classes: dict[str, str]) -> tuple[str, str]:
    """`model_kwargs['revision']`, possibly inside a dict display or behind another name, as (class, field)."""
    name = text.removeprefix("{**").partition("[")[0].partition(",")[0]
    subscript = text.partition("['")[2].partition("']")[0] if "['" in text else ""
    origin = classes[name]
    while origin.partition("[")[0] in classes:
        subscript = subscript or origin.partition("['")[2].partition("']")[0]
        origin = classes[origin.partition("[")[0]]
    return origin.partition("[")[0], subscript or origin.partition("['")[2].partition("']")[0]


def _explicit(name: str, value: ast.expr) -> dict[str, Any]:
    text = ast.unparse(value)
    if name == "action" and text.endswith("BooleanOptionalAction"):
        return {"action": argparse.BooleanOptionalAction}
    if name == "action" and isinstance(value, ast.Constant):
        return {"action": value.value}
    if name == "type" and text in {"int", "float"}:
        return {"type": {"int": int, "float": float}[text]}
    if name == "choices" and isinstance(value, ast.List):
        return {"choices": ast.literal_eval(value)}
    return {"dest": ast.literal_eval(value)} if name == "dest" else {}


_HUMAN = {"max_model_len", "max_num_batched_tokens", "max_num_scheduled_tokens", "kv_cache_memory_bytes",
          "safetensors_prefetch_block_size", "max_num_queued_tokens"}  # fmt: skip
_JSON_LISTS = {"allowed_origins", "allowed_methods", "allowed_headers"}
_APPENDED = {"middleware"}


def _options(field: str, hints: tuple[Hint, ...]) -> dict[str, Any]:
    """How a field of a config class becomes an option; the order of the questions is vLLM's."""
    by_name = {hint.name: hint for hint in hints}
    plain = set(by_name) - {"None"}
    if field in _APPENDED:
        return {"action": "append"}
    if field in _JSON_LISTS or "dataclass" in plain or plain == {"dict"}:
        return {"type": _json}
    if plain == {"bool", "str"} and "None" in by_name:
        return {"nargs": "?", "const": True}
    if "bool" in plain:
        return {"action": argparse.BooleanOptionalAction}
    if "Literal" in plain:
        values = _flat(by_name["Literal"].values)
        return {} if "str" in plain else {"type": type(values[0]), "choices": [*values, None]}
    return _sequence(field, by_name) or _number(field, plain)


def _sequence(field: str, by_name: dict[str, Hint]) -> dict[str, Any]:
    for container in ("tuple", "list", "set"):
        if container in by_name:
            # Objects in a list are written as text, `name=path` or JSON, and taken apart later.
            inner = tuple(hint for hint in by_name[container].inner if hint.name not in {"dataclass", "other"})
            return {"nargs": "+"} | (_options(field, inner) if inner else {})
    return {}


def _number(field: str, plain: set[str]) -> dict[str, Any]:
    if "int" in plain:
        return {"type": _human if field in _HUMAN else int}
    return {"type": float} if "float" in plain else {}


def _flat(values: tuple[Any, ...]) -> list[Any]:
    return [part for value in values for part in (_flat(value) if isinstance(value, tuple) else [value])]


def _json(text: str) -> Any:
    return json.loads(text)


def _human(text: str) -> int:
    """`32K` or `auto` beside plain integers."""
    if text in {"auto", "-1"}:
        return -1
    factor = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    return int(float(text[:-1]) * factor[text[-1]]) if text[-1:] in factor else int(text)


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    return ".".join([*module.split(".")[: -node.level], *([node.module] if node.module else [])])


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Top-level statements; `if TYPE_CHECKING` counts, its `else` does not."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _statements(node.body)
        else:
            yield node


def _defines(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.ClassDef(name=found):
            return found == name
        case ast.Assign(targets=[ast.Name(id=found)]) | ast.AnnAssign(target=ast.Name(id=found)):
            return found == name
    return False
