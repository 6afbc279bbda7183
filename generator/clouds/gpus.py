"""What all platforms ask of a pool's GPU: whether the catalogue knows it, and whether what we write can reach it."""

from collections.abc import Iterator

from generator.catalog import names, reader
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import clouds as kinds
from generator.core.spec import Pool
from generator.core.words import suggestion


def known(gpu: str) -> bool:
    """Whether the catalogue knows a GPU of this name."""
    return gpu in reader.gpus()


def existing(pool: Pool, path: Path) -> Iterator[Finding]:
    """What there is to say of the GPU of nodes that exist already."""
    if not known(pool.gpu):
        yield unknown_gpu(pool, path, Severity.INFO)
        return
    facts = reader.gpus()[pool.gpu]
    if facts.vendor != "nvidia":
        yield kinds.OTHER_VENDOR.at(
            (*path, "gpu"),
            f"{facts.name} is not a GPU of NVIDIA",
            cause="images, devices and resource names are written for NVIDIA's so far",
            help="use a pool of NVIDIA GPUs",
        )


def unknown_gpu(pool: Pool, path: Path, severity: Severity) -> Finding:
    """The finding for a GPU that the catalogue does not know; an error only where a machine must be chosen."""
    not_checked = severity is not Severity.ERROR
    consequence = "what runs on it is not checked" if not_checked else "no instance type can be chosen for it"
    several = reader.gpus_called(pool.gpu)
    cause = f"the catalogue has {len(reader.gpus())} GPUs, none of this name"
    if several:
        cause = f"the name fits {len(several)} GPUs, which differ in memory or speed"
    return kinds.UNKNOWN_GPU.at(
        (*path, "gpu"),
        f"unknown GPU {pool.gpu!r}: {consequence}",
        cause=cause,
        help=f"write one of {', '.join(f'`{id}`' for id in several)}" if several else _near(pool.gpu),
        severity=severity,
    )


def _near(name: str) -> str:
    near = names.near(name, reader.gpus())
    if not near:
        return suggestion(name, reader.gpus(), "GPUs")
    return f"did you mean {' or '.join(f'`{id}`' for id in near)}? `gen catalog list gpus` prints all"
