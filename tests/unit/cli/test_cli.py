"""The command line: help, usage, the smaller verbs, completion, and every way a run ends."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import __version__, pipeline
from generator.cli.failures import exit_code
from generator.cli.init import stacks
from generator.cli.main import VERBS, cli
from generator.cli.schema import names
from generator.cli.talk import coloured
from generator.core.errors import BugError, SurroundingsError
from generator.report import REPORTS
from tests.gen_command import Gen, change, snapshot

GEN = Path(sys.executable).with_name("gen")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(gen: Gen, verb: str) -> None:
    done = gen(verb, "--help")
    assert done.code == 0
    assert f"\n    gen {verb}" in done.out.partition("Examples:")[2]


def test_help_lists_the_verbs_and_the_exit_codes(gen: Gen) -> None:
    done = gen("--help")
    assert [verb for verb in VERBS if not re.search(rf"^  {verb} ", done.out, re.MULTILINE)] == []
    assert "4 disk, git or a cloud" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("validdate", "fleet.yaml"),
        ("validate",),
        ("validate", "nowhere.yaml"),
        ("validate", "."),
        ("validate", "fleet.yaml", "-o", "xml"),
        ("validate", "fleet.yaml", "--env", "prd"),
        ("validate", "fleet.yaml", "--env", ""),
        ("render", "fleet.yaml", "--env", "../prod"),
        ("diff", "fleet.yaml", "--env", ""),
        ("explain", "fleet.yaml", "--env", ""),
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


def test_an_unknown_command_is_told_what_was_meant(gen: Gen) -> None:
    assert "there is no command 'rendr'\n  help: did you mean `render`?" in gen("rendr", "fleet.yaml").err
    assert "gen --help lists them" in gen("xyzzy").err


def test_help_of_init_names_every_stack(gen: Gen) -> None:
    said = gen("init", "--help").out
    assert [name for name in stacks() if not re.search(rf"\b{name}\b", said)] == []


def test_a_preflight_without_a_cloud_says_that_it_asked_nothing(gen: Gen) -> None:
    done = gen("preflight", "fleet.yaml")
    assert (done.code, "nothing was asked, since there is no cloud to ask" in done.err) == (0, True)
    assert "as the fleet needs it" not in done.err


def test_an_unknown_environment_lists_those_there_are(gen: Gen) -> None:
    done = gen("validate", "fleet.yaml", "--env", "prd")
    assert "did you mean `prod`" in done.err
    assert "`default`, `prod`" in done.err


def test_validate_ends_with_0_and_prints_notes(gen: Gen) -> None:
    change("qwen3:0.6b", "acme:1b")
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


def test_schema_lists_and_prints(gen: Gen) -> None:
    assert "fleet" in names()
    assert gen("schema").out.split() == names()
    for name in names():
        assert json.loads(gen("schema", name).out)["$schema"]
    assert "did you mean `fleet`" in gen("schema", "flet").err


def test_version(gen: Gen) -> None:
    assert gen("version").out.startswith(f"gen {__version__}\n")
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
        ("gen render fleet.yaml --target co", {"compose", "cost"}),
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
        raise KeyError("secret sauce sk-proj-abcdefgh12")

    monkeypatch.setattr(pipeline, "check", broken)
    done = gen("validate", "fleet.yaml")
    assert (done.code, done.out) == (70, "")
    assert "a bug in gen: KeyError: 'secret sauce sk-proj-***'" in done.err
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
