"""Checks that every engine needs: version, arguments, quantisation, source, task, GPU; the catalogue has the facts."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from generator.catalog import makers, reader
from generator.catalog.facts import EngineFacts, EngineVersion, ModelFacts
from generator.core.finding import Finding, Severity
from generator.core.frozen import frozen
from generator.core.kinds import engines as kinds
from generator.core.plan import ServingRequest
from generator.core.words import did_you_mean
from generator.engines import ENGINES, files, history, pairs
from generator.engines.places import argument_path, place, variable_path

Value = bool | int | float | str | tuple[str, ...]

MADE_WHILE_LOADING = frozenset({"fp8", "bitsandbytes"})
"""What engines make of weights in 16 bit by themselves."""
_CERTAIN = frozenset(
    {kinds.ARGUMENT_REMOVED, kinds.ARGUMENT_RENAMED, kinds.ARGUMENT_CHANGED, kinds.ARGUMENT_SET_BY_GEN}
    | {kinds.QUANTIZATION_NOT_OF_WEIGHTS, kinds.QUANTIZATION_NOT_IN_ENGINE}
)
"""What holds of a version between known ones as well: it follows from an older one, or from no version at all."""
_PATTERNS = {
    "integer": re.compile(r"^-?[0-9]+$"),
    "size": re.compile(r"^(auto|-1|[0-9]+(\.[0-9]+)?[kmgt]|[0-9]+[KMGT]?)$"),
    "number": re.compile(r"^-?[0-9]+(\.[0-9]+)?([eE]-?[0-9]+)?$"),
    "json": re.compile(r"^\s*[{\[]"),
    "text": re.compile(""),
}
_WANTS = {
    "boolean": "true or false",
    "switch": "true",
    "integer": "a whole number",
    "size": "a whole number, or one like 32K",
    "number": "a number",
    "text": "one text or number",
    "json": "JSON as text",
    "list": "a list, or one value",
    "repeated": "a list, or one value",
}


@frozen
class SetByGen:
    """What gen itself sets for an engine: arguments and environment variables, and the spec field that changes each.

    The field is a phrase after "change"; one that begins with "nothing: " has no field and goes on with why.
    """

    engine: str
    arguments: Mapping[str, str]
    variables: Mapping[str, str]


def judge(
    request: ServingRequest,
    own: SetByGen,
    further: Callable[[ServingRequest], Iterable[Finding]],
    *,
    free_values: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """All findings on a request; `further` judges what only this engine knows. `free_values` take any value.

    On what is no version nothing else can be judged; and weights that the engine cannot load mean that another engine
    was thought of. Either finding stands alone.
    """
    engine = reader.engine(own.engine)
    facts = reader.release(own.engine, request.version)
    if facts is None:
        yield _no_version(request, engine)
        return
    yield from _ended(request, engine)
    if unloadable := list(_source(request, engine)):
        yield from unloadable
        return
    yield from _task(request, engine)
    yield from _gpu(request, engine)
    judged = [*_quantization(request, engine, facts)]
    wrong = set()
    for name in sorted(request.args.keys() - free_values):
        found = list(_argument(request, own, facts, name))
        wrong |= {name} if found else set()
        judged += found
    yield from (_unsure(finding, facts) for finding in judged)
    for name in sorted(request.env.keys() & own.variables.keys()):
        yield variable_set_by_gen(request, own, name, own.variables[name])
    yield from files.check(request, facts, own.arguments.keys() | wrong)
    yield from pairs.check(request, facts, own.arguments.keys(), wrong)
    yield from further(request)


def _no_version(request: ServingRequest, engine: EngineFacts) -> Finding:
    meant = request.version.removeprefix("v")
    number = meant if reader.release(engine.name, meant) else engine.newest.version
    return kinds.ENGINE_VERSION_NO_NUMBER.at(
        request.at.get("engine.version", (*place(request, "engine"), "version")),
        f"`{request.version}` is not a version of {engine.title}",
        cause=f"versions are numbers, such as {', '.join(list(engine.versions)[:3])}",
        help=f"write `version: {number}`; an image of your own is named by `image`",
    )


def _unsure(finding: Finding, facts: EngineVersion) -> Finding:
    """A finding told by the facts of a near version: no error, unless something is known to be gone."""
    if not facts.like or finding.kind in _CERTAIN:
        return finding
    told = f"{finding.cause}; told by {facts.like}, as {facts.version} is not known"
    return replace(finding, severity=Severity.WARNING, cause=told)


def variable_set_by_gen(request: ServingRequest, own: SetByGen, name: str, field: str) -> Finding:
    """A variable of `env` that belongs to another field."""
    cause, help = _reserved(field)
    return kinds.VARIABLE_SET_BY_GEN.at(
        variable_path(request, name),
        f"`{name}` is set by gen for {reader.engine(own.engine).title}",
        cause=cause,
        help=help,
        on_key=True,
    )


def _reserved(field: str) -> tuple[str, str]:
    """Cause and help for something that gen sets, from the phrase in `SetByGen`."""
    if field.startswith("nothing: "):
        return field.removeprefix("nothing: "), "remove it"
    return f"it follows from {field}", f"remove it and change {field} instead"


def _others(can_do: Callable[[EngineFacts], bool]) -> str:
    """The engines that can do it, in words."""
    return " or ".join(f"`{name}`" for name in ENGINES if can_do(reader.engine(name)))


def _ended(request: ServingRequest, engine: EngineFacts) -> Iterator[Finding]:
    if engine.ended:
        yield kinds.ENGINE_ENDED.at(
            place(request, "engine"),
            f"{engine.title} is no longer developed",
            cause=engine.ended,
            help="move the model to `vllm`, which answers the same OpenAI-style calls",
        )


def _task(request: ServingRequest, engine: EngineFacts) -> Iterator[Finding]:
    if request.task not in engine.tasks:
        yield kinds.TASK_NOT_SERVED.at(
            ("models", request.model, "task"),
            f"{engine.title} does not serve `{request.task}`",
            cause=f"{engine.title} serves {', '.join(sorted(engine.tasks))}",
            help=f"use {_others(lambda other: request.task in other.tasks)}",
        )


def _source(request: ServingRequest, engine: EngineFacts) -> Iterator[Finding]:
    kind = request.source.kind
    if kind not in engine.sources:
        yield kinds.SOURCE_NOT_LOADABLE.at(
            (*place(request, "source"), kind),
            f"{engine.title} cannot load weights from `{kind}`",
            cause=f"{engine.title} loads from {', '.join(f'`{source}`' for source in sorted(engine.sources))}",
            help=f"use one of these, or the engine {_others(lambda other: kind in other.sources)}",
            on_key=True,
        )
    elif kind == "pvc" and not request.kubernetes:
        yield kinds.SOURCE_NOT_LOADABLE.at(
            (*place(request, "source"), kind),
            "a docker host has no volume claims",
            cause=f"placement {request.placement!r} runs on a docker cluster; `pvc` is a Kubernetes claim",
            help="say `path` with a folder of the host",
            on_key=True,
        )


def _gpu(request: ServingRequest, engine: EngineFacts) -> Iterator[Finding]:
    if engine.needs_gpu and not request.gpus:
        yield kinds.ENGINE_NEEDS_GPU.at(
            request.path,
            f"{engine.title} needs a GPU, and placement {request.placement!r} names no pool",
            cause=f"the image of {engine.title} is built for GPUs only",
            help=f"add `pool:` to the placement; on CPUs use {_others(lambda other: not other.needs_gpu)}",
            on_key=True,
        )


def _quantization(request: ServingRequest, engine: EngineFacts, facts: EngineVersion) -> Iterator[Finding]:
    wanted = request.quantization
    if wanted not in facts.quantizations:
        others = _others(lambda other: wanted in other.newest.quantizations)
        yield kinds.QUANTIZATION_NOT_IN_ENGINE.at(
            place(request, "quantization"),
            f"{engine.title} {facts.version} cannot run `{wanted}` weights",
            cause=f"it runs {', '.join(f'`{name}`' for name in facts.quantizations)}"
            f"{history.quantization(engine, facts, wanted)}",
            help=f"use {others} for them, or other weights" if others else "use other weights",
        )
        return
    yield from _not_of_weights(request, facts)
    card, needed = _capability(request.gpu), facts.min_capability.get(wanted, 0.0)
    if card is not None and card[1] < needed:
        name, has = card
        runs = [f"`{word}`" for word, least in facts.min_capability.items() if has >= least]
        what = "any model" if wanted == "none" or not runs else f"`{wanted}` weights"
        yield kinds.QUANTIZATION_NOT_ON_GPU.at(
            place(request, "quantization") if runs else (*request.path, "pool"),
            f"{name} cannot run {what} with {engine.title} {facts.version}",
            cause=f"it needs compute capability {needed:.1f}, {name} has {has:.1f}",
            help=f"on this GPU use {', '.join(runs)}"
            if runs
            else _other_card(engine, has, min(facts.min_capability.values())),
        )


def _capability(gpu: str) -> tuple[str, float] | None:
    """Name and compute capability of a card of NVIDIA, an older one too, or of all that share a name; else none."""
    facts = reader.gpus().get(gpu)
    if facts is None:
        sizes = {reader.gpus()[id].compute_capability for id in reader.gpus_called(gpu)}
        return (gpu, sizes.pop()) if len(sizes) == 1 and all(sizes) else makers.older(gpu)
    return (facts.name, facts.compute_capability) if facts.compute_capability else None


def _other_card(engine: EngineFacts, has: float, needed: float) -> str:
    """What to do with a card that the image is not built for."""
    older = [
        version for version in engine.versions.values() if min(version.min_capability.values(), default=0.0) <= has
    ]
    cures = [f"use a GPU of compute capability {needed:.1f} or more"]
    if older:
        cures.append(f"say `version: {older[0].version}`, the newest known one that is built for it")
    if others := [name for name in ENGINES if not reader.engine(name).newest.min_capability]:
        cures.append(f"use {' or '.join(f'`{name}`' for name in others)}")
    return ", or ".join(cures)


def _not_of_weights(request: ServingRequest, facts: EngineVersion) -> Iterator[Finding]:
    """Weights of the catalogue in another format. Uploads of `compressed-tensors` go by the name of what is in them."""
    wanted, known = request.quantization, reader.models().get(request.source.ref)
    if known is None or wanted in {"none", known.quantization}:
        return
    made = known.quantization == "none" and wanted in MADE_WHILE_LOADING
    if made or (known.quantization != "none" and not facts.quantizations[wanted]):
        return
    yield kinds.QUANTIZATION_NOT_OF_WEIGHTS.at(
        place(request, "quantization"),
        f"the weights of {known.id} are not stored as `{wanted}`",
        cause=f"they are {_stored(known.quantization)}",
        help=_instead(known, wanted),
    )


def _stored(quantization: str) -> str:
    return "in 16 bit" if quantization == "none" else f"stored as `{quantization}`"


def _instead(known: ModelFacts, wanted: str) -> str:
    uploads = [f"`{other.id}`" for other in reader.uploads_of(known.id) if other.quantization == wanted]
    return f"leave `quantization` out, or use {' or '.join(uploads) or 'weights that have it'}"


def _argument(request: ServingRequest, own: SetByGen, facts: EngineVersion, name: str) -> Iterator[Finding]:
    path, value, engine = argument_path(request, name), request.args[name], reader.engine(own.engine)
    if name in own.arguments:
        cause, help = _reserved(own.arguments[name])
        yield kinds.ARGUMENT_SET_BY_GEN.at(path, f"`{name}` is set by gen", cause=cause, help=help, on_key=True)
    elif name not in facts.flags and name not in facts.maybe:
        yield history.absent(engine, facts, path, name) or kinds.ARGUMENT_UNKNOWN.at(
            path,
            f"{engine.title} {facts.version} has no argument `{name}`",
            cause=f"none of its {len(facts.flags)} arguments has this name",
            help=_spelling(name, facts),
            on_key=True,
        )
    elif changed := history.changed(engine, facts, path, name):
        yield changed
    elif problem := _value_problem(facts.flags.get(name) or facts.maybe[name], value):
        cause, help = history.value(engine, facts, name, str(value)) or problem
        yield kinds.ARGUMENT_VALUE.at(path, f"`{name}` does not take {_shown(value)}", cause=cause, help=help)


def _spelling(name: str, facts: EngineVersion) -> str:
    """How the argument is probably meant."""
    plain = name.lstrip("-").replace("_", "-").lower()
    plain = plain.removeprefix("ollama-")
    if plain in facts.flags:
        return f"did you mean `{plain}`?"
    positive = plain.removeprefix("no-")
    if plain != positive and facts.flags.get(positive) == "boolean":
        return f"say `{positive}: false`"
    return did_you_mean(plain, facts.flags) or "remove it, or look up its name in this version's documentation"


def _value_problem(kind: str | tuple[str, ...], value: Value) -> tuple[str, str] | None:
    """Cause and help when the value is of a wrong kind or no choice; None when it will do."""
    if isinstance(kind, tuple):
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value) in kind:
            return None
        return f"it takes one of: {', '.join(kind)}", did_you_mean(str(value), kind) or f"use for example `{kind[0]}`"
    return None if _fits(kind, value) else (f"it takes {_WANTS[kind]}", f"write {_WANTS[kind]}")


def _fits(kind: str, value: Value) -> bool:
    """Whether the value is of the kind; a YAML number will do for a text."""
    if kind in {"boolean", "switch"} or isinstance(value, bool):
        return kind in {"boolean", "switch"} and isinstance(value, bool)
    if kind in {"list", "repeated"}:
        return value != ()
    return not isinstance(value, tuple) and bool(_PATTERNS[kind].search(str(value)))


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{', '.join(value)}`" if isinstance(value, tuple) else f"`{value}`"
