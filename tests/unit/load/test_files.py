"""Files that a spec ships: which are read, and what becomes of all others."""

import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from generator.core.finding import Findings
from generator.load.files import LARGEST, read_files


def read(folder: Path, **files: Any) -> tuple[dict[str, Any], list[str]]:
    """What is left of `files`, and the cause of each finding."""
    findings = Findings()
    data = read_files({"models": {"chat": {"files": files}}}, folder, findings)
    assert {finding.id for finding in findings} <= {"GEN622"}
    return data["models"]["chat"]["files"], [finding.cause for finding in findings]


@pytest.mark.parametrize("held", [b"{{ messages }}\r\n", b"", b"\x00\xff\xfe", "Grüße".encode(), b"x" * LARGEST])
def test_bytes_arrive_as_they_are(held: bytes, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one").write_bytes(held)
    files, causes = read(tmp_path, name="below/one")
    assert causes == []
    assert b64decode(files["name"]) == held


@pytest.mark.parametrize("name", ["/etc/hostname", "~/x", "../x", "a/../../x", "a\\x"])
def test_nothing_outside_is_read(name: str, tmp_path: Path) -> None:
    files, causes = read(tmp_path, name=name)
    assert files == {}
    assert causes == ["it lies outside the spec's folder, and another machine renders other bytes or none"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("x")
    (tmp_path / "file").symlink_to(tmp_path / "real" / "file")
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    for name, link in (("file", "file"), ("folder/file", "folder"), ("./folder/file", "folder")):
        files, causes = read(tmp_path, name=name)
        assert files == {}
        assert causes == [f"`{link}` is a link, and what it leads to is not followed"]


def test_only_regular_files_are_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "."):
        assert read(tmp_path, name=name) == ({}, ["it is no regular file"])


def test_large_files_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "weights").open("wb") as stream:
        stream.truncate(1 << 40)
    assert read(tmp_path, name="weights") == ({}, ["it has more than 256 KiB"])


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n",
        "key = sk-proj-abcdefghijklmnop123456",
        "https://me:hunter2x@host/",
    ],
)
def test_a_file_with_a_secret_is_not_shipped_and_not_shown(text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(text)
    files, (cause,) = read(tmp_path, name="file")
    assert files == {}
    assert "looks like a secret" in cause
    assert not any(word in cause for word in text.split())


def test_words_of_templates_are_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('{% set access_token = message.token %}tool_call_token: "<|tool|>"')
    assert read(tmp_path, name="file")[1] == []


def test_a_near_name_is_offered(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "tools.jinja").write_text("x")
    findings = Findings()
    read_files({"defaults": {"files": {"a": "templates/tool.jinja"}}}, tmp_path, findings)
    (finding,) = findings
    assert finding.path == ("defaults", "files", "a")
    assert "`templates/tools.jinja`" in finding.help
