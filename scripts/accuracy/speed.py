"""Speed estimates against measured figures: a row for each figure, and what each class of measurements comes to."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from generator.catalog import reader
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.sizing import throughput
from generator.sizing.budget import budget
from generator.sizing.estimate import Estimate
from generator.sizing.question import Question
from generator.sizing.throughput import Load, Speed
from generator.sizing.weights import weights

TRUTH = Path(__file__).resolve().parents[2] / "tests" / "truth" / "perf_truth.csv"
FIGURES = ("output_tokens_per_s", "tpot_ms", "ttft_ms")

DATASETS = {
    "llama2-70b": (294, 294),
    "llama3_1-70b": (294, 294),
    "llama3.1-405b": (9428, 685),
    "llama3.1-8b": (778, 128),
    "llama3_1-8b": (778, 128),
    "mixtral-8x7b": (420, 145),
    "deepseek-r1": (800, 3886),
}
"""Mean tokens of prompt and answer in MLPerf's data: general knowledge, unverified. Those rows are a class apart."""

FORMATS = {"fp4": "nvfp4", "UINT4": "awq", "fp8 online": "fp8", "bf16": "none", "UNSET": "fp8"}
SHORT_PROMPT = 64
"""Tokens, where a row says no more than that its prompts are short."""
FEW_TOKENS = 10
"""Answers shorter than this have no steady time per token."""

REASONS = (
    ("Interactive", "run under a latency limit, where the estimate is the most a server makes"),
    ("MLPerf", "split of the GPUs and lengths are not in the source: assumed are the fewest GPUs a copy fits on"),
    ("MI300X", "servers on this GPU reach a third to a half of what they reach elsewhere, releases differ widely"),
    ("PP", "layout of two nodes not certain: exchange between nodes has no model here"),
    ("DP", "data parallel with experts spread over all GPUs: exchange between replicas has no model here"),
    ("burst experts", "all requests at once: ramp and tail are in the figure; experts split over GPUs vary most"),
    ("burst", "all requests at once: ramp and tail are in the figure, the estimate is the steady state"),
    ("offline", "an offline engine with a cache of 8 bit and batches of its own; its settings are not in the source"),
    ("experts", "experts: kernels and exchange differ by release more than by GPU"),
)
"""Why a class of rows can lie outside: the first whose word is in the row's scenario, GPU, notes or class."""

NO_CACHE = "the memory budget leaves no cache for it, so the estimate is that of one request at a time"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its estimate. `fitted` says whether its row took part in the fit (even numbers do)."""

    id: str
    kind: str
    what: str
    name: str
    measured: float
    estimate: Estimate
    fitted: bool
    reason: str

    @property
    def error(self) -> float:
        """Estimate over measurement, less one."""
        return self.estimate.value / self.measured - 1

    @property
    def inside(self) -> bool:
        """Whether the interval holds the measurement."""
        return self.estimate.low <= self.measured <= self.estimate.high


def speed_rows() -> Iterator[Figure]:
    """Every figure of the truth file of which the catalogue knows model and GPU."""
    for row in truth():
        estimate = estimated(row)
        if estimate is None:
            continue
        for name, measured in measured_figures(row).items():
            if measured:
                number = int(row["id"].removeprefix("P"))
                half, reason = number % 2 == 0, _reason(row)
                what = f"{row['model'].rpartition('/')[2]} {row['gpu']} x{row['gpu_count']}"
                yield Figure(row["id"], kind(row), what, name, measured, getattr(estimate, name), half, reason)


def _reason(row: Mapping[str, str]) -> str:
    words = " ".join((row["scenario"], row["gpu"], kind(row), row["notes"]))
    found = next((reason for word, reason in REASONS if word in words), "")
    return NO_CACHE if _memory(row) <= 0 else found


def _memory(row: Mapping[str, str]) -> float:
    """GiB of cache on each GPU."""
    found = asked(row)
    return budget(found[0]).kv_available.value if found else 0.0


def unknown_rows() -> list[str]:
    """The ids of the rows that cannot be estimated."""
    return [row["id"] for row in truth() if estimated(row) is None]


def truth() -> list[Mapping[str, str]]:
    """The rows of the truth file."""
    with TRUTH.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def kind(row: Mapping[str, str]) -> str:
    """The class of a measurement: how it was taken, and whether the model has experts."""
    model = _model(row)
    experts = "experts" if model and model.architecture and model.architecture.experts else "dense"
    scenario = row["scenario"]
    for start, name in (("MLPerf", "mlperf"), ("max", "offline"), ("offline", "burst")):
        if scenario.startswith(start):
            return f"{name} {experts}"
    if row["concurrency"] != "1":
        return f"online {experts}"
    return f"single {experts}" + ("" if row["gpu_count"] == "1" else " TP")


def measured_figures(row: Mapping[str, str]) -> dict[str, float]:
    """The figures of a row, 0 where it has none. The median is taken where there is one."""
    prompt, answer = (float(row[key] or 0) for key in ("input_len", "output_len"))
    tokens = float(row["output_tok_s"] or 0)
    if not tokens and row["total_tok_s"] and prompt:
        tokens = float(row["total_tok_s"]) * answer / (prompt + answer)
    steady = answer >= FEW_TOKENS
    tpot = float(row["tpot_ms_p50"] or row["tpot_ms_mean"] or 0) if steady else 0.0
    return dict(zip(FIGURES, (tokens, tpot, float(row["ttft_ms_p50"] or row["ttft_ms_mean"] or 0)), strict=True))


def estimated(row: Mapping[str, str]) -> Speed | None:
    """The estimate for a row; none where the catalogue does not know its model or GPU."""
    found = asked(row)
    return throughput.speed(found[0], budget(found[0]).kv_available, found[1]) if found else None


def asked(row: Mapping[str, str]) -> tuple[Question, Load] | None:
    """What a row asks of the model; none where the catalogue does not know its model or GPU."""
    model, gpu = _model(row), _gpu(row)
    return (_question(row, model, gpu), _load(row)) if model and model.architecture and gpu else None


def _model(row: Mapping[str, str]) -> ModelFacts | None:
    return reader.model(row["model"].removesuffix(" (open division)"))


def _gpu(row: Mapping[str, str]) -> GpuFacts | None:
    return reader.gpu(row["gpu"].partition(" (or")[0])


def _load(row: Mapping[str, str]) -> Load:
    prompt, answer = float(row["input_len"] or SHORT_PROMPT), float(row["output_len"] or 0)
    if row["scenario"].startswith("MLPerf"):
        prompt, answer = next(lengths for name, lengths in DATASETS.items() if name in row["scenario"])
    return Load(prompt, answer, int(row["concurrency"] or 0))


def _question(row: Mapping[str, str], model: ModelFacts, gpu: GpuFacts) -> Question:
    """A row's configuration. Some bear the word bf16 for models stored in fp8: what is stored counts."""
    said = FORMATS.get(row["quant"], row["quant"])
    quantization = "" if said == "none" and model.quantization == "fp8" else said
    gpus, load = int(row["gpu_count"]), _load(row)
    tp, pp = int(row["tp"] or 0), int(row["pp"] or 1)
    tokens = re.search(r"--max-num-batched-tokens (\d+)", row["notes"])

    def split_by(tp: int) -> Question:
        return Question.about(
            model,
            gpu,
            tp=tp,
            pp=pp,
            dp=max(gpus // (tp * pp), 1),
            expert_parallel=bool(re.search(r"expert-parallel|\+ ?EP\b", row["notes"])),
            context=int(load.prompt + load.answer),
            quantization=quantization,
            engine_version=row["version"] if row["engine"] == "vllm" else "",
            max_num_batched_tokens=int(tokens[1]) if tokens else 0,
        )

    if tp:
        return split_by(tp)
    room = 0.8 * gpu.memory_gib
    split = next((count for count in (1, 2, 4, 8) if weights(split_by(count)).estimate.value < room), gpus)
    return split_by(min(split, gpus))


def summary(figures: list[Figure]) -> list[tuple[str, str, int, float, float]]:
    """By class and figure: how many, the median of the errors' size, and the share inside the interval."""
    keys = sorted({(figure.kind, figure.name) for figure in figures})
    lines = []
    for key in keys:
        own = [figure for figure in figures if (figure.kind, figure.name) == key]
        inside = sum(figure.inside for figure in own) / len(own)
        lines.append((*key, len(own), median(abs(figure.error) for figure in own), inside))
    return lines


def main() -> None:
    """Print every figure, then the classes, for the fitted half and the other one."""
    figures = list(speed_rows())
    for figure in figures:
        low, high, mark = figure.estimate.low, figure.estimate.high, "" if figure.inside else f" OUT: {figure.reason}"
        print(
            f"{figure.id} {figure.kind:18} {figure.what[:44]:44} {figure.name:20} {figure.measured:10.2f} "
            f"{figure.estimate.value:10.2f} [{low:.2f}, {high:.2f}] {figure.error:+.0%}{mark}"
        )
    for name, half in (
        ("all", figures),
        ("fitted", [f for f in figures if f.fitted]),
        ("checked", [f for f in figures if not f.fitted]),
    ):
        print(f"\n{name}: {sum(f.inside for f in half) / len(half):.0%} of {len(half)} figures inside")
        for line in summary(half):
            print("  {:20} {:20} {:4} median error {:5.0%} inside {:5.0%}".format(*line))
    print("no estimate:", " ".join(unknown_rows()))


if __name__ == "__main__":
    main()
