"""Integrity of machines, prices and dates: each check runs on the catalogue, and on data with one mistake in it."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from generator import resources
from generator.catalog import names, reader
from generator.catalog.facts import GpuFacts, InstanceFacts, Price, ProviderModelFacts
from generator.catalog.table import load

Machines = Mapping[str, InstanceFacts]
Prices = Mapping[str, Sequence[Price]]
ON_DEMAND, SPOT = "onDemand", "spot"
MACHINE_KEYS = {"gpu", "gpus", "vcpus", "memoryGib", "regions", "source", "asOf", "accelerator", "soldAs"}
PRICE_KEYS = {"source", "asOf", ON_DEMAND, SPOT}
# us-east-1, europe-west4, westeurope: AWS, Google and Azure.
REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-[0-9]|[a-z]+-[a-z]+[0-9]{1,2}|[a-z]{6,}[0-9]?")


def machine_problems(machines: Machines, gpus: Mapping[str, GpuFacts]) -> Iterator[str]:
    """References and ranges: GPUs that are known, in a number that is built, with a host that fits them."""
    for item in machines.values():
        if item.gpu not in gpus:
            yield f"{item.type}: unknown GPU {item.gpu}"
        elif item.memory_gib < 0.6 * gpus[item.gpu].memory_gib * item.gpus:
            yield f"{item.type}: {item.memory_gib} GiB for {item.gpus} x {item.gpu}"
        if item.gpus not in (1, 2, 4, 8, 16) or not 4 * item.gpus <= item.vcpus <= 64 * max(item.gpus, 3):
            yield f"{item.type}: {item.gpus} GPUs and {item.vcpus} vCPUs"
        if not item.regions or not all(REGION.fullmatch(region) for region in item.regions):
            yield f"{item.type}: regions {sorted(item.regions)}"
        if set(item.sold_as) - {"on-demand", "spot", "reserved", "flex-start"}:
            yield f"{item.type}: sold as {item.sold_as}"


def key_problems(machines: Mapping[str, Any], prices: Mapping[str, Any]) -> Iterator[str]:
    """A key that the reader does not know would be passed over without a word."""
    for type_, row in machines.items():
        if strange := set(row) - MACHINE_KEYS:
            yield f"{type_}: unknown {sorted(strange)}"
    for type_, lists in prices.items():
        for published in lists:
            if strange := set(published) - PRICE_KEYS:
                yield f"{type_}: unknown {sorted(strange)}"


def price_problems(machines: Machines, prices: Prices) -> Iterator[str]:
    """A price is of a machine that is sold there, and spot below on demand, of whatever date both are."""
    for type_, published in prices.items():
        if type_ not in machines:
            yield f"{type_}: a price of no machine"
            continue
        for price in published:
            if price.region not in machines[type_].regions:
                yield f"{type_}: a price in {price.region}, where it is not sold"
            if price.way not in (ON_DEMAND, SPOT):
                yield f"{type_}: sold as {price.way}"
        for region, spot in of(published, SPOT).items():
            dear = of(published, ON_DEMAND).get(region)
            if dear is not None and spot >= dear:
                yield f"{type_}: spot {spot} in {region} is not below {dear}"


def of(published: Sequence[Price], way: str) -> dict[str, float]:
    """The newest price by region."""
    return {price.region: price.usd_per_hour for price in reversed(published) if price.way == way}


def band_problems(machines: Machines, prices: Prices, gpus: Mapping[str, GpuFacts]) -> Iterator[str]:
    """A GPU-hour costs what others of its kind cost; its cheapest one is in proportion to its matrix rate."""
    cheapest: dict[str, float] = {}
    each: list[tuple[str, str, float]] = []
    for type_, published in prices.items():
        for price in published:
            usd = price.usd_per_hour / machines[type_].gpus
            gpu = machines[type_].gpu
            if price.way == ON_DEMAND:
                each.append((type_, gpu, usd))
                cheapest[gpu] = min(usd, cheapest.get(gpu, usd))
    for type_, gpu, usd in each:
        if usd > 9 * cheapest[gpu]:
            yield f"{type_}: {usd} USD a GPU-hour, {cheapest[gpu]} elsewhere"
    for gpu, usd in cheapest.items():
        rate = max(gpus[gpu].bf16_tflops, gpus[gpu].fp16_tflops)
        if not 0.004 <= usd / rate <= 0.03:
            yield f"{gpu}: {usd} USD an hour for {rate} TFLOPS"


def provider_problems(models: Mapping[str, ProviderModelFacts]) -> Iterator[str]:
    """Units and order: a prompt costs less than an answer and more than a cached one, and tokens are whole numbers."""
    for id, item in models.items():
        if id.count("/") != 1 or item.id != id or item.task not in ("chat", "embed"):
            yield f"{id}: named {item.id}, for {item.task}"
        if not 128 <= item.context_tokens <= 10**7 or item.max_output_tokens > 2**20:
            yield f"{id}: {item.context_tokens} tokens in, {item.max_output_tokens} out"
        if not 0 <= item.input_usd <= 250 or not 0 <= item.output_usd <= 1000 or item.cached_input_usd > item.input_usd:
            yield f"{id}: {item.input_usd} and {item.cached_input_usd} USD in, {item.output_usd} out"
        if item.output_usd and not 1 <= item.output_usd / (item.input_usd or item.output_usd) <= 25:
            yield f"{id}: {item.input_usd} USD in, {item.output_usd} out"
        if "text" not in item.modalities:
            yield f"{id}: takes {item.modalities}"


def date_problems(dates: Mapping[str, set[str]]) -> Iterator[str]:
    """No date is still to come: later than today and than the newest that two files share."""
    found = sorted({day for days in dates.values() for day in days}, reverse=True)
    shared = next(day for day in found if sum(day in days for days in dates.values()) > 1)
    newest = max(shared, datetime.now(UTC).date().isoformat())
    for file, days in dates.items():
        for day in days:
            if date.fromisoformat(day) > date.fromisoformat(newest):
                yield f"{file}: {day} is later than {newest}"
            if day < "2025-01-01":
                yield f"{file}: {day}"


def dates_of(value: Any) -> Iterator[str]:
    """Every date of a file, at any depth."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from [below] if key == "asOf" else dates_of(below)
    elif isinstance(value, list):
        for below in value:
            yield from dates_of(below)


def all_dates() -> dict[str, set[str]]:
    folder: Path = resources.catalog()
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.yaml"))}
    return {name: set(dates_of(load(name))) for name in files if name != "aliases.yaml"}


def alias_problems(aliases: Mapping[str, Sequence[str]], ids: Sequence[str]) -> Iterator[str]:
    """No two names are one to the reader, and none hides an entry."""
    seen = {names.words(id): id for id in ids}
    for alias in aliases:
        other = seen.setdefault(names.words(alias), alias)
        if other != alias:
            yield f"{alias} and {other} are the same words"


MACHINES = {key: item for cloud in reader.clouds() for key, item in reader.instances(cloud).items()}
PRICES = {key: prices for cloud in reader.clouds() for key, prices in reader.prices(cloud).items()}
GPUS = reader.gpus()
PROVIDED = reader.provider_models()
MACHINE_ROWS = {key: row for cloud in reader.clouds() for key, row in load(f"instances_{cloud}.yaml").items()}
PRICE_ROWS = {key: lists for cloud in reader.clouds() for key, lists in load(f"prices_{cloud}.yaml").items()}
ALIASES = load("aliases.yaml")["gpus"]


@pytest.mark.parametrize(
    "problems",
    [
        pytest.param(lambda: machine_problems(MACHINES, GPUS), id="machines"),
        pytest.param(lambda: key_problems(MACHINE_ROWS, PRICE_ROWS), id="keys"),
        pytest.param(lambda: price_problems(MACHINES, PRICES), id="prices"),
        pytest.param(lambda: band_problems(MACHINES, PRICES, GPUS), id="band"),
        pytest.param(lambda: provider_problems(PROVIDED), id="providers"),
        pytest.param(lambda: date_problems(all_dates()), id="dates"),
        pytest.param(lambda: alias_problems(ALIASES, list(GPUS)), id="aliases"),
    ],
)
def test_the_catalogue_is_sound(problems: Callable[[], Iterator[str]]) -> None:
    assert list(problems()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"gpu": "l400"},
        {"gpus": 3},
        {"memory_gib": 2.0},
        {"vcpus": 4000},
        {"regions": frozenset()},
        {"regions": frozenset({"us-east"})},
        {"sold_as": ("monthly",)},
    ],
    ids=str,
)
def test_a_mistake_in_a_machine_is_found(change: dict[str, Any]) -> None:
    changed = {**MACHINES, "g6.xlarge": replace(MACHINES["g6.xlarge"], **change)}
    assert list(machine_problems(changed, GPUS)) != []


@pytest.mark.parametrize(
    ("machine", "price"), [({"soldas": ["spot"]}, {}), ({}, {"hourly": {"us-east-1": 0.8}})], ids=["machine", "price"]
)
def test_a_key_that_nobody_reads_is_found(machine: dict[str, Any], price: dict[str, Any]) -> None:
    assert len(list(key_problems({"g6.xlarge": machine}, {"g6.xlarge": [price]}))) == 1


def with_price(type_: str, region: str, way: str, usd: float) -> dict[str, Sequence[Price]]:
    return {**PRICES, type_: [Price(region, way, usd, "", "2026-11-22"), *PRICES.get(type_, ())]}


@pytest.mark.parametrize(
    ("type_", "region", "way", "usd"),
    [
        ("g6.xlarge", "us-east-1", SPOT, 0.81),
        ("g6.xlarge", "us-east-1", ON_DEMAND, 0.1),
        ("g6.xlarge", "mars-north-1", ON_DEMAND, 0.8),
        ("g6.xlarge", "us-east-1", "hourly", 0.8),
        ("g99.xlarge", "us-east-1", ON_DEMAND, 0.8),
    ],
)
def test_a_mistake_in_a_price_is_found(type_: str, region: str, way: str, usd: float) -> None:
    assert list(price_problems(MACHINES, with_price(type_, region, way, usd))) != []


@pytest.mark.parametrize(
    ("type_", "usd"), [("p5.48xlarge", 6.88), ("p5.48xlarge", 550.4), ("p6-b300.48xlarge", 1424.0)]
)
def test_the_price_of_one_gpu_for_the_whole_machine_is_found(type_: str, usd: float) -> None:
    lone = {**PRICES, type_: [Price("us-east-1", ON_DEMAND, usd, "", "2026-11-22")]}
    assert list(band_problems(MACHINES, lone, GPUS)) != []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "gpt"},
        {"task": "rerank"},
        {"context_tokens": 0},
        {"input_usd": 0.00000025},
        {"input_usd": 250_000.0},
        {"cached_input_usd": 2.5},
        {"output_usd": 0.2},
        {"modalities": ()},
    ],
    ids=str,
)
def test_a_mistake_in_a_provider_model_is_found(change: dict[str, Any]) -> None:
    changed = {**PROVIDED, "openai/gpt-5-mini": replace(PROVIDED["openai/gpt-5-mini"], **change)}
    assert list(provider_problems(changed)) != []


@pytest.mark.parametrize("day", ["2062-11-22", "1926-11-22"])
def test_a_date_that_cannot_be_is_found(day: str) -> None:
    dates = copy.deepcopy(all_dates())
    dates["models.yaml"].add(day)
    assert list(date_problems(dates)) != []


@pytest.mark.parametrize("alias", ["RTX 4090", "NVIDIA H100", "a40-gb-100"])
def test_an_alias_that_says_nothing_new_is_found(alias: str) -> None:
    assert bool(list(alias_problems({**ALIASES, alias: ["l4"]}, list(GPUS)))) == (alias != "a40-gb-100")


def test_what_clouds_name_is_what_was_asked() -> None:
    """A machine type's id begins with its family, and a family carries one kind of GPU."""
    families: dict[str, set[str]] = {}
    for item in MACHINES.values():
        family = re.sub(r"[.].*|-[0-9]+g?$|(?<=^Standard_N[CDV])[0-9]+[a-z]*", "", item.type)
        families.setdefault(family, set()).add(item.gpu)
    assert {family: gpus for family, gpus in families.items() if len(gpus) > 1} == {}
