"""`gen schema`: the JSON Schemas, for editors and for other programs."""

import click

from generator import resources
from generator.cli.examples import examples
from generator.core.errors import UsageError
from generator.core.words import suggestion

_SUFFIX = ".schema.json"


def names() -> list[str]:
    """The schemas there are."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in resources.schemas().glob(f"*{_SUFFIX}"))


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names, for the shell."""
    return [name for name in names() if name.startswith(incomplete)]


@click.command(
    epilog=examples(
        "gen schema",
        "gen schema fleet > fleet.schema.json",
    )
)
@click.argument("name", required=False, shell_complete=complete)
def schema(name: str | None) -> None:
    """Print the JSON Schema NAME, or list the names without one."""
    known = names()
    if name is None:
        click.echo("\n".join(known))
        return
    if name not in known:
        raise UsageError(f"there is no schema {name!r}", help=suggestion(name, known, "schemas"))
    click.echo((resources.schemas() / f"{name}{_SUFFIX}").read_text(encoding="utf-8"), nl=False)
