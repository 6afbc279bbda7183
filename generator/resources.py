"""Where shipped files live: beside the package in a repository, inside it in a wheel. Nothing else knows paths."""

from functools import cache
from importlib.resources import files
from pathlib import Path


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
    return Path(str(files("generator"))) / "catalog" / "data"


@cache
def _data() -> Path:
    package = Path(str(files("generator")))
    packed = package / "_data"
    return packed if packed.is_dir() else package.parent
