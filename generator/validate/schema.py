"""Schema errors as findings: one for each mistake, with what was expected and what was probably meant."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.core.finding import Finding, Path, path_text
from generator.core.frozen import frozen
from generator.core.kinds import rules as rule_kinds
from generator.core.kinds import schema as kinds
from generator.core.units import DURATION_PATTERN, SIZE_PATTERN
from generator.core.words import counted, nearest, suggestion
from generator.load.secrets import holds_secret
from generator.load.shapes import Json, Shapes, value_at
from generator.validate import neighbours
from generator.validate.literals import literal_secret
from generator.validate.words import expected, kind_of, shown, why_text

# Of several errors about one value the first of these kinds speaks.
_COUNTS = ("minProperties", "maxProperties")
_LIMITS = ("minimum", "maximum", "maxLength", "maxItems")
_RANK = ("type", "const", "enum", "minLength", "minItems", *_COUNTS, "pattern", *_LIMITS)
_UNITS = {
    DURATION_PATTERN: ("duration", "s", "`ms`, `s`, `m` or `h`"),
    SIZE_PATTERN: ("size", "Gi", "`Mi`, `Gi` or `Ti`"),
}
_MENDED = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*$")
_SUM = re.compile(r"([0-9]+)(?:(h)|m)([0-9]+)((?(2)m|s))")
_SAME_UNIT = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "hour": "h", "hours": "h", "msec": "ms", "millis": "ms", "mb": "Mi", "mib": "Mi", "gb": "Gi", "gib": "Gi",
    "g": "Gi", "tb": "Ti", "tib": "Ti", "t": "Ti",
}  # fmt: skip
_OF_SECRETS = ("Secret", "SecretKey")  # objects; whatever stands in their place may be a secret
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


@frozen
class Mistake:
    """A finding, the path that has to go before the rest is judged, and the key that was `meant` by a misspelt one."""

    finding: Finding
    drop: Path
    meant: Path | None = None


def mistakes(data: Any, shapes: Shapes, base: Any = None) -> Iterator[Mistake]:
    """What the schema refuses, one mistake each, in the order of the schema's own errors.

    `base` is the spec without its overlay, where there is one: it knows the name that a new entry may have meant.
    """
    by_path: dict[Path, list[Any]] = {}
    for error in shapes.errors(data):
        by_path.setdefault(true_path(error.instance_path, data), []).append(error)
    outside = neighbours.indented_too_little(by_path, data, shapes)
    for path, finding in outside.items():
        # It is missing in one of its neighbours, nobody knows in which.
        for name in value_at(data, path[:-1]):
            yield Mistake(finding, path, (*path[:-1], name, path[-1]))
    by_path = {
        path: errors for path, errors in by_path.items() if not any(path[: len(entry)] == entry for entry in outside)
    }
    keys = [mistake for path, errors in by_path.items() for mistake in _about_keys(path, errors, data, shapes)]
    keys = [_explained(mistake, outside, base) for mistake in keys]
    yield from keys
    bad_keys = {mistake.drop for mistake in keys}
    counted_wrongly = {key[:-1] for key in bad_keys}
    for path, errors in by_path.items():
        judged = [name for name in _RANK if path not in counted_wrongly or name not in _COUNTS]
        values = [error for error in errors if error.kind.name in judged]
        if values and path not in bad_keys and not _repeated_minimum(path, values, by_path, data):
            worst = min(values, key=lambda error: _RANK.index(error.kind.name))
            yield Mistake(_about_value(path, worst, value_at(data, path), shapes), path)


def _explained(mistake: Mistake, outside: Mapping[Path, Finding], base: Any) -> Mistake:
    """A missing key, told by what explains it: it stands outside of its entry, or the entry's name is misspelt."""
    if mistake.finding.kind is not kinds.MISSING_KEY:
        return mistake
    beside = outside.get((*mistake.drop[:-2], mistake.drop[-1])) if len(mistake.drop) > 1 else None
    finding = beside or neighbours.misspelt_in_overlay(mistake.drop, base) or mistake.finding
    return Mistake(finding, mistake.drop)


def _repeated_minimum(path: Path, errors: list[Any], by_path: dict[Path, list[Any]], data: Any) -> bool:
    """Whether `max` has the same mistake: most likely both come from the shorthand `nodes: 20000`."""
    other = (*path[:-1], "max")
    return (
        path[-1:] == ("min",)
        and other in by_path
        and value_at(data, path) == value_at(data, other)
        and {error.kind.name for error in errors} == {error.kind.name for error in by_path[other]}
    )


def true_path(steps: list[str | int], data: Any) -> Path:
    """A path in terms of the data: the validator gives keys that consist of digits as numbers."""
    path: list[str | int] = []
    for step in steps:
        path.append(_true_step(step, data) if isinstance(step, int) and isinstance(data, dict) else step)
        data = data[path[-1]]
    return tuple(path)


def _true_step(number: int, data: dict[str, Any]) -> str:
    return next(key for key in (str(number), *data) if key in data and key.isdigit() and int(key) == number)


def _about_keys(path: Path, errors: list[Any], data: Any, shapes: Shapes) -> Iterator[Mistake]:
    shape = shapes.at(path)
    missing = {error.kind.property for error in errors if error.kind.name == "required"}
    for error in errors:
        if error.kind.name == "additionalProperties":
            for key in error.kind.unexpected:
                # A misspelt key is one mistake: the one that was meant is neither missing nor left out on purpose.
                near = nearest(key, shape.get("properties", {}).keys() - value_at(data, path).keys())
                missing.difference_update(near)
                yield Mistake(_unknown_key(path, key, shape, shapes), (*path, key), (*path, *near) if near else None)
        elif error.kind.name == "propertyNames":
            inner = error.kind.error
            yield Mistake(_bad_name(path, inner), (*path, inner.instance))
    for key in sorted(missing):
        yield Mistake(_missing_key(path, key, shape), (*path, key))


def _unknown_key(path: Path, key: str, shape: Json, shapes: Shapes) -> Finding:
    known = set(shape.get("properties", {}))
    where = path_text(path) or "the spec"
    near, owners = nearest(key, known), shapes.owners(key)
    help_ = suggestion(key, known, "keys")
    head, colon, rest = key.partition(":")
    if colon and head in known:
        help_ = f"write `{head}: {rest.strip()}`, with a space after the colon"
    elif not near and owners:
        help_ = f"`{key}` is a key of {' and '.join(owners)}; {help_}"
    return kinds.UNKNOWN_KEY.at(
        (*path, key), f"unknown key {shown(key)}", cause=f"{where} has no such key", help=help_, on_key=True
    )


def _missing_key(path: Path, key: str, shape: Json) -> Finding:
    below = shape.get("properties", {}).get(key, {})
    about = below.get("description", "").partition("\n")[0].rstrip(".")
    return kinds.MISSING_KEY.at(
        (*path, key),
        f"`{key}` is missing{' in ' + path_text(path) if path else ''}",
        cause=f"it is required: {about[:1].lower()}{about[1:]}" if about else "it is required",
        help=f"add `{key}: {_example(below)}`",
        on_key=True,
    )


def _example(shape: Json) -> str:
    below = shape.get("properties", {})
    if below and not shape.get("examples"):
        names = shape.get("required") or list(below)[:1]
        return "{" + ", ".join(f"{name}: {_example(below[name])}" for name in names) + "}"
    choices = shape.get("examples") or shape.get("enum") or ([shape["const"]] if "const" in shape else ["..."])
    return _flow(choices[0])


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bad_name(path: Path, error: Any) -> Finding:
    name = error.instance
    if error.kind.name == "minLength":
        finding = kinds.EMPTY.at(
            (*path, name), f"an empty name in {path_text(path)}", cause="every entry needs a name", help="give it one"
        )
    else:
        finding = kinds.BAD_FORM.at(
            (*path, name),
            f"{shown(name)} cannot be a key of {path_text(path)}",
            cause=why_text(error, name),
            help="use letters, digits and `_`"
            if "A-Za-z_" in getattr(error.kind, "pattern", "")
            else "use a shorter, plain name",
        )
    return Finding(finding.kind, finding.path, finding.message, finding.cause, finding.help, on_key=True)


def _about_value(path: Path, error: Any, value: Any, shapes: Shapes) -> Finding:
    shape = shapes.at(path)
    if shape.get("title") in _OF_SECRETS and isinstance(value, (str, int, float)):
        return literal_secret(path, value, shapes)
    if shape.get("title") == "Secret" and error.kind.name in _COUNTS:
        return _one_secret(path, value)
    if isinstance(value, str) and holds_secret(value):
        return literal_secret(path, value, shapes)
    if value is None:
        return _novalue_at(path, shape)
    pattern = shape.get("pattern", "")
    if pattern in _UNITS and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return _unit(path, value, shape)
    return _WORDS[error.kind.name](path, error, value, shape)


def _one_secret(path: Path, value: Any) -> Finding:
    return rule_kinds.ONE_SECRET.at(
        path,
        f"{path_text(path)} needs exactly one of `env` and `secret`",
        cause="it has both" if value else "it has neither",
        help="remove one of them" if value else "write `{env: NAME}`",
    )


def _novalue_at(path: Path, shape: Json) -> Finding:
    return kinds.NO_VALUE.at(
        path,
        f"{path_text(path)} has no value",
        cause="an empty value is null, which is not a default",
        help=f"write {expected(shape)}, for example `{path[-1]}: {_example(shape)}`, or leave the key out",
        on_key=True,
    )


def _unit(path: Path, value: Any, shape: Json) -> Finding:
    what, unit, units = _UNITS[shape["pattern"]]
    text = str(value)
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return kinds.MISSING_UNIT.at(
            path,
            f"{path_text(path)} has no unit",
            cause=f"{text} of what?",
            help=f"write `{text}{unit}`; units are {units}",
        )
    right = _mended(text, shape["pattern"])
    return kinds.BAD_FORM.at(
        path,
        f"{shown(value)} is no {what}",
        cause=f"a {what} is a number and a unit: {units}",
        help=f"write `{right}`"
        if right
        else f"for example `{_example(shape)}`"
        if "examples" in shape
        else f"for example `30{unit}`",
    )


def _mended(text: str, pattern: str) -> str:
    """What was meant by `500GB` or `1h30m`, or nothing."""
    if added := _SUM.fullmatch(text):
        return f"{60 * int(added[1]) + int(added[3])}{added[4]}"
    match = _MENDED.match(text)
    right = match[1] + _SAME_UNIT.get(match[2].lower(), match[2]) if match else ""
    return right if re.search(pattern, right) else ""


def _wrong_type(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    wanted = expected(shape)
    help_ = (
        f"for example `{path[-1]}: {_example(shape)}`" if "examples" in shape or "enum" in shape else f"write {wanted}"
    )
    if wanted == "text" and not isinstance(value, (dict, list)):
        help_ = f'put it in quotes: `{path[-1]}: "{_flow(value)}"`'
    elif wanted == "a list":
        help_ = "put it in brackets, `[...]`, or write it as lines that begin with `- `"
    elif isinstance(value, str) and value.isdigit() and "whole number" in wanted:
        help_ = f"remove the quotes: `{path[-1]}: {value}`"
    elif wanted == "a mapping" and "properties" in shape:
        help_ = f"write it with its keys, for example `{_with_keys(value, shape)}`"
    return kinds.WRONG_TYPE.at(path, f"{path_text(path)} must be {wanted}", cause=_what(value), help=help_)


def _with_keys(value: Any, shape: Json) -> str:
    """The value under the key that it was probably meant for: `{huggingface: Qwen/Qwen3-8B}`."""
    first, *others = shape.get("required") or list(shape["properties"])[:1]
    takes_text = not others and shape["properties"][first].get("type") == "string"
    return f"{{{first}: {value}}}" if takes_text and isinstance(value, str) else _example(shape)


def _what(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return f"it is {kind_of(value)}"
    return f"{_flow(value)} is {kind_of(value)}" if isinstance(value, bool) else f"{shown(value)} is {kind_of(value)}"


def _not_a_choice(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    choices = set(map(str, shape["enum"]))
    return kinds.NOT_A_CHOICE.at(
        path,
        f"{shown(value)} is not supported as {path_text(path)}",
        cause=f"{len(choices)} values are supported",
        help=suggestion(str(value), choices, "values"),
    )


def _format_version(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    return kinds.FORMAT_VERSION.at(
        path,
        f"{shown(value)} is not the version of this format",
        cause=f"this gen reads `{shape['const']}`",
        help=f"write `{path[-1]}: {shape['const']}`",
    )


def _out_of_range(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    low, high = shape.get("minimum"), shape.get("maximum")
    limits = f"at least {low}" if high is None else f"between {low} and {high}"
    return kinds.OUT_OF_RANGE.at(
        path,
        f"{path_text(path)} must be {limits}",
        cause=f"it is {_flow(value)}",
        help=f"the nearest value is {error.kind.limit}",
    )


def _too_many(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    return kinds.OUT_OF_RANGE.at(
        path,
        f"{path_text(path)} has at most {counted(error.kind.limit, 'entry', 'entries')}",
        cause=f"it has {len(value)}",
        help="leave some out",
    )


def _empty(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    return kinds.EMPTY.at(
        path,
        f"{path_text(path)} is empty",
        cause=f"at least one {'character' if isinstance(value, str) else 'entry'} is needed",
        help=f"for example `{path[-1]}: {_example(shape)}`"
        if "examples" in shape
        else "fill it in, or leave the key out",
    )


def _bad_text(path: Path, error: Any, value: Any, shape: Json) -> Finding:
    variable = _VARIABLE.fullmatch(value)
    return kinds.BAD_FORM.at(
        path,
        f"{shown(value)} cannot be {path_text(path)}",
        cause=why_text(error, value),
        help=f"write `{variable[1]}`, the name alone"
        if variable
        else f"for example `{_example(shape)}`"
        if "examples" in shape
        else "use another value",
    )


_WORDS: dict[str, Callable[[Path, Any, Any, Json], Finding]] = {
    "type": _wrong_type,
    "enum": _not_a_choice,
    "const": _format_version,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "maxItems": _too_many,
    "minItems": _empty,
    "minProperties": _empty,
    "minLength": _empty,
    "pattern": _bad_text,
    "maxLength": _bad_text,
}
