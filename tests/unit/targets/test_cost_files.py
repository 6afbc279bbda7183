"""What is told of the cost: the files, `gen explain` and `gen diff`, with figures that were worked out by hand."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import resources
from generator.catalog import reader
from generator.catalog.facts import Price
from generator.impact.cost import cost_delta, document, sentence
from generator.output.diff import Held
from tests import plans
from tests.gen_command import Gen, change

SPEC = """\
apiVersion: fleetgen/v1
name: shop
clusters:
  use1:
    platform: eks
    region: us-east-1
    cluster: {existing: platform}
    pools:
      cards: {gpu: l4, instanceTypes: [g6.xlarge], nodes: {min: 1, max: 4}, capacity: [spot, on-demand]}
  desk:
    platform: docker
    pools: {gpu: {gpu: rtx-4090, nodes: 1}}
models:
  small:
    source: {huggingface: Qwen/Qwen3-4B}
    engine: {name: vllm, version: 0.33.0}
    placements:
      cloud: {cluster: use1, pool: cards, replicas: 2}
      desk: {cluster: desk, pool: gpu}
"""
SPOT, DEMAND = 0.25, 0.75
ROOT = Path("outputs/shop/default")


@pytest.fixture(autouse=True)
def fleet(gen: Gen, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = {
        "p5.48xlarge": (Price("us-east-1", "onDemand", 50.0, "list|a", "2026-07-20"),),
        "g6.xlarge": (
            Price("us-east-1", "onDemand", DEMAND, "list|a", "2026-07-20"),
            Price("us-east-1", "spot", SPOT, "list b", "2025-12-22"),
            Price("us-west-2", "spot", 0.125, "list b", "2025-12-22"),
        ),
    }
    monkeypatch.setattr(reader, "prices", lambda cloud: {"aws": lists}[cloud])
    Path("fleet.yaml").write_text(SPEC)
    Path("fleet.prod.yaml").unlink()


def rendered(gen: Gen) -> dict[str, Any]:
    gen("render", "fleet.yaml", "--target", "cost", "-q")
    data: dict[str, Any] = json.loads((ROOT / "cost.json").read_text())
    return data


def test_the_table_for_programs(gen: Gen) -> None:
    """Two nodes: 2 x 0.25 by spot, 2 x 0.75 on demand."""
    data = rendered(gen)
    sums = {"value": 0.5, "low": 0.5, "high": 1.5}
    total = {"usdPerHour": {"min": sums, "max": sums}, "without": {"desk/gpu": "own machines"}, "instead": {}}
    assert data["total"] == total
    assert data["clusters"]["use1"] == {**total, "without": {}}
    assert data["models"]["small"] == {**total, "without": {"small/desk": "own machines"}}
    assert list(data["pools"]) == ["use1/cards"]
    assert data["pools"]["use1/cards"]["nodes"] == {"min": 2, "max": 2}
    assert [(rate["capacity"], rate["usdPerHour"], rate["asOf"]) for rate in data["pools"]["use1/cards"]["rates"]] == [
        ("spot", SPOT, "2025-12-22"),
        ("on-demand", DEMAND, "2026-07-20"),
    ]


def test_the_table_follows_its_schema(gen: Gen) -> None:
    schema = json.loads((resources.schemas() / "cost.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    data = rendered(gen)
    judge.validate(data)
    assert not judge.is_valid({**data, "version": 2})
    assert not judge.is_valid({**data, "note": ""})


def test_the_page_for_people(gen: Gen) -> None:
    """0.50 x 730 = 365, and 1,095 on demand. What a table is made of cannot come out of a cell."""
    rendered(gen)
    page = (ROOT / "cost.md").read_text()
    assert "without disks, traffic, control plane" in page
    assert "| the whole fleet | 0.50 | 365 | 365 to 1,095 | without desk/gpu (own machines) |\n" in page
    assert "| use1/cards | 2 | 0.50 | 365 | 365 to 1,095 |  |\n" in page
    assert "| use1/cards | g6.xlarge | us-east-1 | spot | 0.25 | 2025-12-22 | list b |\n" in page
    assert "| on-demand | 0.75 | 2026-07-20 | list\\|a |\n" in page


def test_a_fleet_without_rented_nodes_has_no_such_file(gen: Gen) -> None:
    change("platform: eks\n    region: us-east-1\n    cluster: {existing: platform}", "platform: kubernetes")
    change(", instanceTypes: [g6.xlarge]", "")
    change(", capacity: [spot, on-demand]", "")
    assert gen("render", "fleet.yaml", "--target", "cost", "-q").code == 0
    assert not (ROOT / "cost.json").exists()
    assert "\ncost" not in gen("explain", "fleet.yaml").out


def test_the_price_of_another_region_is_not_taken(gen: Gen) -> None:
    """us-west-2 has a spot price, no price on demand is known there; eu-central-1 has neither."""
    change("region: us-east-1", "region: us-west-2")
    assert rendered(gen)["total"]["usdPerHour"]["max"] == {"value": 0.25, "low": 0.25, "high": 0.25}
    change("region: us-west-2", "region: eu-central-1")
    data = rendered(gen)
    assert data["total"]["usdPerHour"] is None
    assert data["total"]["without"]["use1/cards"] == "price not known"
    sums = "| the whole fleet | not priced |  |  | without desk/gpu (own machines), use1/cards (price not known) |\n"
    assert sums in (ROOT / "cost.md").read_text()


def test_explain_shows_sums_and_their_derivation(gen: Gen) -> None:
    overview = gen("explain", "fleet.yaml").out
    assert re.search(
        r"^  cost +0\.50 USD an hour, 365 a month \(365 to 1,095 by any choice of capacity\); without desk/gpu \(own",
        overview,
        re.MULTILINE,
    )
    for name in ("cost", "clusters.use1", "models.small"):
        assert f"\n  {name} " in overview.partition("\ncost (")[2]
        assert gen("explain", "fleet.yaml", name).code == 0
    pool = gen("explain", "fleet.yaml", "clusters.use1.pools.cards").out
    assert "2 nodes: replicas need 2, the pool has 1 to 4; spot g6.xlarge in us-east-1 0.25 USD an hour as of" in pool
    assert "as of 2026-07-20 (list|a)" in pool
    placement = gen("explain", "fleet.yaml", "small/cloud").out
    assert "its share of use1/cards: 2 of 2 GPUs in use" in placement
    assert re.search(r"  costPerMillionOutputTokens: \d+\.\d\d USD \(\d+\.\d\d to \d+\.\d\d\)\n", placement)
    assert "  cost: not priced (own machines)\n" in gen("explain", "fleet.yaml", "small/desk").out
    assert gen("explain", "fleet.yaml", "small/cloud.cost").out.count("\n") == 4


def test_diff_says_what_a_change_costs(gen: Gen) -> None:
    """One node more: 0.25 an hour, 182.50 a month."""
    gen("render", "fleet.yaml", "-q")
    assert "cost: 0.50 USD an hour, 365 a month, unchanged; without desk/gpu" in gen("diff", "fleet.yaml").err
    change("replicas: 2", "replicas: 3")
    line = "0.50 -> 0.75 USD an hour, 365 -> 548 a month (+182); without desk/gpu (own machines)"
    assert f"cost: {line}\n" in gen("diff", "fleet.yaml").err
    assert "cost" not in gen("diff", "fleet.yaml", "-q").err
    markdown = gen("diff", "fleet.yaml", "-o", "markdown").out
    assert f"**Cost:** {line.replace('>', chr(92) + '>')}.\n" in markdown
    data = json.loads(gen("diff", "fleet.yaml", "-o", "json").out)["cost"]
    assert data["change"] == {
        "usdPerHour": {"min": 0.25, "max": 0.25},
        "usdPerMonth": {"min": 182.5, "max": 182.5},
    }
    assert data["before"]["usdPerHour"]["min"]["value"] == 0.5


def test_diff_against_a_commit_reads_the_file_of_that_commit(gen: Gen) -> None:
    gen("render", "fleet.yaml", "-q")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *identity, *command], check=True)
    change("replicas: 2", "replicas: 4")
    gen("render", "fleet.yaml", "-q")
    assert "unchanged" in gen("diff", "fleet.yaml").err
    assert "0.50 -> 1.00 USD an hour" in gen("diff", "fleet.yaml", "--against", "git:HEAD").err


def test_diff_of_what_is_new_or_was_not_known(gen: Gen) -> None:
    assert "365 a month, all of it new" in gen("diff", "fleet.yaml").err
    gen("render", "fleet.yaml", "-q")
    for text in ("{}", "no JSON", '{"version": 2}'):
        (ROOT / "cost.json").write_text(text)
        done = gen("diff", "fleet.yaml", "-o", "json")
        assert "365 a month, before is not known" in done.err
        assert json.loads(done.out)["cost"]["before"] is None
    (ROOT / "cost.json").unlink()
    assert "365 a month, before is not known" in gen("diff", "fleet.yaml").err


def test_diff_of_sums_that_leave_out_different_things_is_no_figure(gen: Gen) -> None:
    change(
        "      cards:",
        "      held: {gpu: h100-sxm, gpusPerNode: 8, nodes: {min: 1, max: 1}, capacity: [reserved]}\n      cards:",
    )
    gen("render", "fleet.yaml", "-q")
    change("capacity: [reserved]", "capacity: [on-demand]")
    done = gen("diff", "fleet.yaml", "-o", "json")
    line = (
        "0.50 -> 50.50 USD an hour, 365 -> 36,865 a month, of different things; before: without desk/gpu (own machines)"
    )
    assert f"cost: {line}, use1/held (reserved); now: without desk/gpu (own machines)\n" in done.err
    assert json.loads(done.out)["cost"]["change"] is None


def test_diff_names_other_list_prices(gen: Gen, monkeypatch: pytest.MonkeyPatch) -> None:
    gen("render", "fleet.yaml", "-q")
    dearer = {"g6.xlarge": (Price("us-east-1", "spot", 0.5, "list c", "2026-10-01"),)}
    monkeypatch.setattr(reader, "prices", lambda cloud: {"aws": dearer}[cloud])
    done = gen("diff", "fleet.yaml", "-o", "json")
    assert "0.50 -> 1.00 USD an hour" in done.err
    assert "some list prices are others than before\n" in done.err
    assert json.loads(done.out)["cost"]["otherPrices"] is True


def test_diff_of_a_fleet_that_rents_nothing_any_more(gen: Gen) -> None:
    rendered(gen)
    content = (ROOT / "cost.json").read_bytes()
    delta = cost_delta(plans.plan(), {"cost.json": Held(content)})
    assert delta is not None
    assert sentence(delta).startswith("0.50 USD an hour, 365 a month -> nothing rented")
    assert document(delta)["after"]["usdPerHour"] is None
    assert cost_delta(plans.plan(), {}) is None


def test_validate_loads_no_prices_where_nothing_is_rented(tmp_path: Path) -> None:
    spec = tmp_path / "own.yaml"
    spec.write_text((resources.stacks() / "quickstart-local" / "fleet.yaml").read_text(encoding="utf-8"))
    program = (
        "import sys; from pathlib import Path; from generator.catalog import reader\n"
        "reader.prices = lambda cloud: sys.exit('prices were asked for')\n"
        "from generator.pipeline import check; check(Path(sys.argv[1]), 'default')"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(resources.stacks().parent)}
    done = subprocess.run([sys.executable, "-c", program, spec], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
