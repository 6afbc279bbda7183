"""`gen explain`: why a value is what it is, and where it was written; and what a finding means."""

from pathlib import Path

import click

from generator.cli.examples import examples
from generator.cli.explain.kinds import FleetOrKind, kind_text
from generator.cli.explain.text import Subjects, overview
from generator.cli.options import check_all, env_option
from generator.cli.talk import remark
from generator.core.errors import EXIT_FINE, EXIT_SPEC, UsageError
from generator.core.finding import Kind
from generator.core.words import did_you_mean

_NEAR = 3


@click.command(
    epilog=examples(
        "gen explain fleet.yaml",
        "gen explain fleet.yaml models.qwen3-14b.placements.use1-l4",
        "gen explain fleet.yaml qwen3-14b/use1-l4.startup --env prod",
        "gen explain fleet.yaml routes.chat",
        "gen explain fleet.yaml gateways.edge",
        "gen explain GEN310",
    )
)
@click.argument("fleet", type=FleetOrKind(), metavar="FLEET|ID")
@click.argument("path", required=False)
@env_option
def explain(fleet: Path | Kind, path: str | None, environment: str | None) -> int:
    """Say why a value of FLEET is what it is: the decision, its reason, and the line it comes from.

    PATH is a path in the spec (models.chat.context), a placement (chat/use1), or a decided value below one of
    them (chat/use1.startup). Without it an overview lists what can be asked for.

    With the ID of a finding, such as GEN310, say what it means, why it matters and what to do about it.
    """
    if isinstance(fleet, Kind):
        if path is not None:
            raise UsageError(f"{fleet.id} has no parts", help=f"write `gen explain {fleet.id}`")
        click.echo(kind_text(fleet), nl=False)
        return EXIT_FINE
    [checked] = check_all([fleet], environment, all_envs=False)
    if checked.plan is None or checked.loaded is None:
        remark(checked.findings)
        return EXIT_SPEC
    if path is None:
        click.echo(checked.loaded.hide(overview(checked.plan, checked.loaded)), nl=False)
        return EXIT_FINE
    subjects = Subjects(checked.plan, checked.loaded, checked.findings)
    text = subjects.explain(path)
    if text is None:
        hint = did_you_mean(path, subjects.names(), _NEAR) or "gen explain FLEET lists what there is"
        raise UsageError(f"nothing in {fleet} is called {path!r}", help=hint)
    click.echo(checked.loaded.hide(text), nl=False)
    return EXIT_FINE
