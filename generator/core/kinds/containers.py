"""Kinds of findings about what stands inside a container: arguments beside each other, files, patches, paths."""

from generator.core.finding import Kind, Severity

ARGUMENT_IDLE = Kind(
    "GEN620",
    "engine-argument-idle",
    Severity.WARNING,
    "Engine argument that does nothing",
    "The engine takes the argument and starts, but reads it only together with another one, or not beside another one. "
    "Nothing says so while it runs. Add the argument that is missing, or remove the one that does nothing.",
)
ARGUMENTS_EXCLUDE = Kind(
    "GEN621",
    "engine-arguments-exclude",
    Severity.ERROR,
    "Engine arguments that exclude each other",
    "Each of the two is fine alone, and the engine stops at start-up when it is given both. Keep one of them.",
)
FILE_NOT_SHIPPED = Kind(
    "GEN622",
    "file-not-shipped",
    Severity.ERROR,
    "A file that cannot be put into the container",
    "`files` takes small regular files below the spec's folder, and follows no link, so that every machine renders the "
    "same bytes and no foreign file gets into an output. What is read is committed with the outputs: a secret has no "
    "place in it. Large files belong beside the weights.",
)
FILE_NOT_IN_CONTAINER = Kind(
    "GEN623",
    "file-not-in-container",
    Severity.ERROR,
    "Engine argument that names a file which the container does not have",
    "The engine runs in a container and sees its image, the weights of `source` below `/models` and what `files` ships "
    "below `/files`. A path of your machine is none of these, and the engine stops at start-up, or takes the path for "
    "the name of a repository. Ship a small file by `files`; put a large one beside the weights.",
)
PATCH_REFUSED = Kind(
    "GEN624",
    "patch-refused",
    Severity.ERROR,
    "A patch with a value that its object does not take",
    "Helm judges a release by the chart's values schema and Compose a project by its own, when the files are applied "
    "and not before. A value of another type or form, none of the choices, or a part without what it needs stops the "
    "whole release.",
)
SOURCE_IS_STORE = Kind(
    "GEN625",
    "source-is-store",
    Severity.ERROR,
    "A path into a store of weights that holds no model to load",
    "Hugging Face's cache has a model's files in `models--owner--name/snapshots/<commit>`, as links; above and "
    "beside it stand blobs without names. Ollama's store has blobs only, and Ollama alone reads it. A path to anything "
    "else of them is mounted, and the engine finds no `config.json` there. Name the snapshot, or the repository.",
)
