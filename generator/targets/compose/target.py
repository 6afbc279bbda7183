"""Docker Compose: one project a docker cluster, with its models, their pulls and the gateways that run there.

A model's service is named after its placement. What belongs to a service is named after it with a dot (`chat-a.pull`,
`chat-a.2`, `edge.gateway`): no spec name has a dot, so no two can meet.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.errors import BugError
from generator.core.plan import ClusterPlan, Plan
from generator.core.plan.network import CA_FILE
from generator.gateways.bundle import bundles
from generator.render.emit import yaml_text
from generator.render.gitignore import gitignore
from generator.targets.compose import gateway as compose_gateway
from generator.targets.compose import service as compose_service
from generator.targets.compose.env import Variables, example, literal

Project = dict[str, Any]

HOST = "host.docker.internal"
"""The host, as containers call it. Docker on Linux knows the name only where it is told."""

_ADDRESSES = ("_ENDPOINT", "_HOST", "_PROXY", "_URI", "_URL")
"""How variables end that hold an address."""


class ComposeTarget:
    """A Compose file and its `.env.example` for each docker cluster that runs anything."""

    name = "compose"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The files of all docker clusters."""
        for cluster in plan.clusters:
            if cluster.kubernetes:
                continue
            variables = Variables()
            content = project(plan, cluster, variables)
            if not content["services"]:
                continue
            text = yaml_text(content, _header(plan, cluster, variables))
            yield Artifact(layout.compose_file(cluster.name), text.encode(), self.name)
            yield Artifact(layout.ignore(layout.compose(cluster.name)), gitignore().encode(), self.name)
            yield Artifact(layout.env_example(cluster.name), example(variables, plan.secrets).encode(), self.name)
            for placement in plan.placements_in(cluster.name):
                folder = layout.files(cluster.name, placement.service)
                for name, held in placement.workload.files.items():
                    yield Artifact(f"{folder}/{name}", held, self.name)


def project(plan: Plan, cluster: ClusterPlan, variables: Variables) -> Project:
    """The Compose file as data; notes in `variables` which secrets it asks for.

    Raises:
        BugError: a gateway without a container; its kind's catalogue entry says that it runs on Kubernetes only.
    """
    services: dict[str, Any] = {}
    called: dict[str, list[str]] = {}
    volumes: dict[str, Any] = {}
    holders: dict[str, str] = {}
    for placement in plan.placements_in(cluster.name):
        services.update(compose_service.services(placement, cluster.bind, variables, holders))
        volumes.update({key: {} for key in compose_service.volume_names(placement)})
    for item in bundles(plan):
        if item.gateway.cluster != cluster.name:
            continue
        if item.service is None:
            raise BugError(f"gateway {item.gateway.name!r} of kind {item.gateway.kind!r} has no container")
        name, content = compose_gateway.service(item.gateway, item.service, cluster.bind, variables)
        services[name] = content
        called[name] = [backend.url for backend in item.gateway.backends]
    services = {name: _around(content, cluster, called.get(name, ())) for name, content in services.items()}
    secrets = sorted({secret for service in services.values() for secret in service.get("secrets", ())})
    return {
        "name": project_name(plan, cluster.name),
        "services": services,
        **({"volumes": volumes} if volumes else {}),
        # Each from the variable of its name, and missing is an error, as for variables that a service asks for.
        **({"secrets": {name: {"environment": name} for name in secrets}} if secrets else {}),
    }


def secrets(plan: Plan, cluster: ClusterPlan) -> tuple[str, ...]:
    """The variables that a docker host's project asks for."""
    variables = Variables()
    project(plan, cluster, variables)
    return tuple(sorted(variables.users))


def _around(service: dict[str, Any], cluster: ClusterPlan, called: Sequence[str]) -> dict[str, Any]:
    """The service with what it needs of its host: the host's name where it calls it, the host's authorities.

    `called` are the addresses of a gateway's backends, which stand in files of its own.
    """
    told = {name.upper(): text for name, text in service.get("environment", {}).items() if name.upper() != "NO_PROXY"}
    words = [*called, *told.values(), *service.get("command", ()), *service.get("entrypoint", ())]
    # Nobody knows which host a secret address names: that of a database is often this one.
    unseen = any(text.startswith("${") and name.endswith(_ADDRESSES) for name, text in told.items())
    # A container that shares another's network shares its names as well.
    if (unseen or any(HOST in str(word) for word in words)) and "network_mode" not in service:
        service = {**service, "extra_hosts": [f"{HOST}:host-gateway"]}
    if cluster.authorities is None:
        return service
    mount = {
        "type": "bind",
        "source": literal(cluster.authorities.ref),
        "target": CA_FILE,
        "read_only": True,
        # A file that is missing is a mistake in the path; Docker would create a folder of that name.
        "bind": {"create_host_path": False},
    }
    return {**service, "volumes": [*service.get("volumes", ()), mount]}


def project_name(plan: Plan, cluster: str) -> str:
    """The project's name: environments of one fleet may share a host, so all but the default are part of it."""
    parts = [plan.fleet, *([] if plan.environment == "default" else [plan.environment]), cluster]
    return "-".join(parts)


def _header(plan: Plan, cluster: ClusterPlan, variables: Variables) -> str:
    first = "cp .env.example .env  # then fill it in\n" if variables.users else ""
    return (
        f"Models of fleet {plan.fleet} on docker host {cluster.name}, written by gen: change the spec, not this file.\n"
        f"{first}docker compose up --detach"
    )


COMPOSE = ComposeTarget()
