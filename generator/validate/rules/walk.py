"""Ways through a fleet that several rules take."""

from collections.abc import Iterator
from typing import Any

from generator.core.finding import Path
from generator.core.spec import BackendRef, Fleet, ModelSettings, Placement, Route
from generator.core.spec.base import SpecModel


def placements(fleet: Fleet) -> Iterator[tuple[Path, str, str, Placement]]:
    """Every placement: its path, its model's name, its own name."""
    for model_name, model in fleet.models.items():
        for name, placement in model.placements.items():
            yield ("models", model_name, "placements", name), model_name, name, placement


def settings(fleet: Fleet) -> Iterator[tuple[Path, ModelSettings]]:
    """Every place where settings of models stand."""
    if fleet.defaults:
        yield ("defaults",), fleet.defaults
    for name, model in fleet.models.items():
        yield ("models", name), model
    for path, _, _, placement in placements(fleet):
        yield path, placement


def tiers(name: str, route: Route) -> Iterator[tuple[Path, BackendRef]]:
    """The backends of a route's own tiers, in the order they are tried."""
    for number, tier in enumerate(route.tiers):
        for position, ref in enumerate(tier):
            yield ("routes", name, "tiers", number, position), ref


def backends(name: str, route: Route) -> Iterator[tuple[Path, BackendRef]]:
    """The backends of a route's own tiers and of its context rule."""
    yield from tiers(name, route)
    for position, ref in enumerate(route.context.use if route.context else ()):
        yield ("routes", name, "context", "use", position), ref


def chain(fleet: Fleet, name: str) -> list[str]:
    """A route and those it falls back to, in order; a loop or an unknown name ends it."""
    names: list[str] = []
    following: str | None = name
    while following is not None and following in fleet.routes and following not in names:
        names.append(following)
        following = fleet.routes[following].fallback
    return names


def reached(fleet: Fleet, ref: BackendRef) -> list[tuple[str, str]]:
    """The placements (model, name) that a backend of this fleet stands for; none for a provider."""
    if ref.provider is not None or ref.model not in fleet.models:
        return []
    names = fleet.models[ref.model].placements
    return [(ref.model, name) for name in names if ref.placement in (None, name)]


def objects(value: Any, path: Path = ()) -> Iterator[tuple[Path, SpecModel]]:
    """Every object below a value, with its path as the spec spells it."""
    if isinstance(value, SpecModel):
        yield path, value
        for name in value.model_fields_set:
            field = type(value).model_fields[name]
            yield from objects(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from objects(below, (*path, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from objects(below, (*path, number))
