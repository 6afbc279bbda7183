"""Envoy's own words: type names, durations, where its files and keys stand in its container."""

from typing import Any

from generator.core.plan import SecretRef
from generator.core.plan.service import SECRETS

PORT = 4000
ADMIN_PORT = 9901
METRICS_PORT = 9902
METRICS_PATH = "/stats/prometheus"
HEALTH = "/health"
BOOTSTRAP = "envoy.yaml"
RUN = "run.sh"
"""Runs it; the file stands beside the bootstrap."""

HOME = "/etc/envoy"
DISCOVERY = f"{HOME}/xds"
EVERYONE = "*"
"""What the holder of the master key is called among tenants; no tenant can be called so."""

LISTENERS = ("tenants", "routes", "tiers", "backends")
"""The way of a call: who calls, which model, which tier, which backend. Each has a route configuration of its name."""

ADMINISTRATION = "administration"
"""The cluster that is this process itself."""

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
