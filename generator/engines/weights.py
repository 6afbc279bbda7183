"""Checks of what a repository's weights need of an engine: the type of numbers they are computed in."""

from collections.abc import Iterator

from generator.catalog import dtypes, reader
from generator.catalog.dtypes import Taken
from generator.catalog.facts import GpuFacts
from generator.core.finding import Finding
from generator.core.kinds import weights as kinds
from generator.core.plan import ServingRequest
from generator.engines import checks

DTYPE = "dtype"
"""The argument that says the type."""
_OFFERED = (dtypes.BFLOAT16, dtypes.FLOAT16)
"""Types that a finding offers; 32 bit takes twice the memory, and what then fits is not judged here."""


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
    version = facts.versions[request.version]
    return dtypes.taken(facts, version, gpu, request.family, request.quantization, asked)


def _refused(request: ServingRequest, engine: str, gpu: GpuFacts, found: Taken) -> Finding:
    facts = reader.engine(engine)
    title, model = f"{facts.title} {request.version}", request.source.ref
    at = checks.argument_path(request, DTYPE)
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
    types = dtypes.computed(facts.versions[request.version], gpu, request.quantization)
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
