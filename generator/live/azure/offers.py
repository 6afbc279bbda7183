"""Collects Azure's GPU machines and list prices for the catalogue."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from generator.catalog import reader
from generator.live.answers import Limits
from generator.live.azure import session
from generator.live.azure.account import AzureAccount, only_subscription
from generator.live.offers import Machine, Offers
from generator.live.rest import Rest

PERMISSIONS = ("Microsoft.Compute/skus/read",)
"""What a refresh asks; the prices are public."""

RETAIL = "https://prices.azure.com/api/retail/prices"
_AT_ONCE = 15
"""Sizes in one question: the filter is part of a URL."""


def collect(regions: Sequence[str], limits: Limits) -> Offers:
    """The machines and prices of these regions, one after the other.

    Raises:
        NotAnsweredError: something was not answered; a part of an answer is none.
    """
    rest, token = session.sign_in(limits)
    named = os.environ.get("ARM_SUBSCRIPTION_ID") or os.environ.get("AZURE_SUBSCRIPTION_ID")
    account = AzureAccount(rest, named or only_subscription(rest), token.who())
    shop = Rest(requests.Session(), limits, {})
    known = reader.instances("azure")
    fitting: dict[str, Machine] = {}
    left_out: set[str] = set()
    prices: dict[str, dict[str, dict[str, float]]] = {}
    for region in regions:
        for type_, row in account.sizes(region).items():
            if type_ in known:
                before = fitting[type_].regions if type_ in fitting else frozenset()
                fitting[type_] = _machine(row, known[type_].gpu, before | {region})
            elif float(_capabilities(row).get("GPUs", 0)) >= 1:
                left_out.add(f"{type_}: Azure does not say which GPU it has; add it to the catalogue by hand")
        here = sorted(type_ for type_, machine in fitting.items() if region in machine.regions)
        for type_, way, usd in _prices(shop, region, here):
            prices.setdefault(type_, {}).setdefault(way, {})[region] = usd
    return Offers(
        tuple(regions),
        fitting,
        "Azure Microsoft.Compute/skus",
        prices,
        "Azure retail prices",
        left_out=tuple(sorted(left_out)),
    )


def _capabilities(row: Mapping[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in row.get("capabilities", ())}


def _machine(row: Mapping[str, Any], gpu: str, regions: frozenset[str]) -> Machine:
    has = _capabilities(row)
    return Machine(gpu, int(float(has["GPUs"])), int(has["vCPUs"]), float(has["MemoryGB"]), regions)


def _prices(shop: Rest, region: str, types: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    for start in range(0, len(types), _AT_ONCE):
        names = " or ".join(f"armSkuName eq '{type_}'" for type_ in types[start : start + _AT_ONCE])
        wanted = f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq '{region}'"
        asked = {"currencyCode": "USD", "$filter": f"{wanted} and ({names})"}
        for items in shop.pages("retail prices", RETAIL, "Items", _next, **asked):
            for item in items:
                if _is_linux_hour(item):
                    way = "spot" if "Spot" in item["skuName"] else "onDemand"
                    yield item["armSkuName"], way, round(float(item["retailPrice"]), 5)


def _is_linux_hour(item: Mapping[str, Any]) -> bool:
    other = any(word in item["productName"] for word in ("Windows", "Cloud Services", "CloudServices"))
    return item["unitOfMeasure"] == "1 Hour" and not other and "Low Priority" not in item["skuName"]


def _next(page: Mapping[str, Any]) -> str:
    return str(page.get("NextPageLink") or "")
