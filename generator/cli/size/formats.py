"""An answer of the sizing model for people, for documents and for programs."""

import json
from collections.abc import Sequence
from typing import Any

from generator.cli import table
from generator.sizing.answer import Answer
from generator.sizing.cost import Cost
from generator.sizing.cures import Cure
from generator.sizing.estimate import Estimate, Term
from generator.sizing.throughput import Speed
from generator.sizing.weights import FULL

VERSION = 1
Row = tuple[str, Estimate | None, str]
_RIGHT = frozenset({1})
_FITTED = "Estimates; the interval is meant to hold four of five machines. Measured against logs in docs/accuracy.md."


def document(answer: Answer, model: str, cures: Sequence[Cure] = ()) -> str:
    """One JSON document. Keys are only ever added; what has no estimate is null, and `reasons` says why."""
    memory, seen, loaded = answer.budget, answer.latency, answer.loaded
    data = {
        "version": VERSION,
        "model": model,
        "question": _question(answer),
        "assumed": list(answer.question.assumed),
        "verdict": answer.verdict.kind,
        "verdict_reason": answer.verdict.reason,
        "max_context": int(memory.max_context.value),
        "max_context_interval": estimate_data(memory.max_context),
        "weights_gib": estimate_data(memory.weights),
        "kv_available_gib": estimate_data(memory.kv_available),
        "kv_bytes_per_token": memory.kv_bytes_per_token,
        "kv_tokens": estimate_data(memory.kv_tokens),
        "max_concurrency": estimate_data(memory.max_concurrency),
        "tpot_ms": estimate_data(seen.tpot_ms if seen else None),
        "ttft_ms": estimate_data(seen.ttft_ms if seen else None),
        "output_tokens_per_s": estimate_data(loaded.output_tokens_per_s if loaded else None),
        "requests_per_s": estimate_data(loaded.requests_per_s if loaded else None),
        "usd_per_hour": estimate_data(answer.cost.usd_per_hour if answer.cost else None),
        "usd_per_million_output_tokens": estimate_data(answer.usd_per_million_output_tokens),
        "single_stream": _speed(answer.single),
        "under_load": _speed(answer.loaded),
        "budget": [_term(term) for term in (memory.usable, *memory.terms)],
        "price": price_data(answer.cost),
        "reasons": answer.reasons,
        "cures": [{"option": _option(cure), "value": cure.value, "note": cure.note} for cure in cures],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def text(answer: Answer, model: str, cures: Sequence[Cure] = ()) -> str:
    """Tables for a terminal."""
    assumed = "".join(f"assumed: {sentence}\n" for sentence in answer.question.assumed)
    parts = [f"{_title(answer, model)}: {answer.verdict.kind}\n{answer.verdict.reason}\n{_mix(answer)}\n{assumed}"]
    if cures:
        parts.append("".join(["each of these fits:\n", *(f"  {_said(cure)}\n" for cure in cures)]))
    for name, unit, rows in _sections(answer):
        parts.append(table.aligned((name, unit, "interval", "why"), [_cells(*row) for row in rows], _RIGHT))
    return "\n".join([*parts, f"{_FITTED}\n"])


def markdown(answer: Answer, model: str, cures: Sequence[Cure] = ()) -> str:
    """The same for a document."""
    parts = [f"### {_title(answer, model)}\n", f"**{answer.verdict.kind}**: {answer.verdict.reason}; {_mix(answer)}.\n"]
    parts += [f"Assumed: {sentence}.\n" for sentence in answer.question.assumed]
    if cures:
        parts.append("".join(["Each of these fits:\n\n", *(f"- {_said(cure)}\n" for cure in cures)]))
    for name, unit, rows in _sections(answer):
        parts.append(table.markdown((name, unit, "interval", "why"), [_cells(*row) for row in rows], _RIGHT))
    return "\n".join([*parts, f"{_FITTED}\n"])


def _option(cure: Cure) -> str:
    return f"--{cure.field.replace('_', '-')}"


def _said(cure: Cure) -> str:
    return f"{_option(cure)} {cure.value}{f': {cure.note}' if cure.note else ''}"


def estimate_data(estimate: Estimate | None) -> dict[str, float] | None:
    """An estimate as an object, null where there is none."""
    if estimate is None:
        return None
    return {"value": round(estimate.value, 4), "low": round(estimate.low, 4), "high": round(estimate.high, 4)}


def interval(estimate: Estimate) -> str:
    """The two ends, or nothing where they are the value."""
    if estimate.low == estimate.high:
        return ""
    return f"{table.number(estimate.low)} to {table.number(estimate.high)}"


def price_data(cost: Cost | None) -> dict[str, str] | None:
    """The machine whose price counts, with source and date; null where no price is known."""
    if cost is None:
        return None
    return {name: getattr(cost, name) for name in ("cloud", "region", "machine", "why", "source", "as_of")}


def priced(cost: Cost | None) -> str:
    """The machine whose price counts, and the day it was looked up; empty where no price is known."""
    return f"{cost.why}, {cost.as_of}" if cost else ""


def _sections(answer: Answer) -> Sequence[tuple[str, str, list[Row]]]:
    return (
        ("Memory of one GPU", "GiB", _memory(answer)),
        ("The cache holds", "", _cache(answer)),
        ("Speed", "", _speeds(answer)),
        ("Cost", "USD", _costs(answer)),
    )


def _mix(answer: Answer) -> str:
    load = answer.load
    text = f"{load.prompt:,.0f} tokens in and {load.answer:,.0f} out a request"
    return text if load.stated else f"{text} are assumed, --input-len and --output-len narrow the intervals"


def _memory(answer: Answer) -> list[Row]:
    budget = answer.budget
    rows: list[Row] = [("usable", budget.usable.estimate, budget.usable.why)]
    rows += [(f"- {term.name}", term.estimate, term.why) for term in budget.terms]
    per_token = f"{budget.kv_bytes_per_token:,.0f} bytes a token"
    return [*rows, ("= for keys and values", budget.kv_available, per_token)]


def _cache(answer: Answer) -> list[Row]:
    budget, length = answer.budget, answer.question.length
    return [
        ("tokens", budget.kv_tokens, ""),
        ("requests at once", budget.max_concurrency, f"each of {length:,} tokens"),
        ("longest request", budget.max_context, "in tokens"),
    ]


def _speeds(answer: Answer) -> list[Row]:
    reason = answer.reasons.get("tpot_ms", "")
    single, loaded = answer.single, answer.loaded
    if single is None or loaded is None:
        return [("tokens a second", None, reason)]
    return [
        ("one user: time to first token, ms", single.ttft_ms, "prompt through the layers, and the server's own time"),
        ("one user: time per token, ms", single.tpot_ms, "weights and cache read at the GPU's bandwidth"),
        ("loaded: time to first token, ms", loaded.ttft_ms, loaded.why),
        ("loaded: time per token, ms", loaded.tpot_ms, "with prompts of others in between"),
        ("loaded: output tokens a second", loaded.output_tokens_per_s, ""),
        ("loaded: requests a second", loaded.requests_per_s, ""),
    ]


def _costs(answer: Answer) -> list[Row]:
    if answer.cost is None:
        return [("an hour", None, answer.reasons["usd_per_hour"])]
    cost, million = answer.cost, answer.usd_per_million_output_tokens
    why = answer.reasons.get("usd_per_million_output_tokens", "always loaded as above")
    return [("an hour", cost.usd_per_hour, priced(cost)), ("a million output tokens", million, why)]


def _cells(name: str, estimate: Estimate | None, why: str) -> tuple[str, str, str, str]:
    if estimate is None:
        return name, "-", "", why
    return name, table.number(estimate.value), interval(estimate), why


def _title(answer: Answer, model: str) -> str:
    question = answer.question
    split = "".join(f", {name} {count}" for name, count in (("TP", question.tp), ("PP", question.pp)) if count > 1)
    version = f" {question.engine_version}" if question.engine_version else ""
    plain = "bf16" if question.number == FULL else "fp32"
    stored = plain if question.format == "none" else question.format
    machine = f"{answer.gpus} x {question.gpu.name}{split}"
    return f"{model} ({stored}) on {machine}, {question.engine}{version}, {question.length:,} tokens"


def _question(answer: Answer) -> dict[str, Any]:
    asked, load = answer.question, answer.load
    return {
        "gpu": asked.gpu.id,
        "gpus": answer.gpus,
        "tp": asked.tp,
        "pp": asked.pp,
        "context": asked.length,
        "concurrency": load.concurrency or None,
        "input_len": load.prompt,
        "output_len": load.answer,
        "quantization": asked.format,
        "kv_dtype": asked.kv_dtype,
        "utilization": asked.share,
        "engine": asked.engine,
        "engine_version": asked.engine_version or None,
        "max_num_seqs": asked.seqs,
        "max_num_batched_tokens": asked.batched_tokens,
        "enforce_eager": asked.enforce_eager,
    }


def _speed(speed: Speed | None) -> dict[str, Any] | None:
    if speed is None:
        return None
    return {
        "tpot_ms": estimate_data(speed.tpot_ms),
        "ttft_ms": estimate_data(speed.ttft_ms),
        "output_tokens_per_s": estimate_data(speed.output_tokens_per_s),
        "requests_per_s": estimate_data(speed.requests_per_s),
        "running": round(speed.running, 2),
        "why": speed.why,
    }


def _term(term: Term) -> dict[str, Any]:
    return {"name": term.name, "gib": estimate_data(term.estimate), "why": term.why}
