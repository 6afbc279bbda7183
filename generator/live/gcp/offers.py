"""Collects Google Cloud's GPU machines for the catalogue."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from generator.catalog import reader
from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError
from generator.live.gcp import session
from generator.live.offers import Machine, Offers
from generator.live.rest import Rest

PERMISSIONS = ("compute.acceleratorTypes.list", "compute.machineTypes.list")
"""What a refresh asks."""

_NO_PRICES = (
    "prices: Google sells machines by their parts, and no interface names the price of one; those of the catalogue stay"
)


def collect(regions: Sequence[str], limits: Limits) -> Offers:
    """The machines of these regions, as one project sees them.

    Raises:
        NotAnsweredError: something was not answered; a part of an answer is none.
    """
    rest, credentials = session.sign_in(limits)
    base = f"{session.COMPUTE}/projects/{_project(credentials)}/aggregated"
    cards = {zone: {row["name"] for row in rows} for zone, rows in _zonal(rest, base, "acceleratorTypes").items()}
    places: dict[str, set[str]] = {}
    described: dict[str, dict[str, Any]] = {}
    known = reader.instances("gcp")
    for zone, rows in _zonal(rest, base, "machineTypes").items():
        region = zone.rpartition("-")[0]
        for row in rows:
            card = _card(row)
            if region in regions and card and card in cards.get(zone, ()) and row.get("architecture") != "ARM64":
                described[row["name"]] = row
                places.setdefault(row["name"], set()).add(region)
    gpus = {item.accelerator: item.gpu for item in known.values()}
    fitting, left_out = {}, []
    for type_, row in sorted(described.items()):
        gpu = known[type_].gpu if type_ in known else gpus.get(_card(row), "")
        if gpu:
            fitting[type_] = _machine(row, gpu, frozenset(places[type_]))
        else:
            left_out.append(f"{type_} ({_card(row)}): not a GPU that the catalogue knows on Google Cloud")
    source = "Compute Engine machineTypes.aggregatedList and acceleratorTypes.aggregatedList"
    return Offers(tuple(regions), fitting, source, not_asked=(_NO_PRICES,), left_out=tuple(left_out))


def _project(credentials: Any) -> str:
    project = os.environ.get("GOOGLE_CLOUD_PROJECT") or getattr(credentials, "project_id", None)
    if not project:
        said = "neither GOOGLE_CLOUD_PROJECT nor the credentials name one"
        cure = "set GOOGLE_CLOUD_PROJECT to a project with Compute Engine"
        raise NotAnsweredError(kinds.NO_ACCOUNT, "no project to ask in", "", said, cure=cure)
    return str(project)


def _zonal(rest: Rest, base: str, what: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    url = f"{base}/{what}"
    for items in rest.pages(f"compute.{what}.list", url, "items", session.next_page(url)):
        for place, held in items.items():
            found.setdefault(place.removeprefix("zones/"), []).extend(held.get(what, ()))
    return found


def _card(row: Mapping[str, Any]) -> str:
    """The GPU in the machine, or the one that the catalogue puts into it (N1)."""
    for card in row.get("accelerators", ()):
        return str(card["guestAcceleratorType"])
    known = reader.instances("gcp").get(row["name"])
    return known.accelerator if known else ""


def _machine(row: Mapping[str, Any], gpu: str, regions: frozenset[str]) -> Machine:
    gpus = sum(int(card["guestAcceleratorCount"]) for card in row.get("accelerators", ()))
    gpus = gpus or reader.instances("gcp")[row["name"]].gpus
    return Machine(gpu, gpus, int(row["guestCpus"]), row["memoryMb"] / 1024, regions, _card(row))
