"""`gen render`: write a fleet's outputs, or check that they are up to date."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from generator import pipeline
from generator.cli.examples import examples
from generator.cli.options import (
    all_envs_option,
    check_all,
    distinct_fleets,
    env_option,
    fails,
    fleets_argument,
    out_option,
    quiet_option,
    strict_option,
)
from generator.cli.talk import remark, report, say
from generator.core.artifact import ArtifactSet
from generator.core.errors import EXIT_DIFFERS, EXIT_FINE, EXIT_SPEC, SurroundingsError
from generator.core.finding import Finding
from generator.core.frozen import frozen
from generator.output.compare import Action, Change
from generator.output.records import environments
from generator.output.write import Outcome, apply, check, folder
from generator.pipeline import Checked
from generator.targets import TARGETS
from generator.targets.helm.limits import oversized

_DONE = {Action.CREATE: "created", Action.REPLACE: "replaced", Action.REMOVE: "removed"}
_STATE = {Action.CREATE: "missing", Action.REPLACE: "outdated", Action.REMOVE: "left over"}


@frozen
class RenderOptions:
    """What was asked for on the command line."""

    fleets: tuple[Path, ...]
    environment: str | None
    out: Path
    targets: tuple[str, ...]
    all_envs: bool
    only_check: bool
    force: bool
    strict: bool
    quiet: bool


@frozen
class _Rendered:
    """One environment of a fleet, rendered in memory, and where it goes."""

    artifacts: ArtifactSet
    root: Path
    findings: tuple[Finding, ...]


@click.command(
    epilog=examples(
        "gen render fleet.yaml",
        "gen render fleet.yaml --env prod --target helm --target terraform",
        "gen render fleets/* --all-envs --check",
    )
)
@fleets_argument
@env_option
@all_envs_option
@out_option
@click.option(
    "--target",
    "targets",
    multiple=True,
    type=click.Choice(list(TARGETS)),
    help="Only the files of this target; may be repeated.",
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; end with 3 when anything differs.")
@click.option("--force", is_flag=True, help="Give up hand edits of rendered files.")
@strict_option
@quiet_option
def render(**options: Any) -> int:
    """Write the outputs of FLEET below OUT/<fleet>/<environment>/.

    All fleets are checked first, and nothing is written when one has an error, or with --strict a
    warning. Only files that an earlier render wrote are replaced or removed; one that was edited by hand stops the
    run, unless --force is given.
    """
    return _run(RenderOptions(**options))


def _run(options: RenderOptions) -> int:
    checked = check_all(options.fleets, options.environment, all_envs=options.all_envs)
    distinct_fleets(checked)
    remark((finding for item in checked for finding in item.findings), quiet=options.quiet)
    if fails(checked, strict=options.strict):
        say("nothing was written", quiet=options.quiet)
        return EXIT_SPEC
    rendered = list(_rendered(checked, options))
    remark((finding for item in rendered for finding in item.findings), quiet=options.quiet)
    forgotten = list(_forgotten(checked, options))
    for root in forgotten:
        say(f"{root}: belongs to no environment any more; delete the folder when nothing runs from it")
    if options.only_check:
        return _check(rendered, options, len(forgotten))
    return _write(rendered, options)


def _forgotten(checked: Iterable[Checked], options: RenderOptions) -> Iterator[Path]:
    """Outputs of environments whose overlay is gone. They are named, never removed."""
    known: dict[str, set[str]] = {}
    for item in checked if options.all_envs else ():
        if item.plan:
            known.setdefault(item.plan.fleet, set()).add(item.environment)
    for fleet, names in known.items():
        yield from (folder(options.out, fleet, name) for name in environments(options.out, fleet) if name not in names)


def _rendered(checked: Iterable[Checked], options: RenderOptions) -> Iterator[_Rendered]:
    for item in checked:
        if item.plan:
            artifacts = pipeline.render(item, options.targets)
            root = folder(options.out, item.plan.fleet, item.environment)
            yield _Rendered(artifacts, root, tuple(oversized(item.plan, artifacts)))


def _write(rendered: Iterable[_Rendered], options: RenderOptions) -> int:
    for item in rendered:
        outcome = apply(item.artifacts, item.root, options.targets or None, force=options.force)
        if outcome.resumed:
            say(f"{item.root}: an interrupted render was ended first", quiet=options.quiet)
        if outcome.findings:
            report(outcome.findings, err=True)
            say(f"{item.root}: nothing was written", quiet=options.quiet)
            return SurroundingsError.exit_code
        for change in outcome.changes:
            if change.edited:
                say(f"hand edit given up: {item.root / change.path}")
        say(f"{item.root}: {_summary(outcome)}", quiet=options.quiet)
    return EXIT_FINE


def _summary(outcome: Outcome) -> str:
    counted = Counter(change.action for change in outcome.changes if not change.is_record)
    parts = [f"{counted[action]} {word}" for action, word in _DONE.items() if counted[action]]
    return ", ".join([*parts, f"{outcome.unchanged} unchanged"])


def _check(rendered: Iterable[_Rendered], options: RenderOptions, differing: int) -> int:
    for item in rendered:
        comparison = check(item.artifacts, item.root, options.targets or None)
        report(comparison.findings, err=True)
        for change in comparison.changes:
            click.echo(f"{_state(change):<10} {item.root / change.path}")
        differing += len(comparison.findings) + len(comparison.changes)
    if not differing:
        say("everything is up to date", quiet=options.quiet)
        return EXIT_FINE
    say(
        f"{differing} file{' differs' if differing == 1 else 's differ'}; run gen render and commit",
        quiet=options.quiet,
    )
    return EXIT_DIFFERS


def _state(change: Change) -> str:
    return "edited" if change.edited else _STATE[change.action]
