"""Durations, sizes and counts as people write them (`30s`, `16Gi`, `32K`) and as numbers."""

import re

DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$"
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)?(Mi|Gi|Ti)$"

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_GIB = {"Mi": 1 / 1024, "Gi": 1.0, "Ti": 1024.0}
_COUNTS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "K": 1024, "M": 1024**2, "G": 1024**3}
_COUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kmgKMG]?)")
_SPLIT = re.compile(r"^([0-9.]+)([A-Za-z]+)$")


def seconds(text: str) -> float:
    """Seconds in a duration such as `250ms`, `30s`, `15m` or `1h`.

    Raises:
        ValueError: the text is no duration.
    """
    return _scaled(text, _SECONDS)


def gib(text: str) -> float:
    """GiB in a size such as `512Mi`, `16Gi` or `1Ti`.

    Raises:
        ValueError: the text is no size.
    """
    return _scaled(text, _GIB)


def count(text: str) -> int | None:
    """Tokens as engines count them: `8192`, `32k` (thousands) or `32K` (times 1024); None for anything else."""
    match = _COUNT.fullmatch(text)
    return int(float(match[1]) * _COUNTS[match[2]]) if match else None


def _scaled(text: str, factors: dict[str, float]) -> float:
    match = _SPLIT.match(text)
    if match is None or match[2] not in factors:
        raise ValueError(f"{text!r} has no unit of {', '.join(factors)}")
    return float(match[1]) * factors[match[2]]


def duration(value: float) -> str:
    """A duration in its shortest exact form: `90s`, `15m`, `250ms`."""
    if value != int(value):
        return f"{value * 1000:g}ms"
    whole = int(value)
    for unit, size in (("h", 3600), ("m", 60)):
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"
