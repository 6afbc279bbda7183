"""Exceptions and the exit codes they carry.

    GenError
    ├── UsageError        2   the command line asks for something that does not exist
    ├── SurroundingsError 4   the disk, git or a tool did not do what it should
    └── BugError         70   gen contradicts itself; please report

A wrong spec raises nothing: it gives findings, and the command ends with 1; with `--strict` warnings
do so too. What the spec accepts ends nothing. Differing outputs end with 3.
"""


class GenError(Exception):
    """An error that ends the command with `exit_code`; `help` names the cure."""

    exit_code = 70

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(GenError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class SurroundingsError(GenError):
    """The disk, git or another tool did not do what it should."""

    exit_code = 4


class BugError(GenError):
    """gen contradicts itself."""

    exit_code = 70


EXIT_FINE = 0
EXIT_SPEC = 1
EXIT_DIFFERS = 3
