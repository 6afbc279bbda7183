"""A gateway as a Compose service, of the container that its kind describes.

It waits for no model: what one that is broken or still loads would have answered goes the way of its route.
"""

from collections.abc import Iterator
from typing import Any

from generator.core import layout
from generator.core.plan import GatewayPlan
from generator.core.plan.service import Files, Health, Service, spelled
from generator.targets.compose.env import Variables, literal
from generator.targets.compose.service import HARDENED, LOGGING

NOBODY = "65534:65534"

Content = dict[str, Any]


def service(gateway: GatewayPlan, container: Service, bind: str, variables: Variables) -> tuple[str, Content]:
    """The gateway's service and its name."""
    name = f"{gateway.name}.gateway"
    return name, {
        "image": literal(container.image.reference),
        **_program(container),
        **_environment(container, name, variables),
        "volumes": list(_mounts(gateway, container.files)),
        "healthcheck": _health(container.health, container.files.apart),
        "ports": [_published(gateway, container, bind)],
        **HARDENED,
        "restart": "unless-stopped",
        "stop_grace_period": f"{container.end_s}s",
        "logging": LOGGING,
    }


def _program(container: Service) -> Content:
    folder = container.files.apart
    return {
        **({"user": NOBODY} if container.unprivileged else {}),
        **({"entrypoint": literal(spelled(container.command, folder))} if container.command else {}),
        **({"command": literal(spelled(container.args, folder))} if container.args else {}),
    }


def _environment(container: Service, name: str, variables: Variables) -> Content:
    """Texts and secrets by name. Secrets that are files stand in the container's memory, and not in its environment."""
    env = variables.environment(container.env, name)
    for key in container.secret_files:
        variables.reference(key, name)
    files = sorted({key.env for key in container.secret_files})
    return {**({"environment": env} if env else {}), **({"secrets": files} if files else {})}


def _mounts(gateway: GatewayPlan, files: Files) -> Iterator[Content]:
    """Of what is watched the folder and not its files: a file that is replaced is another file."""
    project = layout.compose_file(gateway.cluster)
    for name in (*files.fixed, *([files.watched] if files.watched else [])):
        yield {
            "type": "bind",
            "source": layout.beside(project, f"{layout.gateway(gateway.name)}/{name}"),
            "target": f"{files.apart}/{name}",
            "read_only": True,
            "bind": {"create_host_path": False},
        }


def _health(health: Health, folder: str) -> Content:
    return {
        "test": literal(["CMD", *spelled(health.command, folder)]),
        "interval": "10s",
        "timeout": "5s",
        "retries": health.failures,
        "start_period": f"{health.start_s}s",
    }


def _published(gateway: GatewayPlan, container: Service, bind: str) -> Content:
    return {"target": container.port.number, "published": str(gateway.host_port), "host_ip": bind, "protocol": "tcp"}
