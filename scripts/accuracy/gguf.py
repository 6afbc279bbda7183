"""Holds the model of Ollama against logs of Ollama and llama.cpp: sizes of files, caches and compute buffers."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from generator.catalog import reader
from generator.sizing.budget import budget
from generator.sizing.question import Question
from scripts.install.environment import ROOT

TRUTH = ROOT / "tests" / "truth" / "gguf" / "gguf_truth.csv"
GPU = "rtx-3090"
"""Any card: none of the figures depends on it."""
FIGURES = ("weights_gib", "kv_gib", "graph_gib")


@dataclass(frozen=True, slots=True)
class Figure:
    """One logged size and the predicted one, in GiB."""

    id: str
    what: str
    name: str
    measured: float
    predicted: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Predicted over measured, less one."""
        return self.predicted / self.measured - 1


def figures() -> Iterator[Figure]:
    """Every figure of the truth file."""
    with TRUTH.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        model = reader.models()[f"ollama:{row['model']}"]
        memory = budget(
            Question.about(
                model,
                reader.gpus()[GPU],
                engine="ollama",
                quantization=f"gguf:{row['quantization']}",
                context=int(row["context"] or 2048),
                concurrency=int(row["parallel"] or 1),
            )
        )
        weights, graph = (term.estimate for term in memory.terms[:2])
        needed = (memory.needed, memory.needed, memory.needed)
        sizes = ((weights.value, weights.low, weights.high), needed, (graph.value, graph.low, graph.high))
        what = f"{row['model']} {row['quantization']}, {row['parallel'] or 1} x {row['context'] or '-'} tokens"
        for name, size in zip(FIGURES, sizes, strict=True):
            if row[name]:
                yield Figure(row["id"], what, name, float(row[name]), *size)


def section() -> Iterator[str]:
    """The page's part on GGUF files."""
    yield from ("| row | what | figure | logged GiB | predicted | error |", "|---|---|---|---|---|---|")
    for figure in figures():
        sizes = f"{figure.measured:.2f} | {figure.predicted:.2f} ({figure.low:.2f} to {figure.high:.2f})"
        yield f"| {figure.id} | {figure.what} | {figure.name} | {sizes} | {figure.error:+.1%} |"
