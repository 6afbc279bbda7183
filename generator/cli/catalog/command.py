"""`gen catalog`: what gen knows of GPUs, models, machines, engines, gateways and providers, with source and age."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import click

from generator.catalog import reader
from generator.catalog.facts import (
    EngineFacts,
    EngineVersion,
    GatewayFacts,
    GpuFacts,
    InstanceFacts,
    ModelFacts,
    Price,
    ProviderModelFacts,
    QuantizationFacts,
)
from generator.cli.catalog.shelves import SHELVES, find, shelf
from generator.cli.examples import examples
from generator.cli.table import aligned
from generator.cli.today import today
from generator.core.lazy import load
from generator.resolve.age import OLD_DAYS

Dated = EngineVersion | GpuFacts | ModelFacts | InstanceFacts | ProviderModelFacts | QuantizationFacts | GatewayFacts
_IMPORTED = {
    "used": "generator.cli.catalog.used:used",
    "refresh": "generator.cli.catalog.refresh:refresh",
}
_INDENT = "  "
_CAPACITIES = {"onDemand": "on demand", "spot": "spot"}
_UNITS = {
    "gib": "GiB",
    "gb": "GB",
    "gbs": "GB/s",
    "tflops": "TFLOPS",
    "tops": "TOPS",
    "usd": "USD a million tokens",
    "b": "x 1e9",
}


class Facts(click.Group):
    """The facts' own verbs, and those that are imported when they are called: they need a fleet, or ask a cloud."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of their use."""
        return [*super().list_commands(ctx), *_IMPORTED]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb."""
        if cmd_name not in _IMPORTED:
            return super().get_command(ctx, cmd_name)
        command: click.Command = load(_IMPORTED[cmd_name])
        return command


@click.group(
    cls=Facts,
    epilog=examples(
        "gen catalog list",
        "gen catalog list gpus",
        "gen catalog list models qwen3",
        "gen catalog show l40s",
        "gen catalog show Qwen/Qwen3-14B-AWQ -o json",
        "gen catalog used fleet.yaml",
        "gen catalog refresh aws --region us-east-1 --check",
    ),
)
def catalog() -> None:
    """Show the facts that gen decides by: GPUs, models, cloud machines, providers' models, engines, gateways."""


_format = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Format."
)


@catalog.command("list", epilog=examples("gen catalog list gpus", "gen catalog list models llama-3.1"))
@click.argument("kind", required=False, type=click.Choice(list(SHELVES)))
@click.argument("word", required=False)
@_format
def list_facts(kind: str | None, word: str | None, output: str) -> None:
    """List the names of KIND that contain WORD with their main figures; without KIND, what there is."""
    if kind is None:
        counts = {name: len(shelf(name)) for name in SHELVES}
        rows = [[name, str(count), SHELVES[name].about] for name, count in counts.items()]
        table = aligned(("kind", "facts", ""), rows, frozenset({1}))
        click.echo(_json(counts) if output == "json" else table, nl=False)
        return
    matches = {key: fact for key, fact in shelf(kind).items() if not word or word.lower() in key.lower()}
    if output == "json":
        click.echo(_json({key: asdict(fact) for key, fact in matches.items()}), nl=False)
        return
    header, row, right = SHELVES[kind].header, SHELVES[kind].row, SHELVES[kind].right
    rows = [[*row(fact), _dated(fact).as_of] for fact in matches.values()]
    click.echo(aligned([*header, "as of"], rows, right), nl=False)


@catalog.command(
    epilog=examples("gen catalog show h100", "gen catalog show p5.48xlarge", "gen catalog show meta-llama/Llama-3.1-8B")
)
@click.argument("name")
@_format
def show(name: str, output: str) -> None:
    """Show all that is known of NAME, with its source and age. NAME may be an alias, in any case."""
    kind, fact = find(name)
    if output == "json":
        sold = {"prices": [asdict(price) for price in _sold(fact)]} if isinstance(fact, InstanceFacts) else {}
        click.echo(_json({"kind": kind, "fact": asdict(fact), **sold}), nl=False)
        return
    facts = {key: value for key, value in asdict(fact).items() if key not in {"source", "as_of"}}
    lines = [f"{SHELVES[kind].one}: {name}", *_lines(facts, 1), *_origin(fact)]
    if isinstance(fact, InstanceFacts):
        lines += _prices(fact)
    click.echo("\n".join(lines))


def _lines(values: Mapping[str, Any], depth: int) -> list[str]:
    """Facts as indented lines; what is unknown, empty or nothing is left out."""
    lines = []
    for key, value in values.items():
        name, unit = _label(key)
        label = f"{_INDENT * depth}{name}"
        if isinstance(value, Mapping):
            lines += [label, *_lines(value, depth + 1)] if value else []
        elif isinstance(value, tuple) and value and isinstance(value[0], Mapping):
            lines += [label, *(f"{_INDENT * (depth + 1)}{' '.join(map(str, row.values()))}" for row in value)]
        elif value not in (0, "", None, (), frozenset()):
            lines.append(f"{label}: {_text(value)}{unit}")
    return lines


def _label(key: str) -> tuple[str, str]:
    """A field's name as words, and the unit that it ends with."""
    words, _, last = key.rpartition("_")
    unit = _UNITS.get(last)
    return (words.replace("_", " "), f" {unit}") if unit and words else (key.replace("_", " "), "")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset | set):
        items = [_text(item) for item in value]
        return ", ".join(items if isinstance(value, tuple | list) else sorted(items))
    return str(value)


def _dated(fact: Dated | EngineFacts) -> Dated:
    """What bears source and date: of an engine its newest version."""
    return fact.newest if isinstance(fact, EngineFacts) else fact


def _origin(fact: Dated | EngineFacts) -> list[str]:
    """The source and the age of a fact; of an engine those of its newest version, of a model those of its base too."""
    dated = _dated(fact)
    lines = [f"{_INDENT}source: {dated.source}", f"{_INDENT}as of: {dated.as_of}, {_age(dated.as_of)}"]
    if isinstance(fact, ModelFacts) and fact.base:
        base = reader.models()[fact.base]
        lines.append(f"{_INDENT}source of the architecture: {base.source} ({base.as_of})")
    return lines


def _sold(machine: InstanceFacts) -> list[Price]:
    return [price for cloud in reader.clouds() for price in reader.prices(cloud).get(machine.type, ())]


def _prices(machine: InstanceFacts) -> list[str]:
    """What a machine costs by region, a line for each published list, the dearest way to buy first."""
    lists: dict[tuple[str, str, str], list[Price]] = {}
    for price in _sold(machine):
        lists.setdefault((price.way, price.as_of, price.source), []).append(price)
    lines = []
    for (way, as_of, source), prices in sorted(lists.items()):
        usd = ", ".join(
            f"{price.region} {price.usd_per_hour:g}" for price in sorted(prices, key=lambda one: one.region)
        )
        lines += [f"{_INDENT}USD an hour, {_CAPACITIES[way]}: {usd}", f"{_INDENT * 2}{source} ({as_of}, {_age(as_of)})"]
    return lines


def _age(as_of: str) -> str:
    days = max(0, (today() - date.fromisoformat(as_of)).days)
    age = f"{days} day{'' if days == 1 else 's'} ago"
    return f"{age}: older than {OLD_DAYS} days, look it up again" if days > OLD_DAYS else age


def _json(value: Any) -> str:
    def plain(item: Any) -> Any:
        return sorted(item) if isinstance(item, frozenset) else dict(item)

    return json.dumps(value, indent=2, default=plain, ensure_ascii=False) + "\n"
