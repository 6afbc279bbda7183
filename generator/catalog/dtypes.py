"""The type of numbers that a model is computed in, as an engine's version takes it on a GPU, or why it refuses."""

from generator.catalog.facts import EngineFacts, EngineVersion, GpuFacts
from generator.core.frozen import frozen

BFLOAT16, FLOAT16, FLOAT32 = "bfloat16", "float16", "float32"
ANY_16 = "16 bit"
"""One of the two types of 16 bit: which one depends on what the files hold."""
_WORDS = {"half": FLOAT16, "float": FLOAT32, BFLOAT16: BFLOAT16, FLOAT16: FLOAT16, FLOAT32: FLOAT32}


@frozen
class Taken:
    """The type that is taken, empty where nothing is known of the engine's.

    `refused` says what does not bear it, where the engine stops: the `gpu`, the `model`, or the `weights` by their
    quantisation. `chosen`: nobody wrote it.
    """

    dtype: str
    chosen: bool = True
    refused: str = ""


def taken(
    engine: EngineFacts, version: EngineVersion, gpu: GpuFacts, family: str, quantization: str, asked: str = ""
) -> Taken:
    """The type in which a server computes.

    Args:
        engine: the engine.
        version: the version of it.
        gpu: the GPU.
        family: the model's `model_type`, empty where it is not known.
        quantization: how its weights are stored, in the spec's words.
        asked: the type that somebody wrote; any other word than a type leaves it to the engine.
    """
    if not engine.dtypes:
        return Taken("")
    lacking = {dtype for dtype, least in engine.dtypes.items() if _counts(gpu) and gpu.compute_capability < least}
    barred = {FLOAT16} if family in version.float16_refused else set()
    dtype = _WORDS.get(asked.lower(), "")
    if dtype:
        refused = "model" if dtype in barred else "gpu" if dtype in lacking else ""
        return Taken(dtype, chosen=False, refused=refused or _by_weights(version, gpu, quantization, dtype))
    left = [dtype for dtype in (BFLOAT16, FLOAT16) if dtype not in lacking | barred]
    dtype = ANY_16 if len(left) > 1 else left[0] if left else FLOAT32
    return Taken(dtype, refused=_by_weights(version, gpu, quantization, dtype))


def _counts(gpu: GpuFacts) -> bool:
    """Whether the GPU has a compute capability; those of other makers bear every type."""
    return gpu.compute_capability > 0


def _by_weights(version: EngineVersion, gpu: GpuFacts, quantization: str, dtype: str) -> str:
    """Whether weights of this quantisation are not computed in a type. Of two types one that is borne will do.

    A GPU on which they are computed in none cannot run them at all, which is another matter.
    """
    known = computed(version, gpu, quantization)
    return "weights" if known and dtype != ANY_16 and dtype not in known else ""


def computed(version: EngineVersion, gpu: GpuFacts, quantization: str) -> tuple[str, ...]:
    """The types in which weights of a quantisation are computed on a GPU; none where it is not known."""
    known = version.activations.get(quantization, {})
    return tuple(
        dtype for dtype, (least, below) in known.items() if not _counts(gpu) or least <= gpu.compute_capability < below
    )
