"""Checks of what a repository needs of an engine: its own code, overrides for a task, the type of its numbers."""

import json
from collections.abc import Iterator

from generator.catalog import dtypes, reader, releases
from generator.catalog.dtypes import Taken
from generator.catalog.engines import order
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.core.finding import Finding
from generator.core.kinds import weights as kinds
from generator.core.kinds.engines import ARGUMENT_VALUE
from generator.core.plan import ServingRequest
from generator.engines import common, places

DTYPE = "dtype"
"""The argument that says the type."""
BEFORE = "before "
"""What stands before the first version that does not need the repository's code, where there is one."""
TRUST = "trust-remote-code"
"""The argument that lets code of the repository run."""
OVERRIDES = "hf-overrides"
"""The argument that overrides the model's configuration."""
_ELSEWHERE = ("tokenizer", "tokenizer-mode", "hf-config-path", "config-format", "skip-tokenizer-init")
"""Arguments by which configuration or tokenizer come from another place, so that nothing is certain of the code."""
_OFFERED = (dtypes.BFLOAT16, dtypes.FLOAT16)
"""Types that a finding offers; 32 bit takes twice the memory, and what then fits is not judged here."""


def repository(request: ServingRequest, engine: str) -> Iterator[Finding]:
    """What a repository of the catalogue needs and was not given. Copies and other uploads may differ."""
    if OVERRIDES in request.args and _object(request) is None:
        yield ARGUMENT_VALUE.at(
            places.argument_path(request, OVERRIDES),
            f"`{OVERRIDES}` is not a JSON object",
            cause="the engine reads the fields of the configuration that it overrides from there",
            help="write it as '{\"max_position_embeddings\": 65536}', in single quotes",
        )
        return
    model = reader.model(request.source.ref) if request.source.kind == "huggingface" else None
    if model is not None and model.id.partition("/")[0].lower() == request.source.ref.partition("/")[0].lower():
        yield from _custom_code(request, engine, model)
        yield from _overrides(request, engine, model)


def _custom_code(request: ServingRequest, engine: str, model: ModelFacts) -> Iterator[Finding]:
    needing = dict(model.custom_code).get(engine)
    if needing is None or request.args.get(TRUST) is True or not request.args.keys().isdisjoint(_ELSEWHERE):
        return
    first = needing.removeprefix(BEFORE) if needing.startswith(BEFORE) else ""
    if first and order(_at_most(request, engine)) >= order(first):
        return
    title = reader.engine(engine).title
    newer = f", or say `version: {first}` or a newer one, which has its own" if first else ""
    yield kinds.CUSTOM_CODE.at(
        places.place(request, "source"),
        f"{model.id} needs code of its repository, and `{TRUST}` is not set",
        cause=f"its configuration or tokenizer names classes that {title} {request.version} lacks; it stops at start",
        help=f"read that code, pin it by `revision`, and add `{TRUST}: true` to `engine.args`{newer}",
    )


def _at_most(request: ServingRequest, engine: str) -> str:
    """The version that is asked for; of one between two known ones nothing is certain that the newer one changed."""
    if not common.facts(engine, request).like:
        return request.version
    return releases.neighbours(reader.engine(engine), request.version)[1] or request.version


def _overrides(request: ServingRequest, engine: str, model: ModelFacts) -> Iterator[Finding]:
    needed = dict(model.overrides).get(request.task)
    if needed is None or OVERRIDES not in common.facts(engine, request).flags:
        return
    lacking = sorted(json.loads(needed).keys() - _given(request).keys())
    if lacking:
        yield kinds.TASK_NEEDS_OVERRIDES.at(
            request.at.get(f"args.{OVERRIDES}", places.place(request, "source")),
            f"{model.id} does not {request.task} as its repository stands",
            cause=f"its configuration lacks {', '.join(f'`{name}`' for name in lacking)}, and is that of a chat model",
            help=f"write `engine.args: {{{OVERRIDES}: '{json.dumps({**json.loads(needed), **_given(request)})}'}}`",
        )


def _given(request: ServingRequest) -> dict[str, object]:
    """What is overridden."""
    return _object(request) or {}


def _object(request: ServingRequest) -> dict[str, object] | None:
    try:
        value = json.loads(str(request.args.get(OVERRIDES, "{}")))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def dtype(request: ServingRequest, engine: str) -> Iterator[Finding]:
    """A type that the GPU, the model or its quantisation does not bear, and 32 bit where nobody asked for it."""
    gpu = reader.gpu(request.gpu)
    if gpu is None:
        return
    asked = str(request.args.get(DTYPE, ""))
    found = _taken(request, engine, gpu, asked)
    if found.refused:
        yield _refused(request, engine, gpu, found)
    elif found.chosen and found.dtype == dtypes.FLOAT32:
        facts = reader.engine(engine)
        yield kinds.FLOAT32_TAKEN.at(
            request.path,
            f"{facts.title} computes {request.source.ref} in float32 on {gpu.name}: twice the memory, and slow",
            cause=_no_sixteen(request, engine, gpu),
            help=_other_gpu(engine),
            on_key=True,
        )


def _taken(request: ServingRequest, engine: str, gpu: GpuFacts, asked: str) -> Taken:
    facts = reader.engine(engine)
    version = common.facts(engine, request)
    return dtypes.taken(facts, version, gpu, request.family, request.quantization, asked)


def _refused(request: ServingRequest, engine: str, gpu: GpuFacts, found: Taken) -> Finding:
    facts = reader.engine(engine)
    title, model = f"{facts.title} {request.version}", request.source.ref
    at = places.argument_path(request, DTYPE)
    if found.refused == "gpu":
        needed = facts.dtypes[found.dtype]
        return kinds.DTYPE_NOT_ON_GPU.at(
            at,
            f"{gpu.name} does not compute in {found.dtype}",
            cause=f"it needs compute capability {needed:.1f}, {gpu.name} has {gpu.compute_capability:.1f}",
            help=_cure(request, engine, gpu),
        )
    if found.refused == "model":
        return kinds.DTYPE_NOT_OF_MODEL.at(
            at,
            f"{title} does not serve {model} in {found.dtype}",
            cause=f"models of the type `{request.family}` are numerically unstable in it, so it stops at start-up",
            help=_cure(request, engine, gpu),
        )
    types = dtypes.computed(common.facts(engine, request), gpu, request.quantization)
    cause = f"on {gpu.name} it computes them in {' and '.join(sorted(types))}"
    if found.chosen:
        cause = f"{_no_sixteen(request, engine, gpu)}; {cause}"
    return kinds.DTYPE_NOT_OF_WEIGHTS.at(
        request.path if found.chosen else at,
        f"{title} does not compute `{request.quantization}` weights in {found.dtype}",
        cause=cause,
        help=_cure(request, engine, gpu),
        on_key=found.chosen,
    )


def _cure(request: ServingRequest, engine: str, gpu: GpuFacts) -> str:
    """What was tried and starts: the argument left out, else another type, else another GPU."""
    offers = []
    free = _taken(request, engine, gpu, "")
    if DTYPE in request.args and not free.refused and free.dtype != dtypes.FLOAT32:
        kind = f", and {free.dtype} is taken" if free.dtype != dtypes.ANY_16 else ""
        offers.append(f"leave `{DTYPE}` out{kind}")
    tried = [name for name in _OFFERED if not _taken(request, engine, gpu, name).refused]
    offers += [f"write `{DTYPE}: {name}`" for name in tried if name != free.dtype or DTYPE not in request.args]
    return ", or ".join(offers[:2]) or _other_gpu(engine)


def _other_gpu(engine: str) -> str:
    least = reader.engine(engine).dtypes[dtypes.BFLOAT16]
    return f"use a GPU of compute capability {least:.1f} or more, which computes it in bfloat16"


def _no_sixteen(request: ServingRequest, engine: str, gpu: GpuFacts) -> str:
    """Why no type of 16 bit is left."""
    needed = reader.engine(engine).dtypes[dtypes.BFLOAT16]
    return (
        f"bfloat16 needs compute capability {needed:.1f}, {gpu.name} has {gpu.compute_capability:.1f}, "
        f"and models of the type `{request.family}` are not served in float16"
    )
