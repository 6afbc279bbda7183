"""The arguments that several verbs share, and the checks of them."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from generator import pipeline
from generator.core.errors import UsageError
from generator.core.finding import Severity
from generator.pipeline import Checked

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FLEET_FILE = "fleet.yaml"
Verb = TypeVar("Verb", bound=Callable[..., Any])


class FleetPath(click.ParamType[Path]):
    """A spec file, or a folder that holds `fleet.yaml`."""

    name = "fleet"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path of the spec file.

        Raises:
            UsageError: there is no such file, or the folder holds no spec.
        """
        path = Path(value)
        if path.is_dir():
            path /= FLEET_FILE
        if not path.exists():
            raise UsageError(f"there is no file {path}", help="name a spec, or start one with `gen init`")
        return path

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """Files and folders."""
        return click.Path().shell_complete(ctx, param, incomplete)


def complete_environment(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The environments of the fleets named so far, or of the one in this folder."""
    named = [Path(word) for word in ctx.args] or [Path(FLEET_FILE)]
    specs = [path / FLEET_FILE if path.is_dir() else path for path in named]
    known = {name for path in specs if path.is_file() for name in pipeline.environments(path)}
    return sorted(name for name in known if name.startswith(incomplete))


def fleets_argument(verb: Verb) -> Verb:
    """One fleet or more."""
    return click.argument("fleets", type=FleetPath(), nargs=-1, required=True, metavar="FLEET...")(verb)


def env_option(verb: Verb) -> Verb:
    """`--env`."""
    return click.option(
        "--env",
        "environment",
        metavar="E",
        shell_complete=complete_environment,
        help="Environment: merges fleet.E.yaml over the spec.  [default: default]",
    )(verb)


def all_envs_option(verb: Verb) -> Verb:
    """`--all-envs`."""
    return click.option("--all-envs", is_flag=True, help="Every environment: default, and one for each overlay.")(verb)


def _no_link(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    """The folder, unless nobody named it and it leads elsewhere: a repository may hold such a link.

    Raises:
        UsageError: the usual folder is a symbolic link.
    """
    usual = ctx.get_parameter_source(str(param.name)) is ParameterSource.DEFAULT
    if usual and value.is_symlink():
        raise UsageError(f"{value} is a symbolic link", help=f"name where outputs go: `--out {value.readlink()}`")
    return value


def out_option(verb: Verb) -> Verb:
    """`--out`."""
    return click.option(
        "--out",
        callback=_no_link,
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("outputs"),
        show_default=True,
        help="Folder of the outputs.",
    )(verb)


def quiet_option(verb: Verb) -> Verb:
    """`--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="No talk, only results and errors.")(verb)


def strict_option(verb: Verb) -> Verb:
    """`--strict`."""
    return click.option("--strict", is_flag=True, help="Warnings that are not accepted end with 1, as errors do.")(verb)


def fails(checked: Iterable[Checked], *, strict: bool) -> bool:
    """Whether a check failed: by an error, or where it is strict by a warning."""
    least = {Severity.WARNING} if strict else set()
    return any(
        finding.stops or (finding.severity in least and not finding.accepted)
        for item in checked
        for finding in item.findings
    )


def check_all(fleets: Sequence[Path], environment: str | None, *, all_envs: bool) -> list[Checked]:
    """Every fleet in every environment asked for, checked.

    Raises:
        UsageError: `--env` and `--all-envs` together, a fleet named twice, or an environment that does not exist.
    """
    if environment is not None and all_envs:
        raise UsageError("--env and --all-envs exclude each other", help="use one of them")
    _named_once(path.resolve() for path in fleets)
    checked = []
    for path in fleets:
        names = pipeline.environments(path) if all_envs else ("default" if environment is None else environment,)
        checked += [pipeline.check(path, name) for name in names]
    return checked


def _named_once(paths: Iterable[Path]) -> None:
    seen: set[Path] = set()
    for path in paths:
        if path in seen:
            raise UsageError(f"{path.name} is named twice", help="name each fleet once")
        seen.add(path)


def distinct_fleets(checked: Iterable[Checked]) -> None:
    """See that no two specs write to one folder.

    Raises:
        UsageError: two specs bear the same name.
    """
    owners: dict[str, Path] = {}
    for item in checked:
        if item.plan and owners.setdefault(item.plan.fleet, item.path) != item.path:
            raise UsageError(
                f"{owners[item.plan.fleet]} and {item.path} are both named {item.plan.fleet}",
                help="they would write to one folder: rename one, or render them apart with --out",
            )
