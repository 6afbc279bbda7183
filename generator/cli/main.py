"""The `gen` command. Verbs are imported when they are called, so that `gen version` pays for nothing else."""

import gc
import sys
from collections.abc import Sequence

import click

from generator import __version__
from generator.cli.examples import verbatim
from generator.cli.failures import ReaderGoneError, exit_code
from generator.core.lazy import load

VERBS = {
    "init": ("generator.cli.init:init", "Start a fleet from a shipped stack."),
    "validate": ("generator.cli.validate:validate", "Check fleets and print what was found."),
    "render": ("generator.cli.render:render", "Write a fleet's outputs, or check that they are up to date."),
    "diff": ("generator.cli.diff:diff", "Show what a render would change."),
    "explain": ("generator.cli.explain.command:explain", "Say why a value is what it is."),
    "preflight": (
        "generator.cli.preflight.command:preflight",
        "Ask the clouds whether they have what a fleet needs.",
    ),
    "size": (
        "generator.cli.size.command:size",
        "Say whether a model fits a GPU, how fast it is there, and what it costs.",
    ),
    "compare": ("generator.cli.size.compare:compare", "Put engines and precisions side by side for one model and GPU."),
    "catalog": ("generator.cli.catalog.command:catalog", "Show the facts that gen decides by, with source and age."),
    "schema": ("generator.cli.schema:schema", "Print a JSON Schema."),
    "version": ("generator.cli.version:version", "Print the version."),
    "completion": ("generator.cli.completion:completion", "Print the shell's completion script."),
}


class Verbs(click.Group):
    """A group that imports a verb when it is asked for; the list of verbs needs no import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of their use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported now."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = load(VERBS[cmd_name][0])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that the arguments begin with.

        Raises:
            UsageError: there is none; the help names the verb that was probably meant.
        """
        word = args[0]
        if word not in VERBS and not word.startswith("-") and not ctx.resilient_parsing:
            from generator.core.errors import UsageError
            from generator.core.words import did_you_mean

            raise UsageError(f"there is no command {word!r}", help=did_you_mean(word, VERBS) or "gen --help lists them")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """The verb's result.

        Raises:
            ReaderGoneError: whoever read our output has stopped.
        """
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise ReaderGoneError from error
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their short help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=verbatim(
        "Exit codes: 0 fine, 1 the spec has errors (with --strict: or warnings) or a check failed, 2 wrong usage,",
        "3 outputs differ, 4 disk, git or a cloud that did not answer, 70 a bug in gen.",
    ),
)
@click.version_option(__version__, "--version", message="%(version)s")
def cli() -> None:
    """One fleet spec becomes docker-compose, Helm values, Terraform GPU pools and gateway routes."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run gen and end the process with its exit code."""
    # A short life: collecting garbage costs a tenth of the time and frees nothing that matters.
    gc.disable()
    raise SystemExit(exit_code(lambda: cli.main(args=arguments, prog_name="gen", standalone_mode=False)))
