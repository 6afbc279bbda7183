"""What asks for nothing: `gen explain` tells it, and no check prints it. The shipped stacks print nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from generator.core.finding import Severity
from generator.core.kinds import all_kinds
from generator.pipeline import check, environments
from generator.report import REPORTS
from scripts.install.environment import ROOT
from tests.gen_command import Gen

STACKS = sorted((ROOT / "stacks").iterdir())
ASIDE = {kind.id for kind in all_kinds() if kind.aside}
NOTHING_TO_MEND = ("nothing needs changing", "nothing to mend", "nothing has to be mended", "no action")


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.name)
@pytest.mark.parametrize("output", list(REPORTS))
def test_a_stack_prints_no_finding(gen: Gen, stack: Path, output: str) -> None:
    done = gen("validate", str(stack), "--all-envs", "--strict", "-o", output)
    assert done.code == 0
    if output == "json":
        assert {bool(item["accepted"]) for item in json.loads(done.out)["findings"]} <= {True}
    elif output == "sarif":
        [run] = json.loads(done.out)["runs"]
        assert all(item["suppressions"] for item in run["results"])
    else:
        assert "GEN" not in done.out
    rendered = gen("render", str(stack), "--all-envs")
    assert rendered.code == 0
    assert "GEN" not in rendered.err
    assert " note" not in rendered.err


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.name)
def test_explain_tells_every_aside(gen: Gen, stack: Path) -> None:
    for environment in environments(stack / "fleet.yaml"):
        checked = check(stack / "fleet.yaml", environment)
        assert checked.plan
        asides = [item for item in checked.findings if item.aside]
        names = [".".join(map(str, gateway.path)) for gateway in checked.plan.gateways]
        names += [".".join(map(str, item.path)) for item in asides if item.id == "GEN316"]
        told = "".join(gen("explain", str(stack), name, "--env", environment).out for name in names)
        assert [item.message for item in asides if item.message not in told or item.cause not in told] == []


def test_explain_of_a_gateway(gen: Gen) -> None:
    done = gen("explain", "fleet.yaml", "gateways.edge")
    assert "image: ghcr.io/berriai/litellm:" in done.out
    assert "serves: chat" in done.out
    assert "host port: 4000" in done.out
    assert "litellm does not do exactly what" in done.out
    assert "gateways.edge  litellm" in gen("explain", "fleet.yaml").out


def test_explain_of_a_route_tells_what_is_written_there(gen: Gen) -> None:
    shutil.copy(ROOT / "stacks" / "quickstart-local" / "fleet.yaml", "fleet.yaml")
    assert "litellm only approximates timeouts.total 10m" in gen("explain", "fleet.yaml", "routes.chat").out


def test_who_says_that_nothing_is_to_mend_is_an_aside() -> None:
    """The enumerator: an info whose own words ask for nothing."""
    for kind in all_kinds():
        if kind.severity is Severity.INFO and any(words in kind.why.lower() for words in NOTHING_TO_MEND):
            assert kind.aside, kind.id
    assert {"GEN316", "GEN344"} == ASIDE


def test_an_explanation_has_one_budget(gen: Gen) -> None:
    """What concurrency follows from is the lower end of what the memory's line says is left."""
    out = gen("explain", str(ROOT / "stacks" / "hybrid"), "qwen3-8b/desk").out
    [slots] = [line for line in out.splitlines() if "that are left at least" in line]
    [memory] = [line for line in out.splitlines() if "GiB for the cache" in line]
    least = slots.partition("of the ")[2].partition(" GiB")[0]
    low = memory.rpartition("(")[2].partition(" to ")[0]
    assert least == f"{float(low):.1f}"
