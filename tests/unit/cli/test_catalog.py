"""`gen catalog`: lists and single facts, with source and age, and names that mean nothing or too much."""

import json
from datetime import UTC, datetime

import pytest

from generator.catalog import reader
from generator.cli.catalog.shelves import SHELVES
from tests.gen_command import Gen


def test_list_tells_the_kinds(gen: Gen) -> None:
    done = gen("catalog", "list")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == list(SHELVES)
    assert json.loads(gen("catalog", "list", "-o", "json").out)["gpus"] == len(reader.gpus())


@pytest.mark.parametrize("kind", SHELVES)
def test_list_names_every_fact_of_a_kind(gen: Gen, kind: str) -> None:
    facts = SHELVES[kind].facts()
    lines = gen("catalog", "list", kind).out.splitlines()[1:]
    assert [line.split("  ")[0] for line in lines] == list(facts)
    assert all(line[-10:].startswith("202") for line in lines), "each ends with the date of its fact"
    assert list(json.loads(gen("catalog", "list", kind, "-o", "json").out)) == list(facts)


def test_list_takes_a_word(gen: Gen) -> None:
    lines = gen("catalog", "list", "models", "QWEN3-14B").out.splitlines()[1:]
    assert lines
    assert all("qwen3-14b" in line.lower() for line in lines)


def test_show_prints_units_source_and_age(gen: Gen) -> None:
    done = gen("catalog", "show", "H100")
    assert done.code == 0
    assert "  memory: 79.19 GiB\n" in done.out
    assert "  bandwidth: 3350 GB/s\n" in done.out
    assert "  source: github:" in done.out
    assert " ago" in done.out.partition("as of: 2026-11-22, ")[2]


def test_show_tells_what_a_machine_costs(gen: Gen) -> None:
    out = gen("catalog", "show", "p5.48xlarge").out
    assert "USD an hour, on demand: us-east-1 55.04\n    karpenter" in out
    assert "USD an hour, spot: " in out
    prices = json.loads(gen("catalog", "show", "p5.48xlarge", "-o", "json").out)["prices"]
    assert {"region": "us-east-1", "way": "onDemand", "usd_per_hour": 55.04}.items() <= prices[0].items()


def test_show_finds_a_provider_model_without_its_provider(gen: Gen) -> None:
    assert gen("catalog", "show", "gpt-5-mini").out == gen("catalog", "show", "openai/gpt-5-mini").out.replace(
        "provider model: openai/", "provider model: "
    )


def test_show_says_when_a_fact_is_old(gen: Gen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2027, 2, 21, tzinfo=UTC).timestamp())))
    assert "91 days ago: older than 90 days" in gen("catalog", "show", "l4").out


def test_show_tells_where_an_architecture_comes_from(gen: Gen) -> None:
    out = gen("catalog", "show", "qwen/qwen3-14b-awq").out
    assert "base: Qwen/Qwen3-14B" in out
    assert "source of the architecture: " in out
    assert "kv heads: 8" in out


@pytest.mark.parametrize("name", ["l4", "Qwen/Qwen3-14B", "g6.xlarge", "vllm", "litellm"])
def test_show_as_json(gen: Gen, name: str) -> None:
    shown = json.loads(gen("catalog", "show", name, "-o", "json").out)
    assert shown["kind"] in SHELVES
    assert shown["fact"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("A100", "a100-pcie-40gb"),
        ("l41s", "did you mean `l40s`"),
        ("Qwen/Qwen3-41B", "or `Qwen/Qwen3-14B`"),
        ("zzzzzzzz", "gen catalog list"),
    ],
)
def test_show_of_what_is_not_there(gen: Gen, name: str, told: str) -> None:
    done = gen("catalog", "show", name)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
