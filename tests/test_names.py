"""Holds who knows whom by name: engines, gateway kinds and platforms are known in their own rooms alone."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from generator.clouds import CLOUDS, RENTED
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from generator.sizing.servers import SERVERS
from tests.test_house import ROOT

PACKAGE = ROOT / "generator"


@cache
def package() -> dict[str, ast.Module]:
    """The modules of the package by file."""
    paths = PACKAGE.rglob("*.py")
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@dataclass(frozen=True)
class Family:
    """Things that there will be one more of.

    `names` are theirs, `modules` those that serve one of them, and `rooms` where both may be known. A text names one
    where it has nothing else; where the names are `rare` words, a path, a reference or a keyword does too. `words`
    counts, by file, where such a word means something else.
    """

    names: frozenset[str]
    modules: frozenset[str]
    rooms: tuple[str, ...]
    rare: bool
    words: Mapping[str, Mapping[str, int]]


def modules(registry: Mapping[str, str], depth: int) -> frozenset[str]:
    """The modules, or their folders, that a registry refers to."""
    return frozenset(".".join(reference.partition(":")[0].split(".")[:depth]) for reference in registry.values())


def folders(names: Iterable[str]) -> list[str]:
    return [f"{name.removeprefix('generator.').replace('.', '/')}/" for name in names]


FAMILIES = {
    "engines": Family(
        names=frozenset(ENGINES),
        modules=modules(ENGINES, 3) | modules(SERVERS, 4),
        rooms=("engines/", "sizing/servers/", "catalog/"),
        rare=True,
        words={
            "core/spec/model.py": {"ollama": 1},  # a kind of source
            "core/tasks.py": {"ollama": 1, "tgi": 1},  # APIs
            "gateways/litellm/deployments.py": {"ollama": 2, "tgi": 2},  # APIs, and LiteLLM's word for one
            "resolve/placements/fit.py": {"ollama": 1},  # how ids of its library begin in the catalogue
            "resolve/placements/surroundings.py": {"ollama": 1},  # a kind of source
            "targets/routes/table.py": {"ollama": 1, "tgi": 1},  # APIs
            "validate/rules/names.py": {"vllm": 1},  # a Service, of whose name a variable is made
            "validate/rules/sources.py": {"ollama": 3},  # a key of `source`, and its store on a host
        },
    ),
    "gateways": Family(
        names=frozenset(GATEWAYS),
        modules=modules(GATEWAYS, 3),
        rooms=("gateways/__init__.py", *folders(modules(GATEWAYS, 3)), "catalog/"),
        rare=True,
        words={"core/spec/cluster.py": {"envoy-gateway": 1}},  # controllers that a cluster `has` already
    ),
    "platforms": Family(
        names=frozenset(CLOUDS) | frozenset(RENTED.values()),
        modules=modules(CLOUDS, 3),
        rooms=(
            "clouds/",
            "live/__init__.py",
            "live/aws/",
            "live/azure/",
            "live/gcp/",
            "targets/terraform/",
            "catalog/",
        ),
        rare=False,
        words={
            "core/spec/cluster.py": {"docker": 1},  # what is not Kubernetes, said once
            "gateways/envoy_gateway/proxy.py": {"kubernetes": 1},  # a key of Envoy Gateway's
            "render/plan/nodes.py": {"aks": 1, "eks": 1, "gke": 1},  # a type of the plan document's schema
            "targets/cluster/charts_gateways.py": {"kubernetes": 1},  # a key of Envoy Gateway's
            "targets/cluster/charts_scaling.py": {"aws": 1},  # the autoscaler's own word
        },
    ),
}


def named(tree: ast.Module, family: Family) -> Iterator[str]:
    """Every name of the family that a module imports, writes as a text or gives as a keyword; prose names none."""
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            source = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            imported = [f"{source}{alias.name}" for alias in node.names]
            yield from (name for name in imported for module in family.modules if f"{name}.".startswith(f"{module}."))
        elif isinstance(node, ast.keyword) and family.rare:
            yield from {(node.arg or "").replace("_", "-")} & family.names
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield from _in_text(node.value.lower() if family.rare else node.value, family)


def _in_text(text: str, family: Family) -> list[str]:
    """The names of a text that has nothing else, or, of a rare family, that has no spaces."""
    parts = re.findall(r"\w[\w-]*", text)
    found = [part for part in parts if part in family.names]
    return found if len(found) == len(parts) or (family.rare and not re.search(r"\s", text)) else []


@pytest.mark.parametrize("kind", FAMILIES)
def test_nobody_outside_its_rooms_knows_one_by_name(kind: str) -> None:
    family, found = FAMILIES[kind], {}
    for name, tree in package().items():
        if not name.startswith(family.rooms) and (words := Counter(named(tree, family))):
            found[name] = dict(words)
    assert found == family.words


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("engines", "dict(vllm=1)"),
        ("engines", "x = 'vllm tgi'.split()"),
        ("engines", "x = 'vllm/vllm-openai' in image"),
        ("engines", "x = title == 'TGI'"),
        ("engines", "x = f'{place}/ollama'"),
        ("engines", "from generator.engines.vllm import VLLM"),
        ("engines", "def late():\n    from generator.sizing.servers import vllm"),
        ("gateways", "from generator.gateways import litellm"),
        ("gateways", "import generator.gateways.envoy_gateway.proxy"),
        ("gateways", "x = load('generator.gateways.litellm.files:LITELLM')"),
        ("gateways", "dict(envoy_gateway=1)"),
        ("platforms", "x = cluster.platform in ('eks', 'aks')"),
        ("platforms", "from generator.clouds.aws import AWS"),
    ],
)
def test_a_name_is_seen_however_it_is_spelled(kind: str, source: str) -> None:
    assert list(named(ast.parse(source), FAMILIES[kind]))


def test_prose_names_nobody() -> None:
    prose = ast.parse('"""vllm"""\nx = "vllm reads it as litellm does, on eks", f"see {url} of vllm", "vllm-openai"')
    assert [name for family in FAMILIES.values() for name in named(prose, family)] == []
