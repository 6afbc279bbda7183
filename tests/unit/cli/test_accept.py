"""Findings that a spec accepts: counted and shown apart in every format, and no reason to fail."""

import json
from itertools import product
from pathlib import Path

import pytest

from generator.core.finding import Severity, path_text
from generator.core.kinds import all_kinds, of_specs
from generator.pipeline import check, render
from generator.report import REPORTS
from tests.gen_command import Gen
from tests.rules.cases import BASE, cases

# An overlay, the place that has a finding, its id, and how severe it is.
CASES = [
    ("models: {chat: {engine: {version: 0.33.1}}}", "models.chat.engine.version", "GEN320", "info"),
    ("routes: {more: {tiers: [[{model: small}]]}}", "routes.more", "GEN232", "warning"),
    ("clusters: {desk: {bind: 0.0.0.0}}", "clusters.desk.bind", "GEN287", "warning"),
    (
        "models: {chat: {context: 32768, placements: {use1-l4: {source: {huggingface: Qwen/Qwen3-14B}, "
        "quantization: fp8}}}}",
        "models.chat.placements.use1-l4",
        "GEN311",
        "warning",
    ),
    ("models: {chat: {context: 500000}}", "models.chat.context", "GEN308", "error"),
    ("models: {chat: {engine: {args: {of-our-build: 1}}}}", "models.chat.engine", "GEN321", "error"),
    ("models: {chat: {engine: {args: {seed: many}}}}", "models.chat", "GEN323", "error"),
    ("models: {chat: {engine: {args: {swap-space: 4}}}}", "models.chat.engine.args", "GEN334", "error"),
    ("models: {chat: {engine: {args: {override-pooler-config: x}}}}", "models.chat", "GEN335", "error"),
    (
        "models: {chat: {engine: {version: 0.11.2, args: {device-memory-utilization: 0.8}}}}",
        "models.chat",
        "GEN336",
        "error",
    ),
    (
        "models: {chat: {placements: {use1-l4: {source: {huggingface: Qwen/Qwen3-32B}, quantization: none}}}}",
        "models.chat.placements.use1-l4",
        "GEN310",
        "error",
    ),
    (
        "clusters: {lab: {pools: {l40s: {gpu: t4}}}}\nmodels: {chat: {placements: {lab: "
        "{source: {huggingface: openai/gpt-oss-20b}, quantization: mxfp4}}}}",
        "models.chat.placements.lab",
        "GEN325",
        "error",
    ),
    (
        "models: {chat: {placements: {use1-l4: {resources: {memory: 200Gi}}}}}",
        "models.chat.placements.use1-l4",
        "GEN314",
        "error",
    ),
]


@pytest.fixture(autouse=True)
def base(gen: Gen) -> None:
    Path("fleet.yaml").write_text(BASE.read_text())


def accepting(overlay: str, place: str, id_: str, reason: str = "it was measured") -> None:
    entry = f"{{finding: {id_}, at: '{place}', reason: {reason}}}"
    Path("fleet.case.yaml").write_text(f"{overlay}\naccept: [{entry}]\n")


@pytest.mark.parametrize(("overlay", "place", "id_", "severity"), CASES)
def test_what_is_accepted_stops_nothing(overlay: str, place: str, id_: str, severity: str) -> None:
    Path("fleet.case.yaml").write_text(overlay + "\n")
    before = [item for item in check(Path("fleet.yaml"), "case").findings if item.id == id_]
    assert {str(item.severity) for item in before} == {severity}
    accepting(overlay, place, id_)
    checked = check(Path("fleet.yaml"), "case")
    [*after] = [item for item in checked.findings if item.id == id_]
    assert {item.accepted for item in after if item.path == before[0].path} == {"it was measured"}
    assert not [item for item in checked.findings if item.id == "GEN277"]
    others = {item.id for item in checked.findings if item.stops}
    assert others <= {"GEN310"}  # the smallest model in this format does not fit the card either
    if not others:
        assert checked.plan
        assert render(checked)


FORECASTS = {
    case.id: case.entry["overlay"]
    for case in cases()
    if case.verdict == "bad"
    and "overlay" in case.entry
    and case.id in {kind.id for kind in all_kinds() if kind.forecast}
}
"""A case of each forecast that the rules have."""


def test_every_forecast_is_a_case() -> None:
    assert {kind.id for kind in all_kinds() if kind.forecast} == set(FORECASTS)


@pytest.mark.parametrize("id_", FORECASTS)
def test_every_forecast_can_be_accepted(id_: str) -> None:
    Path("fleet.case.yaml").write_text(FORECASTS[id_])
    found = [item for item in check(Path("fleet.yaml"), "case").findings if item.id == id_]
    assert found
    accepting(FORECASTS[id_], path_text(found[0].path), id_)
    after = [item for item in check(Path("fleet.yaml"), "case").findings if item.id == id_]
    assert {item.accepted for item in after if item.path == found[0].path} == {"it was measured"}


def test_an_error_that_is_no_forecast_stays(gen: Gen) -> None:
    accepting("models: {chat: {engine: {args: {max-model-len: 8}}}}", "models.chat", "GEN322")
    done = gen("validate", "fleet.yaml", "--env", "case")
    assert done.code == 1
    assert "GEN278" in done.out


def test_text_counts_and_prints_the_rest(gen: Gen) -> None:
    accepting("clusters: {desk: {bind: 0.0.0.0}}", "clusters.desk", "GEN287")
    done = gen("validate", "fleet.yaml", "--env", "case", "--min-severity", "warning")
    assert (done.code, done.out) == (0, "1 accepted\n")
    assert gen("validate", "fleet.yaml", "--env", "case", "-o", "github", "--min-severity", "warning").out == ""


def test_json_and_sarif_name_the_reason(gen: Gen) -> None:
    accepting("clusters: {desk: {bind: 0.0.0.0}}", "clusters.desk", "GEN287", "the host has no network")
    told = json.loads(gen("validate", "fleet.yaml", "--env", "case", "-o", "json").out)
    assert told["summary"]["accepted"] == 1
    assert told["summary"]["warning"] == 0
    assert [item["accepted"] for item in told["findings"] if item["id"] == "GEN287"] == ["the host has no network"]
    assert {item["accepted"] for item in told["findings"] if item["id"] != "GEN287"} <= {None}
    [run] = json.loads(gen("validate", "fleet.yaml", "--env", "case", "-o", "sarif").out)["runs"]
    by_id = {item["ruleId"]: item["suppressions"] for item in run["results"]}
    suppressed = {"kind": "inSource", "status": "accepted", "justification": "the host has no network"}
    assert by_id.pop("GEN287") == [suppressed]
    assert not any(by_id.values())


@pytest.mark.parametrize("verb", ["validate", "render"])
@pytest.mark.parametrize(("accepted", "strict", "code"), [(False, True, 1), (False, False, 0), (True, True, 0)])
def test_strict_fails_on_warnings_that_are_not_accepted(
    gen: Gen, verb: str, accepted: bool, strict: bool, code: int
) -> None:
    overlay = "clusters: {desk: {bind: 0.0.0.0}}"
    Path("fleet.case.yaml").write_text(overlay + "\n")
    if accepted:
        accepting(overlay, "clusters.desk.bind", "GEN287")
    done = gen(verb, "fleet.yaml", "--env", "case", *(["--strict"] if strict else []))
    assert done.code == code
    assert Path("outputs").exists() is (verb == "render" and code == 0)


@pytest.mark.parametrize(("output", "least"), list(product(REPORTS, Severity)))
def test_a_floor_of_severity(gen: Gen, output: str, least: Severity) -> None:
    Path("fleet.case.yaml").write_text(
        "clusters: {desk: {bind: 0.0.0.0}}\nmodels: {chat: {engine: {version: 0.33.1, args: {max-model-len: 8}}}}\n"
    )
    done = gen("validate", "fleet.yaml", "--env", "case", "-o", output, "--min-severity", str(least))
    assert done.code == 1
    assert ["GEN322" in done.out, "GEN287" in done.out] == [True, least is not Severity.ERROR]
    assert ("GEN320" in done.out) is (least is Severity.INFO)


def test_quiet_prints_no_notes(gen: Gen) -> None:
    Path("fleet.case.yaml").write_text("models: {chat: {engine: {version: 0.33.1}}}\n")
    assert "GEN320" in gen("validate", "fleet.yaml", "--env", "case").out
    done = gen("validate", "fleet.yaml", "--env", "case", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "GEN320" in gen("validate", "fleet.yaml", "--env", "case", "-q", "--min-severity", "info").out


def test_strict_and_a_floor_above_warnings_exclude_each_other(gen: Gen) -> None:
    done = gen("validate", "fleet.yaml", "--strict", "--min-severity", "error")
    assert (done.code, done.out) == (2, "")


def test_kinds_of_specs() -> None:
    of_others = {kind.id for kind in all_kinds()} - {kind.id for kind in of_specs()}
    assert {id_[:4] for id_ in of_others} == {"GEN4", "GEN5"}
