"""Every field of the spec reaches a deployed file: changing it changes more than routes.json and the cost."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from generator.core.spec import Fleet
from generator.pipeline import check, render

FOLDER = Path(__file__).parent / "fields"
CHANGES: dict[str, Any] = yaml.safe_load((FOLDER / "changes.yaml").read_text())
NOT_DEPLOYED = ("routes.json", "cost.json", "cost.md")
# A field with one legal value cannot change. No gateway here has a counterpart of what becomes of prompts that fit
# nowhere, nor of budgets without a database, as capability findings say. What is accepted changes what is told.
NO_EFFECT = {
    "Fleet.api_version",
    "Fleet.accept",
    "Acceptance.finding",
    "Acceptance.at",
    "Acceptance.reason",
    "Acceptance.environments",
    "ContextRule.beyond",
    "Tenant.budget",
    "Budget.usd",
    "Budget.per",
}


def types(annotation: Any) -> Iterator[type[BaseModel]]:
    """The spec types inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from types(inner)


def all_fields() -> set[str]:
    """`Type.field` for every field below Fleet; a field that a base type declares counts once, there."""
    seen: dict[type[BaseModel], None] = {}
    waiting = [Fleet]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen[current] = None
        waiting.extend(base for base in current.__mro__[1:] if issubclass(base, BaseModel))
        for field in current.model_fields.values():
            waiting.extend(types(field.annotation))
    return {
        f"{kind.__name__}.{name}"
        for kind in seen
        for name in kind.model_fields
        if not any(name in base.model_fields for base in kind.__mro__[1:] if issubclass(base, BaseModel))
    }


def files(folder: Path, environment: str) -> dict[str, bytes]:
    """What is deployed, by path: gateways of others read routes.json, and people cost.md, but no container does."""
    checked = check(folder / "fleet.yaml", environment)
    assert checked.plan is not None, [(f.id, f.message, f.path) for f in checked.findings if f.severity == "error"]
    return {a.path: a.content for a in render(checked) if not a.path.endswith(NOT_DEPLOYED)}


@pytest.fixture(scope="module")
def base() -> dict[str, bytes]:
    return files(FOLDER, "default")


def test_no_field_is_missing():
    assert set(CHANGES) == all_fields()


@pytest.mark.parametrize("field", sorted(set(CHANGES) - NO_EFFECT))
def test_a_change_reaches_a_deployed_file(field, base, tmp_path):
    shutil.copy(FOLDER / "fleet.yaml", tmp_path)
    (tmp_path / "fleet.change.yaml").write_text(yaml.safe_dump(CHANGES[field]))
    assert files(tmp_path, "change") != base
