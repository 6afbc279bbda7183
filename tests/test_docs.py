"""Holds that the written docs stay true: links lead somewhere, specs are right, verbs and commands exist."""

import re
from pathlib import Path

import pytest
import yaml

from generator import pipeline
from generator.cli.main import VERBS
from generator.core.lazy import load

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
