"""Writes docs/accuracy.md: what the sizing model says of measured servers, row by row."""

from collections.abc import Iterator

from scripts.accuracy import cross_validate, gguf, memory, speed
from scripts.install.environment import ROOT

TARGET = ROOT / "docs" / "accuracy.md"

HEAD = """# Accuracy of the sizing model

Generated from `tests/truth`; `make accuracy` rewrites it. [sizing.md](sizing.md) explains the model. Each truth file
names the source of every row. Errors are predicted minus measured.

Rows with an odd number are marked with a star: most constants of memory were first fitted on the others. The star is
no blind test. Which terms the model has, from which release each holds, and the allowances for encoders, graphs, gaps
and two steps in flight were set with all rows in sight, and so were the constants of speed. What the model does where
it has seen nothing is in the next part. No constant belongs to one model or one row.
"""
UNSEEN = """## What to expect of other machines

Each source of measurements was left out in turn, the fitted constants were fitted anew on all others, from where they
stand now, and then held against it (`python -m scripts.accuracy.cross_validate`, which takes some minutes and writes
`tests/truth/fits`). What terms there are was decided with all sources in sight, so that this, too, is
on the hopeful side. A constant whose value differs much between these fits hangs on few sources.
"""
MEMORY = """## Memory

The logs give the memory that a vLLM server has for keys and values. "In band" means that measured minus predicted is
in -0.8 to +1.5 GiB, as repeated starts of one machine differ by 1.2. "Tokens" is the error of the cache's size when
the logged memory is given; "concurrency" is end to end. A false verdict is `fits` where the log shows a refusal for
memory, or `does-not-fit` where it shows a server running; `tight` is neither.
"""
GGUF = """## GGUF files under Ollama

Logs of Ollama and llama.cpp: the size of a file, of the cache for all slots, and of the compute buffer. Buffers of
releases that ran without flash attention grow with the context on top, which the model leaves out (G04).
"""
SPEED = """## Speed

The share of figures inside the printed interval, and the median size of the error, by kind of measurement. Constants
of speed were fitted on all rows, weighted towards single streams, near the values they had, and rounded to two digits
(`python -m scripts.accuracy.fit_speed` fits even rows and checks odd ones). So were the widths of the intervals, by
class: one stream or a loaded server, dense or experts, NVIDIA or another vendor. A burst sends all requests at once,
so that its figure holds ramp and tail, and the estimate is the steady state. MLPerf rows state neither lengths nor
the split of the GPUs: lengths are assumed from the data sets, unverified, and the fewest GPUs that a copy fits on.

For comparison: on rows of these AIConfigurator 0.12.0 came to 9 % of the time per token at up to ten requests at once,
to 1.5 to 2.3 times the throughput of short bursts, and in its hybrid mode once to 34,679 ms for 17.1 (2026-11).
"""


def text() -> str:
    """The whole page."""
    parts = [HEAD, UNSEEN, *cross_validate.section(), "", MEMORY, *memory.section(), ""]
    return "\n".join([*parts, GGUF, *gguf.section(), "", SPEED, *_speed()]) + "\n"


def _speed() -> Iterator[str]:
    figures = list(speed.speed_rows())
    yield "| measurement | figure | rows | median error | in interval |"
    yield "|---|---|---|---|---|"
    for kind, name, count, error, inside in speed.summary(figures):
        yield f"| {kind} | {name} | {count} | {error:.0%} | {inside:.0%} |"
    yield from ("", "| row | kind | what | figure | measured | estimate | error |", "|---|---|---|---|---|---|---|")
    for figure in figures:
        estimate = figure.estimate
        yield (
            f"| {figure.id}{'' if figure.fitted else '*'} | {figure.kind} | {figure.what} | {figure.name} "
            f"| {figure.measured:.2f} | {estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f}) "
            f"| {figure.error:+.0%}{'' if figure.inside else f' outside: {figure.reason}'} |"
        )
    yield from ("", f"Without an estimate: {', '.join(speed.unknown_rows()) or 'none'}.")


def main() -> None:
    """Print the page and write it."""
    page = text()
    print(page)
    TARGET.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
