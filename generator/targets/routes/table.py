"""The shape of `routes.json`, once: the document and its JSON Schema both come from these types."""

from typing import Annotated, Any, Literal

from pydantic import Field

from generator.render.document import Document, schema_of

VERSION = 1
Seconds = Annotated[float, Field(ge=0)]


class KeyRef(Document):
    """A secret by reference: the variable that holds it, and the Kubernetes secret that fills the variable."""

    env: str = Field(description="Environment variable.")
    secret: str = Field(description="Name of the Kubernetes secret.")
    key: str = Field(description="Key inside the secret.")


class PriceEntry(Document):
    """USD for a million tokens at list price; zero on nodes of one's own, which are paid already."""

    input: Annotated[float, Field(ge=0)] = Field(description="Of prompts.")
    output: Annotated[float, Field(ge=0)] = Field(description="Of answers.")


class BackendEntry(Document):
    """What calls are sent to."""

    kind: Literal["placement", "provider"] = Field(description="A model of this fleet, or an external API.")
    api: Literal["openai", "anthropic", "tgi", "ollama"] = Field(description="API spoken at `url`.")
    url: str = Field(
        description="Address without a trailing slash, as the gateway sees it. Of an `openai` API it ends in the "
        "version (`/v1`). Empty means the provider's own."
    )
    model: str = Field(description="The model's name in calls to this backend.")
    key: KeyRef | None = Field(description="Bearer key to send; null when none is asked for.")
    context: Annotated[int, Field(ge=0)] = Field(description="Longest prompt plus answer, tokens; 0 when not known.")
    concurrency: Annotated[int, Field(ge=0)] = Field(description="Calls it runs at once; 0 when not known.")
    price: PriceEntry | None = Field(description="What a call costs; null when not known.")


class Share(Document):
    """A backend's share of a tier."""

    backend: str = Field(description="Key in `backends`.")
    weight: Annotated[int, Field(ge=0)] = Field(
        description="Its calls out of the sum of the tier's weights; 0 means only while all others are out."
    )
    max_parallel: Annotated[int, Field(ge=0)] = Field(
        description="Calls at once that it is sent here; one more moves on. 0 means no limit."
    )


class TierEntry(Document):
    """Backends that share calls. A failed call is retried in its tier, then it moves to the next one."""

    route: str = Field(description="The route that brought this tier: this one, or one it falls back to.")
    backends: Annotated[list[Share], Field(min_length=1)] = Field(description="The backends.")


class TimeoutEntry(Document):
    """Four separate limits of one call, in seconds."""

    connect: Seconds = Field(description="Until the backend accepts the connection.")
    first_token: Seconds = Field(description="Until the first token.")
    idle: Seconds = Field(description="Between two tokens.")
    total: Seconds = Field(description="The whole call, all tiers included.")


class BackoffEntry(Document):
    """Waiting between retries, in seconds: it doubles from `base` to `max`."""

    base: Seconds = Field(description="First wait.")
    max: Seconds = Field(description="Longest wait.")


class RetryEntry(Document):
    """Retries inside a tier.

    Another backend of the tier is tried at once, the same one after a wait. A tier with one backend is left without a
    retry on 429, 503 and a late first token when another tier follows.
    """

    max: Annotated[int, Field(ge=0)] = Field(description="Retries in each tier.")
    backoff: BackoffEntry = Field(description="Waiting before the same backend is asked again.")


class ContextEntry(Document):
    """Where long prompts go, instead of the tiers."""

    over: Annotated[int, Field(ge=1)] = Field(description="Prompts with more tokens than this.")
    backends: Annotated[list[Share], Field(min_length=1)] = Field(description="Their backends.")
    beyond: Literal["reject", "truncate", "summarise"] = Field(
        description="A prompt that fits none of them is refused, or its oldest turns are left out or summed up."
    )


class ShadowEntry(Document):
    """What gets a copy of calls. Its answers are thrown away, and no caller waits for them."""

    backends: Annotated[list[Share], Field(min_length=1)] = Field(description="One of them gets the copy.")
    percent: Annotated[int, Field(ge=1, le=100)] = Field(description="Calls that are copied.")


class CooldownEntry(Document):
    """When a failing backend is left alone. The only backend of a last tier never is."""

    failures: Annotated[int, Field(ge=1)] = Field(description="Failures within `pause` that take it out.")
    pause: Seconds = Field(description="How long it is left out, seconds; a longer Retry-After goes before.")


class RouteEntry(Document):
    """A public model name. A call may move to another backend only before its first token has been passed on."""

    task: Literal["chat", "complete", "embed", "rerank"] = Field(description="What callers ask.")
    aliases: list[str] = Field(description="Further public names.")
    tiers: list[TierEntry] = Field(description="Tiers in the order they are tried.")
    timeouts: TimeoutEntry = Field(description="Limits of a call.")
    retries: RetryEntry = Field(description="Retries inside a tier.")
    fallback_on: list[Literal["connect", "first-token-timeout", "429", "503", "5xx"]] = Field(
        description="What moves a call on to the next tier; anything else is the caller's answer."
    )
    cooldown: CooldownEntry = Field(description="When a failing backend is left alone.")
    context: ContextEntry | None = Field(description="Where long prompts go; null when the tiers take them.")
    sticky: str | None = Field(
        description="What keeps the calls of one caller at the same backend of a tier while that one works: `tenant`, "
        "`user` (of the call's body), or the name of a header; null when each call is drawn anew."
    )
    shadow: ShadowEntry | None = Field(description="What gets a copy of calls; null when nothing does.")
    overrides: dict[str, Annotated[list[Share], Field(min_length=1)]] = Field(
        description="Backends in place of those of the first tier, by tenant."
    )


class LimitEntry(Document):
    """Limits of a tenant; null means none."""

    requests_per_minute: int | None = Field(description="Requests a minute.")
    max_parallel: int | None = Field(description="Requests at once.")


class BudgetEntry(Document):
    """What a tenant may spend, at the prices of the backends."""

    usd: Annotated[float, Field(gt=0)] = Field(description="USD.")
    per: Literal["day", "week", "month"] = Field(description="When it starts anew.")


class TenantEntry(Document):
    """Who calls."""

    key: KeyRef = Field(description="The tenant's bearer key.")
    routes: Annotated[list[str], Field(min_length=1)] = Field(description="Routes it may call.")
    priority: Literal["high", "normal", "low"] = Field(description="Who goes first when it is crowded.")
    limits: LimitEntry = Field(description="Its limits.")
    budget: BudgetEntry | None = Field(description="What it may spend; null without a bound.")


class GatewayEntry(Document):
    """The gateway that serves this table."""

    name: str = Field(description="Its name.")
    kind: str = Field(description="Which gateway.")
    version: str = Field(description="Its version.")
    cluster: str = Field(description="Where it runs.")
    master_key: KeyRef = Field(description="Key of its administrator.")


class RouteTable(Document):
    """Everything a gateway needs to serve the routes of a fleet. Maps are sorted by name."""

    version: Literal[1] = Field(description="Version of this format.")
    fleet: str = Field(description="Name of the fleet.")
    environment: str = Field(description="Its environment.")
    gateway: GatewayEntry = Field(description="The gateway that serves this table.")
    backends: dict[str, BackendEntry] = Field(description="Backends by id.")
    routes: dict[str, RouteEntry] = Field(description="Routes by public model name.")
    tenants: dict[str, TenantEntry] = Field(description="Tenants by name.")


def schema(identity: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `routes.json`; `identity` becomes its `$id`."""
    return schema_of(RouteTable, identity, "Route table")
