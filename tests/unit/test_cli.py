"""The command line: what each verb prints where, and with which code it ends."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import __version__, pipeline
from generator.cli.failures import exit_code
from generator.cli.init import stacks
from generator.cli.main import VERBS, cli, main
from generator.cli.schema import names
from generator.cli.talk import coloured
from generator.core.errors import BugError, SurroundingsError
from generator.output.disk import locked
from generator.report import REPORTS

GEN = Path(sys.executable).with_name("gen")
SPEC = """\
apiVersion: fleetgen/v1
name: desk-chat
clusters:
  desk: {platform: docker}
models:
  small:
    source: {ollama: "qwen3:0.6b"}
    engine: {name: ollama, version: 0.32.15}
    context: 8192
    concurrency: 2
    placements:
      local: {cluster: desk}
routes:
  chat: {tiers: [[{model: small}]]}
gateways:
  edge: {kind: litellm, cluster: desk, hostPort: 4000}
"""
OVERLAY = "models: {small: {context: 4096}}\n"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Gen = Callable[..., Done]


@pytest.fixture
def gen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gen:
    """Runs gen in a folder that holds `fleet.yaml` and the overlay `prod`."""
    (tmp_path / "fleet.yaml").write_text(SPEC)
    (tmp_path / "fleet.prod.yaml").write_text(OVERLAY)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        captured = capsys.readouterr()
        return Done(int(stop.value.code or 0), captured.out, captured.err)

    return run


def change(old: str, new: str, file: str = "fleet.yaml") -> None:
    path = Path(file)
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new))


def snapshot(folder: str) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(gen: Gen, verb: str) -> None:
    done = gen(verb, "--help")
    assert done.code == 0
    assert f"\n    gen {verb}" in done.out.partition("Examples:")[2]


def test_help_lists_the_verbs_and_the_exit_codes(gen: Gen) -> None:
    done = gen("--help")
    assert [verb for verb in VERBS if not re.search(rf"^  {verb} ", done.out, re.MULTILINE)] == []
    assert "4 disk or git" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("validdate", "fleet.yaml"),
        ("validate",),
        ("validate", "nowhere.yaml"),
        ("validate", "."),
        ("validate", "fleet.yaml", "-o", "xml"),
        ("validate", "fleet.yaml", "--env", "prd"),
        ("validate", "fleet.yaml", "--env", "prod", "--all-envs"),
        ("validate", "fleet.yaml", "./fleet.yaml"),
        ("render", "fleet.yaml", "--target", "helmet"),
        ("diff", "fleet.yaml", "--against", "main"),
        ("diff", "fleet.yaml", "--against", "git:"),
        ("explain", "fleet.yaml", "models.smal"),
        ("schema", "flet"),
        ("init", "--from", "nothing"),
        ("completion", "powershell"),
    ],
)
def test_wrong_usage_ends_with_2_and_writes_nothing(gen: Gen, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    if arguments == ("validate", "."):
        (tmp_path / "empty").mkdir()
        arguments = ("validate", "empty")
    before = sorted(tmp_path.rglob("*"))
    done = gen(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_environment_lists_those_there_are(gen: Gen) -> None:
    done = gen("validate", "fleet.yaml", "--env", "prd")
    assert "did you mean `prod`" in done.err
    assert "default, prod" in done.err


def test_validate_ends_with_0_and_prints_notes(gen: Gen) -> None:
    done = gen("validate", "fleet.yaml")
    assert done.code == 0
    assert "info GEN301" in done.out


def test_validate_ends_with_1_at_an_error_and_finds_all(gen: Gen) -> None:
    change("concurrency:", "concurency:")
    change("cluster: desk}\n", "cluster: desc}\n")
    done = gen("validate", ".")
    assert done.code == 1
    assert re.search(r"^fleet\.yaml:10:5: error GEN\d+ .*concurency", done.out, re.MULTILINE)
    assert "fleet.yaml:12:24: error GEN" in done.out
    assert "2 errors" in done.out.splitlines()[-1]


@pytest.mark.parametrize("output", REPORTS)
def test_validate_prints_every_format(gen: Gen, output: str) -> None:
    change("context: 8192", "contxt: 8192")
    done = gen("validate", "fleet.yaml", "-o", output)
    assert done.code == 1
    assert "contxt" in done.out
    assert done.err == ""


def test_all_environments_are_validated_and_what_is_found_twice_is_told_once(gen: Gen) -> None:
    change("context: 4096", "contxt: 4096", "fleet.prod.yaml")
    assert gen("validate", "fleet.yaml").code == 0
    done = gen("validate", "fleet.yaml", "--all-envs", "-o", "json")
    findings = json.loads(done.out)["findings"]
    assert done.code == 1
    assert {item["file"] for item in findings if item["severity"] == "error"} == {"fleet.prod.yaml"}
    keys = [(item["id"], item["file"], item["line"], item["column"], item["message"]) for item in findings]
    assert len(keys) == len(set(keys))


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
    done = gen("render", "fleet.yaml")
    assert "info GEN" not in done.err
    assert re.search(r"^\d+ notes?; gen validate prints", done.err, re.MULTILINE)


def test_a_second_render_at_the_same_time_ends_with_4(gen: Gen) -> None:
    gen("render", "fleet.yaml")
    with locked(Path("outputs/desk-chat/default/.gen")):
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


def test_schema_lists_and_prints(gen: Gen) -> None:
    assert "fleet" in names()
    assert gen("schema").out.split() == names()
    for name in names():
        assert json.loads(gen("schema", name).out)["$schema"]
    assert "did you mean `fleet`" in gen("schema", "flet").err


def test_version(gen: Gen) -> None:
    assert gen("version").out == f"gen {__version__}\n"
    assert gen("--version").out == f"{__version__}\n"
    assert json.loads(gen("version", "-o", "json").out)["gen"] == __version__


@pytest.mark.parametrize("stack", stacks())
def test_init_writes_a_fleet_that_renders(gen: Gen, stack: str) -> None:
    done = gen("init", "mine", "--from", stack)
    assert done.code == 0
    assert set(done.out.split()) == {path.as_posix() for path in Path("mine").iterdir()}
    assert "mine/fleet.yaml" in done.out
    first = Path("mine/fleet.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=./fleet.schema.json"
    assert Path("mine/fleet.schema.json").read_text() == gen("schema", "fleet").out
    assert gen("render", "mine", "--all-envs", "--out", "mine/outputs").code == 0


def test_init_overwrites_nothing(gen: Gen) -> None:
    before = snapshot(".")
    done = gen("init")
    assert done.code == 4
    assert "not overwritten: fleet.yaml" in done.err
    assert snapshot(".") == before


def test_init_starts_in_a_new_folder_by_default(gen: Gen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    assert gen("init").code == 0
    assert gen("validate", ".").code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(gen: Gen, shell: str, tmp_path: Path) -> None:
    script = gen("completion", shell).out
    assert f"_GEN_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)


def complete(folder: Path, words: str) -> set[str]:
    """What bash would be offered for the last of the words."""
    count = str(len(words.split(" ")) - 1)
    environment = {**os.environ, "_GEN_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": count}
    done = subprocess.run([GEN], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return {line.partition(",")[2] for line in done.stdout.splitlines() if line}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("gen va", {"validate"}),
        ("gen schema fl", {"fleet"}),
        ("gen init --from quick", {"quickstart-local"}),
        ("gen render fleet.yaml --target co", {"compose"}),
        ("gen render fleet.yaml --env p", {"prod"}),
        ("gen diff . --env p", {"prod"}),
        ("gen render --env p", {"prod"}),
        ("gen render nowhere.yaml --env p", set()),
        ("gen validate -o s", {"sarif"}),
    ],
)
@pytest.mark.usefixtures("gen")
def test_completion_offers_what_there_is(tmp_path: Path, words: str, offered: set[str]) -> None:
    assert complete(tmp_path, words) == offered


def test_a_bug_ends_with_70_and_a_short_report(gen: Gen, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("secret sauce")

    monkeypatch.setattr(pipeline, "check", broken)
    done = gen("validate", "fleet.yaml")
    assert (done.code, done.out) == (70, "")
    assert "a bug in gen: KeyError: 'secret sauce'" in done.err
    assert "please report it" in done.err
    assert f"gen {__version__}, Python" in done.err
    assert re.search(r"generator/cli/options\.py:\d+ in check_all", done.err)
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) < 12


def raising(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (BugError("x"), 70), (SurroundingsError("x", help="y"), 4), (RecursionError(), 70)],
)
def test_every_end_has_its_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(raising(error)) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_a_reader_that_leaves_early_is_no_bug(tmp_path: Path) -> None:
    process = subprocess.Popen([GEN, "schema", "fleet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_stdout_ends_with_4(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [GEN, "schema", "fleet"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False
        )
    assert done.returncode == 4
    assert done.stderr.startswith("error: the output cannot be written: No space left on device\n")
    assert len(done.stderr.splitlines()) == 2


class Terminal:
    """A stream that is, or is not, a terminal."""

    def __init__(self, *, is_one: bool) -> None:
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


@pytest.mark.parametrize(
    ("is_one", "environment", "expected"),
    [(True, {}, True), (False, {}, False), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, *, is_one: bool, environment: dict[str, str], expected: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream: Any = Terminal(is_one=is_one)
    assert coloured(stream) is expected


@pytest.mark.usefixtures("gen")
def test_a_real_process_keeps_result_and_talk_apart(tmp_path: Path) -> None:
    change("context: 8192", "contxt: 8192")
    done = subprocess.run([GEN, "validate", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "\x1b" not in done.stdout


def test_the_list_of_verbs_is_the_list_of_commands() -> None:
    for name, (_, short) in VERBS.items():
        command = cli.get_command(cli.make_context("gen", ["version"]), name)
        assert command is not None
        assert command.name == name
        assert short
