"""Layers of settings: what `defaults` gives, a model overrides and a placement overrides again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.spec import (
    Argument,
    Engine,
    Fleet,
    Image,
    Model,
    ModelSettings,
    Placement,
    Resources,
    Secret,
    Source,
    Toleration,
)

_FIELDS = tuple(ModelSettings.model_fields)
"""In the order of the spec: the engine of a layer drops an inherited image, never the layer's own."""
_MERGED_MAPS = ("env", "secret_env", "files", "node_selector")


@frozen(eq=False)
class Settings:
    """The layered settings of placements, and where each was written; those of a model that override nothing share one.

    Empty, 0 or none stands for what no layer set. The weights are `ref` in a place of this `kind` (`huggingface`).
    `written` maps each setting that a layer set, by its attribute name, to the layer's spec path; parts of the engine
    (`engine.version`), arguments (`args.<name>`), variables (`env.<name>`), files (`files.<name>`) and labels
    (`node_selector.<name>`) have entries of their own; a file is its bytes in base64.
    """

    engine: str
    version: str
    args: Mapping[str, Argument]
    source: Source
    kind: str
    ref: str
    quantization: str
    context: int
    concurrency: int
    tensor_parallel: int
    env: Mapping[str, str]
    secret_env: Mapping[str, Secret]
    files: Mapping[str, str]
    resources: Resources
    image: Image | None
    node_selector: Mapping[str, str]
    tolerations: Sequence[Toleration]
    priority_class: str
    service_account: str
    written: Mapping[str, Path]


def layered(fleet: Fleet, name: str, model: Model) -> Iterator[tuple[str, Placement, Settings | None]]:
    """The placements of a model, by name, with their settings.

    Settings are none where no engine or no weights are named; validation has said so.
    """
    base = _Layers()
    if fleet.defaults:
        base = base.under(fleet.defaults, ("defaults",))
    base = base.under(model, ("models", name))
    shared = base.settings()
    for placement_name, placement in model.placements.items():
        if placement.model_fields_set.isdisjoint(_FIELDS):
            yield placement_name, placement, shared
        else:
            path: Path = ("models", name, "placements", placement_name)
            yield placement_name, placement, base.under(placement, path).settings()


@frozen
class _Layers:
    """What the layers so far say, by the names of the fields of `ModelSettings`; arguments under `args`."""

    values: Mapping[str, Any] = field(default_factory=lambda: {"args": {}})
    written: Mapping[str, Path] = field(default_factory=dict)

    def under(self, layer: ModelSettings, path: Path) -> "_Layers":
        """The same with one more layer over it, which stands at a spec path."""
        values, written = dict(self.values), dict(self.written)
        for name in _FIELDS:
            if name in layer.model_fields_set:
                value = getattr(layer, name)
                _put(values, name, value)
                written[name] = place = (*path, ModelSettings.spelled(name))
                written.update(_parts(name, value, place))
        return _Layers(values, written)

    def settings(self) -> Settings | None:
        """The settings, where an engine and weights are named."""
        get = self.values.get
        engine: Engine | None = get("engine")
        source: Source | None = get("source")
        if not (engine and engine.name and source and source.places):
            return None
        kind = source.places[0]
        return Settings(
            engine=engine.name,
            version=engine.version or "",
            args=self.values["args"],
            source=source,
            kind=kind,
            ref=getattr(source, kind),
            quantization=get("quantization") or "",
            context=get("context") or 0,
            concurrency=get("concurrency") or 0,
            tensor_parallel=get("tensor_parallel") or 1,
            env=get("env") or {},
            secret_env=get("secret_env") or {},
            files=get("files") or {},
            resources=get("resources") or Resources(),
            image=get("image"),
            node_selector=get("node_selector") or {},
            tolerations=get("tolerations") or (),
            priority_class=get("priority_class") or "",
            service_account=get("service_account") or "",
            written=self.written,
        )


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    if name in _MERGED_MAPS:
        values[name] = {**values.get(name, {}), **value}
    elif name == "engine" and value is not None:
        _put_engine(values, value)
    elif name == "source" and value is not None:
        values["source"] = _source(values.get("source"), value)
    elif name == "resources" and value is not None and values.get("resources") is not None:
        update = {part: getattr(value, part) for part in value.model_fields_set}
        values["resources"] = values["resources"].model_copy(update=update)
    else:
        values[name] = value


def _source(inherited: Source | None, value: Source) -> Source:
    if inherited is None:
        return value
    if not value.places:
        return inherited.model_copy(update={name: getattr(value, name) for name in value.model_fields_set})
    # Other weights have another revision, size and architecture, but the same account reads them.
    return value.model_copy(update={"token": value.token or inherited.token})


def _put_engine(values: dict[str, Any], engine: Engine) -> None:
    """Another engine starts afresh: the old one's version, arguments and image would be wrong for it."""
    known: Engine | None = values.get("engine")
    if known is None or (engine.name is not None and engine.name != known.name):
        values["engine"], values["args"] = engine, dict(engine.args)
        values.pop("image", None)
        return
    update = {name: getattr(engine, name) for name in engine.model_fields_set - {"args"}}
    values["engine"] = known.model_copy(update=update)
    values["args"] = {**values["args"], **engine.args}


def _parts(name: str, value: Any, path: Path) -> dict[str, Path]:
    """Where each part of a setting stands that has an entry of its own."""
    if name == "engine" and value is not None:
        own = {f"engine.{part}": (*path, part) for part in value.model_fields_set - {"args"}}
        return own | {f"args.{argument}": (*path, "args", argument) for argument in value.args}
    prefix = {"env": "env", "secret_env": "env", "node_selector": "node_selector", "files": "files"}.get(name)
    return {f"{prefix}.{key}": (*path, key) for key in value} if prefix else {}
