"""Kinds of findings about a model's weights as its repository has them: positions, code, types of numbers."""

from generator.core.finding import Kind, Severity

POSITIONS_INCOMPLETE = Kind(
    "GEN600",
    "positions-incomplete",
    Severity.ERROR,
    "Scaled positions that lack a field",
    "An override of a model's configuration that scales its positions (RoPE) replaces the whole scaling. Each type "
    "needs fields of its own, `rope_type` first, and for `yarn` also `factor` and `original_max_position_embeddings`;"
    " the engine stops at start-up where one is missing.",
    forecast=True,
)
CONTEXT_UNCHECKED = Kind(
    "GEN601",
    "context-unchecked",
    Severity.WARNING,
    "Context beyond the positions of the model",
    "`VLLM_ALLOW_LONG_MAX_MODEL_LEN` makes vLLM start with any context. It does not make the model any longer: beyond"
    " the positions that it was made for, or that are scaled, its answers are noise. Scale the positions as well.",
)
DTYPE_NOT_ON_GPU = Kind(
    "GEN602",
    "dtype-not-on-gpu",
    Severity.ERROR,
    "Type of numbers that the GPU does not have",
    "GPUs of NVIDIA compute in bfloat16 from compute capability 8.0 on (Ampere); a T4 or a V100 does not. vLLM stops "
    "at start-up when it is told to use it there. Without `dtype` it takes float16 instead, where the model allows "
    "that.",
    forecast=True,
)
DTYPE_NOT_OF_MODEL = Kind(
    "GEN603",
    "dtype-not-of-model",
    Severity.ERROR,
    "Type of numbers that the model does not bear",
    "Some models overflow in float16, and vLLM does not serve them in it: Gemma 2, Gemma 3 and GLM-4. They need "
    "bfloat16, and so a GPU of compute capability 8.0 or more, or float32 with twice the memory.",
    forecast=True,
)
DTYPE_NOT_OF_WEIGHTS = Kind(
    "GEN604",
    "dtype-not-of-weights",
    Severity.ERROR,
    "Type of numbers in which quantised weights are not computed",
    "The kernels of a quantisation compute in some types only, and in fewer on older GPUs and in older versions of an"
    " engine: MXFP4 in bfloat16, AWQ and GPTQ in 16 bit, on a T4 only in float16. The engine stops at start-up when "
    "it is told another type, or when the model and the GPU leave it no other. TGI takes `dtype` or a quantisation, "
    "never both.",
    forecast=True,
)
FLOAT32_TAKEN = Kind(
    "GEN605",
    "float32-taken",
    Severity.WARNING,
    "Model that is computed in 32 bit for want of another type",
    "The GPU has no bfloat16, and the model is not served in float16, so the engine takes float32 by itself. Weights "
    "and cache take twice the memory, which the budget counts, and the GPU's matrix units do not help. Use a newer "
    "GPU, or write `dtype: float32` to say that this is meant.",
)
CUSTOM_CODE = Kind(
    "GEN606",
    "custom-code",
    Severity.ERROR,
    "Repository whose own code is needed",
    "The configuration or the tokenizer of some repositories names Python classes that stand beside the weights, and "
    "that this version of the engine does not have. It stops at start-up unless `trust-remote-code` lets them run. "
    "They run with all that the engine may do, so read them, and pin the `revision` that was read.",
    forecast=True,
)
TASK_NEEDS_OVERRIDES = Kind(
    "GEN607",
    "task-needs-overrides",
    Severity.ERROR,
    "Repository that serves a task only with overrides",
    "Some rerankers are published as the chat model that they were trained from. Without the overrides of their "
    "configuration that turn it into a classifier, vLLM serves them as an embedding model, and ranks by that: calls "
    "are answered, and the answers mean nothing. Write the override that the finding gives.",
    forecast=True,
)
