"""Every kind of finding, a module a family. docs/errors.md and the rule-case test go by `all_kinds`."""

from importlib import import_module

from generator.core.finding import Kind

FAMILIES = (
    "schema",
    "rules",
    "resolve",
    "engines",
    "routing",
    "clouds",
    "patches",
    "containers",
    "output",
    "live",
    "hardware",
    "network",
    "rollouts",
    "weights",
)


_NOT_OF_SPECS = ("output", "live")


def of_specs() -> tuple[Kind, ...]:
    """The kinds that a spec can have, sorted by id."""
    others = {kind.id for family in _NOT_OF_SPECS for kind in _of(family)}
    return tuple(kind for kind in all_kinds() if kind.id not in others)


def all_kinds() -> tuple[Kind, ...]:
    """All kinds, sorted by id."""
    return tuple(sorted((kind for family in FAMILIES for kind in _of(family)), key=lambda kind: kind.id))


def _of(family: str) -> list[Kind]:
    module = import_module(f"generator.core.kinds.{family}")
    return [value for value in vars(module).values() if isinstance(value, Kind)]
