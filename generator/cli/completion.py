"""`gen completion`: the script that a shell loads."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from generator.cli.examples import examples

_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    epilog=examples(
        "gen completion bash > ~/.local/share/bash-completion/completions/gen",
        'gen completion zsh > "${fpath[1]}/_gen"',
        "gen completion fish > ~/.config/fish/completions/gen.fish",
    )
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    script = _SHELLS[shell](ctx.find_root().command, {}, "gen", "_GEN_COMPLETE")
    click.echo(script.source_template % script.source_vars())
