"""Kinds of findings about engines: what was asked of an engine that it, its version or the GPU cannot do."""

from generator.core.finding import Kind, Severity

ENGINE_VERSION_NO_NUMBER = Kind(
    "GEN275",
    "engine-version-no-number",
    Severity.ERROR,
    "Engine version that is no version",
    "The version chooses the image's tag and the arguments that are checked and written. What is no number is neither "
    "a known version nor near one. Write the number of a release; name an image of your own with `image`.",
)
ENGINE_VERSION_UNKNOWN = Kind(
    "GEN320",
    "engine-version-unknown",
    Severity.INFO,
    "Engine version that is taken as the nearest known one",
    "Arguments, quantisations and probes differ between versions of an engine, and the catalogue has some of them. A "
    "patch release, a version between two known ones or beyond them is checked by the facts of the nearest. Arguments "
    "that are known to have gone by then are still errors; what may merely have come or gone since is a warning. Use "
    "a known version where you can choose.",
)
ARGUMENT_UNKNOWN = Kind(
    "GEN321",
    "engine-argument-unknown",
    Severity.ERROR,
    "Engine argument that this version does not know",
    "Engines stop at start-up on an argument they do not know, and arguments come and go between versions. (Ollama "
    "is worse: it ignores a variable it does not know.) Write arguments as the engine spells them, without dashes.",
    forecast=True,
)
ARGUMENT_SET_BY_GEN = Kind(
    "GEN322",
    "engine-argument-set-by-gen",
    Severity.ERROR,
    "Engine argument that another field of the spec sets",
    "This argument follows from a field of the spec that other files depend on as well: GPU counts, ports, limits, "
    "routes. Written a second time it would contradict them. Change the field that the finding names.",
)
ARGUMENT_VALUE = Kind(
    "GEN323",
    "engine-argument-value",
    Severity.ERROR,
    "Value that the engine argument does not take",
    "The argument exists, but the engine would refuse this value, or silently fall back to its default. Use one of "
    "the values that the finding names.",
    forecast=True,
)
QUANTIZATION_NOT_IN_ENGINE = Kind(
    "GEN324",
    "quantization-not-in-engine",
    Severity.ERROR,
    "Quantisation that this engine version cannot run",
    "Weights are stored in one quantisation and each engine reads only some; vLLM, for one, gave up GGUF and "
    "bitsandbytes. The engine would stop while loading. Use an engine that reads these weights, or the model in "
    "another quantisation.",
)
QUANTIZATION_NOT_ON_GPU = Kind(
    "GEN325",
    "quantization-not-on-gpu",
    Severity.ERROR,
    "Quantisation that this GPU cannot run",
    "The engine's kernels for a quantisation need a minimum CUDA compute capability. On an older GPU the engine "
    "stops while loading. Use a newer GPU, or a quantisation that runs on this one.",
    forecast=True,
)
ENGINE_ENDED = Kind(
    "GEN326",
    "engine-ended",
    Severity.WARNING,
    "Engine whose project has ended",
    "Nobody works on the engine any more: new models and GPUs find no support, and holes that are found in it stay "
    "open. It runs today; plan the move to another engine.",
)
CONTEXT_NOT_PINNED = Kind(
    "GEN327",
    "context-not-pinned",
    Severity.ERROR,
    "Ollama model without a pinned context",
    "Ollama picks the context length from the memory of the card. The same model then cuts prompts at 4k tokens on "
    "one machine and needs 256k tokens of memory on another. Say `context` in the spec.",
)
SOURCE_NOT_LOADABLE = Kind(
    "GEN328",
    "source-not-loadable",
    Severity.ERROR,
    "Weights from a place that the engine cannot load",
    "Each engine loads weights from some places only: Ollama from its own library, TGI not from object stores; and "
    "a docker host has no persistent volume claims. Use another source, another engine or another cluster.",
)
ENGINE_NEEDS_GPU = Kind(
    "GEN329",
    "engine-needs-gpu",
    Severity.ERROR,
    "Engine without a GPU",
    "The placement names no pool, so it gets no GPU, and the image of this engine does not run on CPUs. Name a "
    "pool, or use Ollama.",
)
TASK_NOT_SERVED = Kind(
    "GEN330",
    "task-not-served",
    Severity.ERROR,
    "Task that the engine does not serve",
    "The engine has no endpoint for this task, so routes to it would answer 404. Use an engine that serves it.",
)
KEY_NOT_CHECKED = Kind(
    "GEN331",
    "key-not-checked",
    Severity.WARNING,
    "Engine that does not check keys",
    "The cluster's endpoint has a key, and callers send it, but this engine lets everybody in, with or without it. "
    "Put a proxy that checks the key between the engine and the outside.",
)
VARIABLE_SET_BY_GEN = Kind(
    "GEN332",
    "variable-set-by-gen",
    Severity.ERROR,
    "Environment variable that gen sets",
    "Caches, keys and addresses of an engine are set together with the volumes, secrets and ports they belong to. A "
    "second value for the same variable would separate them. Change the field that the finding names.",
)
ARGUMENT_NEEDS_ANOTHER = Kind(
    "GEN333",
    "engine-argument-needs-another",
    Severity.ERROR,
    "Engine argument that needs a second one",
    "Some arguments only work in pairs, and the engine stops at start-up when one of them stands alone.",
)
ARGUMENT_REMOVED = Kind(
    "GEN334",
    "engine-argument-removed",
    Severity.ERROR,
    "Engine argument that is gone in this version",
    "Engines drop arguments between versions and then stop at start-up when one is given. The finding names the last "
    "known version that has it, the first that lacks it, and what to write instead.",
    forecast=True,
)
ARGUMENT_RENAMED = Kind(
    "GEN335",
    "engine-argument-renamed",
    Severity.ERROR,
    "Engine argument that has another name in this version",
    "The argument goes on under another name, and the engine stops at start-up on the old one. Write the name that the "
    "finding gives.",
    forecast=True,
)
ARGUMENT_TOO_NEW = Kind(
    "GEN336",
    "engine-argument-too-new",
    Severity.ERROR,
    "Engine argument that came with a later version",
    "A newer version of the engine has the argument; this one stops at start-up on it. Use the version that the "
    "finding names, or do without the argument.",
    forecast=True,
)
ARGUMENT_CHANGED = Kind(
    "GEN337",
    "engine-argument-changed",
    Severity.ERROR,
    "Engine argument that means something else in this version",
    "The engine still takes the argument, so nothing would stop, and it no longer does what it did: whoever wrote it "
    "meant the old meaning. Write what the finding names instead.",
)
REQUESTS_CUT = Kind(
    "GEN338",
    "requests-cut-at-shutdown",
    Severity.WARNING,
    "Engine version that does not finish its requests before it ends",
    "This version ends at once when it is told to stop, and every answer in progress is cut. In a pod gen lets it "
    "stand as long as the longest answer takes before it is told, so each restart takes that long; on a docker host "
    "nothing waits. Use a version that finishes by itself.",
)
QUANTIZATION_NOT_OF_WEIGHTS = Kind(
    "GEN339",
    "quantization-not-of-weights",
    Severity.ERROR,
    "Quantisation that the weights do not have",
    "`quantization` says how weights are stored, or that the engine makes them smaller while it loads them (`fp8` and "
    "`bitsandbytes`, of weights in 16 bit). Another word for weights whose format is known stops the engine, or is "
    "passed over, and then they take up to four times the memory that was reckoned with. Write the format that the "
    "finding names, or the upload that has the one you want.",
)
