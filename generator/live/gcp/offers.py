"""Collects Google Cloud's GPU machines for the catalogue."""

import os
from collections.abc import Sequence

from google.cloud.compute_v1 import types as compute

from generator.catalog import reader
from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError
from generator.live.gcp.account import accelerator
from generator.live.gcp.client import Google, sign_in
from generator.live.offers import Machine, Offers

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
    google = sign_in(limits)
    places: dict[str, set[str]] = {}
    described: dict[str, compute.MachineType] = {}
    for zone, machine in _machines(google, regions):
        described[machine.name] = machine
        places.setdefault(machine.name, set()).add(_region(zone))
    known = reader.instances("gcp")
    gpus = {item.accelerator: item.gpu for item in known.values()}
    fitting, left_out = {}, []
    for type_, machine in sorted(described.items()):
        gpu = known[type_].gpu if type_ in known else gpus.get(accelerator(machine), "")
        if gpu:
            fitting[type_] = _machine(machine, gpu, frozenset(places[type_]))
        else:
            left_out.append(f"{type_} ({accelerator(machine)}): not a GPU that the catalogue knows on Google Cloud")
    source = "Compute Engine machineTypes.aggregatedList and acceleratorTypes.aggregatedList"
    return Offers(tuple(regions), fitting, source, not_asked=(_NO_PRICES,), left_out=tuple(left_out))


def _machines(google: Google, regions: Sequence[str]) -> list[tuple[str, compute.MachineType]]:
    """Zone by zone of these regions the machine types with a GPU that the zone has too."""
    project = _project(google)
    cards: dict[str, set[str]] = {}
    asked = compute.AggregatedListAcceleratorTypesRequest(project=project)
    method = google.accelerator_types.aggregated_list
    for zone, listed in google.zones("compute.acceleratorTypes.list", method, asked):
        cards.setdefault(zone, set()).update(row.name for row in listed.accelerator_types)
    request = compute.AggregatedListMachineTypesRequest(project=project)
    return [
        (zone, row)
        for zone, machines in google.zones("compute.machineTypes.list", google.machine_types.aggregated_list, request)
        if _region(zone) in regions
        for row in machines.machine_types
        if accelerator(row) in cards.get(zone, ()) and row.architecture != "ARM64"
    ]


def _region(zone: str) -> str:
    return zone.rpartition("-")[0]


def _project(google: Google) -> str:
    project = os.environ.get("GOOGLE_CLOUD_PROJECT") or google.project
    if not project:
        said = "neither GOOGLE_CLOUD_PROJECT nor the credentials name one"
        cure = "set GOOGLE_CLOUD_PROJECT to a project with Compute Engine"
        raise NotAnsweredError(kinds.NO_ACCOUNT, "no project to ask in", "", said, cure=cure)
    return project


def _machine(row: compute.MachineType, gpu: str, regions: frozenset[str]) -> Machine:
    gpus = sum(card.guest_accelerator_count for card in row.accelerators) or reader.instances("gcp")[row.name].gpus
    return Machine(gpu, gpus, row.guest_cpus, row.memory_mb / 1024, regions, accelerator(row))
