"""Holds that the written docs stay true: links lead somewhere, specs are right, commands do what is said of them."""

import ast
import difflib
import re
from collections.abc import Collection
from pathlib import Path

import pytest
import yaml

from generator import pipeline
from generator.cli.init import stacks
from generator.cli.main import VERBS
from generator.clouds import CLOUDS, RENTED
from generator.core.finding import Severity
from generator.core.lazy import load
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from generator.report import REPORTS
from generator.targets import TARGETS
from tests.gen_command import Gen, gen

__all__ = ["gen"]

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target) if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor[1:] not in anchors(path)):
            broken.append(f"{target}{anchor}")
    assert broken == []


SPECS = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, text in enumerate(FENCE.findall(page.read_text(encoding="utf-8")))
    if "apiVersion: fleetgen/" in text
]


def test_there_are_specs_to_check() -> None:
    assert len(SPECS) >= 2


@pytest.mark.parametrize("text", SPECS)
def test_specs_in_the_docs_have_no_errors(text: str, tmp_path: Path) -> None:
    spec = tmp_path / "fleet.yaml"
    spec.write_text(text, encoding="utf-8")
    checked = pipeline.check(spec, "default")
    assert [finding.message for finding in checked.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_and_verbs_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = re.findall(r"(?:^ {4}|`)(gen|make) ([a-z]+)\b", text, re.MULTILINE)
    unknown = {f"{tool} {word}" for tool, word in told if word not in (verbs if tool == "make" else set(VERBS))}
    assert unknown == set()


def test_hooks_and_workflow_use_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    workflow = yaml.safe_load((ROOT / "examples" / "github-actions" / "fleet.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["fleet"]["steps"] if "run" in step]
    lines = [hook["entry"] for hook in hooks] + [line for line in steps if line.startswith("gen ")]
    for line in lines:
        _, verb, *rest = line.split(" >> ")[0].split()
        flags = {flag for option in load(VERBS[verb][0]).params for flag in option.opts}
        assert {word for word in rest if word.startswith("-")} <= flags, line


def section(page: str, heading: str = "") -> str:
    """A page, or what stands below one of its headings of the second level."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0] if heading else text


def fleet_of(page: str) -> str:
    """The first whole spec of a page."""
    return next(text for text in FENCE.findall(section(page)) if "apiVersion: fleetgen/" in text)


def rendered(text: str, spec: Path) -> dict[str, str]:
    spec.write_text(text, encoding="utf-8")
    return {item.path: item.content.decode() for item in pipeline.render(pipeline.check(spec, "default"))}


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("max: 4", "max: 6", {"terraform/use1/fleet.auto.tfvars.json": 2}),
        (
            "context: 16384",
            "context: 8192",
            {
                "helm/use1/qwen3-14b-l4.values.yaml": 1,
                "gateway/edge/routes.json": 1,
                "gateway/edge/config.yaml": 1,
                "helm/use1/edge.gateway.values.yaml": 2,
            },
        ),
    ],
    ids=["nodes", "context"],
)
def test_a_change_of_the_readme_s_fleet_shows_what_is_said(
    tmp_path: Path, old: str, new: str, lines: dict[str, int]
) -> None:
    spec = fleet_of("README.md")
    assert spec.count(old) == 1
    before, after = rendered(spec, tmp_path / "fleet.yaml"), rendered(spec.replace(old, new), tmp_path / "fleet.yaml")
    changed = {
        path: sum(line.startswith("+ ") for line in difflib.ndiff(before[path].splitlines(), text.splitlines()))
        for path, text in after.items()
        if before[path] != text
    }
    assert changed == lines
    said = " ".join(section("README.md").split())
    assert "shows two changed lines in one Terraform file" in said
    assert "shows five lines in four files" in said


def test_the_readme_s_table_names_files_that_its_fleet_has(tmp_path: Path) -> None:
    files = rendered(fleet_of("README.md"), tmp_path / "fleet.yaml")
    rows = re.findall(r"^\| (`.*?) \|", section("README.md", "One spec"), re.MULTILINE)
    paths = [path for row in rows for path in re.findall(r"`([^`]+)`", row) if path != ".gen/"]
    assert len(paths) > 8
    assert [path for path in paths if not any(name.startswith(path) for name in files)] == []


def commands(page: str, verb: str) -> list[tuple[str, ...]]:
    lines = re.findall(rf"^ {{4}}gen ({verb} .*?)(?: +#.*)?$", section(page), re.MULTILINE)
    return [tuple(line.split()) for line in lines]


@pytest.mark.parametrize("arguments", [*commands("README.md", "size"), *commands("docs/getting-started.md", "size")])
def test_sizes_of_the_docs_fit(gen: Gen, arguments: tuple[str, ...]) -> None:
    done = gen(*arguments)
    assert done.code == 0
    assert ": fits" in done.out or "--suggest" in arguments


@pytest.mark.parametrize("arguments", commands("docs/getting-started.md", "explain"), ids=" ".join)
def test_what_getting_started_explains_is_there(gen: Gen, arguments: tuple[str, ...]) -> None:
    Path("fleet.yaml").write_text(fleet_of("docs/getting-started.md"), encoding="utf-8")
    assert gen(*arguments).code == 0


ADDING = "docs/extending.md"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param(section(ADDING, "An engine"), ENGINES, id="engines"),
        pytest.param(section(ADDING, "A cloud or other platform"), CLOUDS, id="platforms"),
        pytest.param(section(ADDING, "A target"), set(TARGETS) - set(GATEWAYS), id="targets"),
        pytest.param(section(ADDING, "A gateway"), GATEWAYS, id="gateways"),
        pytest.param(section(ADDING, "A report"), REPORTS, id="reports"),
    ],
)
def test_the_registered_ones_are_named(text: str, names: Collection[str]) -> None:
    """And a parenthesis or a half sentence may stand among them."""
    sentence = text.partition("The registered ones are ")[2].partition(".\n")[0].partition(": ")[0]
    assert set(re.findall(r"`([a-z-]+)`", sentence)) == set(names)


@pytest.mark.parametrize(
    ("page", "pattern", "names"),
    [
        ("README.md", r"`kind: (.*?) decides", GATEWAYS),
        ("docs/outputs.md", r"^\| `([a-z-]+)` \| `", TARGETS),
        ("docs/ci.md", r"^\| `([a-z]+)` \| ", REPORTS),
        ("docs/ci.md", r"`-o ([a-z]+)`", REPORTS),
        ("docs/getting-started.md", r"^\| `([a-z]+)` \| `region", RENTED),
        ("docs/getting-started.md", r"`--from` names the stack(.*?)first\.", stacks()),
        ("docs/glossary.md", r"^\| platform \| (.*)", CLOUDS),
        ("docs/glossary.md", r"^\| severity \| (.*)", Severity),
        ("docs/glossary.md", r"^\| ([a-z ]+) \| ", ["placement", "tier", "pool", "route", "finding"]),
        ("stacks/quickstart-local/fleet.yaml", r"platform: (.*)", CLOUDS),
        ("stacks/quickstart-local/fleet.yaml", r"engine: {name: (.*)", ENGINES),
    ],
    ids=str,
)
def test_lists_of_names_are_whole(page: str, pattern: str, names: Collection[str]) -> None:
    told = " ".join(
        re.findall(pattern, section(page), re.MULTILINE | re.DOTALL if "(.*?)" in pattern else re.MULTILINE)
    )
    assert [name for name in names if not re.search(rf"(?<![\w-]){name}(?![\w-])", told)] == []


def test_the_verbs_of_make_are_all_told() -> None:
    verbs = re.findall(r"^([a-z-]+):.* ## ", section("Makefile"), re.MULTILINE)
    told = re.findall(r"^\| `make ([a-z]+)` \|", section("CONTRIBUTING.md", "Verbs"), re.MULTILINE)
    assert sorted(told) == sorted(set(verbs) - {"help"})


def test_every_recipe_is_named_where_contributors_look() -> None:
    recipes = re.findall(r"^## (.*)$", section(ADDING), re.MULTILINE)
    listed = " ".join(section("CONTRIBUTING.md", "Recipes").split())
    names = listed.partition("for each: ")[2].partition(". [")[0].split(", ")
    assert names == [recipe[0].lower() + recipe[1:] for recipe in recipes]


def test_every_recipe_has_a_short_loop() -> None:
    recipes = re.findall(r"^## (.*)$", section(ADDING), re.MULTILINE)
    assert [recipe for recipe in recipes if "`pytest tests/" not in section(ADDING, recipe)] == []


@pytest.mark.parametrize("text", FENCE.findall(section(ADDING)), ids=lambda text: text.partition(":")[0])
def test_sample_entries_are_in_the_catalogue(text: str) -> None:
    files = (ROOT / "generator" / "catalog" / "data").glob("*.yaml")
    assert any(f"\n{text}" in path.read_text(encoding="utf-8") for path in files)


def test_recipes_name_tests_and_files_that_exist() -> None:
    """Of a name with a `<part>` the folder."""
    named = re.findall(r"(?:tests|generator|scripts|conformance|templates|tools)/[\w./<>-]+", section(ADDING))
    paths = {re.sub(r"[^/]*<.*", "", path).rstrip(".") for path in named}
    assert len(paths) > 30
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def imported(room: Path) -> set[str]:
    """The other rooms that the modules of a room import."""
    names = set()
    for module in room.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("generator"):
                names |= {node.module.split(".")[1]} if "." in node.module else {item.name for item in node.names}
    return names - {room.name}


def test_the_architecture_names_every_room_and_what_it_imports() -> None:
    rooms = {path.parent.name: path.parent for path in (ROOT / "generator").glob("*/__init__.py")}
    rows = re.findall(r"^\| `([a-z]+)` \| .* \| (.*) \|$", section("docs/architecture.md"), re.MULTILINE)
    told = {name: set(re.findall(r"`([a-z]+)`", cell)) for name, cell in rows}
    assert set(told) == set(rooms)
    assert {name: imported(path) & set(rooms) for name, path in rooms.items() if name != "cli"} == {
        name: names for name, names in told.items() if name != "cli"
    }


def test_the_architecture_names_every_folder() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/*") if not path.parent.name.startswith(".")}
    kept = {name for name in folders if any((ROOT / name).rglob("*.*")) and name not in NOT_OURS}
    told = set(re.findall(r"`([a-z]+)`", section("docs/architecture.md").partition("Beside `generator/`:")[2]))
    assert sorted(kept - told - {"generator", "docs"}) == []


NOT_OURS = {"build", "dist"}
"""What packaging leaves behind."""
