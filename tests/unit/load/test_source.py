"""Reading YAML: scalars of the core schema, positions, and mistakes of the text."""

from pathlib import Path

import pytest
import yaml

from generator.core.errors import SurroundingsError, UsageError
from generator.core.finding import Findings
from generator.load import events, reader, scalars
from generator.load.source import Document, read_document

PARSERS = [getattr(yaml, "CBaseLoader", yaml.BaseLoader), yaml.BaseLoader]


@pytest.fixture(params=PARSERS, ids=["c", "pure"], autouse=True)
def parser(request, monkeypatch):
    """Every test runs with both of PyYAML's parsers."""
    monkeypatch.setattr(events, "_PARSER", request.param)


def read(folder: Path, text: str | bytes, limits: reader.Limits | None = None) -> tuple[Document | None, Findings]:
    path, findings = folder / "fleet.yaml", Findings()
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_document(path, findings, limits), findings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-01-31", "2026-01-31"),
        ("0123456", 123456),
        ("-7", -7),
        ("+7", 7),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5E-2", -0.015),
        ("0.33.0", "0.33.0"),
        ("1.10", 1.1),
        ("16Gi", "16Gi"),
        ("-", "-"),
        (".", "."),
        ("+.inf", float("inf")),
        ("", None),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("True", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("0123012301230123012301230123012301230123", "0123012301230123012301230123012301230123"),
    ],
)
def test_scalars_follow_the_core_schema(text, value):
    resolved = scalars.resolve(text)
    assert (resolved, type(resolved)) == (value, type(value))


def test_quoted_text_stays_text(tmp_path):
    document, _ = read(tmp_path, "a: '1'\nb: \"true\"\nc: |\n  5\nd: 5\n")
    assert document is not None
    assert document.data == {"a": "1", "b": "true", "c": "5\n", "d": 5}


def test_keys_are_text_whatever_they_look_like(tmp_path):
    document, findings = read(tmp_path, "4090: {on: 1, null: 2, 1.10: 3}\n")
    assert document is not None
    assert document.data == {"4090": {"on": 1, "null": 2, "1.10": 3}}
    assert not findings.has_errors


SPEC = """\
name: acme
models:
  chat: {context: 8192, "env": {A: b}}
  small:
    placements:
      desk:
        cluster: desk
routes:
  chat:
    tiers:
      - [{model: chat}, {model: small}]
      - - model: small
          weight: 2
empty:
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), (1, 7, 11)),
        (("models", "chat", "context"), (3, 19, 23)),
        (("models", "chat"), (3, 9, 39)),
        (("models", "chat", "env", "A"), (3, 36, 37)),
        (("models", "small", "placements", "desk"), (6, 7, 11)),
        (("models", "small", "placements", "desk", "cluster"), (7, 18, 22)),
        (("models", "small", "placements", "desk", "pool"), (6, 7, 11)),
        (("models", "none", "placements"), (2, 1, 7)),
        (("routes", "chat", "tiers", 0, 1), (11, 25, 39)),
        (("routes", "chat", "tiers", 0, 1, "model"), (11, 33, 38)),
        (("routes", "chat", "tiers", 1, 0), (12, 11, 23)),
        (("routes", "chat", "tiers", 1, 0, "weight"), (13, 19, 20)),
        (("routes", "chat", "tiers", 7), (10, 5, 10)),
        (("empty",), (14, 1, 6)),
        (("nothing",), (1, 1, 11)),
        ((), (1, 1, 11)),
    ],
)
def test_every_path_has_a_place(tmp_path, path, place):
    document, _ = read(tmp_path, SPEC)
    assert document is not None
    found = document.locate(path)
    assert (found.line, found.column, found.end_column) == place
    assert found.text == SPEC.splitlines()[found.line - 1]


def test_a_key_can_be_pointed_at(tmp_path):
    document, _ = read(tmp_path, SPEC)
    assert document is not None
    found = document.locate(("models", "chat", "env"), on_key=True)
    assert (found.line, found.column, found.end_column) == (3, 25, 30)


def test_lines_are_counted_as_yaml_counts_them(tmp_path):
    document, _ = read(tmp_path, 'a: "x\u2028  y"\r\nb: grün #\nc: 1\n')
    assert document is not None
    assert document.locate(("c",)).line == 4
    assert document.locate(("b",)).text == "b: **** #"


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    document, _ = read(tmp_path, b"\xef\xbb\xbfname: acme\n")
    assert document is not None
    assert document.data == {"name": "acme"}
    assert document.locate(("name",)).column == 7


def test_aliases_are_expanded_and_located(tmp_path):
    document, findings = read(tmp_path, "a: &x {k: [1, 2]}\nb: *x\n")
    assert document is not None
    assert document.data == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}}
    assert len(findings) == 0
    assert document.locate(("b",)).line == 2
    assert document.locate(("b", "k", 1)).line == 1


def ids(findings: Findings) -> list[tuple[str, int, int]]:
    return [(f.id, f.location.line, f.location.column) if f.location else (f.id, 0, 0) for f in findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: {c: 1, c: 2, c: 3}\n", [("GEN102", 2, 11)]),
        ("a:\n\tb: 1\n", [("GEN103", 2, 1)]),
        ("a: *b\n", [("GEN101", 1, 4)]),
        ("a: &a [*a]\n", [("GEN101", 1, 8)]),
        ("a: 'open\nb: 1\n", [("GEN101", 1, 4)]),
        ("a: {k: 'x' l: 2}\n", [("GEN101", 1, 12)]),
        ("a:\n  b: {k: 1\nc: 2\n", [("GEN101", 2, 6)]),
        ("a:\n\u00a0 b: 1\n", [("GEN103", 2, 1)]),
        ("a: {b: 1, c: 1, b: 2, c: 2}\n", [("GEN102", 1, 17)]),
        ("a: \x01\n", [("GEN101", 1, 4)]),
        ("%YAML 3.0\n---\na: 1\n", [("GEN101", 1, 1)]),
        ("? [1, 2]\n: 3\n", [("GEN113", 1, 3)]),
        ("a: {b: {c: {d: 1}}}\n", [("GEN107", 1, 12)]),
        ("a: &a [[1]]\nb: [*a]\n", [("GEN107", 2, 5)]),
        ("a: &a [1, 1, 1]\nb: *a\nc: *a\n", [("GEN105", 3, 4)]),
        ("a: !!int 1\n", [("GEN110", 1, 4)]),
        ("a: {<<: {b: 1}}\n", [("GEN104", 1, 5)]),
        ("a: 1e999\n", [("GEN112", 1, 4)]),
        ("a: 1\n---\nb: 1\n", [("GEN111", 2, 1)]),
        ("", [("GEN109", 1, 1)]),
        ("# only this\n", [("GEN109", 1, 1)]),
        ("[]\n", [("GEN109", 1, 1)]),
        ("~\n", [("GEN109", 1, 1)]),
    ],
)
def test_mistakes_of_the_text(tmp_path, text, expected):
    _, findings = read(tmp_path, text, reader.Limits(depth=3, aliased=6))
    assert ids(findings) == expected


def test_a_repeated_key_names_both_lines_and_the_first_one_counts(tmp_path):
    document, findings = read(tmp_path, "a:\n  b: 1\n  c: 2\n  b: 3\n")
    (finding,) = findings
    assert finding.cause == "on line 2 and again on line 4"
    assert document is not None
    assert document.data == {"a": {"b": 1, "c": 2}}
    assert not findings.intact(("a", "b"))
    assert findings.intact(("a", "c"))


def test_keys_of_one_mapping_given_twice_are_one_mistake(tmp_path):
    _, findings = read(tmp_path, "m:\n  a: 1\n  b: 2\n  n:\n  a: 3\n  b: 4\n")
    (finding,) = findings
    assert finding.message == "2 keys of m are given twice"
    assert finding.cause == "`a` on lines 2 and 5, `b` on lines 3 and 6"
    assert not findings.intact(("m", "a"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: !!int 1\n", "`!!int` is not supported, nor is any other"),
        ("a: {\n", "a value is missing here"),
        ("a: 'open\n", "a quote that is never closed"),
        ("\u00a0a: 1\n", "U+00A0 counts as a letter, often copied from a web page"),
    ],
)
def test_causes_are_plain_words(tmp_path, text, told):
    (finding,) = read(tmp_path, text)[1]
    assert finding.cause == told


def test_a_file_over_the_limit_is_not_read(tmp_path):
    document, findings = read(tmp_path, "a: 1\n" * 100, reader.Limits(size=499))
    assert document is None
    assert ids(findings) == [("GEN106", 1, 1)]
    assert read(tmp_path, "a: 1\n", reader.Limits(size=5))[0] is not None


def test_other_encodings_are_refused_with_the_byte(tmp_path):
    _, findings = read(tmp_path, b"a: 1\nb: \xfc\n")
    (finding,) = findings
    assert (finding.id, finding.location and finding.location.line) == ("GEN108", 2)
    assert finding.cause == "byte 4 of line 2 is 0xfc"
    assert ids(read(tmp_path, "a: 1\n".encode("utf-16"))[1]) == [("GEN108", 1, 1)]


def test_a_missing_file_is_wrong_usage_and_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(UsageError):
        read_document(tmp_path / "no.yaml", Findings())
    with pytest.raises(SurroundingsError):
        read_document(tmp_path, Findings())
