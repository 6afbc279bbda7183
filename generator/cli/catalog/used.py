"""`gen catalog used`: which facts decided something in a fleet, and how old they are."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from generator.cli.examples import examples
from generator.cli.options import FleetPath, check_all, env_option
from generator.cli.table import aligned
from generator.cli.talk import remark
from generator.cli.today import today
from generator.core.errors import EXIT_FINE, EXIT_SPEC
from generator.core.finding import path_text
from generator.resolve.age import Use, summary, uses


@click.command(epilog=examples("gen catalog used fleet.yaml", "gen catalog used fleet.yaml --env prod -o json"))
@click.argument("fleet", type=FleetPath())
@env_option
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Format.")
def used(fleet: Path, environment: str | None, output: str) -> int:
    """List the facts that decided something in FLEET, the oldest first, with the value that asked for each."""
    [checked] = check_all([fleet], environment, all_envs=False)
    if checked.plan is None or checked.fleet is None:
        remark(checked.findings)
        return EXIT_SPEC
    facts = uses(checked.fleet, checked.plan)
    if output == "json":
        click.echo(json.dumps([{**asdict(use), "path": path_text(use.path)} for use in facts], indent=2))
        return EXIT_FINE
    click.echo(aligned(("as of", "kind", "name", "asked for by"), [_row(use) for use in facts]), nl=False)
    click.echo(f"\n{summary(facts, today())}")
    return EXIT_FINE


def _row(use: Use) -> tuple[str, ...]:
    return use.as_of, use.shelf, use.name, path_text(use.path)
