"""The kinds of facts that `gen catalog` shows: how each is read, found by name and listed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.catalog import makers, names, reader
from generator.catalog.facts import EngineFacts, EngineVersion, GpuFacts, InstanceFacts, ModelFacts, ProviderModelFacts
from generator.cli.table import number
from generator.core.errors import UsageError
from generator.core.frozen import frozen
from generator.engines import ENGINES
from generator.gateways import GATEWAYS


@frozen
class Shelf:
    """One kind of facts: what it is called, all of it by name, and a row of the list; `right` columns end flush."""

    one: str
    about: str
    facts: Callable[[], Mapping[str, Any]]
    header: Sequence[str]
    row: Callable[[Any], Sequence[str]]
    right: frozenset[int] = frozenset()


def shelf(kind: str) -> Mapping[str, Any]:
    """All facts of a kind, by name."""
    return SHELVES[kind].facts()


def find(name: str) -> tuple[str, Any]:
    """The kind and the fact of a name.

    Raises:
        UsageError: nothing goes by this name, or more than one thing does.
    """
    matching = [
        (kind, id) for kind in SHELVES for id in (_BY_NAME[kind](name) if kind in _BY_NAME else _exact(kind, name))
    ]
    if len(matching) == 1:
        [(kind, id)] = matching
        return kind, shelf(kind)[id]
    if matching:
        raise UsageError(f"{name!r} can mean several things", help=f"name one: {', '.join(id for _, id in matching)}")
    near = list(dict.fromkeys(id for kind in SHELVES for id in _near(kind, name)))
    hint = (
        f"did you mean {' or '.join(f'`{id}`' for id in near[:3])}?" if near else "`gen catalog list` shows the kinds"
    )
    raise UsageError(f"the catalogue knows nothing called {name!r}", help=hint)


def _near(kind: str, name: str) -> Iterable[str]:
    if kind == "gpus":
        return makers.near_gpus(name, shelf(kind))
    return () if makers.maker(name) else names.near(name, shelf(kind))


def _exact(kind: str, name: str) -> list[str]:
    return [id for id in shelf(kind) if id.lower() == name.lower()]


def _of_providers(name: str) -> list[str]:
    """The whole name, or the id behind the provider."""
    return _exact("provider-models", name) or [
        id for id in reader.provider_models() if id.partition("/")[2].lower() == name.lower()
    ]


def _instances() -> dict[str, InstanceFacts]:
    return {key: fact for cloud in reader.clouds() for key, fact in reader.instances(cloud).items()}


def _engines() -> dict[str, EngineFacts]:
    """Each engine with its newest version alone; the others have a shelf of their own."""
    facts = {name: reader.engine(name) for name in ENGINES}
    return {name: replace(fact, versions={fact.newest.version: fact.newest}) for name, fact in facts.items()}


def _versions() -> dict[str, EngineVersion]:
    engines = {name: reader.engine(name).versions for name in ENGINES}
    return {f"{name}-{key}": fact for name, versions in engines.items() for key, fact in versions.items()}


def _gpu(fact: GpuFacts) -> Sequence[str]:
    capability = f"{fact.compute_capability:.1f}" if fact.compute_capability else "-"
    rates = (fact.bandwidth_gbs, fact.bf16_tflops or fact.fp16_tflops, fact.fp8_tflops)
    return (fact.id, fact.generation, f"{fact.memory_gib:.2f}", capability, *(_known(rate) for rate in rates))


def _model(fact: ModelFacts) -> Sequence[str]:
    shape = fact.architecture
    parameters = number(shape.params_b) if shape else "-"
    return (fact.id, parameters, _known(fact.weights_gib), fact.quantization, _known(fact.max_context), fact.base)


def _provider_model(fact: ProviderModelFacts) -> Sequence[str]:
    prices = (fact.input_usd, fact.cached_input_usd, fact.output_usd)
    figures = (fact.context_tokens, fact.max_output_tokens, *prices)
    return (fact.id, fact.task, *(_known(figure) for figure in figures))


def _known(value: float) -> str:
    return number(value) if value else "-"


SHELVES: Mapping[str, Shelf] = {
    "gpus": Shelf(
        "GPU",
        "memory, rates and bandwidth of a card",
        reader.gpus,
        ("gpu", "generation", "GiB", "capability", "GB/s", "TFLOPS 16 bit", "fp8"),
        _gpu,
        frozenset({2, 3, 4, 5, 6}),
    ),
    "models": Shelf(
        "model",
        "size of the weights and dimensions",
        reader.models,
        ("model", "1e9 parameters", "GiB", "quantization", "context", "base"),
        _model,
        frozenset({1, 2, 4}),
    ),
    "instances": Shelf(
        "instance type",
        "cloud machines, where they are sold and for how much",
        _instances,
        ("type", "gpu", "gpus", "vcpus", "GiB", "regions"),
        lambda fact: (
            fact.type,
            fact.gpu,
            str(fact.gpus),
            str(fact.vcpus),
            number(fact.memory_gib),
            str(len(fact.regions)),
        ),
        frozenset({2, 3, 4, 5}),
    ),
    "provider-models": Shelf(
        "provider model",
        "context and price of the models of external APIs",
        reader.provider_models,
        ("model", "task", "context", "answer", "USD/1e6 in", "cached", "out"),
        _provider_model,
        frozenset({2, 3, 4, 5, 6}),
    ),
    "engines": Shelf(
        "engine",
        "what they serve, and the newest version",
        _engines,
        ("engine", "versions"),
        lambda fact: (fact.name, ", ".join(reader.engine(fact.name).versions)),
    ),
    "versions": Shelf(
        "engine version",
        "arguments, quantisations and gauges of a version",
        _versions,
        ("version", "arguments", "quantizations"),
        lambda fact: (f"{fact.engine}-{fact.version}", str(len(fact.flags)), ", ".join(fact.quantizations)),
        frozenset({1}),
    ),
    "quantizations": Shelf(
        "quantization",
        "what it stores, and which engine versions run it on which GPUs",
        reader.quantizations,
        ("quantization", "native", "engines"),
        lambda fact: (fact.id, _known(fact.native_capability), ", ".join(fact.engines)),
        frozenset({1}),
    ),
    "gateways": Shelf(
        "gateway",
        "versions and what they can honour",
        lambda: {kind: reader.gateway(kind) for kind in GATEWAYS},
        ("gateway", "version"),
        lambda fact: (fact.kind, fact.version),
    ),
}

_BY_NAME: Mapping[str, Callable[[str], Sequence[str]]] = {
    "gpus": reader.gpus_called,
    "models": lambda name: names.model(name, reader.models()),
    "provider-models": _of_providers,
}
