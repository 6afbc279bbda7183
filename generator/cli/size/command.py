"""`gen size`: whether a model runs on a card, how fast, what it costs, and why, without any fleet."""

from typing import Any

import click

from generator.catalog.facts import ModelFacts
from generator.cli.examples import examples
from generator.cli.size import asked
from generator.cli.size import formats as size_formats
from generator.cli.size.asked import load_options, market_options, model_and_gpu_options, server_options
from generator.core.errors import UsageError
from generator.sizing.answer import answer
from generator.sizing.cost import Market
from generator.sizing.cures import cures
from generator.sizing.verdict import FITS

_FORMATS = {"text": size_formats.text, "json": size_formats.document, "markdown": size_formats.markdown}
_SEARCHED = ("", "fp8", "awq")
"""Formats that are tried beside the stored one where that is 16 bit."""


@click.command(
    epilog=examples(
        "gen size --model Qwen/Qwen3-14B --gpu l40s --context 8192",
        "gen size --model meta-llama/Llama-3.3-70B-Instruct --gpu h100 --tp 4 --concurrency 64 -o json",
        "gen size --model ./config.json --gpu 'RTX 4090' --quantization awq",
        "gen size --model Qwen/Qwen3-14B --gpu l4 --tp 2 --cloud gcp --region europe-west4",
        "gen size --suggest --model Qwen/Qwen3-14B --context 2048 --qps 5 --ttft 800 --tpot 50",
    )
)
@model_and_gpu_options
@load_options
@server_options
@market_options
@click.option("--suggest", is_flag=True, help="Search GPUs, splits, formats and replicas for a target.")
@click.option("--ttft", type=click.FloatRange(min=0), default=0.0, metavar="MS", help="Target: time to first token.")
@click.option("--tpot", type=click.FloatRange(min=0), default=0.0, metavar="MS", help="Target: time per output token.")
@click.option("--qps", type=click.FloatRange(min=0), default=0.0, metavar="R", help="Target: requests a second.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Suggestions to print.")
@click.option("-o", "--output", type=click.Choice(list(_FORMATS)), default="text", show_default=True, help="Format.")
def size(
    model: str, gpu: str | None, input_len: int | None, output_len: int | None, output: str, **options: Any
) -> None:
    """Say whether a model fits a GPU, how fast it answers there, and what that costs.

    With --suggest it searches for what reaches --ttft, --tpot and --qps at --context, the cheapest first. Costs are
    of the cheapest machine with a known price, in --cloud and --region where they are named.
    """
    target = {name: options.pop(name) for name in ("ttft", "tpot", "qps", "top")}
    facts = asked.model_of(model)
    market = asked.market_of(options.pop("cloud"), options.pop("region"))
    if options.pop("suggest"):
        click.echo(_suggested(facts, gpu, (input_len, output_len), target, output, market, options), nl=False)
        return
    if any(target[name] for name in ("ttft", "tpot", "qps")):
        raise UsageError("--ttft, --tpot and --qps are targets of a search", help="add --suggest")
    if gpu is None:
        raise UsageError("no --gpu was named", help="name one, or let --suggest look for one")
    question = asked.question(facts, asked.gpu_of(gpu), **options)
    load = asked.load_of(question, input_len, output_len, options["concurrency"])
    result = answer(question, load, market=market)
    offered = list(cures(question, market=market)) if result.verdict.kind != FITS else []
    click.echo(_FORMATS[output](result, facts.id, offered), nl=False)


def _suggested(
    facts: ModelFacts,
    gpu: str | None,
    lengths: tuple[int | None, int | None],
    target: dict[str, Any],
    output: str,
    market: Market,
    options: dict[str, Any],
) -> str:
    from generator.cli.size import suggestions
    from generator.sizing import suggest

    cards = [asked.gpu_of(gpu)] if gpu else suggest.all_gpus()
    question = asked.question(facts, cards[0], **options)
    load = asked.load_of(question, *lengths, options["concurrency"])
    wanted = suggest.Target(load.prompt, load.answer, target["ttft"], target["tpot"], target["qps"])
    stored = facts.quantization in ("none", "")
    formats = [question.quantization] if question.quantization or not stored else list(_SEARCHED)
    tried = list(suggest.candidates(facts, cards, formats, question))
    reached = suggest.suggest(tried, wanted, market)
    draw = {"text": suggestions.text, "json": suggestions.document, "markdown": suggestions.markdown}
    return draw[output](reached, target["top"], len(tried), wanted)
