"""Layers of settings: what `defaults` gives, a model overrides and a placement overrides again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.core.finding import Path
from generator.core.spec import Fleet, Model, ModelSettings, Placement, Source

_MERGED_MAPS = ("env", "secret_env", "node_selector")


@dataclass(frozen=True, slots=True)
class Settings:
    """The layered settings of one placement, by attribute name, and where each was written.

    `at` maps a setting to the nearest written spec path: the layer that set it, else the placement itself; parts of the
    engine (`engine.version`), arguments (`args.<name>`) and variables (`env.<name>`) have entries of their own.
    `written` names the settings that some layer set.
    """

    values: Mapping[str, Any]
    at: Mapping[str, Path]
    written: frozenset[str]

    def __getitem__(self, name: str) -> Any:
        """The value, or None when no layer set it."""
        return self.values.get(name)


def layered(fleet: Fleet, model_name: str, model: Model, name: str, placement: Placement) -> Settings:
    """The settings of one placement."""
    path: Path = ("models", model_name, "placements", name)
    values: dict[str, Any] = {"args": {}}
    at: dict[str, Path] = dict.fromkeys(ModelSettings.model_fields, path)
    layers: tuple[tuple[ModelSettings | None, Path], ...] = (
        (fleet.defaults, ("defaults",)),
        (model, ("models", model_name)),
        (placement, path),
    )
    written: set[str] = set()
    for layer, where in layers:
        if layer is None:
            continue
        # In the order of the spec's fields: the engine of a layer drops an inherited image, never the layer's own.
        for field in (name for name in ModelSettings.model_fields if name in layer.model_fields_set):
            _put(values, field, getattr(layer, field))
            at[field] = (*where, ModelSettings.spelled(field))
            at.update(_entries(field, getattr(layer, field), at[field]))
            written.add(field)
    return Settings(values, at, frozenset(written))


def _put(values: dict[str, Any], field: str, value: Any) -> None:
    if field in _MERGED_MAPS:
        values[field] = {**values.get(field, {}), **value}
    elif field == "engine" and value is not None:
        _put_engine(values, value)
    elif field == "source" and value is not None:
        values["source"] = _source(values.get("source"), value)
    elif field == "resources" and value is not None and values.get("resources") is not None:
        update = {name: getattr(value, name) for name in value.model_fields_set}
        values["resources"] = values["resources"].model_copy(update=update)
    else:
        values[field] = value


def _source(inherited: Source | None, value: Source) -> Source:
    if inherited is None:
        return value
    if not value.places:
        return inherited.model_copy(update={name: getattr(value, name) for name in value.model_fields_set})
    # Other weights have another revision, size and architecture, but the same account reads them.
    return value.model_copy(update={"token": value.token or inherited.token})


def _put_engine(values: dict[str, Any], engine: Any) -> None:
    """Another engine starts afresh: the old one's version, arguments and image would be wrong for it."""
    known = values.get("engine")
    if known is None or (engine.name is not None and engine.name != known.name):
        values["engine"], values["args"] = engine, dict(engine.args)
        values.pop("image", None)
        return
    update = {name: getattr(engine, name) for name in engine.model_fields_set - {"args"}}
    values["engine"] = known.model_copy(update=update)
    values["args"] = {**values["args"], **engine.args}


def _entries(field: str, value: Any, path: Path) -> dict[str, Path]:
    """Where each part of the engine (`engine.version`), argument (`args.<name>`) and variable (`env.<name>`) stands."""
    if field == "engine" and value is not None:
        own = {f"engine.{name}": (*path, name) for name in value.model_fields_set - {"args"}}
        return own | {f"args.{name}": (*path, "args", name) for name in value.args}
    return {f"env.{name}": (*path, name) for name in value} if field in ("env", "secret_env") else {}
