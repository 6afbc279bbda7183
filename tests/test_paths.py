"""Holds that core/layout.py makes every output path and core/labels.py every label, and that no path is taken apart."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.test_names import PACKAGE, package

LABELS = re.compile(r"(?<!://)\bfleetgen\.dev\b|\bapp\.kubernetes\.io/|\bfleetgen-[a-z]+(?:=|$)")
SLASH = {"split", "rsplit", "partition", "rpartition"}
TEMPLATES = {"render_template", "verbatim"}
"""What takes the name of a template, which looks like an output's."""


def texts(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, and the parts of those with values in them; docstrings and names of templates are none."""
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        # `changes` is what the documentation says of a field.
        if isinstance(node, ast.Expr) or (isinstance(node, ast.keyword) and node.arg == "changes"):
            aside.add(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in TEMPLATES:
            aside.update(part for argument in node.args for part in ast.walk(argument))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in aside:
            yield node.value


LAYOUT = list(texts(ast.parse((PACKAGE / "core" / "layout.py").read_text(encoding="utf-8"))))
FILES = {text.lstrip("/") for text in LAYOUT if re.search(r"\w\.\w+$", text)}
FOLDERS = {text.partition("/")[0] for text in LAYOUT if re.match("[^/]", text)} - FILES
BEGINNING = rf"(?:\.\.?/)*(?:{'|'.join(map(re.escape, FOLDERS))})/"
END = rf"(?:.*/)?(?:{'|'.join(map(re.escape, FILES))})$"
PATHS = re.compile(rf"(?:.*\s)?(?:{BEGINNING}|{END})")


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with what is called, as it is written."""
    return ((ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def labelled(tree: ast.Module) -> Iterator[str]:
    """Our labels and tags, whole or in part."""
    return (text for text in texts(tree) if LABELS.search(text))


def spelled(tree: ast.Module) -> Iterator[str]:
    """What is written of an output's path: its beginning, its end, or a part that is joined."""
    yield from (text for text in texts(tree) if PATHS.match(text))
    for called, node in calls(tree):
        yield from (text for text in texts(node) if called == "'/'.join" and text in FOLDERS | FILES)


def taken_apart(tree: ast.Module) -> Iterator[str]:
    """Every place where something that is called a path is split into its steps."""
    for called, node in calls(tree):
        of, _, verb = called.rpartition(".")
        if verb in SLASH and of.endswith("path") and [ast.unparse(word) for word in node.args[:1]] == ["'/'"]:
            yield ast.unparse(node)


def homeless(tree: ast.Module) -> Iterator[str]:
    """The paths of artifacts that neither are the layout's, by way of a name or not, nor begin with one that is."""
    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _at_home(node.value, made):
            made.add(node.targets[0].id)
    for called, call in calls(tree):
        if called.rpartition(".")[2] == "Artifact":
            [path] = call.args[:1] or [word.value for word in call.keywords if word.arg == "path"]
            yield from [] if _at_home(path, made) else [ast.unparse(path)]


def _at_home(path: ast.expr, made: set[str]) -> bool:
    if isinstance(path, ast.JoinedStr):
        first = path.values[0]
        return isinstance(first, ast.FormattedValue) and _at_home(first.value, made)
    text = ast.unparse(path)
    return text.startswith("layout.") or text.rpartition(".")[2] in made


RULES: dict[Callable[[ast.Module], Iterator[str]], tuple[str, ...]] = {
    labelled: ("core/labels.py",),
    spelled: ("core/layout.py",),
    taken_apart: ("output/",),  # the disk, where a path is a path
    homeless: (),
}


@pytest.mark.parametrize("rule", RULES)
def test_paths_and_labels_stand_once(rule: Callable[[ast.Module], Iterator[str]]) -> None:
    found = {name: list(rule(tree)) for name, tree in package().items() if not name.startswith(RULES[rule] or "-")}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (labelled, "x = f'fleetgen.dev/{key}'"),
        (labelled, "x = 'kubectl get nodes -l fleetgen.dev/pool=x'"),
        (labelled, "x = {'app.kubernetes.io/part-of': fleet}"),
        (spelled, "x = '/'.join(('terraform', name, 'main.tf'))"),
        (spelled, "x = f'{name}/compose.yaml'"),
        (spelled, "x = f'../../gateway/{name}'"),
        (spelled, "x = name + '/routes.json'"),
        (spelled, "x = f'helm upgrade x helm/charts/{name}'"),
        (taken_apart, "x = artifact.path.split('/')[1]"),
        (homeless, "x = Artifact(f'notes/{cluster.name}.yaml', text, 'notes')"),
        (homeless, "x = Artifact(path=folder + '/x', content=text, owner='notes')"),
    ],
)
def test_an_escape_is_seen(rule: Callable[[ast.Module], Iterator[str]], source: str) -> None:
    assert list(rule(ast.parse(source)))
