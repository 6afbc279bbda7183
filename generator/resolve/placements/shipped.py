"""Files of the user's own in the container of a server: one read-only folder, whatever the engine and the platform."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from generator.core.plan import FILES_FOLDER, Mount, Volume, Workload

_VOLUME = "files"


def with_files(workload: Workload, files: Mapping[str, bytes]) -> Workload:
    """The workload with these files mounted; itself where there are none."""
    if not files:
        return workload
    mounts = (*workload.main.mounts, Mount(_VOLUME, FILES_FOLDER, read_only=True))
    return replace(
        workload,
        main=replace(workload.main, mounts=mounts),
        volumes=(*workload.volumes, Volume(_VOLUME, "files", ref=_digest(files))),
        files=files,
    )


def _digest(files: Mapping[str, bytes]) -> str:
    """A short text that is another one for other files, in 16 hexadecimal digits."""
    each = "".join(f"{name} {sha256(held).hexdigest()}\n" for name, held in sorted(files.items()))
    return sha256(each.encode()).hexdigest()[:16]
