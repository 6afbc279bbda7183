"""One placement as Compose services: a server for each replica, and the containers that run before or beside it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator.core import layout
from generator.core.errors import BugError
from generator.core.labels import FILES_DIGEST
from generator.core.merge import merge_patch
from generator.core.plan import Container, Mount, PlacementPlan, Probe, Volume, Workload
from generator.targets.compose.env import Variables, literal

HEALTHY = "service_healthy"
DONE = "service_completed_successfully"
HARDENED: Mapping[str, Any] = {
    "security_opt": ["no-new-privileges:true"],
    "cap_drop": ["ALL"],
}
LOGGING: Mapping[str, Any] = {"driver": "json-file", "options": {"max-size": "50m", "max-file": "3"}}
"""Docker keeps logs for ever unless it is told otherwise."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the fixed place of POSIX shared memory


Service = tuple[str, dict[str, Any]]
"""A Compose service by its name."""


def services(placement: PlacementPlan, bind: str, variables: Variables, holders: dict[str, str]) -> Iterator[Service]:
    """The services of a placement. `holders` has the service that was last given each GPU, and is kept up to date.

    The second and later replicas answer to the placement's name as well, so that a gateway's calls spread over all of
    them; only the first is published on the host. All share one cache, which one pull fills.
    """
    replicas = placement.max_replicas
    for number in range(1, replicas + 1):
        name = placement.service if number == 1 else f"{placement.service}.{number}"
        if number == 1:
            yield from _before(placement, variables)
        server = _server(placement, number, bind, variables, holders)
        holders.update(dict.fromkeys(_devices(placement, number), name))
        yield name, server
        if number == 1:
            yield from _beside(placement, variables)


def volume_names(placement: PlacementPlan) -> Iterator[str]:
    """The named volumes that a placement needs."""
    yield from (_volume_name(placement, volume) for volume in placement.workload.volumes if volume.kind == "cache")


def _server(
    placement: PlacementPlan, number: int, bind: str, variables: Variables, holders: Mapping[str, str]
) -> dict[str, Any]:
    workload = placement.workload
    # An engine measures what is free of a GPU while it starts: those that share one start one after the other.
    sharing = [holders[device] for device in _devices(placement, number) if device in holders]
    content = {
        **_container(placement, workload.main, variables),
        **_wait(placement, sharing),
        **({"networks": {"default": {"aliases": [placement.service]}}} if number > 1 else {}),
        **(_ports(placement, bind) if number == 1 and placement.host_port else {}),
        "healthcheck": _healthcheck(workload),
        **_resources(placement, number),
        **_stamp(workload),
        **HARDENED,
        "restart": "unless-stopped",
        "stop_grace_period": f"{workload.shutdown.grace_s}s",
        "logging": LOGGING,
    }
    for patch in placement.patches:
        if patch.target == "compose":
            content = merge_patch(content, patch.merge)
    return content


def _stamp(workload: Workload) -> dict[str, Any]:
    """A label that changes with the files: of a mounted folder Compose sees the path alone, and would not restart."""
    digests = [volume.ref for volume in workload.volumes if volume.kind == "files"]
    return {"labels": {FILES_DIGEST: digests[0]}} if digests else {}


def _before(placement: PlacementPlan, variables: Variables) -> Iterator[Service]:
    for container in placement.workload.init:
        yield _helper_name(placement, container), _helper(placement, container, variables)


def _beside(placement: PlacementPlan, variables: Variables) -> Iterator[Service]:
    for container in placement.workload.one_shot:
        content = {
            **_helper(placement, container, variables),
            "network_mode": f"service:{placement.service}",
            "depends_on": {placement.service: {"condition": HEALTHY}},
            # Nobody waits for it, so it may try until the network is there.
            "restart": "on-failure",
        }
        yield _helper_name(placement, container), content


def _helper(placement: PlacementPlan, container: Container, variables: Variables) -> dict[str, Any]:
    """A container that ends."""
    return {**_container(placement, container, variables), **HARDENED, "restart": "no", "logging": LOGGING}


def _helper_name(placement: PlacementPlan, container: Container) -> str:
    return f"{placement.service}.{container.name}"


def _wait(placement: PlacementPlan, sharing: Iterable[str]) -> dict[str, Any]:
    waits = {_helper_name(placement, container): {"condition": DONE} for container in placement.workload.init}
    waits |= {name: {"condition": HEALTHY} for name in sharing}
    return {"depends_on": waits} if waits else {}


def _container(placement: PlacementPlan, container: Container, variables: Variables) -> dict[str, Any]:
    """What every container has: image, command, user, environment, mounts."""
    security = placement.workload.security
    user = {"user": f"{security.user}:{security.group or 0}"} if security.user is not None else {}
    env = variables.environment(container.env, placement.service)
    return {
        "image": literal(container.image.reference),
        **user,
        **({"entrypoint": literal(list(container.command))} if container.command else {}),
        **({"command": literal(list(container.args))} if container.args else {}),
        **({"environment": env} if env else {}),
        **_mounts(placement, container),
    }


def _mounts(placement: PlacementPlan, container: Container) -> dict[str, Any]:
    known = {volume.name: volume for volume in placement.workload.volumes}
    shm: dict[str, Any] = {}
    listed = []
    for mount in container.mounts:
        volume = known[mount.volume]
        if volume.kind == "memory" and mount.path == SHARED_MEMORY:
            shm = {"shm_size": _mebibytes(volume.size_gib)}
        else:
            listed.append(_mount(placement, volume, mount))
    return {**shm, **({"volumes": listed} if listed else {})}


def _mount(placement: PlacementPlan, volume: Volume, mount: Mount) -> dict[str, Any]:
    """A mount in Compose's long form.

    Raises:
        BugError: the volume is a Kubernetes claim, which engines refuse on docker.
    """
    target = {"target": mount.path, **({"read_only": True} if mount.read_only else {})}
    match volume.kind:
        case "cache":
            return {"type": "volume", "source": _volume_name(placement, volume), **target}
        case "scratch":
            return {"type": "volume", **target}
        case "memory":
            return {"type": "tmpfs", **target, "tmpfs": {"size": _mebibytes(volume.size_gib)}}
        case "host":
            # A folder that is missing is a mistake in the path; Docker would create it, empty and owned by root.
            return {"type": "bind", "source": literal(volume.ref), **target, "bind": {"create_host_path": False}}
        case "files":
            source = layout.beside(
                layout.compose_file(placement.cluster), layout.files(placement.cluster, placement.service)
            )
            return {"type": "bind", "source": f"./{source}", **target, "bind": {"create_host_path": False}}
        case _:
            raise BugError(f"{placement.id}: a docker host has no {volume.kind!r} volumes")


def _volume_name(placement: PlacementPlan, volume: Volume) -> str:
    return f"{placement.service}-{volume.name}"


def _ports(placement: PlacementPlan, bind: str) -> dict[str, Any]:
    target = placement.workload.port.number
    return {"ports": [{"target": target, "published": str(placement.host_port), "host_ip": bind, "protocol": "tcp"}]}


def _healthcheck(workload: Workload) -> dict[str, Any]:
    timing = workload.timing
    return {
        "test": literal(["CMD", *_probe_command(workload, workload.probe)]),
        "interval": f"{timing.period_s}s",
        "timeout": f"{timing.timeout_s}s",
        "retries": timing.failures,
        "start_period": f"{timing.startup_s}s",
    }


def _probe_command(workload: Workload, probe: Probe) -> list[str]:
    """What Docker runs inside the container, past any proxy. Images of engines with an HTTP probe have curl."""
    if probe.kind == "exec":
        return list(probe.command)
    port = next(port.number for port in workload.ports if port.name == probe.port)
    return ["curl", "-fsS", "--noproxy", "*", "-o", "/dev/null", f"http://127.0.0.1:{port}{probe.path}"]


def _resources(placement: PlacementPlan, number: int) -> dict[str, Any]:
    """CPU and memory limits, and exactly the GPUs of this replica."""
    asked = placement.workload.resources
    limits: dict[str, Any] = {}
    if asked.cpu:
        limits["cpus"] = _cores(asked.cpu)
    if asked.memory_limit_gib:
        limits["memory"] = _mebibytes(asked.memory_limit_gib)
    resources: dict[str, Any] = {"limits": limits} if limits else {}
    if asked.gpus:
        device = {"driver": "nvidia", "device_ids": _devices(placement, number), "capabilities": ["gpu"]}
        resources["reservations"] = {"devices": [device]}
    return {"deploy": {"resources": resources}} if resources else {}


def _devices(placement: PlacementPlan, number: int) -> list[str]:
    """The GPU numbers of one replica.

    Raises:
        BugError: the plan has not as many as the workload needs.
    """
    ids = placement.device_ids[number - 1] if number <= len(placement.device_ids) else ()
    if len(ids) != placement.workload.resources.gpus:
        raise BugError(f"{placement.id}: replica {number} has GPUs {list(ids)}")
    return list(ids)


def _cores(cpu: str) -> str:
    """`500m` as `0.5`, other numbers as they are."""
    return f"{int(cpu.removesuffix('m')) / 1000:g}" if cpu.endswith("m") else cpu


def _mebibytes(gib: float) -> str:
    """A size as Docker writes it: binary, in `m`."""
    return f"{round(gib * 1024)}m"
