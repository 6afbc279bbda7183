"""What all platforms ask of a pool's GPU: whether the catalogue knows it."""

from generator.catalog import reader
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import clouds as kinds
from generator.core.spec import Pool
from generator.core.words import did_you_mean


def known(gpu: str) -> bool:
    """Whether the catalogue knows a GPU of this name."""
    return gpu in reader.gpus()


def unknown_gpu(pool: Pool, path: Path, severity: Severity) -> Finding:
    """The finding for a GPU that the catalogue does not know; an error only where a machine must be chosen."""
    not_checked = severity is not Severity.ERROR
    consequence = "what runs on it is not checked" if not_checked else "no instance type can be chosen for it"
    return kinds.UNKNOWN_GPU.at(
        (*path, "gpu"),
        f"unknown GPU {pool.gpu!r}: {consequence}",
        cause=f"the catalogue has {len(reader.gpus())} GPUs, none of this name",
        help=did_you_mean(pool.gpu, reader.gpus(), count=2) or f"known: {', '.join(sorted(reader.gpus()))}",
        severity=severity,
    )
