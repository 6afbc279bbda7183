"""`gen preflight`: ask the clouds whether they have what a fleet needs, before anyone applies it."""

import os
import sys
from pathlib import Path

import click

from generator.cli.examples import examples
from generator.cli.options import FLEET_FILE, FleetPath, check_all, env_option, out_option, quiet_option
from generator.cli.preflight.formats import OUTPUTS, write
from generator.cli.talk import say
from generator.core import layout
from generator.core.errors import EXIT_FINE, EXIT_SPEC, SurroundingsError, UsageError
from generator.core.plan import ClusterPlan, Plan
from generator.live import keys
from generator.live.answers import Limits
from generator.live.outcome import Outcome
from generator.live.preflight import preflight as ask_clouds
from generator.output.write import folder
from generator.pipeline import Checked

_REQUEST_SHARE, _LONGEST_REQUEST_S = 4, 10.0


def complete_cluster(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The clusters of the fleet named so far."""
    from generator import pipeline

    named = Path(ctx.params.get("fleet") or FLEET_FILE)
    path = named / FLEET_FILE if named.is_dir() else named
    if not path.is_file():
        return []
    plan = pipeline.check(path, ctx.params.get("environment") or "default").plan
    return [cluster.name for cluster in plan.clusters if cluster.name.startswith(incomplete)] if plan else []


@click.command(
    epilog=examples(
        "gen preflight fleet.yaml",
        "gen preflight fleet.yaml --env prod --cluster use1",
        "gen preflight fleet.yaml --timeout 20 -o json",
        "gen preflight fleet.yaml -o github",
    )
)
@click.argument("fleet", type=FleetPath(), metavar="FLEET")
@env_option
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_cluster,
    help="Ask about this cluster alone; may be repeated.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="For the whole run; one request has a quarter of it, 10 s at most.",
)
@click.option(
    "-o", "--output", type=click.Choice(OUTPUTS), default="text", show_default=True, help="Format of what was found."
)
@out_option
@quiet_option
def preflight(
    fleet: Path,
    environment: str | None,
    clusters: tuple[str, ...],
    timeout: float,
    output: str,
    out: Path,
    *,
    quiet: bool,
) -> int:
    """Ask the clouds whether they have what a fleet needs: identity, clusters, machines, quota, reservations, state.

    A docker host is asked for its keys: whether the `.env` of its project below OUT, or the environment, has each,
    in the right form and hard to guess.

    It reads and changes nothing, with the credentials that the clouds' own tools use. Ends with 1 when a check
    failed, else with 4 when something could not be asked, else with 0. docs/preflight.md lists every failure and
    the permissions that each cloud needs. The libraries are extras: pip install 'fleetgen[aws,gcp,azure]'.
    """
    [checked] = check_all([fleet], environment, all_envs=False)
    if checked.plan is None:
        write(checked, None, output)
        return EXIT_SPEC
    _known(clusters, checked.plan)
    progress = _Progress(quiet=quiet)
    limits = Limits(timeout, min(_LONGEST_REQUEST_S, timeout / _REQUEST_SHARE))
    asked = _Keys(checked.plan, folder(out, checked.plan.fleet, checked.environment))
    outcome = ask_clouds(checked.plan, clusters, asked.of, limits, progress.tell)
    progress.end()
    write(checked, outcome, output)
    return _code(checked, outcome, quiet=quiet)


def _code(checked: Checked, outcome: Outcome, *, quiet: bool) -> int:
    if outcome.failed:
        return EXIT_SPEC
    if outcome.unanswered:
        return SurroundingsError.exit_code
    if outcome.asked_nothing:
        said = "nothing was asked, since there is no cloud to ask and no `.env`"
    else:
        said = "what was asked is as the fleet needs it"
    say(f"{checked.path.name}: {said}", quiet=quiet)
    return EXIT_FINE


def _known(names: tuple[str, ...], plan: Plan) -> None:
    known = [cluster.name for cluster in plan.clusters]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"there is no cluster {unknown[0]!r}", help=f"one of {', '.join(known)}")


class _Keys:
    """Asks the docker hosts of a fleet for the keys of their projects, which stand below its output folder."""

    def __init__(self, plan: Plan, outputs: Path) -> None:
        self._plan = plan
        self._outputs = outputs

    def of(self, cluster: ClusterPlan) -> Outcome:
        """What came of it; nothing is asked where Kubernetes keeps the secrets."""
        if cluster.kubernetes:
            return keys.nothing(cluster, f"platform {cluster.platform} belongs to no cloud that could be asked")
        from generator.targets.compose.target import secrets

        file = self._outputs / layout.dotenv(cluster.name)
        return keys.ask(self._plan, cluster, keys.Project(file, secrets(self._plan, cluster)), os.environ)


class _Progress:
    """A line on stderr that is rewritten as answers come in; nothing where no person watches."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()

    def tell(self, count: int, total: int, last: str) -> None:
        """Show how many questions of this round are answered."""
        if self._shown:
            click.echo(f"\r\x1b[Kasked {count} of {total}: {last}", nl=False, err=True)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
