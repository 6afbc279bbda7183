"""What all platforms ask of a pool's GPU: whether the catalogue knows it, and whether what we write can reach it."""

from collections.abc import Iterator, Sequence

from generator.catalog import makers, reader
from generator.core.finding import Finding, Path, Severity
from generator.core.kinds import clouds as kinds
from generator.core.spec import Pool

_MAKERS = {"amd": "AMD", "intel": "Intel"}


def known(gpu: str) -> bool:
    """Whether the catalogue knows a GPU of this name."""
    return gpu in reader.gpus()


def existing(pool: Pool, path: Path) -> Iterator[Finding]:
    """What there is to say of the GPU of nodes that exist already."""
    if others := other_maker(pool, path):
        yield others
    elif not known(pool.gpu):
        yield unknown_gpu(pool, path, Severity.INFO)


def other_maker(pool: Pool, path: Path) -> Finding | None:
    """The finding for accelerators that are not NVIDIA's, whether the catalogue has them or only tells their maker."""
    facts = reader.gpus().get(pool.gpu)
    if facts is None and not reader.gpus_called(pool.gpu):
        maker, name = makers.maker(pool.gpu), pool.gpu
    else:
        maker, name = (_MAKERS.get(facts.vendor, ""), facts.name) if facts else ("", "")
    return not_ours((*path, "gpu"), f"{name} is made by {maker}, not by NVIDIA") if maker else None


def not_ours(path: Path, message: str) -> Finding:
    """The finding for what images and devices are not written for."""
    return kinds.OTHER_VENDOR.at(
        path,
        message,
        cause="gen writes images, devices and resource names for NVIDIA's GPUs alone; a container that asks for one "
        "does not start where there is none",
        help="use a pool of NVIDIA GPUs; a server that you run on this one yourself can be a provider: "
        "`api: openai-compatible` with its `url`, in a fleet that says `models: {}` where it has no others",
    )


def unknown_gpu(pool: Pool, path: Path, severity: Severity) -> Finding:
    """The finding for a GPU that the catalogue does not know; an error only where a machine must be chosen."""
    not_checked = severity is not Severity.ERROR
    near = makers.near_gpus(pool.gpu, reader.gpus())
    if severity is Severity.INFO and near:
        severity = Severity.WARNING  # a slip, most likely
    consequence = "what runs on it is not checked" if not_checked else "no instance type can be chosen for it"
    several = reader.gpus_called(pool.gpu)
    cause = f"the catalogue has {len(reader.gpus())} GPUs, none of this name"
    card = makers.older(pool.gpu)
    if card:
        cause = f"of {card[0]} only the compute capability is kept: {card[1]:.1f}"
    elif several:
        cause = f"the name fits {len(several)} GPUs, which differ in memory or speed"
    return kinds.UNKNOWN_GPU.at(
        (*path, "gpu"),
        f"unknown GPU {pool.gpu!r}: {consequence}",
        cause=cause,
        help=_cure(near, several, older=card is not None),
        severity=severity,
    )


def _cure(near: Sequence[str], several: tuple[str, ...], *, older: bool) -> str:
    if several:
        return f"write one of {', '.join(f'`{id}`' for id in several)}"
    if older:
        return "measure what fits, or use a newer GPU: `gen catalog list gpus` prints those that are known"
    if not near:
        return "write it as `gen catalog list gpus` prints it"
    return f"did you mean {' or '.join(f'`{id}`' for id in near)}? `gen catalog list gpus` prints all"
