"""`gen init`: a fleet to start from, with its schema beside it for the editor."""

import re
from collections.abc import Mapping
from pathlib import Path

import click

from generator import resources
from generator.cli.examples import examples
from generator.cli.options import FLEET_FILE
from generator.cli.talk import say
from generator.core import layout
from generator.core.errors import SurroundingsError, UsageError
from generator.core.words import suggestion
from generator.render.gitignore import gitignore

_GITIGNORE = ".gitignore"
_STARTER = "quickstart-local"
_MODELINE = re.compile(r"^(# yaml-language-server: \$schema=)\S*?([a-z-]+\.schema\.json)$", re.MULTILINE)


def stacks() -> list[str]:
    """The stacks that can be started from."""
    return sorted(path.parent.name for path in resources.stacks().glob(f"*/{FLEET_FILE}"))


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The stacks, for the shell."""
    return [name for name in stacks() if name.startswith(incomplete)]


@click.command(epilog=examples("gen init", "gen init my-fleet --from aws-chat"))
@click.argument(
    "folder", metavar="[DIR]", required=False, default=".", type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--from",
    "stack",
    metavar="STACK",
    default=_STARTER,
    show_default=True,
    shell_complete=complete,
    help=f"Which stack: {', '.join(stacks())}.",
)
def init(folder: Path, stack: str) -> None:
    """Write a fleet to start from into DIR, with its JSON Schema beside it.

    A .gitignore keeps keys, Terraform's state and what an interrupted render leaves out of git, unless DIR has its own.
    Nothing is ever overwritten.
    """
    files = _files(stack)
    taken = [str(folder / name) for name in files if (folder / name).exists() or (folder / name).is_symlink()]
    if taken:
        raise SurroundingsError(f"not overwritten: {', '.join(taken)}", help="give another folder: gen init DIR")
    ignored = folder / _GITIGNORE
    if not (ignored.exists() or ignored.is_symlink()):
        # What an interrupted render leaves lies in the outputs, below.
        files = {**files, _GITIGNORE: gitignore(f"**/{layout.STAGED}", f"**/{layout.JOURNAL}")}
    try:
        _write(folder, files)
    except OSError as error:
        raise SurroundingsError(
            f"{error.filename}: {error.strerror}", help="give another folder: gen init DIR"
        ) from error
    for name in files:
        click.echo(folder / name)
    spec = folder / FLEET_FILE
    say(f"next: change {spec}, then `gen validate {spec}` and `gen render {spec}`")


def _files(stack: str) -> Mapping[str, str]:
    """The stack's specs and the schemas that they name, by file name."""
    known = stacks()
    if stack not in known:
        raise UsageError(f"there is no stack {stack!r}", help=suggestion(stack, known, "stacks"))
    specs = {
        path.name: path.read_text(encoding="utf-8") for path in sorted((resources.stacks() / stack).glob("*.yaml"))
    }
    named = {match[2] for text in specs.values() for match in _MODELINE.finditer(text)}
    schemas = {name: (resources.schemas() / name).read_text(encoding="utf-8") for name in sorted(named)}
    return {name: _MODELINE.sub(r"\1./\2", text) for name, text in specs.items()} | schemas


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with (folder / name).open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
