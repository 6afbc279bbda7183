"""A gateway as a Compose service, behind the models of its host."""

from collections.abc import Callable, Mapping
from typing import Any

from generator.core.errors import BugError
from generator.core.plan import GatewayPlan, SecretRef
from generator.gateways.envoy.words import HOME, RUN
from generator.targets.compose.env import Variables, literal
from generator.targets.compose.service import HARDENED, LOGGING

PORT = 4000
CONFIG = "/app/config.yaml"
# The image is not sure to have curl. `/health` itself would call every model, and cost tokens.
ALIVE = f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{PORT}/health/liveliness', timeout=4)"
GRACE_MARGIN_S = 30
ENVOY_USER = "65534:65534"
"""Nobody."""


def service(
    gateway: GatewayPlan, bind: str, servers: Mapping[str, Mapping[str, str]], variables: Variables
) -> tuple[str, dict[str, Any]]:
    """The gateway's service and its name. It waits for the models that its routes reach on this host.

    `servers` holds the services of each placement, by its id, and the condition under which they can be counted on.

    Raises:
        BugError: a gateway kind that has no container here.
    """
    build = KINDS.get(gateway.kind)
    if build is None:
        raise BugError(f"no Compose service for a gateway of kind {gateway.kind!r}")
    name = f"{gateway.name}.gateway"
    reached = {backend.id for backend in gateway.backends if backend.kind == "placement"}
    waits = {
        key: {"condition": condition}
        for placement in sorted(reached & servers.keys())
        for key, condition in servers[placement].items()
    }
    return name, {
        "image": literal(gateway.image.reference),
        **build(gateway, name, variables),
        "ports": [_published(gateway, bind)],
        **({"depends_on": waits} if waits else {}),
        **HARDENED,
        "restart": "unless-stopped",
        "stop_grace_period": f"{gateway.longest_call_s + GRACE_MARGIN_S}s",
        "logging": LOGGING,
    }


def _litellm(gateway: GatewayPlan, name: str, variables: Variables) -> dict[str, Any]:
    config = f"../../gateway/{gateway.name}/config.yaml"
    # The configuration reads each secret under the name it has in the spec; migrations look for DATABASE_URL.
    secrets = {secret.env: secret for secret in gateway.secrets}
    env: dict[str, str | SecretRef] = {**gateway.env, **{key: secrets[key] for key in sorted(secrets)}}
    if gateway.database is not None:
        env["DATABASE_URL"] = gateway.database
    return {
        "command": ["--config", CONFIG, "--port", str(PORT)],
        "environment": variables.environment(env, name),
        "volumes": [_mounted(config, CONFIG)],
        "healthcheck": {
            "test": literal(["CMD", "python3", "-c", ALIVE]),
            "interval": "10s",
            "timeout": "5s",
            "retries": 5,
            "start_period": "120s",
        },
    }


def _envoy(gateway: GatewayPlan, name: str, variables: Variables) -> dict[str, Any]:
    keys = [gateway.master_key, *(tenant.key for tenant in gateway.tenants)]
    keys += [backend.key for backend in gateway.backends if backend.key is not None]
    for key in keys:
        variables.reference(key, name)
    run = ["bash", f"{HOME}/{RUN}"]
    return {
        # The entry point of the image wants root.
        "user": ENVOY_USER,
        "entrypoint": run,
        "command": [str(gateway.longest_call_s), "-c", f"{HOME}/envoy.yaml", "--disable-hot-restart"],
        # Keys are files in memory of the container, below /run/secrets; none is in the environment.
        "secrets": sorted({key.env for key in keys}),
        # The folder and not its files: a file that is replaced is another file.
        "volumes": [
            _mounted(f"../../gateway/{gateway.name}/{file}", f"{HOME}/{file}") for file in ("envoy.yaml", RUN, "xds")
        ],
        "healthcheck": {
            "test": ["CMD", *run, "healthy"],
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "30s",
        },
    }


def _mounted(source: str, target: str) -> dict[str, Any]:
    return {
        "type": "bind",
        "source": source,
        "target": target,
        "read_only": True,
        "bind": {"create_host_path": False},
    }


KINDS: Mapping[str, Callable[[GatewayPlan, str, Variables], dict[str, Any]]] = {"envoy": _envoy, "litellm": _litellm}


def _published(gateway: GatewayPlan, bind: str) -> dict[str, Any]:
    return {"target": PORT, "published": str(gateway.host_port), "host_ip": bind, "protocol": "tcp"}
