"""`gen catalog refresh`: ask a cloud for its GPU machines and prices, and write them for review."""

from pathlib import Path

import click

from generator import resources
from generator.cli.examples import examples
from generator.cli.options import quiet_option
from generator.cli.talk import say
from generator.cli.today import today
from generator.core.errors import EXIT_DIFFERS, EXIT_FINE, SurroundingsError, UsageError
from generator.live import REFRESHERS
from generator.live.answers import Limits, NotAnsweredError
from generator.live.refresh import Refreshed
from generator.live.refresh import refresh as ask_cloud
from generator.output.disk import DISK, told_plainly

_REQUEST_S = 30.0


@click.command(
    epilog=examples(
        "gen catalog refresh aws --region us-east-1 --region eu-west-1",
        "gen catalog refresh azure --check",
        "gen catalog refresh gcp --out catalog",
    )
)
@click.argument("cloud", type=click.Choice(list(REFRESHERS)))
@click.option("--region", "regions", multiple=True, metavar="R", help="Ask this region alone; may be repeated.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the files to merge into.  [default: the catalogue of a checkout]",
)
@click.option("--check", is_flag=True, help="Write nothing; end with 3 when a fact would change, dates apart.")
@quiet_option
def refresh(cloud: str, regions: tuple[str, ...], out: Path | None, *, check: bool, quiet: bool) -> int:
    """Ask CLOUD for its GPU machines and prices, and write them into the catalogue, for review in a pull request.

    Regions that are not asked keep what they have. Every change is said on stderr, and so is what the cloud has no
    answer for. When anything is not answered, nothing is written, and the command ends with 4.
    """
    folder = _folder(cloud, out)
    try:
        limits = Limits(_REQUEST_S * 20, _REQUEST_S)
        refreshed = ask_cloud(cloud, regions, folder, limits, today().isoformat())
    except NotAnsweredError as error:
        permission = f" (needs {error.permission})" if error.permission else ""
        message = f"nothing was written: {error.kind.title.lower()}: {error.operation}{permission}: {error.said}"
        raise SurroundingsError(message, help=error.cure or "docs/preflight.md has causes and permissions") from error
    _tell(refreshed, quiet=quiet)
    if check:
        return EXIT_DIFFERS if refreshed.differs else EXIT_FINE
    _write(folder, refreshed)
    return EXIT_FINE


def _folder(cloud: str, out: Path | None) -> Path:
    """The folder of the files; the catalogue's own only where it is a checkout's, since a wheel's is not reviewed."""
    own = resources.catalog()
    if out is None:
        if not (own.parents[2] / "pyproject.toml").is_file():
            raise UsageError("an installed gen does not change itself", help="name a folder with --out")
        return own
    with told_plainly(out):
        out.mkdir(parents=True, exist_ok=True)
        for name in (f"instances_{cloud}.yaml", f"prices_{cloud}.yaml"):
            if not (out / name).exists():
                DISK.write(out / name, (own / name).read_bytes())
    return out


def _tell(refreshed: Refreshed, *, quiet: bool) -> None:
    for line in (*refreshed.changes, *refreshed.remarks):
        say(line, quiet=quiet)
    say("facts change" if refreshed.differs else "no fact changes", quiet=quiet)


def _write(folder: Path, refreshed: Refreshed) -> None:
    """Both files beside the old ones first, so that a full disk leaves the old ones; then each in its place."""
    with told_plainly(folder):
        changed = [name for name in refreshed.after if refreshed.after[name] != refreshed.before[name]]
        for name in changed:
            DISK.write(folder / f".{name}.new", refreshed.after[name].encode(), sync=True)
        for name in changed:
            DISK.replace(folder / f".{name}.new", folder / name)
            click.echo(folder / name)
