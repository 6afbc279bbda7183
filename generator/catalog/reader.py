"""The one reader of the catalogue. Files are read when first asked for; what they hold never changes in a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from pydantic.alias_generators import to_camel

from generator import resources
from generator.catalog import names
from generator.catalog.architecture import Architecture
from generator.catalog.facts import (
    Capability,
    EngineFacts,
    EngineVersion,
    GatewayFacts,
    GpuFacts,
    InstanceFacts,
    ModelFacts,
    Price,
)
from generator.catalog.table import Table
from generator.catalog.table import load as _load

Facts = TypeVar("Facts")


@cache
def gpus() -> Mapping[str, GpuFacts]:
    """All GPUs by the name a spec uses."""
    return Table("gpus.yaml", _gpu)


@cache
def models() -> Mapping[str, ModelFacts]:
    """All models by source reference: the Hugging Face id, or `ollama:` and the tag."""
    return _models()


def gpu(name: str) -> GpuFacts | None:
    """The GPU that goes by this name, in any case and spelling; none where no or more than one GPU does."""
    ids = names.gpu(name, gpus())
    return gpus()[ids[0]] if len(ids) == 1 else None


def model(name: str) -> ModelFacts | None:
    """The model that goes by this name, in any case; none where no or more than one model does."""
    ids = names.model(name, models())
    return models()[ids[0]] if len(ids) == 1 else None


def like(name: str) -> ModelFacts | None:
    """An upload that is not listed, as far as its name says what it is made of: `notes` say what was assumed.

    It has the dimensions of its base; its size follows from the parameters where it is in a format of its own.
    """
    from generator.catalog import variants

    found = variants.variant(name, models())
    if found is None:
        return None
    base = models()[found.base]
    form = found.quantization or base.quantization
    same = form == base.quantization
    notes = f"{name} is not in the catalogue: taken as {base.id}" + ("" if same else f" in {form}")
    return replace(
        base,
        id=name,
        base=base.id,
        quantization=form,
        weights_gib=base.weights_gib if same else 0.0,
        weights_from=base.weights_from if same else f"parameters as {form}",
        notes=notes,
    )


def clouds() -> tuple[str, ...]:
    """The clouds whose machine types are known."""
    return tuple(sorted(path.stem.removeprefix("instances_") for path in resources.catalog().glob("instances_*.yaml")))


@cache
def instances(cloud: str) -> Mapping[str, InstanceFacts]:
    """The machine types of one cloud (`aws`)."""
    rows = _load(f"instances_{cloud}.yaml").items()
    return {key: _facts(InstanceFacts, row, type=key, regions=frozenset(row["regions"])) for key, row in rows}


@cache
def prices(cloud: str) -> Mapping[str, tuple[Price, ...]]:
    """What the machine types of one cloud cost, as far as a price is trusted."""
    return {key: tuple(_prices(published)) for key, published in _load(f"prices_{cloud}.yaml").items()}


def _prices(lists: Sequence[Mapping[str, Any]]) -> Iterator[Price]:
    for published in lists:
        for way in ("onDemand", "spot"):
            for region, usd in published.get(way, {}).items():
                yield Price(region, way, usd, published["source"], published["asOf"])


@cache
def engine(name: str) -> EngineFacts:
    """One engine. `name` is one of the registry's."""
    raw = _load(f"engines/{name}.yaml")
    return _facts(
        EngineFacts,
        raw,
        name=name,
        tasks=frozenset(raw["tasks"]),
        sources=frozenset(raw["sources"]),
        maintenance=raw.get("maintenance", ""),
        versions={version: _engine_version(version, row) for version, row in raw["versions"].items()},
    )


def _engine_version(version: str, row: Mapping[str, Any]) -> EngineVersion:
    flags = {flag: kind if isinstance(kind, str) else tuple(kind) for flag, kind in row["flags"].items()}
    return _facts(EngineVersion, row, version=version, flags=flags)


@cache
def gateway(kind: str) -> GatewayFacts:
    """One gateway kind. `kind` is one of the registry's."""
    raw = _load(f"gateways/{kind}.yaml")
    table = {key: _facts(Capability, row, behaviour=key) for key, row in raw["capabilities"].items()}
    return _facts(GatewayFacts, raw, kind=kind, capabilities=table)


def _facts(cls: type[Facts], row: Mapping[str, Any], /, **given: Any) -> Facts:
    """A row of data as a value: each field is `given`, or stands in the row under its name in camelCase."""
    return cls(**{name: row[to_camel(name)] for name in cls.__annotations__ if name not in given}, **given)


@cache
def _models() -> Table[ModelFacts]:
    return Table("models.yaml", _model)


def _gpu(id: str, row: Mapping[str, Any]) -> GpuFacts:
    return GpuFacts(id=id, **{_GPU_FIELDS[key]: value for key, value in row.items()})


def _model(id: str, row: Mapping[str, Any]) -> ModelFacts:
    values = {_MODEL_FIELDS[key]: value for key, value in row.items() if key != "architecture"}
    return ModelFacts(**{"id": id, "quantization": "none", "architecture": _architecture(row), **values})


def _architecture(row: Mapping[str, Any]) -> Architecture | None:
    """The dimensions of a row: its own over those of its base."""
    given = _dimensions(row)
    if not given:
        return None
    plain = {field.name: 0 for field in fields(Architecture)}
    return Architecture(**{**plain, "attention": "gqa", "tied_embeddings": False, **given})


def _dimensions(row: Mapping[str, Any]) -> dict[str, Any]:
    own = {_DIMENSIONS[key]: value for key, value in row.get("architecture", {}).items()}
    return {**_dimensions(_models().row(row["base"])), **own} if "base" in row else own


def _keys(kind: type) -> dict[str, str]:
    """Keys of a data file (`asOf`) to the fields of a class (`as_of`)."""
    words = [field.name.split("_") for field in fields(kind)]
    return {head + "".join(map(str.title, rest)): "_".join((head, *rest)) for head, *rest in words}


_GPU_FIELDS = _keys(GpuFacts)
_MODEL_FIELDS = _keys(ModelFacts)
_DIMENSIONS = _keys(Architecture)
