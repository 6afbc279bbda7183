"""Envoy's own words: type names, durations, where its files and keys stand in its container."""

from typing import Any

from generator.core.plan import SecretRef

PORT = 4000
ADMIN_PORT = 9901
METRICS_PORT = 9902
METRICS_PATH = "/stats/prometheus"
RUN = "run.sh"
"""Runs it; the file stands beside the bootstrap."""

HOME = "/etc/envoy"
DISCOVERY = f"{HOME}/xds"
SECRETS = "/run/secrets"
EVERYONE = "*"
"""What the holder of the master key is called among tenants; no tenant can be called so."""

LISTENERS = ("tenants", "routes", "tiers", "backends")
"""The way of a call: who calls, which model, which tier, which backend. Each has a route configuration of its name."""

ADMINISTRATION = "administration"
"""The cluster that is this process itself."""

BYTES_PER_TOKEN = 3
"""Of a call's body. Fewer than most prompts have, so that a prompt moves rather too early than too late."""

MOVES_ON = {"429": (429,), "503": (503, 529), "5xx": (500, 501, 502, 504, 507, 520, 521, 522, 523, 524)}
"""Statuses by the cause of `fallbackOn` that they are."""

ENGINE_IDLE_S = 4
"""uvicorn, which most engines run in, closes a connection after five idle seconds; a call must not meet that."""

UNLIMITED = 1_000_000
"""Envoy's own limits are 1,024 calls and 3 retries at a time, in place of none."""

_TYPES = "type.googleapis.com/"

Words = dict[str, Any]


def typed(kind: str, **fields: Any) -> Words:
    """A message of the named type, below `envoy.`."""
    return {"@type": f"{_TYPES}envoy.{kind}", **fields}


def extension(kind: str, **fields: Any) -> Words:
    """A message of the named type, below `envoy.extensions.`."""
    return typed(f"extensions.{kind}", **fields)


def named(name: str, config: Words) -> Words:
    """An extension and its configuration."""
    return {"name": name, "typed_config": config}


def span(seconds: float) -> str:
    """Seconds as a duration in protobuf's JSON."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def plain(text: str) -> str:
    """Text for where Envoy would read `%...%` as a command."""
    return text.replace("%", "%%")


def discovered(name: str) -> Words:
    """A file of `xds/` that is read again when it, or the link to its folder, is replaced."""
    return {
        "path_config_source": {"path": f"{DISCOVERY}/{name}.yaml", "watched_directory": {"path": DISCOVERY}},
        "resource_api_version": "V3",
    }


def key_file(secret: SecretRef) -> str:
    """The file that holds a secret."""
    return f"{SECRETS}/{secret.env}"
