"""Placements, gateways and routes in the plan document."""

from pydantic import Field

from generator.render.document import Document
from generator.render.plan.rows import (
    BackendEntry,
    CountEntry,
    DecisionEntry,
    MountEntry,
    ProbeEntry,
    SecretEntry,
    TolerationEntry,
    VolumeEntry,
)


class ContainerEntry(Document):
    """A container."""

    name: str = Field(description="Its name.")
    image: str = Field(description="Image with tag or digest.")
    command: list[str] = Field(description="What replaces the image's entry point; empty where nothing does.")
    args: list[str] = Field(description="Arguments.")
    env: dict[str, str] = Field(description="Variables.")
    secrets: dict[str, SecretEntry] = Field(description="Variables that hold secrets.")
    mounts: list[MountEntry] = Field(description="Volumes in it.")


class WorkloadEntry(Document):
    """What a placement runs."""

    engine: str = Field(description="The engine.")
    main: ContainerEntry = Field(description="The server.")
    init: list[ContainerEntry] = Field(description="What ends before it starts.")
    one_shot: list[ContainerEntry] = Field(description="What runs once beside it.")
    jobs: list[ContainerEntry] = Field(description="What runs once for all replicas.")
    ports: dict[str, int] = Field(description="Ports by name.")
    readiness: ProbeEntry = Field(description="Whether it takes calls.")
    liveness: ProbeEntry = Field(description="Whether it lives.")
    startup_s: int = Field(description="Seconds that its start may take.")
    grace_s: int = Field(description="Seconds that its end may take.")
    user: int | None = Field(description="User; the image's own when null.")
    gpus: int = Field(description="GPUs.")
    cpu: str = Field(description="CPU cores; none asked for when empty.")
    memory_gib: float = Field(description="Memory; none asked for when 0.")
    disk_gib: float = Field(description="The node's disk; none asked for when 0.")
    volumes: dict[str, VolumeEntry] = Field(description="Volumes by name.")


class PlacementEntry(Document):
    """A placement of a model."""

    cluster: str = Field(description="Its cluster.")
    pool: str | None = Field(description="Its pool; null on CPUs.")
    service: str = Field(description="Its DNS name, and that of its release.")
    replicas: CountEntry = Field(description="Replicas.")
    context: int = Field(description="Tokens of a call at most.")
    concurrency: int = Field(description="Calls at once that it is sized for.")
    surge: int = Field(description="Pods that a rollout may start beside those that run.")
    unavailable: int = Field(description="Pods that a rollout may take away at a time.")
    recreate: bool = Field(description="Whether the old pod ends before the new one is made.")
    threshold: int | None = Field(description="Waiting requests of a replica that start another; null where fixed.")
    node_selector: dict[str, str] = Field(description="Labels of its nodes.")
    tolerations: list[TolerationEntry] = Field(description="Taints that it tolerates.")
    priority_class: str | None = Field(description="PriorityClass.")
    service_account: str | None = Field(description="ServiceAccount.")
    storage_class: str | None = Field(description="StorageClass of its cache, which dies with the pod when null.")
    host_port: int | None = Field(description="Port of a docker host on which it is published.")
    devices: list[list[str]] = Field(description="GPUs of a docker host, a list for each replica.")
    patches: list[str] = Field(description="Objects that patches of the spec change.")
    workload: WorkloadEntry = Field(description="What it runs.")
    decisions: dict[str, DecisionEntry] = Field(description="What was decided, by setting, and why.")


class RouteEntry(Document):
    """A route."""

    aliases: list[str] = Field(description="Its other public names.")
    task: str = Field(description="What its models do.")
    tiers: list[list[BackendEntry]] = Field(description="Tiers in their order, with the backends that share calls.")
    overrides: dict[str, list[BackendEntry]] = Field(description="First tiers of tenants that have their own.")
    long_prompts: list[BackendEntry] = Field(description="Where prompts go that are longer than `overTokens`.")
    over_tokens: int | None = Field(description="From how many tokens on.")
    shadow: list[BackendEntry] = Field(description="Where copies of calls go.")
    shadow_percent: int | None = Field(description="Of how many calls.")
    fallback_on: list[str] = Field(description="Causes for which the next tier is asked.")
    sticky: str | None = Field(description="What keeps calls at one backend.")
    max_retries: int = Field(description="Tries after the first.")
    connect_s: float = Field(description="Seconds until connected.")
    first_token_s: float = Field(description="Seconds until the first token.")
    idle_s: float = Field(description="Seconds between tokens.")
    total_s: float = Field(description="Seconds in all.")


class TenantEntry(Document):
    """Who calls. 0 means no limit."""

    key: SecretEntry = Field(description="Its key.")
    routes: list[str] = Field(description="Routes that it may call.")
    priority: str = Field(description="Its priority.")
    requests_per_minute: int = Field(description="Requests a minute.")
    max_parallel: int = Field(description="Calls at once.")
    budget_usd: float | None = Field(description="USD that it may spend in each `budgetPer`.")
    budget_per: str | None = Field(description="day, week or month.")


class GatewayEntry(Document):
    """A gateway with its table."""

    kind: str = Field(description="Its kind.")
    version: str = Field(description="Its version.")
    image: str = Field(description="Image with tag or digest.")
    cluster: str = Field(description="Its cluster.")
    replicas: CountEntry = Field(description="Pods.")
    host_port: int | None = Field(description="Port of a docker host on which it is published.")
    host: str | None = Field(description="Host name by which callers outside of the cluster reach it.")
    env: dict[str, str] = Field(description="Variables of its container.")
    secret_env: dict[str, SecretEntry] = Field(description="Further variables, which hold secrets.")
    secrets: list[SecretEntry] = Field(description="Its own keys: its master key, and its database's URL.")
    routes: dict[str, RouteEntry] = Field(description="Routes by name.")
    tenants: dict[str, TenantEntry] = Field(description="Tenants by name.")
