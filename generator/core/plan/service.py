"""The neutral description of a gateway's container: gateways write it, targets read it, and neither knows the other.

Where platforms differ in what they can do, it says both ways; each platform takes its own and asks for no kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field

from generator.core.frozen import frozen
from generator.core.plan.workload import ImageRef, Port, ResourcePlan, SecretRef

SECRETS = "/run/secrets"
"""Where secrets are files, each under the name of its variable."""

END_MARGIN_S = 30
"""Until a program that has no call left has ended."""


@frozen
class FilePath:
    """A word of a command that stands for the place of a mounted file, named as in `Files.fixed`."""

    name: str


Word = str | FilePath


def spelled(words: Iterable[Word], folder: str) -> list[str]:
    """The words of a command whose files are mounted in `folder`."""
    return [f"{folder}/{word.name}" if isinstance(word, FilePath) else word for word in words]


@frozen
class Files:
    """What the container reads of the gateway's folder: paths below that folder, mounted read-only.

    `fixed` are read at the start. Everything in the folder `watched` is read again when it changes; empty where nothing
    is. Where each is a mount of its own they stand below `apart` as they stand in the gateway's folder. Where all are
    one volume, whose files are replaced in one step, they stand side by side in `together`.
    """

    fixed: tuple[str, ...]
    apart: str
    together: str
    watched: str = ""


@frozen
class Health:
    """How to see that it works. `ready` (takes calls) and `alive` (does not hang) are HTTP paths of the first port.

    `command` asks inside of the container, for platforms that can but run commands there; `failures` of it in a row
    count. It mostly starts within `start_s` seconds, and is given up after `longest_start_s`; until then it is asked
    every `poll_s`.
    """

    ready: str
    alive: str
    command: tuple[Word, ...]
    failures: int
    start_s: int
    longest_start_s: int
    poll_s: int


@frozen
class Scratch:
    """A folder to write in, `size_gib` of the node's disk; `env` leads there where all else is read-only."""

    path: str
    size_gib: float
    env: Mapping[str, str] = field(default_factory=dict)


@frozen
class Job:
    """What runs to its end before the pods of a release change: the service's image with arguments of its own.

    `afterwards` tells the service that it is done. Where no job can run before it, the service does the same by itself.
    """

    args: tuple[str, ...]
    env: Mapping[str, str | SecretRef]
    afterwards: Mapping[str, str]


@frozen
class Service:
    """What a gateway's container needs.

    `args` follow the image's entry point, which `command` replaces. Callers use the first port, whose name is `http`.
    Callers from outside of a cluster reach the `public_paths` and nothing below or beside them.
    Prometheus reads `metrics_path` at the port `metrics`, or at the first where there is none; `metrics_args` open it
    and are left out where nobody reads. Running calls have `drain_s` seconds to end. `unprivileged`: it has to be told
    to run as nobody, since its image would run it as root. `resources` are for clusters; a docker host shares all it
    has.
    """

    image: ImageRef
    ports: tuple[Port, ...]
    files: Files
    health: Health
    resources: ResourcePlan
    drain_s: int
    command: tuple[Word, ...] = ()
    args: tuple[Word, ...] = ()
    env: Mapping[str, str | SecretRef] = field(default_factory=dict)
    secret_files: tuple[SecretRef, ...] = ()
    scratch: tuple[Scratch, ...] = ()
    metrics_path: str = ""
    metrics_args: tuple[str, ...] = ()
    before: Job | None = None
    unprivileged: bool = False
    public_paths: tuple[str, ...] = ()

    @property
    def port(self) -> Port:
        """The port that callers use."""
        return self.ports[0]

    @property
    def end_s(self) -> int:
        """Seconds after which it may be killed once it was asked to end."""
        return self.drain_s + END_MARGIN_S
