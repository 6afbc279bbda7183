"""Kinds of findings about what stands inside a container: arguments beside each other, files, patches, paths."""

from generator.core.finding import Kind, Severity

ARGUMENT_IDLE = Kind(
    "GEN620",
    "engine-argument-idle",
    Severity.WARNING,
    "Engine argument that does nothing",
    "The engine takes the argument and starts, but reads it only together with another one, or not beside another one. "
    "Nothing tells so while it runs. Add the argument that is missing, or remove the one that does nothing.",
)
ARGUMENTS_EXCLUDE = Kind(
    "GEN621",
    "engine-arguments-exclude",
    Severity.ERROR,
    "Engine arguments that exclude each other",
    "Each of the two is fine alone, and the engine stops at start-up when it is given both. Keep one of them.",
)
