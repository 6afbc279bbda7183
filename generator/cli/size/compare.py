"""`gen compare`: the table that teams put into their documents when they choose an engine and a precision."""

import json
from typing import Any

import click

from generator.cli import table
from generator.cli.examples import examples
from generator.cli.size import asked, formats
from generator.cli.size.asked import load_options, market_options, model_and_gpu_options
from generator.cli.size.formats import estimate_data
from generator.core.errors import UsageError
from generator.sizing.compare import Choice, choices
from generator.sizing.estimate import Estimate
from generator.sizing.throughput import Load

VERSION = 1
_HEADER = (
    "engine",
    "precision",
    "verdict",
    "VRAM GiB",
    "requests at once",
    "QPS",
    "TTFT ms",
    "latency s",
    "USD/1M out",
    "features",
    "caveats",
)
_RIGHT = frozenset(range(3, 9))


@click.command(
    epilog=examples(
        "gen compare --model Qwen/Qwen3-14B --gpu l40s --context 8192",
        "gen compare --model meta-llama/Llama-3.1-8B-Instruct --gpu l4 --context 8192 -o markdown",
    )
)
@model_and_gpu_options
@load_options
@market_options
@click.option("--tp", type=click.IntRange(min=1), default=1, show_default=True, help="GPUs that split each layer.")
@click.option("-o", "--output", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def compare(
    model: str, gpu: str | None, input_len: int | None, output_len: int | None, output: str, **options: Any
) -> None:
    """Put engines and precisions side by side for one model and GPU."""
    if gpu is None:
        raise UsageError("no --gpu was named", help="name the GPU to compare on")
    facts = asked.model_of(model)
    market = asked.market_of(options.pop("cloud"), options.pop("region"))
    question = asked.question(facts, asked.gpu_of(gpu), **options)
    load = asked.load_of(question, input_len, output_len, options["concurrency"])
    rows = list(choices(question, load, market))
    if output == "json":
        click.echo(_document(rows, facts.id, question.gpu.id, load), nl=False)
        return
    draw = table.aligned if output == "text" else table.markdown
    title = f"{facts.id} on {question.tp} x {question.gpu.name}, {question.length:,} tokens"
    mix = f"{load.prompt:,.0f} tokens in and {load.answer:,.0f} out a request"
    head = f"{title}; {mix}\n\n" if output == "text" else f"### {title}\n\n{mix}.\n\n"
    notes = (
        f"\nTTFT and latency of one user alone, QPS and cost of a loaded server; all are estimates.\n{_price(rows)}\n"
    )
    click.echo(head + draw(_HEADER, [_cells(row) for row in rows], _RIGHT) + notes, nl=False)


def _price(rows: list[Choice]) -> str:
    """The machine whose price counts, which is one for all rows, or why there is none."""
    result = rows[0].answer
    return f"Cost: {formats.priced(result.cost) or result.reasons['usd_per_hour']}."


def _cells(row: Choice) -> tuple[str, ...]:
    result = row.answer
    alone, loaded = result.single, result.loaded
    return (
        row.engine,
        row.precision,
        result.verdict.kind,
        _short(row.vram_gib),
        _short(result.budget.max_concurrency),
        _short(loaded.requests_per_s if loaded else None),
        _short(alone.ttft_ms if alone else None),
        _short(row.latency_ms.times(1e-3) if row.latency_ms else None),
        _short(result.usd_per_million_output_tokens),
        row.features,
        "; ".join(row.caveats),
    )


def _short(estimate: Estimate | None) -> str:
    return "-" if estimate is None else table.number(estimate.value)


def _document(rows: list[Choice], model: str, gpu: str, load: Load) -> str:
    data = {
        "version": VERSION,
        "model": model,
        "gpu": gpu,
        "input_len": load.prompt,
        "output_len": load.answer,
        "choices": [_data(row) for row in rows],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _data(row: Choice) -> dict[str, Any]:
    result = row.answer
    alone, loaded = result.single, result.loaded
    return {
        "engine": row.engine,
        "precision": row.precision,
        "verdict": result.verdict.kind,
        "vram_gib": estimate_data(row.vram_gib),
        "max_concurrency": estimate_data(result.budget.max_concurrency),
        "requests_per_s": estimate_data(loaded.requests_per_s if loaded else None),
        "output_tokens_per_s": estimate_data(loaded.output_tokens_per_s if loaded else None),
        "ttft_ms": estimate_data(alone.ttft_ms if alone else None),
        "latency_ms": estimate_data(row.latency_ms),
        "usd_per_hour": estimate_data(result.cost.usd_per_hour if result.cost else None),
        "usd_per_million_output_tokens": estimate_data(result.usd_per_million_output_tokens),
        "price": formats.price_data(result.cost),
        "features": row.features,
        "caveats": list(row.caveats),
        "reasons": result.reasons,
    }
