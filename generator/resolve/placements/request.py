"""What a placement asks of its engine: settings, facts and derived numbers."""

from generator.core.plan import ServingRequest
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.surroundings import Surroundings


def request(item: Candidate, surroundings: Surroundings) -> ServingRequest:
    """Everything the engine may know. Of placements that are alike it differs in `path` and `placement` alone."""
    numbers, described = surroundings.numbers, surroundings.numbers.described
    model = described.model
    return ServingRequest(
        path=item.path,
        at=item.settings.written,
        model=item.model_name,
        placement=item.name,
        kubernetes=item.cluster.kubernetes,
        task=described.task,
        source=described.source,
        version=described.version,
        image=described.image,
        args=described.args,
        env=described.env,
        files=described.files,
        own_image=item.settings.image is not None,
        quantization=numbers.quantization.value,
        context=numbers.context.value,
        concurrency=numbers.concurrency.value,
        tensor_parallel=item.settings.tensor_parallel,
        gpus=item.gpus,
        gpu=described.gpu,
        weights_gib=model.weights_gib if model else 0.0,
        max_context=model.max_context if model else 0,
        api_key=surroundings.site.api_key,
        timing=surroundings.timing,
        shutdown=surroundings.shutdown,
        resources=surroundings.resources,
        cache_gib=surroundings.cache_gib,
        shm_gib=surroundings.shm_gib,
        batched_tokens=numbers.batched_tokens,
        utilization=numbers.utilization,
        family=model.model_type if model else "",
        driver=described.driver,
        shared=surroundings.shared,
    )
