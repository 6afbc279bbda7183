"""YAML events from PyYAML's C parser, or from its pure one where that was not built."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

# What YAML takes for the end of a line; str.splitlines would split at more.
LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")

_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def events(text: str) -> Iterator[Any]:
    """The events of a text, in order, up to the end of the stream.

    Raises:
        yaml.YAMLError: here or when the next event is asked for, the text is no YAML.
    """
    return iter(_PARSER(text).get_event, None)
