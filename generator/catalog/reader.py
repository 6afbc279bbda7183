"""The one reader of the catalogue. Files are read when first asked for; what they hold never changes in a run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from pydantic.alias_generators import to_camel

from generator import resources
from generator.catalog import engines, names, releases
from generator.catalog.architecture import Architecture
from generator.catalog.facts import (
    Capability,
    ChartFacts,
    EngineFacts,
    EngineVersion,
    GatewayFacts,
    GpuFacts,
    IngressFacts,
    InstanceFacts,
    ModelFacts,
    NodeFacts,
    PoolChangeFacts,
    Price,
    ProviderFacts,
    ProviderModelFacts,
    QuantizationFacts,
)
from generator.catalog.rope import Yarn
from generator.catalog.table import Table, entry, made
from generator.catalog.table import load as _load

Facts = TypeVar("Facts")
_MEMORY_ROUNDING = 0.15
"""How far apart the memory in a name and on the box may be: an A10 has 24 GB, and clouds call it 22."""


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
    ids = gpus_called(name)
    return gpus()[ids[0]] if len(ids) == 1 else None


def gpus_called(name: str) -> tuple[str, ...]:
    """The ids of the GPUs that go by this name; none where it tells another memory than they have (a 48 GB 4090)."""
    return tuple(id for id in names.gpu(name, gpus()) if id == name or _has_memory(name, gpus()[id]))


def _has_memory(name: str, fact: GpuFacts) -> bool:
    memory_gb = names.memory_gb(name)
    return not memory_gb or abs(memory_gb - fact.marketed_gb) <= _MEMORY_ROUNDING * fact.marketed_gb


def model(name: str) -> ModelFacts | None:
    """The model that goes by this name, in any case; none where no or more than one model does."""
    ids = (name,) if name in models() else names.model(name, models())
    return models()[ids[0]] if len(ids) == 1 else None


def like(name: str) -> ModelFacts | None:
    """An upload that is not listed, as far as its name says what it is made of: `notes` say what was assumed.

    It has the dimensions of its base; its size follows from the parameters where it is in a format of its own.
    """
    from generator.catalog import variants

    upload = variants.variant(name, models())
    if upload is None:
        return None
    base = models()[upload.base]
    form = upload.quantization or base.quantization
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


def uploads_of(base: str) -> Iterator[ModelFacts]:
    """The fine-tunes and re-quantised uploads of a model, by its id."""
    return (_models()[key] for key in _models().mentioning(f"base: {base}"))


@cache
def providers() -> Mapping[str, ProviderFacts]:
    """The well-known providers, by the API that is named after them."""
    return made("providers.yaml", lambda api, row: _facts(ProviderFacts, row, api=api, tasks=frozenset(row["tasks"])))


@cache
def provider_models() -> Mapping[str, ProviderModelFacts]:
    """The models of well-known providers, by `provider/id`."""
    return Table("provider_models.yaml", _provider_model)


def provider_model(provider: str, id: str) -> ProviderModelFacts | None:
    """A model of a provider (`openai`, `anthropic`) by the id that its API takes; none where it is not known."""
    return provider_models().get(f"{provider}/{id}")


def clouds() -> tuple[str, ...]:
    """The clouds whose machine types are known."""
    return tuple(sorted(path.stem.removeprefix("instances_") for path in resources.catalog().glob("instances_*.yaml")))


@cache
def instances(cloud: str) -> Table[InstanceFacts]:
    """The machine types of one cloud (`aws`)."""
    return Table(f"instances_{cloud}.yaml", _instance)


def instances_with(cloud: str, gpu: str) -> Iterator[InstanceFacts]:
    """The machine types of one cloud that have this GPU, by its id."""
    known = instances(cloud)
    return (known[key] for key in known.mentioning(f"gpu: {gpu}"))


def _instance(type_: str, row: Mapping[str, Any]) -> InstanceFacts:
    return _facts(
        InstanceFacts,
        row,
        type=type_,
        regions=frozenset(row["regions"]),
        accelerator=row.get("accelerator", ""),
        sold_as=tuple(row.get("soldAs", ())),
    )


def node(platform: str, type_: str) -> NodeFacts | None:
    """What nodes of a machine type may have on a platform; none where the type is not known."""
    with entry("node_settings.yaml", platform):
        fitting = [row for row in _node_settings()[platform] if type_.startswith(row["machines"])]
        if not fitting:
            return None
        row = max(fitting, key=lambda row: len(row["machines"]))
        return _facts(NodeFacts, row, disk_types=tuple(row["diskTypes"]))


def fraction(cloud: str, type_: str) -> tuple[str, str] | None:
    """The part of a GPU that a machine type has, in words, and the GPU; none where it has whole ones."""
    parts = _load("fractions.yaml").get(cloud, {})
    return next((((row["part"], row["gpu"])) for start, row in parts.items() if type_.startswith(start)), None)


@cache
def pool_changes(platform: str) -> PoolChangeFacts:
    """What changes do to the node groups of a platform."""
    with entry("pool_changes.yaml", platform):
        row = _load("pool_changes.yaml")[platform]
        return _facts(PoolChangeFacts, row, variables={**row["pool"], **row["cluster"]})


@cache
def _node_settings() -> Mapping[str, list[Mapping[str, Any]]]:
    settings: Mapping[str, list[Mapping[str, Any]]] = _load("node_settings.yaml")
    return settings


@cache
def prices(cloud: str) -> Mapping[str, tuple[Price, ...]]:
    """What the machine types of one cloud cost, as far as a price is trusted; the newest of several stands first."""
    return Table(f"prices_{cloud}.yaml", lambda _, published: tuple(_prices(published)))


def _prices(lists: Iterable[Mapping[str, Any]]) -> Iterator[Price]:
    for published in lists:
        for way in ("onDemand", "spot"):
            for region, usd in published.get(way, {}).items():
                yield Price(region, way, usd, published["source"], published["asOf"])


@cache
def engine(name: str) -> EngineFacts:
    """One engine. `name` is one of the registry's."""
    return engines.read(name)


@cache
def release(name: str, version: str) -> EngineVersion | None:
    """A version of an engine, with the facts of the nearest known one where it has none; none for what is no number."""
    return releases.release(engine(name), version)


@cache
def quantizations() -> Mapping[str, QuantizationFacts]:
    """All ways to store weights by the spec's word. Reads every version of every engine."""
    return made("quantizations.yaml", lambda word, row: _facts(QuantizationFacts, row, id=word, engines=_running(word)))


def _running(word: str) -> dict[str, float]:
    versions = [version for name in engines.known() for version in engine(name).versions.values()]
    return {
        f"{version.engine}-{version.version}": version.min_capability.get(word, 0.0)
        for version in versions
        if word in version.quantizations
    }


def gateway_kinds() -> tuple[str, ...]:
    """The kinds of gateways of which there are facts, sorted."""
    return tuple(sorted(path.stem for path in (resources.catalog() / "gateways").glob("*.yaml")))


@cache
def gateway(kind: str) -> GatewayFacts:
    """One gateway kind. `kind` is one of the registry's."""
    file = f"gateways/{kind}.yaml"
    raw = _load(file)
    with entry(file):
        table = {key: _facts(Capability, row, behaviour=key) for key, row in raw["capabilities"].items()}
        speaks = {api: tuple(tasks) for api, tasks in raw["speaks"].items()}
        addresses = {api: providers()[api].url for api in raw["addresses"]}
        return _facts(GatewayFacts, raw, kind=kind, capabilities=table, speaks=speaks, addresses=addresses)


@cache
def ingress() -> Mapping[str, IngressFacts]:
    """What ingress controllers have to be told, by the usual name of their class."""
    return made("ingress.yaml", lambda name, row: _facts(IngressFacts, row, name=name))


@cache
def charts() -> Mapping[str, ChartFacts]:
    """The charts that platforms and gateways need beside ours, by name."""
    return made("charts.yaml", _chart)


def _chart(name: str, row: Mapping[str, Any]) -> ChartFacts:
    sets = {key: frozenset(row.get(key, ())) for key in ("unless", "gateways")}
    words = {key: row.get(key, "") for key in ("supplies", "image")}
    images = {path: image.format(version=row["version"]) for path, image in row["images"].items()}
    return _facts(ChartFacts, row, name=name, images=images, **words, **sets)


def _facts(cls: type[Facts], row: Mapping[str, Any], /, **given: Any) -> Facts:
    """A row of data as a value: each field is `given`, or stands in the row under its name in camelCase."""
    return cls(**{name: row[to_camel(name)] for name in cls.__annotations__ if name not in given}, **given)


@cache
def _models() -> Table[ModelFacts]:
    return Table("models.yaml", _model)


def _gpu(id: str, row: Mapping[str, Any]) -> GpuFacts:
    return GpuFacts(id=id, **{_GPU_FIELDS[key]: value for key, value in row.items()})


def _provider_model(id: str, row: Mapping[str, Any]) -> ProviderModelFacts:
    values = {_PROVIDER_MODEL_FIELDS[key]: value for key, value in row.items()}
    return ProviderModelFacts(**{**values, "id": id, "modalities": tuple(row["modalities"])})


def _model(id: str, row: Mapping[str, Any]) -> ModelFacts:
    values = {_MODEL_FIELDS[key]: value for key, value in row.items() if key != "architecture"}
    plain = {"id": id, "quantization": "none", "architecture": _architecture(row), **_repository(id, row)}
    said = _repositories().get(id, {}).get("source")
    return ModelFacts(**{**plain, **values, "source": f"{row['source']}; {said}" if said else row["source"]})


@cache
def _repositories() -> Table[Mapping[str, Any]]:
    return Table("repositories.yaml", lambda _, row: row)


def _repository(id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a repository says: its type is that of its base, its scaling too where nothing but the format differs."""
    own, base = _repositories().get(id, {}), _repositories().get(row.get("base", ""), {})
    requantised = row.get("quantization", "none") != "none" and "maxContext" not in row.get("architecture", {})
    yarn = own.get("yarn", base.get("yarn") if requantised else None)
    return {
        "model_type": own.get("modelType", base.get("modelType", "")),
        "yarn": Yarn(**{**yarn, "beside": _pairs(yarn.get("beside", {}))}) if yarn else None,
        "custom_code": _pairs(own.get("customCode", {})),
        "overrides": _pairs(own.get("overrides", {})),
    }


def _pairs(mapping: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A mapping as what can be compared and hashed."""
    return tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in mapping.items())


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
_PROVIDER_MODEL_FIELDS = _keys(ProviderModelFacts)
_DIMENSIONS = _keys(Architecture)
