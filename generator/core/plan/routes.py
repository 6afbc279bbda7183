"""The neutral route table: public names, tiers of backends, limits. Gateways read nothing else."""

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.plan.workload import ImageRef, SecretRef
from generator.core.tasks import Api, Task

Sticky = Literal["", "tenant", "user", "header"]


@frozen
class Price:
    """USD for a million tokens, of prompts and of answers."""

    input_usd: float
    output_usd: float

    @property
    def blended_usd(self) -> float:
        """USD for a million tokens of calls whose prompts are three times as long as their answers."""
        return (3 * self.input_usd + self.output_usd) / 4


@frozen
class Backend:
    """What a route can reach, seen from one gateway: a placement of one of the fleet's models, or a provider's model.

    A placement has `fleet_model` and `placement`, the other a `provider`. `api` is the style spoken at `url`, which is
    empty where the provider's own default holds; it has no
    trailing slash, and for `openai` it ends in the API's version (`/v1`), as that API's own clients take it. `model` is
    the upstream's name for the model. `context` and `concurrency` are 0 where they are not known. `max_parallel` is how
    many calls at once it is sent, 0 without a limit. `price` is that of a provider's list, None where it is not known.
    `health` is the path that tells whether a backend of the gateway's own cluster works, empty where there is none.
    `share` is the weight as it was written; `replicas` the most of a placement, which `weight` and `concurrency` count
    in, and `max_parallel` where it is `capped`: nobody wrote it.
    """

    path: Path
    api: Api
    url: str
    model: str
    key: SecretRef | None
    weight: int
    context: int
    concurrency: int
    max_parallel: int = 0
    price: Price | None = None
    health: str = ""
    fleet_model: str = ""
    placement: str = ""
    provider: str = ""
    share: int = 0
    replicas: int = 1
    capped: bool = False

    @property
    def kind(self) -> Literal["placement", "provider"]:
        """Which of the two it is."""
        return "provider" if self.provider else "placement"

    @property
    def id(self) -> str:
        """`model/placement`, as the placement's own id is, or `provider:model`."""
        return f"{self.provider}:{self.model}" if self.provider else f"{self.fleet_model}/{self.placement}"


@frozen
class Tier:
    """Backends that share calls by weight. `route` names the route that brought the tier in."""

    route: str
    backends: tuple[Backend, ...]

    @property
    def groups(self) -> tuple[tuple[Backend, ...], ...]:
        """Those that share calls, and behind them those of weight 0, which are asked while all others are out.

        Where none has a weight they are one group.
        """
        shared = tuple(item for item in self.backends if item.weight)
        spare = tuple(item for item in self.backends if not item.weight)
        return tuple(group for group in (shared, spare) if group)


@frozen
class TimeoutPlan:
    """Seconds until connected, until the first token, between tokens, and in all."""

    connect_s: float
    first_token_s: float
    idle_s: float
    total_s: float


@frozen
class ContextPlan:
    """Prompts over `over` tokens go to `tier`; one that does not fit there is treated as `beyond` says."""

    over: int
    tier: Tier
    beyond: str = "reject"


@frozen
class ShadowPlan:
    """Of a route's calls `percent` are sent to `tier` as well, whose answers nobody waits for."""

    tier: Tier
    percent: int


@frozen
class CooldownPlan:
    """A backend that fails `failures` times within `pause_s` seconds is left out for as long."""

    failures: int = 2
    pause_s: float = 30.0


@frozen
class RoutePlan:
    """A public model name, its ordered tiers and when to move on. Backoff in seconds.

    `sticky` is what keeps calls at one backend of a tier, empty where nothing does. `overrides` are tiers in place of
    the first one, by the tenant whose calls they take.
    """

    name: str
    path: Path
    task: Task
    tiers: tuple[Tier, ...]
    timeouts: TimeoutPlan
    max_retries: int
    backoff_base_s: float
    backoff_max_s: float
    fallback_on: tuple[str, ...]
    context: ContextPlan | None
    aliases: tuple[str, ...] = ()
    cooldown: CooldownPlan = CooldownPlan()
    sticky: Sticky = ""
    sticky_header: str = ""
    shadow: ShadowPlan | None = None
    overrides: Mapping[str, Tier] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every public name of the route."""
        return (self.name, *self.aliases)

    @property
    def sticky_key(self) -> str:
        """What calls stick by, as the spec writes it: `tenant`, `user`, the name of a header, or nothing."""
        return self.sticky_header or self.sticky

    @property
    def aside(self) -> tuple[Tier, ...]:
        """Where long prompts and copies go."""
        return tuple(rule.tier for rule in (self.context, self.shadow) if rule is not None)

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Every backend that the route's calls can reach, copies included, as often as it is used."""
        tiers = (*self.tiers, *self.overrides.values(), *self.aside)
        return tuple(backend for tier in tiers for backend in tier.backends)

    def reached_by(self, tenant: str) -> tuple[Tier, ...]:
        """The tiers that calls of a tenant can reach, copies included."""
        own = self.overrides.get(tenant)
        return (*((own, *self.tiers[1:]) if own else self.tiers), *self.aside)


@frozen
class BudgetPlan:
    """USD that a tenant may spend in each of these times."""

    usd: float
    per: Literal["day", "week", "month"]


@frozen
class TenantPlan:
    """Who calls; 0 means no limit. `aliases` are further names of its routes."""

    name: str
    path: Path
    key: SecretRef
    routes: tuple[str, ...]
    priority: Literal["high", "normal", "low"]
    requests_per_minute: int
    max_parallel: int
    aliases: tuple[str, ...] = ()
    budget: BudgetPlan | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every public name that the tenant may call."""
        return (*self.routes, *self.aliases)


@frozen
class ExposePlan:
    """How callers outside of the cluster reach a gateway, by a host name.

    Through the Gateway API where `parent` names a Gateway, otherwise through an Ingress of `ingress_class`. What does
    not apply is empty; an empty `parent_namespace` is the gateway's own. In an annotation `{ready}` stands for the path
    that tells whether a pod can take calls, which depends on the kind of gateway.
    """

    host: str
    ingress_class: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    tls_secret: str = ""
    parent: str = ""
    parent_namespace: str = ""

    def notes(self, ready: str) -> dict[str, str]:
        """The annotations of the Ingress of a gateway whose pods are ready when this path answers."""
        return {key: text.replace("{ready}", ready) for key, text in sorted(self.annotations.items())}


@frozen
class GatewayPlan:
    """One gateway and the table it serves. `host_port` is 0 outside a docker cluster.

    Its containers get `env`, which its kind needs, and `given`, which the spec and the network around them add.

    `min_replicas` and `max_replicas` count pods; on a docker cluster there is one container.
    """

    name: str
    path: Path
    kind: str
    version: str
    image: ImageRef
    cluster: str
    host_port: int
    master_key: SecretRef
    database: SecretRef | None
    routes: tuple[RoutePlan, ...]
    tenants: tuple[TenantPlan, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str | SecretRef] = field(default_factory=dict)
    min_replicas: int = 1
    max_replicas: int = 1
    expose: ExposePlan | None = None

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Every backend of every route, as often as it is used."""
        return tuple(backend for route in self.routes for backend in route.backends)

    @property
    def secrets(self) -> tuple[SecretRef, ...]:
        """The keys that it calls backends with, its own and its database's URL, as often as they are used."""
        own = (self.master_key, *((self.database,) if self.database else ()))
        return (*own, *(backend.key for backend in self.backends if backend.key is not None))

    @property
    def longest_call_s(self) -> int:
        """Seconds that the longest of its calls may take; 0 without a route."""
        return math.ceil(max((route.timeouts.total_s for route in self.routes), default=0))
