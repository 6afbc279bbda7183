"""What the values of a release say of its workload: made once for all placements that run the same one."""

import math
from typing import Any

from generator.core.frozen import frozen
from generator.core.plan import Container, Probe, ResourcePlan, SecretRef, Security, Workload
from generator.render.emit import Shared, SharedItems
from generator.targets.helm.parts import Values, filled, image, quantity, secret

READINESS_PERIOD_S = 5
READINESS_FAILURES = 3
JOB_MEMORY, JOB_DISK = "2Gi", "2Gi"
"""A job copies files through its memory; on the node it leaves its logs."""


@frozen
class WorkloadValues:
    """Parts of the values, in the order in which they stand there."""

    container: Values
    ports: Values
    resources: Values
    security: Values
    life: Values


class Workloads:
    """The values of a plan's workloads. Placements that are alike have one workload, and it is asked for by that."""

    def __init__(self) -> None:
        self._made: dict[int, WorkloadValues] = {}

    def of(self, workload: Workload) -> WorkloadValues:
        """The values of one, which nobody changes."""
        known = self._made.get(id(workload))
        if known is None:
            known = self._made[id(workload)] = _values(workload)
        return known


def _values(workload: Workload) -> WorkloadValues:
    main = _container(workload.main)
    mounts = main.pop("volumeMounts")
    path = {"metricsPath": workload.metrics_path} if workload.metrics_path else {}
    ports = {"ports": {port.name: port.number for port in workload.ports}, **path}
    life = {
        "volumeMounts": mounts,
        **_init(workload),
        **_jobs(workload),
        **_probes(workload),
        "shutdown": _shutdown(workload),
    }
    return WorkloadValues(
        container=_shared(main),
        ports=_shared(ports),
        resources=_shared(_resources(workload.resources)),
        security=Shared(_security(workload.security)),
        life=_shared(life),
    )


def _shared(values: Values) -> Values:
    return {key: _once(value) for key, value in values.items()}


def _once(value: Any) -> Any:
    """The same, to be written once."""
    if isinstance(value, dict):
        return Shared(value)
    return SharedItems(value) if isinstance(value, (list, tuple)) else value


def _container(container: Container) -> dict[str, Any]:
    return {
        "image": image(container.image),
        "command": container.command,
        "args": container.args,
        "env": {name: value for name, value in sorted(container.env.items()) if isinstance(value, str)},
        "secretEnv": {
            name: secret(value) for name, value in sorted(container.env.items()) if isinstance(value, SecretRef)
        },
        "volumeMounts": [
            {
                "name": mount.volume,
                "mountPath": mount.path,
                **({"subPath": mount.sub_path} if mount.sub_path else {}),
                **({"readOnly": True} if mount.read_only else {}),
            }
            for mount in container.mounts
        ],
    }


def _resources(asked: ResourcePlan) -> Values:
    cpu = {"cpu": asked.cpu} if asked.cpu else {}
    memory = {"memory": quantity(asked.memory_gib)} if asked.memory_gib else {}
    disk = {"ephemeral-storage": quantity(asked.disk_gib)} if asked.disk_gib else {}
    limits = {"memory": quantity(asked.memory_limit_gib)} if asked.memory_limit_gib else {}
    return {"gpus": asked.gpus, "resources": filled({"requests": {**cpu, **memory, **disk}, "limits": limits})}


def _security(security: Security) -> dict[str, Any]:
    parts = {"runAsUser": security.user, "runAsGroup": security.group, "fsGroup": security.group}
    return {
        "runAsNonRoot": security.non_root,
        **{key: value for key, value in parts.items() if value is not None},
    }


def _init(workload: Workload) -> dict[str, Any]:
    return {
        "initContainers": [
            {"name": container.name, **{key: value for key, value in _container(container).items() if value}}
            for container in workload.init
        ]
    }


def _jobs(workload: Workload) -> dict[str, Any]:
    """Jobs with what they ask for, and only where there are any: most releases have none."""
    asked = {"resources": {"requests": {"memory": JOB_MEMORY, "ephemeral-storage": JOB_DISK}}}
    jobs = [
        {"name": job.name, **{key: value for key, value in _container(job).items() if value}, **asked}
        for job in workload.jobs
    ]
    return {"jobs": jobs} if jobs else {}


def _probes(workload: Workload) -> dict[str, Any]:
    timing = workload.timing
    return {
        "startupProbe": {
            **_check(workload.probe),
            "periodSeconds": timing.period_s,
            "timeoutSeconds": timing.timeout_s,
            "failureThreshold": math.ceil(timing.startup_s / timing.period_s),
        },
        "readinessProbe": {
            **_check(workload.probe),
            "periodSeconds": READINESS_PERIOD_S,
            "timeoutSeconds": timing.timeout_s,
            "failureThreshold": READINESS_FAILURES,
        },
        "livenessProbe": {
            **_check(workload.liveness),
            "periodSeconds": timing.period_s,
            "timeoutSeconds": timing.timeout_s,
            "failureThreshold": timing.failures,
        },
    }


def _check(probe: Probe) -> dict[str, Any]:
    if probe.kind == "exec":
        return {"exec": {"command": probe.command}}
    return {"httpGet": {"path": probe.path, "port": probe.port}}


def _shutdown(workload: Workload) -> dict[str, int]:
    times = workload.shutdown
    return {"preStopSeconds": times.pre_stop_s, "drainSeconds": times.drain_s, "graceSeconds": times.grace_s}
