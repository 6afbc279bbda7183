"""Prints what every gateway makes of every row; `--record` keeps it as what docs/gateways.md is made from."""

import argparse
import sys

from conformance import results
from conformance.bench import Outcome, Run, run
from conformance.rows import ROWS
from conformance.runners import RUNNERS


def main() -> int:
    """Run, print, and end with 1 where a row is neither met nor explained."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("row", nargs="*", help="rows to run, all when none is named")
    parser.add_argument("--gateway", action="append", choices=RUNNERS, help="kinds to run, all when none is named")
    parser.add_argument("--record", action="store_true", help="keep the results; needs all rows")
    parser.add_argument("--turned", action="store_true", help="turn the upstreams round: every row must fail")
    options = parser.parse_args()
    rows = [row for row in ROWS if not options.row or row.name in options.row]
    if not rows or (options.record and (options.row or options.turned)):
        parser.error("no such row" if not rows else "--record needs every row, as it is")
    chosen = [row.turned() for row in rows] if options.turned else rows
    runs = [run(kind, chosen, again=not options.turned) for kind in options.gateway or RUNNERS]
    print(table(runs))
    if options.turned:
        return blind(runs)
    failed = [(one.kind, outcome) for one in runs for outcome in one.outcomes if outcome.level == "fail"]
    for kind, outcome in failed:
        print(f"\n{kind}: {outcome.row.name} ({outcome.row.says})\n  " + "\n  ".join(outcome.wrong))
    if options.record and not failed:
        for one in runs:
            results.write(one)
    return 1 if failed else 0


def blind(runs: list[Run]) -> int:
    """Name the rows that are met with their upstreams turned round; 1 where there are any."""
    met = [(one.kind, outcome) for one in runs for outcome in one.outcomes if outcome.level not in {"fail", "not-run"}]
    for kind, outcome in met:
        print(f"\n{kind}: {outcome.row.name} is met")
    return 1 if met else 0


def table(runs: list[Run]) -> str:
    """A line for each row, a column for each gateway."""
    wide = max(len(outcome.row.name) for outcome in runs[0].outcomes)
    lines = [f"{'':{wide}}  " + "  ".join(f"{one.kind:14}" for one in runs)]
    for outcomes in zip(*(one.outcomes for one in runs), strict=True):
        cells = "  ".join(f"{outcome.level:14}" for outcome in outcomes)
        lines.append(f"{outcomes[0].row.name:{wide}}  {cells}{_notes(outcomes)}".rstrip())
    seconds = "  ".join(f"{f'{one.seconds:.0f} s':14}" for one in runs)
    return "\n".join([*lines, f"{'':{wide}}  {seconds}".rstrip()])


def _notes(outcomes: tuple[Outcome, ...]) -> str:
    return "; ".join(outcome.how for outcome in outcomes if outcome.how and outcome.level != "exact")


if __name__ == "__main__":
    sys.exit(main())
