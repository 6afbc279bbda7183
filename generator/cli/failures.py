"""How a run ends: every way it can fail becomes a message on stderr and an exit code."""

import os
import sys
from collections.abc import Callable

import click

from generator import __version__
from generator.core.errors import EXIT_FINE, BugError, GenError, SurroundingsError

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
_FRAMES = 6


class ReaderGoneError(Exception):
    """Whoever read our output has stopped. A name of our own, since click makes exit code 1 of a BrokenPipeError."""


def exit_code(run: Callable[[], object]) -> int:
    """Run it; the exit code of what came of it."""
    try:
        code = _clicked(run)
        sys.stdout.flush()
    except (ReaderGoneError, BrokenPipeError):
        _drop_output()
        return EXIT_BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except BugError as error:
        return _bug(error)
    except GenError as error:
        _say(error.message, error.help)
        return error.exit_code
    except Exception as error:
        return _stream_full(error) if isinstance(error, OSError) and not error.filename else _bug(error)
    return code


def _clicked(run: Callable[[], object]) -> int:
    try:
        result = run()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return result if isinstance(result, int) else EXIT_FINE


def _say(message: str, cure: str) -> None:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True, color=_coloured())
    if cure:
        click.echo(f"  help: {cure}", err=True)


def _coloured() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None


def _drop_output() -> None:
    """What Python still holds for stdout must go somewhere, or it complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stream_full(error: OSError) -> int:
    """An OSError without a file is one of our own streams."""
    _drop_output()
    _say(f"the output cannot be written: {error.strerror or error}", "check where it is redirected to")
    return SurroundingsError.exit_code


def _bug(error: Exception) -> int:
    # What only a bug needs costs no start its time.
    import platform
    import traceback
    from pathlib import Path

    from generator.load.secrets import words

    message = words(()).hide(str(error))
    _say(f"a bug in gen: {type(error).__name__}: {message}", "please report it, with the lines below")
    click.echo(
        f"  gen {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}", err=True
    )
    here = Path(__file__).parents[2]
    for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]:
        file = Path(frame.filename)
        name = file.relative_to(here) if file.is_relative_to(here) else Path(*file.parts[-3:])
        click.echo(f"    {name.as_posix()}:{frame.lineno} in {frame.name}", err=True)
    return BugError.exit_code
