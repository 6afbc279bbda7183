"""`gen explain GEN310`: what a finding means, offline, in the words of the installed version."""

import socket
from pathlib import Path
from typing import NoReturn

import pytest
from click.shell_completion import ShellComplete

from generator import __version__
from generator.cli.main import cli
from generator.core.kinds import all_kinds
from generator.report.summary import docs, explained
from scripts.install.environment import ROOT
from tests.gen_command import Gen


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.id)
def test_every_kind(gen: Gen, kind) -> None:
    done = gen("explain", kind.id)
    assert done.code == 0
    told = " ".join(done.out.split())
    assert told.startswith(f"{kind.id} {kind.slug} {kind.severity}; ")
    assert f"{kind.title}. {kind.why}" in told
    # The page says the same, under the anchor of the link.
    page = (ROOT / "docs" / "errors.md").read_text()
    assert f"## {docs(kind).partition('#')[2].replace('-', ' ', 1).replace('gen', 'GEN', 1)}\n" in page
    assert kind.why in page
    assert explained(kind) == f"gen explain {kind.id}"
    assert f"/v{__version__}/" in docs(kind)


@pytest.mark.parametrize("word", ["gen310", "GEN-310", "does-not-fit", "gen310-does-not-fit"])
def test_other_ways_to_say_it(gen: Gen, word: str) -> None:
    assert gen("explain", word).out.startswith("GEN310 does-not-fit\n")


@pytest.mark.parametrize(
    ("word", "hint"),
    [("GEN999", "did you mean `GEN"), ("GEN31", "`GEN310`"), ("gen3100", "`GEN310`"), ("fleet.yml", "name a spec")],
)
def test_what_is_no_finding(gen: Gen, word: str, hint: str) -> None:
    done = gen("explain", word)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


def test_a_folder_of_that_name_is_a_fleet(gen: Gen) -> None:
    Path("gen310").mkdir()
    Path("fleet.yaml").rename("gen310/fleet.yaml")
    assert "desk-chat" in gen("explain", "gen310").out


def test_a_finding_has_no_path(gen: Gen) -> None:
    assert gen("explain", "GEN310", "models.small").code == 2


def test_completion_knows_the_ids() -> None:
    complete = ShellComplete(cli, {}, "gen", "_GEN_COMPLETE")
    found = {item.value for item in complete.get_completions(["explain"], "GEN31")}
    assert {"GEN310", "GEN311"} <= found
