"""Providers, routes, tenants and gateways: how calls reach models."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from generator.core.spec.base import Duration, EnvName, Name, Port, Secret, SpecModel, Text, Url, spec_field
from generator.core.spec.expose import Expose, PodRange
from generator.core.spec.pool import Shorthand
from generator.core.tasks import Task

STICKY_PATTERN = r"^(tenant|user|[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+)$"

# In YAML a bare 429 is a number; the shorthand takes it, so the schema does as well.
FallbackCause = Annotated[
    Literal["connect", "first-token-timeout", "429", "503", "5xx"],
    WithJsonSchema({"enum": ["connect", "first-token-timeout", "429", "503", "5xx", 429, 503]}),
]

StickyKey = Annotated[str, WithJsonSchema({"pattern": STICKY_PATTERN, "type": "string"})]


class Provider(SpecModel):
    """An external API."""

    api: Literal["openai", "anthropic", "openai-compatible"] = spec_field(
        ..., "API style.", changes="litellm: provider prefix"
    )
    url: Url | None = spec_field(
        None,
        "Base URL; needed for `openai-compatible`.",
        changes="litellm: api_base",
        examples=["https://api.example.com/v1"],
    )
    key: Secret | None = spec_field(None, "API key.", changes="litellm: api_key", examples=[{"env": "OPENAI_API_KEY"}])


class ModelRef(SpecModel):
    """A model of this fleet (all its placements, or one) or a provider's model."""

    model: Text = spec_field(..., "Model of this fleet, or of the provider.", changes="litellm: model_list")
    placement: Name | None = spec_field(None, "One placement of the model.", changes="litellm: model_list")
    provider: Name | None = spec_field(
        None, "Provider, when the model is not of this fleet.", changes="litellm: model_list"
    )


class BackendRef(ModelRef):
    """One backend of a tier and its share of the calls."""

    weight: Annotated[int, Field(ge=0, le=1_000_000)] = spec_field(
        1, "Share of the tier's calls.", changes="litellm: weight", examples=[90]
    )
    max_parallel: Annotated[int, Field(ge=1, le=1_000_000)] | None = spec_field(
        None,
        "Calls at once; one more moves on to the next backend. When missing: what the placement can run at its largest "
        "scale, and no limit in the last tier, where there is nothing to move on to.",
        changes="litellm: max_parallel_requests",
        examples=[64],
    )


class Timeouts(SpecModel):
    """Four separate limits of one call."""

    connect: Duration = spec_field(
        "3s", "Until the backend accepts the connection.", changes="envoy: connect_timeout; litellm: capability table"
    )
    first_token: Duration = spec_field(
        "30s", "Until the first token.", changes="litellm: stream_timeout", examples=["30s"]
    )
    idle: Duration = spec_field("60s", "Between two tokens.", changes="litellm: stream_timeout", examples=["60s"])
    total: Duration = spec_field("15m", "The whole call.", changes="litellm: timeout", examples=["15m"])


class Backoff(SpecModel):
    """Waiting between retries."""

    base: Duration = spec_field("250ms", "First wait.", changes="compose: the gateway's INITIAL_RETRY_DELAY")
    max: Duration = spec_field("4s", "Longest wait.", changes="compose: the gateway's MAX_RETRY_DELAY")


class Retries(SpecModel):
    """Retries inside a tier, before the next tier is tried."""

    max: Annotated[int, Field(ge=0, le=5)] = spec_field(1, "Retries at most.", changes="litellm: retry policy")
    backoff: Backoff | None = spec_field(None, "Waiting between retries.", changes="compose: the gateway's environment")


class Cooldown(SpecModel):
    """When a failing backend is left alone for a while."""

    failures: Annotated[int, Field(ge=1, le=1000)] = spec_field(
        2, "Failures within `pause` that take a backend out.", changes="litellm: allowed_fails", examples=[3]
    )
    pause: Duration = spec_field("30s", "How long it is left out.", changes="litellm: cooldown_time", examples=["1m"])


class ContextRule(SpecModel):
    """Where long prompts go."""

    over: Annotated[int, Field(ge=1, le=10_000_000)] = spec_field(
        ...,
        "Prompts with more tokens than this leave the first tier.",
        changes="litellm: max_input_tokens",
        examples=[16384],
    )
    use: Annotated[list[BackendRef], Field(min_length=1)] = spec_field(
        ..., "Backends for them.", changes="litellm: context_window_fallbacks"
    )
    beyond: Literal["reject", "truncate", "summarise"] = spec_field(
        "reject",
        "What becomes of a prompt that fits none of them: refused, or its oldest turns are left out or summed up.",
        changes="routes: context.beyond; the gateway's capability table",
    )


class Shadow(ModelRef):
    """A backend that gets a copy of calls. Its answers are thrown away, and no caller waits for them."""

    share: Annotated[int, Field(ge=1, le=100)] = spec_field(
        100,
        "Calls that are copied, percent.",
        changes="envoy: runtime_fraction; litellm: silent_model",
        examples=[5],
    )


class Route(SpecModel):
    """A public model name and the backends behind it."""

    tiers: Annotated[list[Annotated[list[BackendRef], Field(min_length=1)]], Field(min_length=1)] = spec_field(
        ..., "Tiers in the order they are tried; weights inside a tier.", changes="litellm: model_list, fallbacks"
    )
    task: Task | None = spec_field(
        None,
        "What callers ask. When missing: the task of its models, of a provider's model as the catalogue knows it, else "
        "`chat`.",
        changes="the paths that are open; litellm: mode",
        examples=["embed"],
    )
    timeouts: Timeouts | None = spec_field(None, "Limits of a call.", changes="litellm: timeout, stream_timeout")
    retries: Retries | None = spec_field(None, "Retries inside a tier.", changes="litellm: retry policy")
    fallback_on: list[FallbackCause] = spec_field(
        ["connect", "first-token-timeout", "429", "503", "5xx"],
        "What moves a call to the next tier.",
        changes="litellm: retry policy",
    )
    context: ContextRule | None = spec_field(
        None, "Where long prompts go.", changes="litellm: context_window_fallbacks"
    )
    aliases: list[Name] = spec_field(
        [],
        "Further public names of the route.",
        changes="litellm: model_group_alias",
        examples=[["gpt-4o-mini"]],
    )
    choose: Literal["weight", "cheapest"] = spec_field(
        "weight",
        "How a tier's calls find their backend: by weight, or the cheapest that is healthy. A model of this fleet "
        "costs nothing more per call: its nodes are paid already.",
        changes="litellm: fallbacks",
    )
    cooldown: Cooldown | None = spec_field(
        None, "When a failing backend is left alone for a while.", changes="litellm: allowed_fails, cooldown_time"
    )
    sticky: StickyKey | None = spec_field(
        None,
        "What keeps the calls of one caller at the same backend of a tier, while that one works: `tenant`, `user` (the "
        "`user` of the call), or the name of a header, which has a hyphen.",
        changes="envoy: hash_policy; litellm: model_group_affinity_config",
        examples=["user", "x-session-id"],
    )
    shadow: Shadow | None = spec_field(
        None,
        "A backend that gets a copy of calls, to try it with what users really ask.",
        changes="envoy: request_mirror_policies; litellm: silent_model",
        examples=[{"model": "qwen3-next", "share": 5}],
    )
    fallback: Name | None = spec_field(
        None, "A route whose tiers follow after these.", changes="litellm: fallbacks", examples=["chat-large"]
    )


class Limits(SpecModel):
    """Limits of one tenant."""

    requests_per_minute: Annotated[int, Field(ge=1)] | None = spec_field(
        None, "Requests a minute.", changes="litellm: rpm_limit of the tenant's key", examples=[600]
    )
    max_parallel: Annotated[int, Field(ge=1)] | None = spec_field(
        None, "Requests at once.", changes="litellm: max_parallel_requests of the tenant's key", examples=[40]
    )


class Budget(SpecModel):
    """What a tenant may spend at the providers' list prices; models of this fleet cost nothing more."""

    usd: Annotated[float, Field(ge=0.01, le=1_000_000_000)] = spec_field(
        ..., "USD.", changes="litellm: max_budget of the tenant's key", examples=[200]
    )
    per: Literal["day", "week", "month"] = spec_field(
        "month", "When it starts anew.", changes="litellm: budget_duration of the tenant's key"
    )


class Tenant(SpecModel):
    """Who calls."""

    key: Secret = spec_field(
        ..., "The tenant's key.", changes="litellm: key of the tenant", examples=[{"env": "GOLD_KEY"}]
    )
    routes: Annotated[list[Name], Field(min_length=1)] = spec_field(
        ..., "Routes the tenant may call.", changes="litellm: models of the tenant's key"
    )
    priority: Literal["high", "normal", "low"] = spec_field(
        "normal", "Who goes first when it is crowded.", changes="litellm: metadata of the tenant's key"
    )
    limits: Limits | None = spec_field(None, "Limits.", changes="litellm: limits of the tenant's key")
    budget: Budget | None = spec_field(
        None, "What it may spend.", changes="litellm: budget of the tenant's key", examples=[{"usd": 200}]
    )
    weights: dict[Name, Annotated[list[BackendRef], Field(min_length=1)]] = spec_field(
        {},
        "Backends that take the place of a route's first tier for this tenant, by route.",
        changes="envoy: the tenant's route; litellm: a model group of its own",
        examples=[{"chat": [{"model": "qwen3-next", "weight": 1}]}],
    )


class Gateway(SpecModel):
    """One deployed gateway."""

    kind: Text = spec_field(..., "Which gateway.", changes="which files are written for it")
    cluster: Name = spec_field(
        ...,
        "Where it runs; backends are seen from there.",
        changes="litellm: api_base; compose: service; helm: release",
    )
    version: Text | None = spec_field(
        None, "Version; the catalogue's when missing.", changes="compose, helm: image tag", examples=["1.109.1"]
    )
    routes: list[Name] = spec_field([], "Routes it serves; all when empty.", changes="litellm: model_list")
    tenants: list[Name] = spec_field([], "Tenants it admits; all when empty.", changes="litellm: tenant keys")
    host_port: Port | None = spec_field(
        None, "Host port on a docker cluster.", changes="compose: ports", examples=[4000]
    )
    master_key: Secret | None = spec_field(
        None,
        "Key of its administrator; `{env: LITELLM_MASTER_KEY}` or `{env: ENVOY_MASTER_KEY}` when missing.",
        changes="litellm: master_key; envoy: key file; compose: .env.example; helm: secretKeyRef",
        examples=[{"env": "LITELLM_MASTER_KEY"}],
    )
    database: Secret | None = spec_field(
        None,
        "URL of its Postgres, which LiteLLM needs for tenant keys.",
        changes="litellm: database_url",
        examples=[{"env": "DATABASE_URL"}],
    )
    env: dict[EnvName, str] = spec_field(
        {},
        "Further environment variables; secrets belong in `secretEnv`.",
        changes="compose, helm, envoy-gateway: environment of the gateway's containers",
        examples=[{"TZ": "UTC"}],
    )
    secret_env: dict[EnvName, Secret] = spec_field(
        {},
        "Further environment variables from secrets.",
        changes="compose, helm, envoy-gateway: environment of the gateway's containers; .env.example",
        examples=[{"LANGFUSE_SECRET_KEY": {"secret": {"name": "langfuse", "key": "secret-key"}}}],
    )
    replicas: Annotated[PodRange, Shorthand(1, 100)] = spec_field(
        {"min": 2, "max": 4},
        "Pods on Kubernetes, fixed (`2`) or a range.",
        changes="helm: the gateway's replicas and autoscaler",
        examples=[2, {"min": 2, "max": 4}],
    )
    expose: Expose | None = spec_field(
        None,
        "How callers outside of the cluster reach it; not at all when missing.",
        changes="helm: the gateway's Ingress or HTTPRoute, and its NetworkPolicy",
        examples=[{"host": "chat.example.com", "ingress": {"class": "nginx", "tls": {"secret": "chat-tls"}}}],
    )
