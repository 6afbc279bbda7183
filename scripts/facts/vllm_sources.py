"""vLLM's sources as syntax trees: where a name is defined and what it stands for. Nothing is imported or run."""

import ast
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "vllm"


class SourceError(Exception):
    """The sources are not built as the reader expects; the message says what was looked for."""


@dataclass(frozen=True)
class Found:
    """A definition and the module it stands in, which is where the names in it are to be looked up."""

    module: str
    node: ast.stmt


class Sources:
    """The modules of an installed vLLM, an unpacked wheel or a wheel, parsed when first asked for."""

    def __init__(self, place: Path) -> None:
        """`place` is a wheel, the folder `vllm` or the folder that holds it."""
        self._root: Any = zipfile.Path(place) if place.is_file() else place.parent if place.name == PACKAGE else place
        if not (self._root / PACKAGE / "__init__.py").exists():
            raise SourceError(f"{place}: no {PACKAGE}/__init__.py in there")

    @cache  # noqa: B019 - lives as long as the script
    def tree(self, module: str) -> ast.Module | None:
        """The syntax tree of `vllm.a.b`; None where there is no such module."""
        path = module.replace(".", "/")
        for name in (f"{path}.py", f"{path}/__init__.py"):
            file = self._root / name
            if file.is_file():
                source: str = file.read_text(encoding="utf-8")
                try:
                    return ast.parse(source)
                except SyntaxError as error:
                    raise SourceError(f"{name}: {error}; a newer Python may read it") from error
        return None

    def first(self, *modules: str) -> str:
        """The first of the modules that there is: files move between versions."""
        for module in modules:
            if self.tree(module) is not None:
                return module
        raise SourceError(f"none of the modules {', '.join(modules)} is there")

    def find(self, module: str, name: str) -> Found | None:
        """Where a name is defined, as seen from a module, through its imports."""
        tree = self.tree(module)
        for node in _flat(tree.body) if tree else ():
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return self.find(self._imported(module, node), alias.name)
                    if alias.name == "*" and (found := self.find(self._imported(module, node), name)):
                        return found
            elif name in _names(node):
                return Found(module, node)
        return None

    def _imported(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = (self._root / module.replace(".", "/") / "__init__.py").exists()
        parts = module.split(".")
        base = parts[: len(parts) - node.level + package]
        return ".".join([*base, *([node.module] if node.module else [])])

    def definition(self, module: str, name: str) -> Found:
        """Where a name is defined.

        Raises:
            SourceError: nowhere.
        """
        found = self.find(module, name)
        if found is None:
            raise SourceError(f"{name} of {module} was not found")
        return found

    def value(self, module: str, name: str) -> Any:
        """The literal that a name stands for: a number, a text, or the keys of a dict."""
        node = getattr(self.definition(module, name).node, "value", None)
        if isinstance(node, ast.Dict):
            return [ast.literal_eval(key) for key in node.keys if key is not None]
        return ast.literal_eval(node) if isinstance(node, ast.expr) else None

    def lineage(self, found: Found) -> Iterator[Found]:
        """A class after its bases, as far as these are in the sources."""
        assert isinstance(found.node, ast.ClassDef)
        for base in found.node.bases:
            parent = self.find(found.module, ast.unparse(base))
            if parent is not None and isinstance(parent.node, ast.ClassDef):
                yield from self.lineage(parent)
        yield found

    def method(self, cls: Found, name: str) -> tuple[Found, ast.FunctionDef] | None:
        """The method that an object of the class would run, and the class it stands in."""
        for owner in reversed(list(self.lineage(cls))):
            for node in getattr(owner.node, "body", ()):
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    return owner, node
        return None


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module; of a condition what holds for type checkers comes first."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _flat([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _flat(node.body)
        else:
            yield node


def _names(node: ast.stmt) -> Iterator[str]:
    """What a statement defines; a mere declaration of a type defines nothing."""
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        yield node.name
    for target in node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]:
        if isinstance(target, ast.Name):
            yield target.id
