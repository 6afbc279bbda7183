"""What a placement asks of its engine: settings, facts and derived numbers, each with its why."""

from generator.catalog import reader
from generator.core.plan import Decision, ImageRef, SecretRef, ServingRequest, SourcePlan
from generator.core.spec import Source
from generator.resolve import images
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.facts import facts_of
from generator.resolve.placements.needs import needs
from generator.resolve.placements.numbers import Numbers, decisions, numbers
from generator.resolve.placements.settings import Settings
from generator.resolve.secrets import endpoint_key, secret_ref


def request(item: Candidate, longest_call_s: float) -> tuple[ServingRequest, list[Decision], Numbers]:
    """Everything the engine may know, the decisions behind it, and the numbers they come from."""
    settings, at = item.settings, item.settings.at
    version = str(settings["engine"].version or reader.engine(item.engine).newest.version)
    facts = facts_of(item)
    chosen = numbers(item, facts, version)
    around = needs(item, facts, chosen, longest_call_s)
    resolved = ServingRequest(
        path=item.path,
        at=at,
        model=item.model_name,
        placement=item.name,
        kubernetes=item.cluster.kubernetes,
        task=item.model.task,
        source=_source(item.fleet.name, settings["source"]),
        version=version,
        image=_image(item, version),
        args={
            key: tuple(value) if isinstance(value, list) else value for key, value in sorted(settings["args"].items())
        },
        env=_environment(item),
        quantization=chosen.quantization.value,
        context=chosen.context.value,
        concurrency=chosen.concurrency.value,
        tensor_parallel=item.tensor_parallel,
        gpus=item.gpus,
        gpu=item.pool.gpu if item.pool else "",
        weights_gib=facts.weights_gib if facts else 0.0,
        max_context=facts.max_context if facts else 0,
        api_key=endpoint_key(item.fleet, item.cluster.name),
        timing=around.timing,
        shutdown=around.shutdown,
        resources=around.resources,
        cache_gib=around.cache_gib,
        shm_gib=around.shm_gib,
        batched_tokens=chosen.batched_tokens,
        utilization=chosen.utilization,
    )
    engine = _given(settings, "engine", "the catalogue's newest")
    made = [
        Decision("engine", f"{item.engine} {version}", engine, at["engine"]),
        *decisions(item, chosen),
        Decision(
            "tensorParallel", str(item.tensor_parallel), _given(settings, "tensor_parallel"), at["tensor_parallel"]
        ),
        *around.decisions,
    ]
    return resolved, made, chosen


def _source(fleet: str, source: Source) -> SourcePlan:
    kind = source.places[0]
    token = secret_ref(fleet, source.token) if source.token else None
    return SourcePlan(kind, getattr(source, kind), source.revision or "", token)


def _given(settings: Settings, name: str, default: str = "the default") -> str:
    return "given" if name in settings.written else default


def _image(item: Candidate, version: str) -> ImageRef:
    facts = reader.engine(item.engine)
    known = facts.versions.get(version)
    tag = known.tag if known else version
    return images.image(facts.repository, tag, item.settings["image"], item.fleet.images)


def _environment(item: Candidate) -> dict[str, str | SecretRef]:
    settings = item.settings
    secrets = {name: secret_ref(item.fleet.name, ref) for name, ref in (settings["secret_env"] or {}).items()}
    return dict(sorted({**(settings["env"] or {}), **secrets}.items()))
