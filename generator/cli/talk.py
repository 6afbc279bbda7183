"""What goes to people: stderr for talk, colour only where a terminal wants it."""

import os
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from generator.core.finding import Finding, Severity
from generator.core.lazy import load
from generator.core.protocols import Report
from generator.report import REPORTS


def coloured(stream: TextIO) -> bool:
    """Whether the stream is a terminal that wants colour."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str, *, quiet: bool = False) -> None:
    """Talk, on stderr, unless people asked for quiet."""
    if not quiet:
        click.echo(text, err=True)


def remark(findings: Iterable[Finding], *, quiet: bool = False) -> None:
    """Print on stderr what a verb found on its way: errors and warnings in full, notes by their number."""
    items = [item for item in _distinct(findings) if not item.accepted]
    loud = (Severity.ERROR,) if quiet else (Severity.ERROR, Severity.WARNING)
    report((item for item in items if item.severity in loud), err=True)
    notes = sum(item.severity is Severity.INFO for item in items)
    if notes:
        say(
            f"{notes} note{'' if notes == 1 else 's'}; gen validate prints {'it' if notes == 1 else 'them'}",
            quiet=quiet,
        )


def report(findings: Iterable[Finding], output: str = "text", *, err: bool = False) -> None:
    """Print findings in one format, each once, to stdout or stderr."""
    reporter: Report = load(REPORTS[output])
    colour = coloured(sys.stderr if err else sys.stdout)
    text = reporter.findings(_distinct(findings), colour=colour)
    click.echo(text, nl=False, err=err, color=colour)


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding that asks for something, once: several environments of a fleet share most of theirs."""
    told = (item for item in findings if not item.aside)
    return list({(item.id, item.location, item.message, item.accepted): item for item in told}.values())
