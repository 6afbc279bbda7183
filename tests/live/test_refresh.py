"""`gen catalog refresh`: clouds on the loopback are asked, and what they say is merged and written for review."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import resources
from generator.catalog.table import parse
from generator.cli.main import main
from generator.live.aws.client import Aws
from generator.live.aws.offers import PERMISSIONS
from generator.live.azure import offers as azure_offers
from generator.live.entries import rewritten
from generator.live.offers import Machine, Offers, merge
from tests.gen_command import Done
from tests.live.azure_account import FINE as AZURE_FINE
from tests.live.azure_account import ID, SIZE, SKUS, listed, size
from tests.live.gcp_account import FINE as GCP_FINE
from tests.live.gcp_account import LISTED, cards, error, machines
from tests.live.loopback import Asked, Cloud, Reply, aws_error, reply

FILES = sorted(
    path.name
    for path in resources.catalog().iterdir()
    if path.name.startswith(("instances_", "prices_")) and path.suffix == ".yaml"
)
Refresh = Callable[..., Done]


@pytest.fixture
def refresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refresh:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795651200")

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as stop:
            main(["catalog", "refresh", *arguments])
        captured = capsys.readouterr()
        return Done(int(stop.value.code or 0), captured.out, captured.err)

    return run


def read(name: str) -> Any:
    return yaml.safe_load(Path("out", name).read_text(encoding="utf-8"))


def own(name: str) -> Any:
    return parse((resources.catalog() / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_entries_that_say_the_same_keep_their_text(name: str) -> None:
    text = (resources.catalog() / name).read_text(encoding="utf-8")
    assert rewritten(text, parse(text)) == text


@pytest.mark.parametrize("name", FILES)
def test_entries_that_are_written_anew_say_what_they_were_given(name: str) -> None:
    text = (resources.catalog() / name).read_text(encoding="utf-8")
    head = text[: text.index("\n", text.rindex("\n#") + 1) + 1] if "\n#" in text else ""
    rows = parse(text)
    anew = rewritten(head or "# head\n", rows)
    assert parse(anew) == rows
    assert rewritten(anew, rows) == anew
    assert list(parse(anew)) == sorted(rows)


ROW = {"asOf": "2026-01-01", "gpu": "l4", "gpus": 1, "memoryGib": 32, "source": "old", "vcpus": 8}
ROWS = {"a": {**ROW, "regions": ["r1", "r2"]}, "b": {**ROW, "regions": ["r1"]}}
PRICES = {
    "a": [{"asOf": "2026-01-01", "source": "old", "onDemand": {"r1": 1.0, "r2": 2.0}, "spot": {"r1": 0.4}}],
    "b": [{"asOf": "2026-01-01", "source": "old", "onDemand": {"r1": 3.0}}],
}


def offers(*regions: str, **machines: Machine) -> Offers:
    return Offers(regions, machines, "new", {"a": {"onDemand": {"r1": 1.5}}}, "new prices")


def machine(*regions: str, vcpus: int = 8) -> Machine:
    return Machine("l4", 1, vcpus, 32.0, frozenset(regions))


def test_what_was_not_asked_stays_and_what_vanished_is_told() -> None:
    merged = merge(ROWS, PRICES, offers("r1", a=machine("r1")), "2026-02-02")
    assert merged.instances["a"]["regions"] == ["r1", "r2"]
    assert merged.instances["a"]["asOf"] == "2026-01-01", "r2 was not looked at"
    assert "b" not in merged.instances
    assert merged.prices == {
        "a": [
            {"asOf": "2026-02-02", "source": "new prices", "onDemand": {"r1": 1.5}},
            {"asOf": "2026-01-01", "source": "old", "onDemand": {"r2": 2.0}, "spot": {"r1": 0.4}},
        ]
    }
    assert merged.changes == (
        "- b: no region offers it any more",
        "- b: its prices go with it",
        "~ a: onDemand in r1 1 is 1.5",
        "= a: no spot price was told for r1; the older one stays",
    )


def test_a_region_that_lost_or_gained_a_type_is_told() -> None:
    merged = merge(ROWS, {}, offers("r1", "r2", "r3", a=machine("r1", "r3", vcpus=16), c=machine("r2")), "2026-02-02")
    assert merged.instances["a"] == {
        **ROW,
        "asOf": "2026-02-02",
        "source": "new",
        "regions": ["r1", "r3"],
        "vcpus": 16,
    }
    assert merged.instances["c"]["regions"] == ["r2"]
    assert {"- a: no longer in r2", "+ a: now in r3", "~ a: vcpus 8 is 16", "+ c: 1 x l4 in r2"} <= set(merged.changes)


def test_a_second_merge_of_the_same_day_changes_nothing() -> None:
    asked = offers("r1", a=machine("r1"), b=machine("r1"))
    once = merge(ROWS, PRICES, asked, "2026-02-02")
    again = merge(once.instances, once.prices, asked, "2026-02-02")
    assert (again.instances, again.prices) == (once.instances, once.prices)
    assert [change for change in again.changes if not change.startswith("=")] == []


def product(type_: str, usd: str) -> str:
    terms = {"OnDemand": {"x": {"priceDimensions": {"y": {"unit": "Hrs", "pricePerUnit": {"USD": usd}}}}}}
    return json.dumps({"product": {"attributes": {"instanceType": type_}}, "terms": terms})


@pytest.mark.consumer("moto")
def test_aws(aws: Cloud, refresh: Refresh, monkeypatch: pytest.MonkeyPatch) -> None:
    called, translated = set(), Aws._translated

    def noted(self: Aws, service: str, operation: str) -> Any:
        called.add((service, operation))
        return translated(self, service, operation)

    monkeypatch.setattr(Aws, "_translated", noted)
    aws.answers = {
        "GetProducts": reply({"FormatVersion": "aws_v1", "PriceList": [product("g6.2xlarge", "0.9999000000")]})
    }
    done = refresh("aws", "--region", "us-east-1", "--out", "out")
    assert done.code == 0, done.err
    rows, before = read("instances_aws.yaml"), own("instances_aws.yaml")
    assert set(rows) >= {"g6.2xlarge", "p4d.24xlarge"}
    for type_, row in before.items():
        assert set(rows[type_]["regions"]) - {"us-east-1"} == set(row["regions"]) - {"us-east-1"}
        assert (rows[type_]["gpu"], rows[type_]["gpus"]) == (row["gpu"], row["gpus"]), "moto says the same of each"
    newest = read("prices_aws.yaml")["g6.2xlarge"][0]
    assert newest["asOf"] == "2026-11-26"
    assert newest["onDemand"] == {"us-east-1": 0.9999}
    assert newest["spot"]["us-east-1"] > 0
    assert "~ g6.2xlarge: onDemand in us-east-1" in done.err
    assert {f"{service}:{operation}" for service, operation in called} == set(PERMISSIONS)
    check = refresh("aws", "--region", "us-east-1", "--out", "out", "--check")
    assert check.code == 0, check.err


@pytest.mark.consumer("moto")
def test_nothing_is_written_when_anything_failed(aws: Cloud, refresh: Refresh) -> None:
    aws.answers = {"GetProducts": aws_error("AccessDeniedException")}
    done = refresh("aws", "--region", "us-east-1", "--out", "out")
    assert done.code == 4
    assert "nothing was written" in done.err
    assert "pricing:GetProducts" in done.err
    for name in ("instances_aws.yaml", "prices_aws.yaml"):
        assert Path("out", name).read_bytes() == (resources.catalog() / name).read_bytes()


def test_gcp(gcp: Cloud, refresh: Refresh) -> None:
    zones = ("europe-west4-a", "us-central1-a")
    gcp.answers = {
        **GCP_FINE,
        f"GET {LISTED}/machineTypes": machines(*zones),
        f"GET {LISTED}/acceleratorTypes": cards("europe-west4-a"),
    }
    done = refresh("gcp", "--region", "europe-west4", "--out", "out")
    assert done.code == 0, done.err
    before, rows = own("instances_gcp.yaml"), read("instances_gcp.yaml")
    assert "europe-west4" in rows["g2-standard-8"]["regions"]
    assert "europe-west4" not in rows.get("g2-standard-4", {"regions": []})["regions"]
    assert set(rows["g2-standard-4"]["regions"]) == set(before["g2-standard-4"]["regions"]) - {"europe-west4"}
    assert "- g2-standard-4: no longer in europe-west4" in done.err
    assert "not asked: prices" in done.err


def test_gcp_says_what_is_denied(gcp: Cloud, refresh: Refresh) -> None:
    gcp.answers = {**GCP_FINE, f"GET {LISTED}/machineTypes": error(403, "PERMISSION_DENIED", errors="forbidden")}
    done = refresh("gcp", "--region", "europe-west4", "--out", "out")
    assert done.code == 4
    assert "compute.machineTypes.list" in done.err


def sold(type_: str, usd: float, sku: str, product: str = "Virtual Machines NCADSA100v4 Series") -> dict[str, Any]:
    return {
        "currencyCode": "USD",
        "retailPrice": usd,
        "unitPrice": usd,
        "armRegionName": "westeurope",
        "armSkuName": type_,
        "skuName": sku,
        "productName": product,
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
    }


def test_azure(azure: Cloud, refresh: Refresh, monkeypatch: pytest.MonkeyPatch) -> None:
    def prices(asked: Asked) -> Reply:
        assert f"armSkuName eq '{SIZE}'" in asked.query.get("$filter", "") or "$skip" in asked.query
        if "$skip" in asked.query:
            return reply({"Items": [sold(SIZE, 1.25, "NC24ads A100 v4 Spot")], "NextPageLink": None})
        items = [sold(SIZE, 4.8, "NC24ads A100 v4"), sold(SIZE, 9.9, "NC24ads A100 v4", "Virtual Machines Windows")]
        items.append(sold(SIZE, 1.0, "NC24ads A100 v4 Low Priority"))
        return reply({"Items": items, "NextPageLink": f"{azure.url}/retail?$skip=1"})

    monkeypatch.setattr(azure_offers, "RETAIL", f"{azure.url}/retail")
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", ID)
    new = size("1", name="Standard_NX1_v9")
    both = listed(*json.loads(size("1").body)["value"], *json.loads(new.body)["value"])
    azure.answers = {**AZURE_FINE, f"GET {SKUS}": both, "GET /retail": prices}
    done = refresh("azure", "--region", "westeurope", "--out", "out")
    assert done.code == 0, done.err
    newest = read("prices_azure.yaml")[SIZE][0]
    assert (newest["onDemand"], newest["spot"]) == ({"westeurope": 4.8}, {"westeurope": 1.25})
    assert "left out: Standard_NX1_v9" in done.err
    assert "Standard_NC48ads_A100_v4: no longer in westeurope" in done.err


def test_check_writes_nothing(gcp: Cloud, refresh: Refresh) -> None:
    gcp.answers = {**GCP_FINE}
    done = refresh("gcp", "--region", "europe-west4", "--out", "out", "--check")
    assert done.code == 3
    assert Path("out/instances_gcp.yaml").read_bytes() == (resources.catalog() / "instances_gcp.yaml").read_bytes()


def test_an_installed_gen_needs_a_folder(refresh: Refresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "catalog", lambda: tmp_path / "lib" / "generator" / "catalog" / "data")
    done = refresh("aws")
    assert done.code == 2
    assert "--out" in done.err
