"""Every kind of finding, a module a family. docs/errors.md and the rule-case test go by `all_kinds`."""

from importlib import import_module

from generator.core.finding import Kind

FAMILIES = ("schema", "rules", "resolve", "engines", "routing", "clouds", "patches", "output", "live")


def all_kinds() -> tuple[Kind, ...]:
    """All kinds, sorted by id."""
    modules = [import_module(f"generator.core.kinds.{family}") for family in FAMILIES]
    return tuple(
        sorted(
            (value for module in modules for value in vars(module).values() if isinstance(value, Kind)),
            key=lambda k: k.id,
        )
    )
