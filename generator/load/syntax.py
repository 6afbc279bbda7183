"""The words for what can be wrong with a file as text, before anyone asks what it means."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from generator.core.finding import Finding, Path, path_text
from generator.core.frozen import frozen
from generator.core.kinds import schema as kinds
from generator.load.events import LINE_END

_MIB = 1024 * 1024
_SHOWN = 3
_OPEN = re.compile(r"quoted scalar|flow (mapping|sequence)")
# What PyYAML's two parsers say, and what a person can do with it.
_PLAIN_WORDS = (
    (
        r"mapping values are not allowed",
        "a colon where no key can be",
        "put the text in quotes, or check the indentation",
    ),
    (r"could not find expected ':'", "a key without a colon", "write `key: value`, with a space after the colon"),
    (r"unexpected end of stream|found unexpected end", "a quote that is never closed", "close the quote"),
    (
        r"did not find expected ',' or|expected ',' or",
        "a bracket or brace that is never closed",
        "close it, or add the missing comma",
    ),
    (
        r"did not find expected node content|expected the node content",
        "a value is missing here",
        "give it, or close the bracket or brace above",
    ),
    (
        r"did not find expected key|expected <block end>",
        "a line that does not belong to the block above",
        "indent it like its neighbours",
    ),
    (
        r"did not find expected '-' indicator",
        "a line that is no item of the list above",
        "begin it with `- `, or indent it differently",
    ),
    (r"block sequence entries are not allowed", "a list item where none can be", "begin the list on a line of its own"),
    (r"cannot start any token", "a character that cannot begin a value", "put the text in quotes"),
    (
        r"unknown escape character",
        "an unknown escape in a double-quoted text",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    (r"control characters are not allowed|special characters are not allowed", "a control character", "remove it"),
    (
        r"while scanning a directive|found unknown directive|incompatible YAML",
        "a directive that is not understood",
        "remove the line with `%`",
    ),
)


@frozen
class Problem:
    """A finding with its place, 0-based; `end` is 0 when it reaches to the end of the line."""

    finding: Finding
    line: int = 0
    column: int = 0
    end: int = 0


def unreadable(raw: bytes, size: int) -> Problem | None:
    """Why these bytes cannot be taken for text at all; `size` is the limit in bytes."""
    if len(raw) > size:
        finding = kinds.TOO_LARGE.at(
            (),
            f"the file is larger than {size / _MIB:g} MiB",
            cause="it was not read",
            help="check that this is the spec; a fleet of 10,000 placements has about 3 MiB",
        )
        return Problem(finding)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n")
        start = raw.rfind(b"\n", 0, error.start) + 1
        finding = kinds.NOT_UTF8.at(
            (),
            "the file is not UTF-8 text",
            cause=f"byte {error.start - start + 1} of line {line + 1} is 0x{raw[error.start]:02x}",
            help="save it as UTF-8",
        )
        return Problem(finding, line)
    return None


def broken(text: str, error: yaml.YAMLError) -> Problem:
    """What the parser stumbled over, in plain words."""
    line, column, message = _place(text, error)
    lines = LINE_END.split(text)
    indent = re.match(r"\s*", lines[line]) if line < len(lines) else None
    if indent and "\t" in indent[0]:
        finding = kinds.TAB_INDENT.at(
            (), "a tab in the indentation", cause="YAML allows only spaces there", help="replace each tab by two spaces"
        )
        return Problem(finding, line, indent[0].index("\t"), len(indent[0]))
    cause, cure = next(
        ((cause, cure) for pattern, cause, cure in _PLAIN_WORDS if re.search(pattern, message)),
        (message, "check the lines around it"),
    )
    return Problem(kinds.BROKEN_YAML.at((), "this is not YAML", cause=cause, help=cure), line, column)


def _place(text: str, error: yaml.YAMLError) -> tuple[int, int, str]:
    """Line and column, 0-based, and what the parser said."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        message = f"{error.context or ''} {error.problem or ''}".strip()
        begun = error.context_mark
        # A quote or bracket that stays open is noticed lines later: what helps is where it began.
        if mark and begun and begun.line != mark.line and _OPEN.search(message):
            mark = begun
        return (mark.line, mark.column, message) if mark else (0, 0, message)
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return 0, 0, str(error)
    before = LINE_END.split(text[:position])
    return len(before) - 1, len(before[-1]), str(getattr(error, "reason", error))


def empty() -> Problem:
    """There is nothing but comments."""
    finding = kinds.NO_MAPPING.at(
        (),
        "the file is empty",
        cause="there is no key in it",
        help="begin with `apiVersion: fleetgen/v1`, or use `gen init`; an overlay that changes nothing is `{}`",
    )
    return Problem(finding)


def no_mapping(data: Any, event: Any) -> Problem:
    """The root is a list or a scalar."""
    what = "a list" if isinstance(data, list) else "a single value"
    finding = kinds.NO_MAPPING.at(
        (),
        f"the file holds {what}, not a mapping",
        cause="a spec is `key: value` lines",
        help="begin with `apiVersion: fleetgen/v1`",
    )
    return _at(finding, event)


def several_documents(event: Any) -> Problem:
    """A second document begins."""
    finding = kinds.SEVERAL_DOCUMENTS.at(
        (),
        "a second document begins here",
        cause="only one fleet is read from a file",
        help="move it to a file of its own",
    )
    return _at(finding, event)


def not_finite(path: Path, event: Any) -> Problem:
    """`.inf`, `.nan`, or a number beyond what a float holds."""
    finding = kinds.NOT_FINITE.at(
        path,
        f"{path_text(path)} is not a finite number",
        cause=f"`{event.value}` cannot be written as JSON",
        help="leave the key out",
    )
    return _at(finding, event)


def tag(path: Path, event: Any) -> Problem:
    """An explicit tag."""
    finding = kinds.TAG.at(
        path,
        "a YAML tag",
        cause=f"`{event.tag.replace('tag:yaml.org,2002:', '!!')}` is not supported, nor is any other",
        help="remove it; quotes make text of anything",
    )
    return _at(finding, event)


def too_deep(event: Any, depth: int) -> Problem:
    """More levels than anyone needs."""
    finding = kinds.TOO_DEEP.at(
        (),
        f"nested more than {depth} levels deep",
        cause="the format itself has about ten",
        help="check what wrote this file",
    )
    return _at(finding, event)


def unknown_alias(event: Any) -> Problem:
    """An alias without its anchor before it."""
    finding = kinds.BROKEN_YAML.at(
        (),
        f"the alias `*{event.anchor}` stands for nothing",
        cause=f"no `&{event.anchor}` is complete before it",
        help="put the value in quotes when it should begin with `*`",
    )
    return _at(finding, event)


def aliases_explode(event: Any, values: int, limit: int) -> Problem:
    """Aliases stand for more values than allowed."""
    finding = kinds.ALIASES_EXPLODE.at(
        (),
        f"aliases stand for more than {limit} values",
        cause=f"with `*{event.anchor}` it is {values}",
        help="write shared settings into `defaults`, or the values out",
    )
    return _at(finding, event)


def merge_key(path: Path, event: Any) -> Problem:
    """`<<`."""
    finding = kinds.MERGE_KEY.at(
        path,  # all of the mapping: nobody knows what the keys would have been
        "a merge key `<<`",
        cause="YAML 1.2 has none, so readers disagree about it",
        help="write the keys out, or put shared settings into `defaults`",
    )
    return _at(finding, event)


def odd_space(event: Any) -> Problem:
    """A key that begins with a space which YAML takes for a letter."""
    finding = kinds.TAB_INDENT.at(
        (),
        "a no-break space in the indentation",
        cause=f"U+{ord(event.value[0]):04X} counts as a letter, often copied from a web page",
        help="replace it by a plain space",
    )
    return _at(finding, event)


def key_not_text(path: Path, event: Any) -> Problem:
    """A collection as a key."""
    finding = kinds.KEY_NOT_TEXT.at(
        path,
        "a key must be text",
        cause="here it is a list or a mapping",
        help="put `{{ ... }}` in quotes, or fill the template in",
    )
    return _at(finding, event)


def duplicates(mapping: Path, keys: Mapping[Path, tuple[int, Any]]) -> Problem:
    """Keys that one mapping holds twice, each with the 1-based line of its first and the event of its second."""
    (path, (first, event)), *others = keys.items()
    if others:
        places = [f"`{key[-1]}` on lines {line} and {again.start_mark.line + 1}" for key, (line, again) in keys.items()]
        finding = kinds.DUPLICATE_KEY.at(
            mapping,
            f"{len(keys)} keys of {path_text(mapping) or 'the spec'} are given twice",
            cause=", ".join(places[:_SHOWN]) + (f", and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""),
            help="keep one of each; when they belong to another entry, its name is missing or indented too far",
            on_key=True,
        )
    else:
        finding = kinds.DUPLICATE_KEY.at(
            path,
            f"{path_text(path)} is given twice",
            cause=f"on line {first} and again on line {event.start_mark.line + 1}",
            help="keep one of them",
            on_key=True,
        )
    return _at(finding, event)


def _at(finding: Finding, event: Any) -> Problem:
    start, end = event.start_mark, event.end_mark
    return Problem(finding, start.line, start.column, end.column if end.line == start.line else 0)
