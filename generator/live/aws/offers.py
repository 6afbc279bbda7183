"""Collects AWS's GPU machines and prices for the catalogue."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from generator.catalog import reader
from generator.catalog.facts import InstanceFacts
from generator.live.answers import Limits
from generator.live.aws.client import Aws
from generator.live.offers import Machine, Offers

PERMISSIONS = (
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeSpotPriceHistory",
    "pricing:GetProducts",
)
"""What a refresh asks."""

_PRICING = "us-east-1"
"""One of the few regions that answer for the prices of all."""


def collect(regions: Sequence[str], limits: Limits) -> Offers:
    """The machines and prices of these regions, one after the other.

    Raises:
        NotAnsweredError: something was not answered; a part of an answer is none.
    """
    aws = Aws(limits)
    known = reader.instances("aws")
    described: dict[str, dict[str, Any]] = {}
    places: dict[str, set[str]] = {}
    prices: dict[str, dict[str, dict[str, float]]] = {}
    for region in regions:
        machines = _machines(aws, region)
        described |= machines
        for type_ in _offered(aws, region, sorted(machines)):
            places.setdefault(type_, set()).add(region)
        on_demand, spot = _on_demand(aws, region), _spot(aws, region, sorted(machines))
        for way, usd_by_type in (("onDemand", on_demand), ("spot", spot)):
            for type_, usd in usd_by_type.items():
                prices.setdefault(type_, {}).setdefault(way, {})[region] = usd
    named = _gpu_names(described, known)
    fitting, left_out = {}, []
    for type_, row in sorted(described.items()):
        gpu = known[type_].gpu if type_ in known else named.get(_card(row), "")
        if not gpu or not _whole(row):
            left_out.append(f"{type_} ({_card(row)[0]}): not a whole GPU that the catalogue knows")
        elif type_ in places:
            fitting[type_] = _machine(row, gpu, frozenset(places[type_]))
    return Offers(
        tuple(regions),
        fitting,
        "AWS ec2:DescribeInstanceTypes and DescribeInstanceTypeOfferings",
        {type_: by_way for type_, by_way in prices.items() if type_ in fitting},
        "AWS pricing:GetProducts; spot ec2:DescribeSpotPriceHistory, median of the zones",
        (),
        tuple(left_out),
    )


def _machines(aws: Aws, region: str) -> dict[str, dict[str, Any]]:
    """Types with GPUs of NVIDIA and a host of x86."""
    rows = aws.pages("ec2", "DescribeInstanceTypes", region, "InstanceTypes")
    return {
        row["InstanceType"]: row
        for row in rows
        if row.get("GpuInfo", {}).get("Gpus")
        and row["GpuInfo"]["Gpus"][0].get("Manufacturer") == "NVIDIA"
        and "x86_64" in row.get("ProcessorInfo", {}).get("SupportedArchitectures", ())
    }


def _offered(aws: Aws, region: str, types: Sequence[str]) -> Iterator[str]:
    if types:
        asked = {"LocationType": "region", "Filters": [{"Name": "instance-type", "Values": list(types)}]}
        rows = aws.pages("ec2", "DescribeInstanceTypeOfferings", region, "InstanceTypeOfferings", **asked)
        yield from (row["InstanceType"] for row in rows)


def _card(row: Mapping[str, Any]) -> tuple[str, int]:
    card = row["GpuInfo"]["Gpus"][0]
    return str(card.get("Name", "")), int(card.get("MemoryInfo", {}).get("SizeInMiB", 0))


def _whole(row: Mapping[str, Any]) -> bool:
    card = row["GpuInfo"]["Gpus"][0]
    logical = float(card.get("LogicalGpuCount", card.get("Count", 0)))
    return bool(logical >= 1 and logical == int(logical))


def _gpu_names(
    described: Mapping[str, Mapping[str, Any]], known: Mapping[str, InstanceFacts]
) -> dict[tuple[str, int], str]:
    """The catalogue's GPU for each card: as known machines have it, else by its name."""
    names = {_card(row): known[type_].gpu for type_, row in described.items() if type_ in known}
    for row in described.values():
        card = _card(row)
        fact = reader.gpu(card[0])
        if card not in names and fact:
            names[card] = fact.id
    return names


def _machine(row: Mapping[str, Any], gpu: str, regions: frozenset[str]) -> Machine:
    gpus, memory = int(row["GpuInfo"]["Gpus"][0]["Count"]), row["MemoryInfo"]["SizeInMiB"] / 1024
    return Machine(gpu, gpus, int(row["VCpuInfo"]["DefaultVCpus"]), memory, regions)


def _on_demand(aws: Aws, region: str) -> dict[str, float]:
    wanted = {
        "regionCode": region,
        "instanceFamily": "GPU instance",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
    }
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
    prices = {}
    for text in aws.pages("pricing", "GetProducts", _PRICING, "PriceList", ServiceCode="AmazonEC2", Filters=filters):
        product = json.loads(text) if isinstance(text, str) else text
        for term in product["terms"].get("OnDemand", {}).values():
            for price in term["priceDimensions"].values():
                usd = float(price["pricePerUnit"].get("USD", 0))
                if price["unit"] == "Hrs" and usd:
                    prices[product["product"]["attributes"]["instanceType"]] = round(usd, 5)
    return prices


def _spot(aws: Aws, region: str, types: Sequence[str]) -> dict[str, float]:
    """The median over the zones of the price of now."""
    if not types:
        return {}
    now = datetime.now(UTC)
    asked = {"InstanceTypes": list(types), "ProductDescriptions": ["Linux/UNIX"], "StartTime": now, "EndTime": now}
    zones: dict[str, dict[str, tuple[Any, float]]] = {}
    for row in aws.pages("ec2", "DescribeSpotPriceHistory", region, "SpotPriceHistory", **asked):
        held = zones.setdefault(row["InstanceType"], {})
        point = (row["Timestamp"], float(row["SpotPrice"]))
        held[row["AvailabilityZone"]] = max(point, held.get(row["AvailabilityZone"], point))
    return {type_: round(statistics.median(usd for _, usd in held.values()), 5) for type_, held in zones.items()}
