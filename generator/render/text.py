"""The one Jinja environment, for short text such as HCL and Markdown; YAML and JSON come from the emitter."""

import json
import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any

from generator import resources

if TYPE_CHECKING:
    from jinja2 import Environment

_CONTROL = {"b": "\\u0008", "f": "\\u000c"}


def render_template(name: str, **data: Any) -> str:
    """A template below `templates/`, filled in; a name that is missing from `data` is an error.

    Raises:
        jinja2.UndefinedError: the template asks for what `data` lacks.
    """
    return _environment().get_template(name).render(data)


def hcl(value: str) -> str:
    """A quoted HCL string that nothing can break out of: quotes, newlines and interpolations are escaped."""
    # HCL has \uXXXX, but neither surrogate pairs nor the \b and \f of JSON.
    quoted = json.dumps(value, ensure_ascii=False)
    quoted = re.sub(r"(?<!\\)((?:\\\\)*)\\([bf])", lambda match: f"{match[1]}{_CONTROL[match[2]]}", quoted)
    return quoted.replace("${", "$${").replace("%{", "%%{")


def markdown(value: str) -> str:
    """Text that is nothing but text in a Markdown table cell."""
    cleaned = " ".join(value.split())
    for character in "\\`*_{}[]<>|#":
        cleaned = cleaned.replace(character, f"\\{character}")
    return cleaned


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources.templates()),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 -- we write HCL, Markdown and shell, each value through its own filter
    )
    environment.filters["hcl"] = hcl
    environment.filters["md"] = markdown
    environment.filters["sh"] = shlex.quote
    return environment
