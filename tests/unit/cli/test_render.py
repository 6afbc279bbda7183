"""`gen render`, `gen diff` and `gen explain`: what they print where, what they write, and how they end."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from generator import pipeline
from generator.core.layout import RECORDS
from generator.output.disk import lock
from generator.output.folder import OutputFolder
from tests.gen_command import SPEC, Done, Gen, change, snapshot


def test_render_writes_below_out_and_says_so_on_stderr(gen: Gen) -> None:
    done = gen("render", "fleet.yaml", "--all-envs", "--out", "made")
    assert (done.code, done.out) == (0, "")
    assert re.search(r"^made/desk-chat/prod: \d+ created", done.err, re.MULTILINE)
    for environment, context in (("default", "8192"), ("prod", "4096")):
        project = Path(f"made/desk-chat/{environment}/compose/desk/compose.yaml").read_text()
        assert context in project
        assert yaml.safe_load(project)["services"]
    assert gen("render", "fleet.yaml", "--out", "made", "-q") == Done(0, "", "")


def test_a_second_render_changes_nothing(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    before = snapshot("outputs")
    done = gen("render", "fleet.yaml")
    assert snapshot("outputs") == before
    assert re.search(r"outputs/desk-chat/default: \d+ unchanged", done.err)


def test_check_writes_nothing_and_lists_what_differs(gen: Gen) -> None:
    assert gen("render", "fleet.yaml", "--check").code == 3
    assert not Path("outputs").exists()
    gen("render", "fleet.yaml")
    assert gen("render", "fleet.yaml", "--check").code == 0
    change("context: 8192", "context: 4096")
    before = snapshot("outputs")
    done = gen("render", "fleet.yaml", "--check")
    assert done.code == 3
    listed = dict(reversed(line.split()) for line in done.out.splitlines())
    assert listed["outputs/desk-chat/default/compose/desk/compose.yaml"] == "outdated"
    assert listed["outputs/desk-chat/default/.gen/manifest"] == "outdated"
    assert snapshot("outputs") == before


def test_check_of_one_environment_says_nothing_about_another(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    assert gen("render", "fleet.yaml", "--check").code == 0
    done = gen("render", "fleet.yaml", "--check", "--all-envs")
    assert done.code == 3
    assert {line.split()[1].split("/")[2] for line in done.out.splitlines()} == {"prod"}


def test_check_tells_edits_and_leftovers_apart(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    compose = Path("outputs/desk-chat/default/compose/desk/compose.yaml")
    compose.write_text("services: {}\n")
    change("gateways:\n  edge: {kind: litellm, cluster: desk, hostPort: 4000}\n", "")
    listed = gen("render", "fleet.yaml", "--check").out.splitlines()
    assert f"edited     {compose}" in listed
    assert any(line.startswith("left over  ") and "gateway/edge" in line for line in listed)


def test_check_reports_an_interrupted_render(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    Path("outputs/desk-chat/default/.gen/staged").mkdir()
    done = gen("render", "fleet.yaml", "--check")
    assert (done.code, "GEN405" in done.err) == (3, True)
    assert "an interrupted render was ended first" in gen("render", "fleet.yaml").err
    assert gen("render", "fleet.yaml", "--check").code == 0


def test_outputs_of_an_environment_that_is_gone_are_named_and_kept(gen: Gen) -> None:
    gen("render", "fleet.yaml", "--all-envs")
    Path("fleet.prod.yaml").unlink()
    before = snapshot("outputs")
    told = "outputs/desk-chat/prod: belongs to no environment any more"
    for code, arguments in ((0, ()), (3, ("--check",))):
        done = gen("render", "fleet.yaml", "--all-envs", *arguments)
        assert (done.code, told in done.err) == (code, True)
        assert gen("render", "fleet.yaml", *arguments).code == 0
    assert snapshot("outputs") == before


def test_a_hand_edit_stops_the_render_until_force(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    compose = Path("outputs/desk-chat/default/compose/desk/compose.yaml")
    rendered = compose.read_text()
    compose.write_text("services: {}\n")
    done = gen("render", "fleet.yaml")
    assert done.code == 4
    assert f"{compose}: error GEN401" in done.err
    assert compose.read_text() == "services: {}\n"
    done = gen("render", "fleet.yaml", "--force")
    assert f"hand edit given up: {compose}" in done.err
    assert (done.code, compose.read_text()) == (0, rendered)


def test_a_foreign_file_stops_the_render(gen: Gen) -> None:
    mine = Path("outputs/desk-chat/default/compose/desk/compose.yaml")
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    done = gen("render", "fleet.yaml", "--force")
    assert (done.code, "GEN402" in done.err, mine.read_text()) == (4, True, "mine\n")


def test_target_writes_only_its_own(gen: Gen) -> None:
    gen("render", "fleet.yaml", "--target", "compose")
    made = {path.split("/")[3] for path in snapshot("outputs")}
    assert made == {"compose", ".gen"}
    assert gen("render", "fleet.yaml", "--target", "compose", "--check").code == 0
    assert gen("render", "fleet.yaml", "--check").code == 3


def test_nothing_is_written_when_any_fleet_has_an_error(gen: Gen) -> None:
    Path("other").mkdir()
    Path("other/fleet.yaml").write_text(SPEC.replace("desk-chat", "other").replace("context: 8192", "contxt: 1"))
    done = gen("render", "fleet.yaml", "other")
    assert (done.code, done.out) == (1, "")
    assert "other/fleet.yaml:9:5: error" in done.err
    assert not Path("outputs").exists()


def test_two_fleets_of_one_name_are_refused(gen: Gen) -> None:
    Path("other").mkdir()
    Path("other/fleet.yaml").write_text(SPEC)
    done = gen("render", "fleet.yaml", "other")
    assert (done.code, Path("outputs").exists()) == (2, False)
    assert "both named desk-chat" in done.err


def test_notes_are_counted_and_left_to_validate(gen: Gen) -> None:
    change("0.32.15", "0.32.16")
    done = gen("render", "fleet.yaml")
    assert "info GEN" not in done.err
    assert re.search(r"^\d+ notes?; gen validate prints", done.err, re.MULTILINE)


@pytest.mark.parametrize("day", [(2026, 12, 1), (2036, 12, 1)], ids=["fresh facts", "old facts"])
def test_every_verb_counts_the_notes_that_validate_prints(
    gen: Gen, monkeypatch: pytest.MonkeyPatch, day: tuple[int, int, int]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(*day, tzinfo=UTC).timestamp())))
    change("0.32.15", "0.32.16")
    for words in (
        ["render"],
        ["render", "--env", "prod"],
        ["render", "--all-envs"],
        ["diff"],
        ["diff", "--env", "prod"],
    ):
        verb, *environments = words
        printed = gen("validate", "fleet.yaml", *environments).out.count(": info GEN")
        said = gen(verb, "fleet.yaml", *environments).err
        assert f"{printed} note{'s' * (printed > 1)}; gen validate prints" in said


def test_a_second_render_at_the_same_time_ends_with_4(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    root = Path("outputs/desk-chat/default")
    with OutputFolder(root).opened(RECORDS) as records:
        lock(records, root)
        done = gen("render", "fleet.yaml")
    assert done.code == 4
    assert "another gen render is writing outputs/desk-chat/default" in done.err


def test_diff_shows_what_a_render_would_change(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    assert gen("diff", "fleet.yaml", "--exit-code") == Done(0, "", gen("diff", "fleet.yaml").err)
    change("context: 8192", "context: 4096")
    before = snapshot("outputs")
    done = gen("diff", "fleet.yaml")
    assert done.code == 0
    assert "--- a/compose/desk/compose.yaml\n+++ b/compose/desk/compose.yaml\n@@" in done.out
    assert gen("diff", "fleet.yaml", "--exit-code").code == 3
    assert gen("diff", "fleet.yaml", "-o", "markdown").out.startswith("### desk-chat / default\n")
    data = json.loads(gen("diff", "fleet.yaml", "-o", "json").out)
    assert "compose/desk/compose.yaml" in [item["path"] for item in data["files"]]
    assert snapshot("outputs") == before


def test_diff_against_a_commit(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *identity, *command], check=True)
    change("context: 8192", "context: 4096")
    gen("render", "fleet.yaml")
    assert gen("diff", "fleet.yaml").out == ""
    done = gen("diff", "fleet.yaml", "--against", "git:HEAD", "--exit-code")
    assert done.code == 3
    assert "compose/desk/compose.yaml" in done.out
    assert gen("diff", "fleet.yaml", "--against", "git:nowhere").code == 4


def test_diff_of_a_spec_with_errors_ends_with_1(gen: Gen) -> None:
    change("context: 8192", "contxt: 8192")
    done = gen("diff", "fleet.yaml")
    assert (done.code, done.out) == (1, "")
    assert "error GEN" in done.err


def test_explain_lists_and_explains(gen: Gen) -> None:
    overview = gen("explain", "fleet.yaml").out
    assert overview.startswith("desk-chat / default: fleet.yaml\n")
    for name in ("clusters.desk", "small/local", "routes.chat"):
        assert f"\n  {name} " in overview
        assert gen("explain", "fleet.yaml", name).code == 0
    every = gen("explain", "fleet.yaml", "small/local").out
    one = gen("explain", "fleet.yaml", "models.small.placements.local.context").out
    assert "  context: 8192\n    why   given\n    from  fleet.yaml:9  context: 8192\n" in every
    assert (
        one
        == "models.small.placements.local\n  context: 8192\n    why   given\n    from  fleet.yaml:9  context: 8192\n"
    )
    assert gen("explain", "fleet.yaml", "small/local.context").out == one


def test_explain_names_the_overlay_and_the_patch(gen: Gen) -> None:
    change("gateways:", "patches:\n  - {target: compose, placement: small/local, merge: {labels: {a: b}}}\ngateways:")
    done = gen("explain", "fleet.yaml", "small/local", "--env", "prod")
    assert "from  fleet.prod.yaml:1 (overlay)  models: {small: {context: 4096}}" in done.out
    assert "patched for compose\n    at    fleet.yaml:16 " in done.out
    assert "labels:\n      a: b" in done.out


def test_explain_shows_a_written_value_and_what_it_decides(gen: Gen) -> None:
    done = gen("explain", "fleet.yaml", "models.small.context")
    assert done.out.splitlines()[:3] == [
        "models.small.context",
        "  context: 8192",
        "  written at fleet.yaml:9  context: 8192",
    ]
    assert "  decides small/local.context: 8192 (given)" in done.out.splitlines()


def test_explain_of_the_unknown_suggests(gen: Gen) -> None:
    assert "did you mean `models.small.context`" in gen("explain", "fleet.yaml", "models.small.contxt").err
    assert "did you mean `small/local" in gen("explain", "fleet.yaml", "small/lokal").err


def test_everything_written_can_be_explained(gen: Gen) -> None:
    data = pipeline.check(Path("fleet.yaml"), "default").loaded
    assert data is not None
    for path in ("models", "routes.chat.tiers[0][0].model", "gateways.edge.hostPort", "name", "clusters.desk.platform"):
        assert gen("explain", "fleet.yaml", path).code == 0


def test_outputs_that_lead_elsewhere_are_named_first(gen: Gen, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if Path("outputs").exists():
        Path("outputs").rename("kept")
    Path("outputs").symlink_to(elsewhere)
    done = gen("render", "fleet.yaml")
    assert (done.code, "outputs is a symbolic link" in done.err) == (2, True)
    assert list(elsewhere.iterdir()) == []
    assert gen("render", "fleet.yaml", "--out", "outputs").code == 0
    assert list(elsewhere.iterdir())
