"""Reports: the same findings for people, programs, pull requests and code scanning."""

import json
import re
from pathlib import Path

import pytest

from generator import HOME, __version__
from generator.core.finding import Finding, Kind, Location, Severity
from generator.core.kinds import all_kinds
from generator.core.lazy import load
from generator.output.diff import FileDiff, Held
from generator.report import REPORTS, diff
from generator.report.json_ import JSON
from generator.report.sarif import SARIF
from generator.report.summary import docs, summary
from generator.report.text import TEXT, printable

KIND = Kind("GEN999", "unknown-key", Severity.ERROR, "A key that does not exist", "It does nothing.")
DOCS_OF_KIND = f"{HOME}/docs/v{__version__}/errors.md#gen999-unknown-key"
LINE = "  modle: x"


def finding(location: Location | None, message: str = "unknown key `modle`", **more: str) -> Finding:
    return KIND.at(("models", "a"), message, **more).located(location)


def at(text: str, column: int, end: int, file: str = "fleet.yaml") -> Location:
    return Location(file, 7, column, end, text)


FULL = finding(at(LINE, 3, 8), cause="`models` has no such key", help="did you mean `model`?")
WARNING = KIND.at((), "spare", severity=Severity.WARNING)
WHOLE = finding(Location("outputs/a b,c:d.yaml", 0, 0, 0, ""))


def test_text_shows_place_line_caret_cause_and_help() -> None:
    assert TEXT.findings([FULL, WARNING], colour=False) == (
        "fleet.yaml:7:3: error GEN999 unknown key `modle`\n"
        "  7 |   modle: x\n"
        "    |   ^^^^^\n"
        "  cause: `models` has no such key\n"
        "  help: did you mean `model`?\n"
        "  more: gen explain GEN999\n"
        "\n"
        "warning GEN999 spare\n"
        "  more: gen explain GEN999\n"
        "\n"
        "1 error, 1 warning\n"
    )


def test_text_of_a_whole_file_has_no_line() -> None:
    assert TEXT.findings([WHOLE], colour=False).startswith("outputs/a b,c:d.yaml: error GEN999")


def test_no_findings_no_text() -> None:
    assert TEXT.findings([], colour=True) == ""


def test_colour_adds_codes_and_nothing_else() -> None:
    coloured = TEXT.findings([FULL, WARNING], colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == TEXT.findings([FULL, WARNING], colour=False)


@pytest.mark.parametrize(
    ("text", "column", "end", "shown", "carets"),
    [
        ("\tkey: v", 2, 5, "    key: v", "    ^^^"),
        ("名前: x", 5, 6, "名前: x", "      ^"),
        ("e\u0301: x", 5, 6, "e\u0301: x", "   ^"),
        ("k: \x1b[2Jx", 4, 9, "k: \ufffd[2Jx", "   ^^^^^"),
        ("key:", 5, 5, "key:", "    ^"),
    ],
)
def test_the_caret_stands_below_its_column(text: str, column: int, end: int, shown: str, carets: str) -> None:
    lines = TEXT.findings([finding(at(text, column, end))], colour=False).splitlines()
    assert lines[1:3] == [f"  7 | {shown}", f"    | {carets}"]


@pytest.mark.parametrize(("column", "end"), [(1, 4), (200, 205), (395, 401), (10, 390)])
def test_a_long_line_is_cut_around_its_place(column: int, end: int) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(400))
    shown, carets = TEXT.findings([finding(at(text, column, end))], colour=False).splitlines()[1:3]
    assert len(shown) < 140
    below = shown[carets.index("^") : carets.rindex("^") + 1].removesuffix("…")
    assert text[column - 1 : end - 1].startswith(below)
    assert len(below) >= min(end - column, 60)


def test_a_message_cannot_steer_the_terminal() -> None:
    text = TEXT.findings([finding(None, "a\x1b]0;x\x07b", cause="c\rd")], colour=False)
    assert printable("\x1b\x07\x9b") == "\ufffd" * 3
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_a_long_cause_goes_on_below_its_beginning() -> None:
    lines = TEXT.findings([finding(None, cause="word " * 60)], colour=False).splitlines()
    assert max(map(len, lines)) <= 120
    assert lines[2].startswith("         word")


def test_the_summary_counts_in_words() -> None:
    note = KIND.at((), "x", severity=Severity.INFO)
    assert summary([FULL, FULL, WARNING, note]) == "2 errors, 1 warning, 1 note"
    assert summary([]) == ""


def test_json_is_versioned_and_complete() -> None:
    assert json.loads(JSON.findings([FULL, WHOLE, WARNING], colour=True)) == {
        "version": 1,
        "findings": [
            {
                "id": "GEN999",
                "slug": "unknown-key",
                "severity": "error",
                "path": "models.a",
                "file": "fleet.yaml",
                "line": 7,
                "column": 3,
                "endColumn": 8,
                "message": "unknown key `modle`",
                "cause": "`models` has no such key",
                "help": "did you mean `model`?",
                "accepted": None,
                "docs": DOCS_OF_KIND,
            },
            {
                "id": "GEN999",
                "slug": "unknown-key",
                "severity": "error",
                "path": "models.a",
                "file": "outputs/a b,c:d.yaml",
                "line": None,
                "column": None,
                "endColumn": None,
                "message": "unknown key `modle`",
                "cause": "",
                "help": "",
                "accepted": None,
                "docs": DOCS_OF_KIND,
            },
            {
                "id": "GEN999",
                "slug": "unknown-key",
                "severity": "warning",
                "path": "",
                "file": None,
                "line": None,
                "column": None,
                "endColumn": None,
                "message": "spare",
                "cause": "",
                "help": "",
                "accepted": None,
                "docs": DOCS_OF_KIND,
            },
        ],
        "summary": {"error": 2, "warning": 1, "info": 0, "accepted": 0},
    }


def test_json_without_findings_is_still_a_document() -> None:
    assert json.loads(JSON.findings([], colour=False))["findings"] == []


def github(*findings: Finding) -> str:
    text: str = load(REPORTS["github"]).findings(findings, colour=False)
    return text


def test_github_escapes_what_would_end_a_command() -> None:
    evil = finding(at(LINE, 3, 8, "a,b:c%.yaml"), "50 % of\n::set-env name=X::y\r")
    text = github(evil)
    assert text.count("\n") == 1
    assert text == (
        "::error file=a%2Cb%3Ac%25.yaml,line=7,endLine=7,col=3,endColumn=7,title=GEN999 unknown-key"
        f"::50 %25 of%0A::set-env name=X::y%0D%0A{DOCS_OF_KIND}\n"
    )


def test_github_knows_three_levels_and_findings_without_a_place() -> None:
    note = KIND.at((), "x", severity=Severity.INFO)
    commands = [line.split(" ")[0] for line in github(FULL, WARNING, note).splitlines()]
    assert commands == ["::error", "::warning", "::notice"]
    assert github(WHOLE).startswith("::error file=outputs/a b%2Cc%3Ad.yaml,title=")


def test_sarif_places_and_rules() -> None:
    log = json.loads(SARIF.findings([FULL, WHOLE, WARNING], colour=False))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["GEN999"]
    first, whole, bare = run["results"]
    region = first["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (7, 3, 8)
    place = whole["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "outputs/a%20b%2Cc%3Ad.yaml"}}
    assert "locations" not in bare
    assert [item["level"] for item in run["results"]] == ["error", "error", "warning"]
    assert all(run["tool"]["driver"]["rules"][item["ruleIndex"]]["id"] == item["ruleId"] for item in run["results"])


def test_a_sarif_fingerprint_survives_lines_that_come_before() -> None:
    lower = finding(Location("fleet.yaml", 99, 3, 8, LINE))
    log = json.loads(SARIF.findings([FULL, lower, WARNING], colour=False))
    prints = [item["partialFingerprints"]["findingPath/v1"] for item in log["runs"][0]["results"]]
    assert prints[0] == prints[1] != prints[2]


def test_sarif_of_an_absolute_path_is_a_file_uri(tmp_path: Path) -> None:
    log = json.loads(SARIF.findings([finding(at(LINE, 3, 8, str(tmp_path / "a b.yaml")))], colour=False))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == (tmp_path / "a b.yaml").as_uri()


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_takes_every_kind(name: str) -> None:
    text = load(REPORTS[name]).findings([kind.at((), "x") for kind in all_kinds()], colour=False)
    assert text.endswith("\n")
    assert all(docs(kind).startswith(f"{HOME}/docs/v{__version__}/errors.md#gen") for kind in all_kinds())


def test_a_diff_does_not_show_a_secret_that_was_written_by_hand() -> None:
    before = b"api_key: hunter2x\nmodel: a\nurl: https://u:hunter2x@example.com\nmaster_key: os.environ/MASTER\n"
    item = FileDiff("config.yaml", "gateways", Held(before), Held(b"model: b\n"))
    for shown in (diff.text([item], colour=False), diff.markdown([item], "a"), diff.document([item], "a", "b", "disk")):
        assert "hunter2x" not in shown
        assert "model: a" in shown
        assert "os.environ/MASTER" in shown
