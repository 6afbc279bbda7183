"""`gen diff`: what a render would change."""

import sys
from pathlib import Path
from typing import Any

import click

from generator import pipeline
from generator.cli.examples import examples
from generator.cli.options import FleetPath, check_all, env_option, out_option, quiet_option
from generator.cli.talk import coloured, remark, say
from generator.core.artifact import ArtifactSet
from generator.core.errors import EXIT_DIFFERS, EXIT_FINE, EXIT_SPEC, UsageError
from generator.core.frozen import frozen
from generator.core.plan import Plan
from generator.impact.cost import CostDelta, cost_delta, sentence
from generator.impact.nodes import GroupChange, group_changes, sentences
from generator.output.diff import FileDiff, Held, differences, held_on_disk
from generator.output.revision import held_at
from generator.output.write import folder
from generator.render.plan.build import document as plan_document
from generator.report import diff as diff_formats

_GIT = "git:"


@frozen
class DiffOptions:
    """What was asked for on the command line."""

    fleet: Path
    environment: str | None
    against: str | None
    output: str
    out: Path
    exit_code: bool
    quiet: bool


@click.command(
    epilog=examples(
        "gen diff fleet.yaml",
        "gen diff fleet.yaml --env prod --exit-code",
        "gen diff fleet.yaml --against git:origin/main -o markdown",
    )
)
@click.argument("fleet", type=FleetPath())
@env_option
@click.option("--against", metavar="git:REV", help="Compare with the outputs committed at REV, not with the disk.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Format of the diff.",
)
@click.option("--exit-code", is_flag=True, help="End with 3 when there is a difference.")
@out_option
@quiet_option
def diff(**options: Any) -> int:
    """Show what a render of FLEET would change in the outputs.

    A fresh render, made in memory, against the files on disk or against those committed at a git revision.
    Nothing is written.
    """
    return _run(DiffOptions(**options))


def _run(options: DiffOptions) -> int:
    [checked] = check_all([options.fleet], options.environment, all_envs=False)
    remark(checked.findings, quiet=options.quiet)
    if checked.plan is None:
        return EXIT_SPEC
    artifacts = pipeline.render(checked)
    before = _before(artifacts, folder(options.out, checked.plan.fleet, checked.environment), options.against)
    files = differences(artifacts, before)
    cost = cost_delta(checked.plan, before)
    nodes = group_changes(plan_document(checked.plan), before)
    _print(files, cost, nodes, checked.plan, options)
    for line in sentences(nodes):
        say(line, quiet=options.quiet)
    if cost:
        say(f"cost: {sentence(cost)}", quiet=options.quiet)
    say(diff_formats.summary(files), quiet=options.quiet)
    return EXIT_DIFFERS if files and options.exit_code else EXIT_FINE


def _print(
    files: tuple[FileDiff, ...],
    cost: CostDelta | None,
    nodes: tuple[GroupChange, ...],
    plan: Plan,
    options: DiffOptions,
) -> None:
    colour = coloured(sys.stdout)
    if options.output == "text":
        shown = diff_formats.text(files, colour=colour)
    elif options.output == "markdown":
        shown = diff_formats.markdown(files, f"{plan.fleet} / {plan.environment}", cost, nodes)
    else:
        against = options.against or "disk"
        shown = diff_formats.document(files, plan.fleet, plan.environment, against, cost, nodes)
    click.echo(shown, nl=False, color=colour)


def _before(artifacts: ArtifactSet, root: Path, against: str | None) -> dict[str, Held]:
    if against is None:
        return held_on_disk(artifacts, root)
    revision = against.removeprefix(_GIT)
    if not against.startswith(_GIT) or not revision:
        raise UsageError(
            f"--against {against} is no git:REV", help=f"did you mean `--against {_GIT}{revision or 'HEAD'}`?"
        )
    return held_at(artifacts, root, revision)
