"""When the facts were looked up: read out of the files' text, so that asking costs no parser and no import."""

import re

from generator import resources

_DATE = re.compile(r"""asOf["']?: ["'](\d{4}-\d{2}-\d{2})""")


def dates() -> tuple[str, str]:
    """The oldest and the newest date of a fact."""
    files = [path for path in resources.catalog().rglob("*") if path.suffix in {".yaml", ".json"}]
    found = [date for path in files for date in _DATE.findall(path.read_text(encoding="utf-8"))]
    return min(found), max(found)
