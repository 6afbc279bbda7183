"""Which image runs: the engine's own, the spec's override, and the mirror in front."""

from generator.core.plan import ImageRef
from generator.core.spec import Image, Images

_HUB = ("docker.io/", "index.docker.io/")


def image(repository: str, tag: str, override: Image | None, mirror: Images | None) -> ImageRef:
    """The image to pull. A repository that the spec names itself is not mirrored."""
    given = override or Image()
    chosen = given.repository or mirrored(repository, mirror)
    return ImageRef(chosen, given.tag or tag, given.digest or "")


def mirrored(repository: str, mirror: Images | None) -> str:
    """The repository behind the mirror: Docker Hub names keep their path, others their host as well."""
    if mirror is None or mirror.registry is None:
        return repository
    for hub in _HUB:
        repository = repository.removeprefix(hub)
    return f"{mirror.registry.rstrip('/')}/{repository}"
