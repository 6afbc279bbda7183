"""Charts and modules that are copied as they are: people can read, lint and test them without us."""

from functools import cache

from generator import resources


@cache
def verbatim(folder: str, pattern: str = "**/*") -> tuple[tuple[str, bytes], ...]:
    """The files of a folder of `templates/`: relative path and content, sorted."""
    root = resources.templates() / folder
    paths = sorted(path for path in root.glob(pattern) if path.is_file())
    return tuple((path.relative_to(root).as_posix(), path.read_bytes()) for path in paths)
