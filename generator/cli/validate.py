"""`gen validate`: check fleets and print what was found."""

from pathlib import Path

import click

from generator.cli.examples import examples
from generator.cli.options import all_envs_option, check_all, env_option, fleets_argument, quiet_option
from generator.cli.talk import report, say
from generator.core.errors import EXIT_FINE, EXIT_SPEC
from generator.report import REPORTS


@click.command(
    epilog=examples(
        "gen validate fleet.yaml",
        "gen validate fleet.yaml --env prod",
        "gen validate fleets/* --all-envs -o github",
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
@env_option
@all_envs_option
@quiet_option
def validate(fleets: tuple[Path, ...], output: str, environment: str | None, *, all_envs: bool, quiet: bool) -> int:
    """Check fleets against the schema, the rules and the catalogue, and print all findings.

    FLEET is a spec file, or a folder that holds fleet.yaml. Ends with 1 when there is an error; warnings
    and notes are printed and end with 0.
    """
    checked = check_all(fleets, environment, all_envs=all_envs)
    findings = [finding for item in checked for finding in item.findings]
    report(findings, output)
    if any(item.has_errors for item in checked):
        return EXIT_SPEC
    if not findings:
        say(f"{len(checked)} checked, nothing found", quiet=quiet)
    return EXIT_FINE
