"""What a cloud answers, in words that all clouds share, and what it takes to be asked: one account, neutral facts."""

from collections.abc import Mapping
from typing import Protocol

from generator.core.finding import Kind
from generator.core.frozen import frozen
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.state import TerraformState

_SAID = 400
"""Characters of a cloud's own words; a proxy's login page has more."""


@frozen
class Limits:
    """How long to wait, in seconds: for everything, and for one request."""

    total_s: float
    request_s: float


class NotAnsweredError(Exception):
    """A question that got no answer. `kind` is one of GEN501 to GEN508, `said` the cloud's own words.

    `permission` is what the operation needs, as the cloud spells it; `cure` replaces the usual one where it is known.
    """

    def __init__(self, kind: Kind, operation: str, permission: str, said: str, *, cure: str = "") -> None:
        super().__init__(f"{operation}: {said}")
        self.kind = kind
        self.operation = operation
        self.permission = permission
        self.said = said if len(said := " ".join(said.split())) <= _SAID else f"{said[:_SAID]}..."
        self.cure = cure


@frozen
class ClusterFacts:
    """A cluster as it is. `zones` are those of its nodes, where the platform has a say in them.

    `region` is empty where a cluster is asked for in its region, and so cannot be in another.
    """

    status: str
    ready: bool
    version: str
    zones: tuple[str, ...] = ()
    region: str = ""


@frozen
class Offering:
    """An instance type in a region. `closed` says why this account cannot have it, and is empty where it can.

    `zones` are those that offer it, empty where the region has none or the account none of them. `vcpus` and `family`
    are as the cloud counts them for quotas.
    """

    zones: frozenset[str]
    vcpus: int
    family: str = ""
    closed: str = ""


@frozen
class Quota:
    """How much of something an account may use in a region, and how much it uses. `code` is the cloud's key for it."""

    code: str
    name: str
    unit: str
    limit: float
    used: float

    @property
    def left(self) -> float:
        """What is not used, never below zero."""
        return max(0.0, self.limit - self.used)


@frozen
class Reservation:
    """Capacity that is paid for. `total` and `free` count machines of the pool's types alone."""

    status: str
    active: bool
    types: tuple[str, ...]
    zones: tuple[str, ...]
    total: int
    free: int


@frozen
class Store:
    """The bucket or container of a Terraform state. `region` is empty where it does not matter."""

    region: str
    versioned: bool
    foreign: bool = False


Running = Mapping[tuple[str, str], int]
"""Nodes of a cluster that run now, by instance type and capacity (`spot`, `flex-start`, else `on-demand`)."""


class Account(Protocol):
    """An account, project or subscription, opened with the credentials of this machine. It is only ever read.

    Any method raises NotAnsweredError. Add a cloud: `live/x/account.py`, and one line in `CONNECTORS`.
    """

    every_zone: bool
    """Whether each zone of a pool must offer its type; else one of them will do."""

    project_wide: frozenset[str]
    """The quotas that count all regions together."""

    def identity(self) -> str:
        """Who is asking, and which account."""
        ...

    def region_problem(self, region: str) -> str:
        """Why nothing can be had in a region; empty where it is open."""
        ...

    def cluster(self, cluster: ClusterPlan) -> ClusterFacts | None:
        """The existing cluster; None where there is none of its name."""
        ...

    def zones(self, cluster: ClusterPlan, pool: NodePool) -> tuple[str, ...]:
        """The zones in which the nodes of a pool may start; empty where any will do, or nobody knows yet."""
        ...

    def offerings(self, region: str, types: frozenset[str]) -> Mapping[str, Offering]:
        """The instance types that the region has, of those asked for."""
        ...

    def running(self, cluster: ClusterPlan) -> Running:
        """The nodes of a cluster that are there already."""
        ...

    def draws(self, pool: NodePool, type_: str, offering: Offering, capacity: str) -> Mapping[str, float]:
        """What one node takes of which quotas; empty where it is not known which ones count."""
        ...

    def quota(self, region: str, code: str) -> Quota | None:
        """A quota; None where the account has no quota of this name."""
        ...

    def reservation(self, cluster: ClusterPlan, pool: NodePool) -> Reservation | None:
        """The reservation of a pool; None where there is none of its id."""
        ...

    def store(self, cluster: ClusterPlan, state: TerraformState) -> Store | None:
        """Where the state lies; None where there is no such place."""
        ...
