"""What a placement asks of its engine: settings, facts and derived numbers, each with its why."""

from generator.catalog import reader
from generator.catalog.facts import ModelFacts
from generator.core.plan import Decision, ImageRef, ResourcePlan, SecretRef, ServingRequest, SourcePlan
from generator.core.spec import Source
from generator.core.units import gib
from generator.resolve import images, timing
from generator.resolve.candidate import Candidate
from generator.resolve.secrets import endpoint_key, secret_ref
from generator.resolve.settings import Settings

DEFAULT_CONTEXT = 8192


def request(item: Candidate, longest_call_s: float) -> tuple[ServingRequest, list[Decision]]:
    """Everything the engine may know, and the decisions behind it."""
    settings = item.settings
    engine = settings["engine"]
    source = _source(item.fleet.name, settings["source"])
    facts = facts_of(item)
    weights = facts.weights_gib if facts else 0.0
    start, start_why = timing.startup(weights)
    end, end_why = timing.shutdown(longest_call_s, behind_endpoints=item.cluster.kubernetes)
    cache, cache_why = timing.cache_gib(weights)
    shm, shm_why = timing.shm_gib(item.tensor_parallel)
    version = engine.version or reader.engine(engine.name).newest.version
    context, context_why = _context(settings, facts)
    concurrency, concurrency_why = _concurrency(item)
    quantization, quantization_why = _quantization(settings, facts)
    resolved = ServingRequest(
        path=item.path,
        at=settings.at,
        model=item.model_name,
        placement=item.name,
        kubernetes=item.cluster.kubernetes,
        task=item.model.task,
        source=source,
        version=version,
        image=_image(item, version),
        args={
            key: tuple(value) if isinstance(value, list) else value for key, value in sorted(settings["args"].items())
        },
        env=_environment(item),
        quantization=quantization,
        context=context,
        concurrency=concurrency,
        tensor_parallel=item.tensor_parallel,
        gpus=item.gpus,
        gpu=item.pool.gpu if item.pool else "",
        weights_gib=weights,
        max_context=facts.max_context if facts else 0,
        api_key=endpoint_key(item.fleet, item.cluster.name),
        timing=start,
        shutdown=end,
        resources=_resources(item),
        cache_gib=cache,
        shm_gib=shm,
    )
    at = settings.at
    return resolved, [
        Decision(
            "engine", f"{engine.name} {version}", _given(settings, "engine", "the catalogue's newest"), at["engine"]
        ),
        Decision("context", str(context), context_why, at["context"]),
        Decision("concurrency", str(concurrency), concurrency_why, at["concurrency"]),
        Decision("quantization", quantization, quantization_why, at["quantization"]),
        Decision(
            "tensorParallel", str(item.tensor_parallel), _given(settings, "tensor_parallel"), at["tensor_parallel"]
        ),
        Decision("startup", f"{start.startup_s} s", start_why, at["source"]),
        Decision("shutdown", f"{end.grace_s} s", end_why, item.path),
        Decision("cache", f"{cache:g} GiB", cache_why, at["source"]),
        Decision("sharedMemory", f"{shm:g} GiB", shm_why, at["tensor_parallel"]),
    ]


def facts_of(item: Candidate) -> ModelFacts | None:
    """What the catalogue knows of the placement's weights."""
    source: Source = item.settings["source"]
    kind = source.places[0]
    ref = getattr(source, kind)
    return reader.model(ref if kind == "huggingface" else f"{kind}:{ref}")


def _source(fleet: str, source: Source) -> SourcePlan:
    kind = source.places[0]
    token = secret_ref(fleet, source.token) if source.token else None
    return SourcePlan(kind, getattr(source, kind), source.revision or "", token)


def _given(settings: Settings, name: str, default: str = "the default") -> str:
    return "given" if name in settings.written else default


def _context(settings: Settings, facts: ModelFacts | None) -> tuple[int, str]:
    if settings["context"] is not None:
        return settings["context"], "given"
    if facts and facts.max_context < DEFAULT_CONTEXT:
        return facts.max_context, "the model's own limit"
    return DEFAULT_CONTEXT, "the default; raise it when the card has room"


def _concurrency(item: Candidate) -> tuple[int, str]:
    if item.settings["concurrency"] is not None:
        return item.settings["concurrency"], "given"
    if item.pool is None:
        return 1, "on CPU one request at a time"
    engine = reader.engine(item.settings["engine"].name)
    return engine.default_concurrency, f"the default for {engine.title}"


def _quantization(settings: Settings, facts: ModelFacts | None) -> tuple[str, str]:
    if settings["quantization"] is not None:
        return settings["quantization"], "given"
    return (facts.quantization, "as the catalogue knows these weights") if facts else ("none", "the default")


def _image(item: Candidate, version: str) -> ImageRef:
    facts = reader.engine(item.settings["engine"].name)
    known = facts.versions.get(version)
    tag = known.tag if known else version
    return images.image(facts.repository, tag, item.settings["image"], item.fleet.images)


def _environment(item: Candidate) -> dict[str, str | SecretRef]:
    settings = item.settings
    secrets = {name: secret_ref(item.fleet.name, ref) for name, ref in (settings["secret_env"] or {}).items()}
    return dict(sorted({**(settings["env"] or {}), **secrets}.items()))


def _resources(item: Candidate) -> ResourcePlan:
    given = item.settings["resources"]
    if given is None:
        return ResourcePlan(item.gpus)
    return ResourcePlan(item.gpus, given.cpu or "", gib(given.memory) if given.memory else 0.0)
