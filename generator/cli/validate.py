"""`gen validate`: check fleets and print what was found."""

from pathlib import Path
from typing import Any

import click

from generator.cli.examples import examples
from generator.cli.options import (
    all_envs_option,
    check_all,
    env_option,
    fails,
    fleets_argument,
    quiet_option,
    strict_option,
)
from generator.cli.talk import report, say
from generator.core.errors import EXIT_FINE, EXIT_SPEC, UsageError
from generator.core.finding import Severity
from generator.core.frozen import frozen
from generator.report import REPORTS


@frozen
class ValidateOptions:
    """What was asked for on the command line. `least` is none where nothing was."""

    fleets: tuple[Path, ...]
    output: str
    environment: str | None
    least: str | None
    strict: bool
    all_envs: bool
    quiet: bool


@click.command(
    epilog=examples(
        "gen validate fleet.yaml",
        "gen validate fleet.yaml --env prod",
        "gen validate fleets/* --all-envs --strict -o github",
        "gen validate fleet.yaml --min-severity warning",
        "gen validate fleet.yaml -o sarif > gen.sarif",
    )
)
@fleets_argument
@click.option(
    "-o",
    "--output",
    type=click.Choice(list(REPORTS)),
    default="text",
    show_default=True,
    help="Format of the findings.",
)
@click.option(
    "--min-severity",
    "least",
    type=click.Choice([str(severity) for severity in reversed(Severity)]),
    help="Least severity that is printed.  [default: info; with --quiet: warning]",
)
@strict_option
@env_option
@all_envs_option
@quiet_option
def validate(**options: Any) -> int:
    """Check fleets against the schema, the rules and the catalogue, and print all findings.

    FLEET is a spec file, or a folder that holds fleet.yaml. Ends with 1 when there is an error, with --strict
    also when there is a warning; else with 0. Findings that the spec accepts (`accept`) are counted, not printed,
    and end nothing.
    """
    return _run(ValidateOptions(**options))


def _run(options: ValidateOptions) -> int:
    least = Severity(options.least or ("warning" if options.quiet else "info"))
    if options.strict and least is Severity.ERROR:
        raise UsageError(
            "--strict fails on warnings, which --min-severity error hides", help="write --min-severity warning"
        )
    checked = check_all(options.fleets, options.environment, all_envs=options.all_envs)
    findings = [finding for item in checked for finding in item.findings if finding.severity.reaches(least)]
    report(findings, options.output)
    if fails(checked, strict=options.strict):
        return EXIT_SPEC
    if all(item.aside for item in findings):
        say(f"{len(checked)} checked, nothing found", quiet=options.quiet)
    return EXIT_FINE
