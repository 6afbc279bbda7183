"""What replicas serve and how, with all that the catalogue knows of it: asked once for placements that are alike."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import replace

from generator.catalog import reader
from generator.catalog.facts import EngineFacts, GpuFacts, ModelFacts
from generator.catalog.rope import Reach
from generator.core.frozen import frozen
from generator.core.plan import ImageRef, SecretRef, SourcePlan
from generator.core.units import gib
from generator.resolve import images
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.facts import weights_facts
from generator.resolve.placements.settings import Settings
from generator.sizing.servers.protocol import Server, find


@frozen(eq=False)
class Described:
    """What one replica is, wherever it stands.

    `gpu` is the pool's name for its GPUs, empty on CPUs. `desktop`: a screen may share them; `reserved_gib` of each is
    not the engine's, and `driver` is their driver's branch, 0 where nobody said so. `model`, `card` and
    `server` are none where nothing is known of the weights, of the GPU, or of the memory and speed of the engine.
    The context of `model` is the one that the engine derives, `reach` says of what: none where it is not known.
    """

    task: str
    settings: Settings
    gpu: str
    desktop: bool
    reserved_gib: float
    driver: int
    engine: EngineFacts
    version: str
    model: ModelFacts | None
    card: GpuFacts | None
    server: Server | None
    image: ImageRef
    source: SourcePlan
    args: Mapping[str, bool | int | float | str | tuple[str, ...]]
    env: Mapping[str, str | SecretRef]
    files: Mapping[str, bytes]
    reach: Reach | None = None


def describe(items: Iterable[Candidate]) -> list[tuple[Candidate, Described]]:
    """Each placement with its description, which is the same one for those with the same settings on the same GPUs."""
    known: dict[tuple[object, ...], Described] = {}
    pairs = []
    for item in items:
        pool = item.pool_spec
        alike = item.settings, item.cluster.kubernetes, *((pool.gpu, pool.reserved, pool.driver) if pool else ())
        if alike not in known:
            known[alike] = _described(item)
        pairs.append((item, known[alike]))
    return pairs


def _described(item: Candidate) -> Described:
    settings, gpu = item.settings, item.pool.gpu if item.pool else ""
    engine, pool = reader.engine(settings.engine), item.pool_spec
    version = settings.version or engine.newest.version
    server, model = find(settings.engine), weights_facts(settings)
    reach = None
    if model is not None and model.architecture is not None and server is not None:
        reach = server.reach(model, version, settings.args, settings.env)
        # What takes any length is as long as what is asked.
        tokens = max(reach.tokens, settings.context) if reach.unchecked else reach.tokens
        if tokens != model.max_context:
            model = replace(model, architecture=replace(model.architecture, max_context=tokens))
    return Described(
        task=item.model.task,
        settings=settings,
        gpu=gpu,
        desktop=not item.cluster.kubernetes,
        reserved_gib=gib(pool.reserved) if pool and pool.reserved else 0.0,
        driver=pool.driver or 0 if pool else 0,
        engine=engine,
        version=version,
        model=model,
        card=reader.gpu(gpu) if gpu else None,
        server=server,
        image=_image(item, engine, version),
        source=_source(item),
        args={
            name: tuple(value) if isinstance(value, list) else value for name, value in sorted(settings.args.items())
        },
        env=_environment(item),
        files={name: b64decode(held) for name, held in sorted(settings.files.items())},
        reach=reach,
    )


def _image(item: Candidate, engine: EngineFacts, version: str) -> ImageRef:
    known = reader.release(engine.name, version)
    tag = known.tag if known else version
    return images.image(engine.repository, tag, item.settings.image, item.fleet.images)


def _source(item: Candidate) -> SourcePlan:
    settings, source = item.settings, item.settings.source
    token = item.secrets.ref(source.token) if source.token else None
    return SourcePlan(settings.kind, settings.ref, source.revision or "", token)


def _environment(item: Candidate) -> dict[str, str | SecretRef]:
    variables: dict[str, str | SecretRef] = dict(item.settings.env)
    variables.update({name: item.secrets.ref(ref) for name, ref in item.settings.secret_env.items()})
    return dict(sorted(variables.items()))
