"""Kinds of findings about a model's weights as its repository has them: positions, code, types of numbers."""

from generator.core.finding import Kind, Severity

POSITIONS_INCOMPLETE = Kind(
    "GEN600",
    "positions-incomplete",
    Severity.ERROR,
    "Scaled positions that lack a field",
    "An override of a model's configuration that scales its positions (RoPE) replaces the whole scaling. Each type "
    "needs fields of its own, `rope_type` first, and for `yarn` also `factor` and "
    "`original_max_position_embeddings`; the engine stops at start-up where one is missing.",
)
CONTEXT_UNCHECKED = Kind(
    "GEN601",
    "context-unchecked",
    Severity.WARNING,
    "Context beyond the positions of the model",
    "`VLLM_ALLOW_LONG_MAX_MODEL_LEN` makes vLLM start with any context. It does not make the model any longer: beyond "
    "the positions that it was made for, or that are scaled, its answers are noise. Scale the positions as well.",
)
