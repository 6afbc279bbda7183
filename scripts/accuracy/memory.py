"""Holds the memory model against start-up logs of vLLM: one line a row, and the figures that sum them up."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from generator.catalog import reader
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.sizing import formats, releases
from generator.sizing.budget import Budget, budget
from generator.sizing.question import Question
from generator.sizing.verdict import DOES_NOT_FIT, FITS, TIGHT, Verdict, judge
from scripts.install.environment import ROOT

TRUTH = ROOT / "tests" / "truth" / "kv_truth.csv"
BAND = (-0.8, 1.5)
"""GiB of measured minus predicted that repeated runs explain."""
OUTSIDE = {
    "F005": "another user held 2.9 GiB of the card, which this release seems to count as the engine's own",
    "F030": "the upload keeps more at 16 bit than embeddings and head: 22.5 GiB a rank loaded, 20.0 predicted",
    "F038": "0.8 GiB more than the buffers in the source of its experts' kernels; a build between two releases",
    "F063": "its log has an activation peak of 2.12 GiB, where seven rows with the same defaults have 4.8 to 7.4",
    "F083": "profiled with one video of 153,600 tokens, which no flag of the row states; the model profiles one image",
}
"""Why a row is outside of the band; words, not numbers: nothing here enters the model."""
PEERS = (
    ("KAITO estimator (2026-08)", "31 / 38", "0.86", "55 %", "5.1", "5"),
    ("GPUStack rule (2026-08)", "33 / 40", "1.94", "36 %", "8.8", "9"),
    ("llm-d-planner (2026-04)", "31 / 38", "2.64", "32 %", "5.6", "8"),
    ("AIConfigurator 0.12.0", "10 / 15", "1.58", "40 %", "13.1", "2"),
    ('"always fits"', "- / 40", "-", "-", "-", "10"),
)
"""What published tools reach on 33 figures and 40 verdicts of these logs, V0 among them, as measured in 2026-11."""
SUMMARY = (
    *("rows", "KV / verdicts", "median error GiB", "p90", "in band", "in interval", "tokens, worst"),
    *("concurrency, median", "false verdicts", "tight"),
)
COLUMNS = (
    *("row", "model", "GPU", "release", "weights", "KV measured", "KV predicted", "error", "tokens"),
    *("concurrency", "log", "verdict"),
)


@dataclass(frozen=True)
class Row:
    """A log with the question that describes its server, and the answer."""

    id: str
    truth: dict[str, str]
    question: Question
    budget: Budget
    verdict: Verdict

    @property
    def v1(self) -> bool:
        """Whether the V1 engine wrote the log."""
        question = self.question
        return "V0" not in self.truth["version"] + self.truth["notes"] and not releases.is_v0(
            question.release, question.gpu.compute_capability, question.format
        )

    @property
    def fitted(self) -> bool:
        """Whether constants were fitted on this row: those with an even number."""
        return int(self.id[1:]) % 2 == 0

    @property
    def ran(self) -> bool:
        """Whether the log shows the server running."""
        return self.truth["verdict"] == "fits"

    @property
    def false_verdict(self) -> bool:
        """A refusal of what ran, or a promise of what was refused."""
        return self.verdict.kind == (DOES_NOT_FIT if self.ran else FITS)

    def measured(self, column: str) -> float | None:
        """A figure of the log, where it has it."""
        return float(self.truth[column]) if self.truth[column] else None

    @property
    def available_error(self) -> float | None:
        """Predicted minus measured memory for the cache, in GiB."""
        measured = self.measured("avail_kv_gib")
        return None if measured is None else self.budget.kv_available.value - measured

    @property
    def token_error(self) -> float | None:
        """Share by which tokens differ when the logged memory is given."""
        available, tokens = self.measured("avail_kv_gib"), self.measured("kv_tokens")
        if available is None or tokens is None:
            return None
        return self.budget.layout.tokens(available, self.question.length) / tokens - 1

    @property
    def concurrency_error(self) -> float | None:
        """Share by which the predicted concurrency differs, from start to end."""
        measured = self.measured("max_concurrency")
        return None if not measured else self.budget.max_concurrency.value / measured - 1


def rows() -> list[Row]:
    """The complete rows of the truth that the catalogue can answer."""
    return [_row(line) for line in _complete() if not _unknown(line)]


def unknown_rows() -> list[str]:
    """Complete rows of which the catalogue lacks the model's dimensions or the GPU."""
    return [f"{line['id']} ({line['model']}, {line['gpu']})" for line in _complete() if _unknown(line)]


def _complete() -> list[dict[str, str]]:
    with TRUTH.open(encoding="utf-8", newline="") as stream:
        return [line for line in csv.DictReader(stream) if "[complete]" in line["notes"]]


def _unknown(line: dict[str, str]) -> bool:
    model = _model(line)
    return model is None or model.architecture is None or _gpu(line) is None


def _model(line: dict[str, str]) -> ModelFacts | None:
    name = line["model"].partition(" (")[0]
    return reader.model(name) or reader.like(name)


def _gpu(line: dict[str, str]) -> GpuFacts | None:
    return reader.gpu(line["gpu"].partition(" (")[0])


def _row(line: dict[str, str]) -> Row:
    question = _question(line)
    answer = budget(question)
    return Row(line["id"], line, question, answer, judge(question, answer))


def _question(line: dict[str, str]) -> Question:
    notes, model, gpu = line["notes"], _model(line), _gpu(line)
    if model is None or gpu is None:
        raise LookupError(line["id"])
    release = releases.parse(line["version"])
    tokens, seqs = _batch(notes, gpu, release)
    return Question.about(
        model,
        gpu,
        tp=int(line["tp"]),
        pp=int(line["pp"]),
        dp=_number(r"DP=(\d+)", notes) or 1,
        expert_parallel=bool(re.search(r"expert.parallel", notes)),
        context=int(line["max_model_len"]),
        quantization=_quantization(line["quant"], model),
        kv_dtype=line["kv_dtype"],
        utilization=float(line["util"]),
        engine_version=line["version"],
        max_num_seqs=seqs,
        max_num_batched_tokens=tokens,
        enforce_eager=line["enforce_eager"] == "true",
        prefix_caching="prefix caching off" not in notes,
        text_only="text-only" in notes,
    )


def _quantization(written: str, model: ModelFacts) -> str:
    return formats.named(written) or "" if model.quantization == "none" else ""


def _batch(notes: str, gpu: GpuFacts, release: releases.Release) -> tuple[int, int]:
    """Tokens and sequences of a step that the notes state, else 0; offline use has other defaults."""
    tokens = _number(r"max[-_]num[-_]batched[-_]tokens (?:default )?(\d+)", notes)
    seqs = _number(r"max[-_]num[-_]seqs (?:default )?~?(\d+)", notes)
    if "LLM class" in notes and release >= releases.V1_ALONE:
        large = releases.default_batch(gpu, release)[1] > 256
        tokens, seqs = tokens or (16384 if large else 8192), seqs or (1024 if large else 256)
    return tokens, seqs


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class Figures:
    """What a set of rows comes to. Errors of memory in GiB, of tokens and concurrency as shares."""

    available: Sequence[float]
    inside: float
    tokens: Sequence[float]
    concurrency: Sequence[float]
    false: Sequence[str]
    tight: int
    rows: int

    @property
    def median(self) -> float:
        """Median of the size of the errors of memory."""
        return median(map(abs, self.available))

    @property
    def p90(self) -> float:
        """The size that nine of ten errors stay below."""
        ordered = sorted(map(abs, self.available))
        return ordered[round(0.9 * (len(ordered) - 1))]

    @property
    def in_band(self) -> float:
        """Share of rows where measured minus predicted is in the band."""
        return sum(BAND[0] <= -error <= BAND[1] for error in self.available) / len(self.available)


def figures(chosen: Sequence[Row]) -> Figures:
    """The figures of some rows."""
    measured = [row for row in chosen if row.available_error is not None]
    return Figures(
        [row.available_error for row in chosen if row.available_error is not None],
        sum(_inside(row) for row in measured) / len(measured),
        [abs(row.token_error) for row in chosen if row.token_error is not None],
        [abs(row.concurrency_error) for row in chosen if row.concurrency_error is not None],
        [row.id for row in chosen if row.false_verdict],
        sum(row.verdict.kind == TIGHT for row in chosen),
        len(chosen),
    )


def _inside(row: Row) -> bool:
    available = row.budget.kv_available
    return available.low <= (row.measured("avail_kv_gib") or 0.0) <= available.high


def section() -> Iterator[str]:
    """The page's part on memory."""
    every = rows()
    v1 = [row for row in every if row.v1]
    sets = {
        "V1 engine, all": v1,
        "V1, fitted on": [row for row in v1 if row.fitted],
        "V1, the rest": [row for row in v1 if not row.fitted],
        "V0 engine": [row for row in every if not row.v1],
    }
    yield from _summary({name: figures(chosen) for name, chosen in sets.items()})
    yield from ("", "### Row by row", "", *_table(v1), "", "The V0 engine, which no current release has:", "")
    yield from (*_table(sets["V0 engine"]), "", "Rows outside the band of -0.8 to +1.5 GiB:", "")
    yield from (f"- {row.id}: {OUTSIDE.get(row.id, 'not explained')}." for row in v1 if _outside(row))
    yield from ("", "Rows that the catalogue cannot answer:", "", *(f"- {name}" for name in unknown_rows()))


def _outside(row: Row) -> bool:
    error = row.available_error
    return error is not None and not BAND[0] <= -error <= BAND[1]


def _summary(sets: dict[str, Figures]) -> Iterator[str]:
    yield from _head(SUMMARY)
    for name, made in sets.items():
        tokens = f"{max(made.tokens):.2%}" if made.tokens else "-"
        yield (
            f"| {name} | {len(made.available)} / {made.rows} | {made.median:.2f} | {made.p90:.2f} | {made.in_band:.0%} "
            f"| {made.inside:.0%} | {tokens} | {median(made.concurrency):.1%} | {len(made.false)} | {made.tight} |"
        )
    yield from ("", "Published tools on an earlier part of the same logs:", "")
    yield from _head(("tool", "KV / verdicts", "median error GiB", "in band", "p90", "false verdicts"))
    yield from (f"| {' | '.join(peer)} |" for peer in PEERS)


def _head(names: Sequence[str]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"


def _table(chosen: Sequence[Row]) -> Iterator[str]:
    yield from _head(COLUMNS)
    for row in chosen:
        truth, kv = row.truth, row.budget.kv_available
        cells = (
            row.id + ("" if row.fitted else "*"),
            truth["model"].rpartition("/")[2],
            truth["gpu"].partition(" (")[0] + (f" x{row.question.tp}" if row.question.tp > 1 else ""),
            truth["version"].partition(" (")[0],
            f"{row.budget.weights.value:.2f}",
            truth["avail_kv_gib"] or "-",
            f"{kv.value:.2f} ({kv.low:.1f} to {kv.high:.1f})",
            "-" if row.available_error is None else f"{row.available_error:+.2f}",
            "-" if row.token_error is None else f"{row.token_error:+.2%}",
            "-" if row.concurrency_error is None else f"{row.concurrency_error:+.0%}",
            truth["verdict"].partition("(")[0],
            row.verdict.kind,
        )
        yield f"| {' | '.join(cells)} |"
