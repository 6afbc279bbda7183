"""The emitter: every value comes back as it went in, under YAML 1.1 and 1.2 readers alike."""

import json
from collections import OrderedDict

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.core.errors import BugError
from generator.render.emit import Shared, SharedItems, json_text, yaml_documents, yaml_text
from generator.render.text import hcl, markdown

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
AWKWARD = st.sampled_from(
    [
        "no",
        "on",
        "0123",
        "1e3",
        "1_000",
        "12:30",
        "a: b",
        "a #b",
        "- x",
        "=",
        "<<",
        "~",
        "",
        " ",
        "a ",
        "\n",
        "a\nb\n",
        "a\n\n",
        "# c\nd",
        "\t",
        "null",
        "0x1f",
        "2026-01-01",
        "%x",
        "@x",
        "`x`",
        "!x",
        "&x",
        "*x",
        "?",
        "|",
        ">",
        "{",
        "a\r\nb",
        "A\n",
        ".5",
        "NaN",
    ]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT | AWKWARD
DATA = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(TEXT | AWKWARD, inner), max_leaves=20)


@given(st.dictionaries(TEXT | AWKWARD, DATA))
def test_yaml_comes_back(data):
    assert yaml.load(yaml_text(data), Loader=yaml.SafeLoader) == data


@given(st.dictionaries(TEXT | AWKWARD, DATA))
def test_json_comes_back(data):
    assert json.loads(json_text(data)) == data


@pytest.mark.parametrize("kept", [dict, Shared, OrderedDict], ids=lambda kind: kind.__name__)
def test_json_is_laid_out_whatever_kind_of_mapping_it_is(kept):
    assert json_text({"a": kept({"b": [1]})}) == json.dumps({"a": {"b": [1]}}, indent=2) + "\n"


def test_block_style_reads_well():
    data = {"a": [{"b": 1, "c": ["x", "z"]}, {}, []], "script": "one\n  two\n", "image": "vllm/vllm-openai:v0.33.0"}
    assert yaml_text(data, "top\n\nline") == (
        "# top\n#\n# line\na:\n  - b: 1\n    c:\n      - x\n      - z\n  - {}\n  - []\n"
        "script: |\n  one\n    two\nimage: vllm/vllm-openai:v0.33.0\n"
    )


def test_documents_come_back_in_their_order_below_one_header():
    text = yaml_documents([{"a": 1}, {}, {"b": "---"}], "top")
    assert text.startswith("# top\na: 1\n---\n")
    assert list(yaml.safe_load_all(text)) == [{"a": 1}, {}, {"b": "---"}]


def test_a_shared_mapping_reads_as_any_other():
    often = {"one": "1", "two": [{"three": "a\n\nb\n"}, {}], "four": {"five": 5}}
    data = {"first": often, "list": [often, {"deeper": often, "still": [often]}], "none": {}}
    shared = Shared(often)
    same = {"first": shared, "list": [shared, {"deeper": shared, "still": [shared]}], "none": Shared({})}
    assert yaml_text(same) == yaml_text(data)


def test_a_shared_sequence_reads_as_any_other():
    often = ["one", {"two": ["a\n\nb\n", []]}, {}, 3]
    data = {"first": often, "list": [often, {"deeper": often, "still": [often]}], "none": []}
    shared = SharedItems(often)
    same = {"first": shared, "list": [shared, {"deeper": shared, "still": [shared]}], "none": SharedItems([])}
    assert yaml_text(same) == yaml_text(data)
    assert json_text(same) == json_text(data)


def test_what_yaml_has_no_word_for_is_a_bug():
    with pytest.raises(BugError):
        yaml_text({"a": float("nan")})


@given(TEXT)
def test_hcl_is_one_closed_string(value):
    text = hcl(value)
    body = text[1:-1].replace("\\\\", "")
    assert '"' not in body.replace('\\"', "")
    assert "\n" not in text
    assert "${" not in text.replace("$${", "")


def test_markdown_stays_in_its_cell():
    assert markdown("a | b\n`c`") == "a \\| b \\`c\\`"
