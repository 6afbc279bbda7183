"""Writes docs/accuracy.md: what the sizing model says of measured servers, row by row."""

from collections.abc import Iterator

from scripts import accuracy_memory, accuracy_speed
from scripts.environment import ROOT

TARGET = ROOT / "docs" / "accuracy.md"

HEAD = """# Accuracy of the sizing model

Generated from `tests/truth`; `make accuracy` rewrites it. [sizing.md](sizing.md) explains the model. Each truth file
names the source of every row. Errors are predicted minus measured.

Constants marked `Fitted` in `generator/resolve/sizing` were fitted on rows with an even number; rows with an odd one,
marked with a star, check them. The star is no blind test: which terms the model has, and from which release each
holds, was decided with all rows in sight, and the allowances for CUDA graphs and for the two steps of sliding windows
were set with odd rows among them. No constant belongs to one model or one row.
"""
MEMORY = """## Memory

The logs give the memory that a vLLM server has for keys and values. "In band" means that measured minus predicted is
in -0.8 to +1.5 GiB, as repeated starts of one machine differ by 1.2. "Tokens" is the error of the cache's size when
the logged memory is given; "concurrency" is end to end. A false verdict is `fits` where the log shows a refusal for
memory, or `does-not-fit` where it shows a server running; `tight` is neither.
"""
SPEED = """## Speed

The share of figures inside the printed interval, and the median size of the error, by kind of measurement. Constants
of speed were fitted on even rows of every kind by a random search, weighted towards single streams, then rounded to two
digits (`python -m scripts.fit_speed`); a row marked with a star was not in that fit, though its start was chosen with
all rows in sight. So were the widths of the intervals, by class: one stream or a loaded server, dense or experts,
NVIDIA or another vendor. A burst sends all requests at once, so
that its figure holds ramp and tail, and the estimate is the steady state. MLPerf rows state neither lengths nor the
split of the GPUs: lengths are assumed from the data sets, unverified, and the fewest GPUs that a copy fits on.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([HEAD, MEMORY, *accuracy_memory.section(), "", SPEED, *_speed()]) + "\n"


def _speed() -> Iterator[str]:
    figures = list(accuracy_speed.speed_rows())
    yield "| measurement | figure | rows | median error | in interval |"
    yield "|---|---|---|---|---|"
    for kind, name, count, error, inside in accuracy_speed.summary(figures):
        yield f"| {kind} | {name} | {count} | {error:.0%} | {inside:.0%} |"
    yield from ("", "| row | kind | what | figure | measured | estimate | error |", "|---|---|---|---|---|---|---|")
    for figure in figures:
        estimate = figure.estimate
        yield (
            f"| {figure.id}{'' if figure.fitted else '*'} | {figure.kind} | {figure.what} | {figure.name} "
            f"| {figure.measured:.2f} | {estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f}) "
            f"| {figure.error:+.0%}{'' if figure.inside else f' outside: {figure.reason}'} |"
        )
    yield from ("", f"Without an estimate: {', '.join(accuracy_speed.unknown_rows()) or 'none'}.")


def main() -> None:
    """Print the page and write it."""
    page = text()
    print(page)
    TARGET.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
