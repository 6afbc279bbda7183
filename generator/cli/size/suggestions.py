"""What `gen size --suggest` found, ranked, for people, for documents and for programs."""

import json
from collections.abc import Sequence
from typing import Any

from generator.cli import table
from generator.cli.size.formats import estimate_data, price_data
from generator.sizing.suggest import Suggestion, Target

VERSION = 1
_HEADER = ("GPU", "GPUs", "TP", "replicas", "weights", "verdict", "TTFT ms", "TPOT ms", "QPS", "USD/h", "machine")
_RIGHT = frozenset({1, 2, 3, 6, 7, 8, 9})
_NOTE = "Prices on demand, a share of the machine where it holds more GPUs. QPS of all replicas; all are estimates.\n"


def text(suggestions: Sequence[Suggestion], shown: int, tried: int, target: Target) -> str:
    """A table for a terminal."""
    rows = [_cells(item) for item in suggestions[:shown]]
    return f"{_count(suggestions, tried, target)}\n\n{table.aligned(_HEADER, rows, _RIGHT)}\n{_NOTE}"


def markdown(suggestions: Sequence[Suggestion], shown: int, tried: int, target: Target) -> str:
    """The same for a document."""
    rows = [_cells(item) for item in suggestions[:shown]]
    return f"{_count(suggestions, tried, target)}.\n\n{table.markdown(_HEADER, rows, _RIGHT)}\n{_NOTE}"


def document(suggestions: Sequence[Suggestion], shown: int, tried: int, target: Target) -> str:
    """One JSON document."""
    data = {
        "version": VERSION,
        "target": {name: getattr(target, name) for name in Target.__match_args__},
        "tried": tried,
        "reached": len(suggestions),
        "suggestions": [_data(item) for item in suggestions[:shown]],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _count(suggestions: Sequence[Suggestion], tried: int, target: Target) -> str:
    mix = f"{target.prompt:,.0f} tokens in and {target.answer:,.0f} out"
    return f"{len(suggestions)} of {tried} configurations reach the target with {mix}"


def _cells(item: Suggestion) -> tuple[str, ...]:
    asked, speed = item.question, item.speed
    usd = item.usd_per_hour
    return (
        asked.gpu.id,
        str(item.gpus),
        str(asked.tp),
        str(item.replicas),
        "bf16" if asked.format == "none" else asked.format,
        item.verdict,
        table.number(speed.ttft_ms.value),
        table.number(speed.tpot_ms.value),
        table.number(speed.requests_per_s.value * item.replicas),
        "-" if usd is None else f"{usd:,.2f}",
        f"{item.cost.cloud} {item.cost.machine}, {item.cost.region}" if item.cost else "no price known",
    )


def _data(item: Suggestion) -> dict[str, Any]:
    asked, speed = item.question, item.speed
    return {
        "gpu": asked.gpu.id,
        "gpus": item.gpus,
        "tp": asked.tp,
        "replicas": item.replicas,
        "quantization": asked.format,
        "verdict": item.verdict,
        "streams_per_replica": item.streams,
        "ttft_ms": estimate_data(speed.ttft_ms),
        "tpot_ms": estimate_data(speed.tpot_ms),
        "requests_per_s": estimate_data(speed.requests_per_s.times(item.replicas)),
        "output_tokens_per_s": estimate_data(speed.output_tokens_per_s.times(item.replicas)),
        "usd_per_hour": estimate_data(item.cost.usd_per_hour.times(item.replicas) if item.cost else None),
        "machine": item.cost.machine if item.cost else None,
        "price": price_data(item.cost),
    }
