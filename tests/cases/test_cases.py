"""Holds each small fleet to the files it rendered to when a person last looked; `make update` rewrites them.

A case is a folder `<target>-<what>` with a `fleet.yaml`; `expected/` holds what that target writes for it, without the
chart and the modules, which are copied verbatim and tested where they live.
"""

import difflib
import shutil
from pathlib import Path

import pytest

from generator import pipeline
from generator.targets import TARGETS

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/fleet.yaml"))
VERBATIM = ("helm/charts/", "terraform/modules/")


def rendered(case: Path) -> dict[str, str]:
    """What the case's target writes, by path."""
    named = [name for name in TARGETS if case.name.startswith(f"{name}-")]
    assert named, f"{case.name}: a case's name begins with its target's"
    target = max(named, key=len)
    checked = pipeline.check(case / "fleet.yaml", "default")
    assert not checked.has_errors, [f"{finding.id} {finding.message}" for finding in checked.findings]
    files = pipeline.render(checked, [target])
    return {item.path: item.content.decode() for item in files if not item.path.startswith(VERBATIM)}


def expected(case: Path) -> dict[str, str]:
    """What it wrote before."""
    folder = case / "expected"
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def rewrite(case: Path, files: dict[str, str]) -> None:
    """Make the new files the expected ones."""
    shutil.rmtree(case / "expected", ignore_errors=True)
    for name, text in files.items():
        path = case / "expected" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, request: pytest.FixtureRequest) -> None:
    new = rendered(case)
    if request.config.getoption("--update-cases"):
        rewrite(case, new)
    old = expected(case)
    assert sorted(new) == sorted(old)
    for name, text in new.items():
        lines = difflib.unified_diff(old[name].splitlines(), text.splitlines(), "expected", "rendered", lineterm="")
        difference = "\n".join(lines)
        assert text == old[name], f"{case.name}/{name}: `make update` if this is meant\n{difference}"
