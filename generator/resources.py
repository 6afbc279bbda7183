"""Where shipped files live: beside the package in a repository, inside it in a wheel. Nothing else knows paths."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent


def schemas() -> Path:
    """The folder of JSON Schemas."""
    return _data() / "schemas"


def templates() -> Path:
    """The folder of templates, verbatim charts and modules."""
    return _data() / "templates"


def stacks() -> Path:
    """The folder of example fleets."""
    return _data() / "stacks"


def catalog() -> Path:
    """The folder of catalogue data."""
    return _PACKAGE / "catalog" / "data"


@cache
def _data() -> Path:
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent
