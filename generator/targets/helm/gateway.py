"""A gateway as a Helm release: values for its chart, of the container that its kind describes."""

from collections.abc import Mapping
from typing import Any

from generator.core import layout
from generator.core.labels import part_of
from generator.core.plan import ClusterPlan, ExposePlan, GatewayPlan, Plan, ResourcePlan, SecretRef
from generator.core.plan.service import SECRETS, Files, Health, Job, Service, spelled
from generator.gateways.bundle import Bundle
from generator.gateways.pods import ANYWHERE, PRE_STOP_S
from generator.render.header import header, owner
from generator.targets.helm.parts import (
    Values,
    authorities,
    authorities_lines,
    filled,
    image,
    monitor,
    quantity,
    scraping,
    secret,
    secret_lines,
)

CHART = layout.chart("gateway")
PROGRESS_S = 600
"""The image of some GiB arrives and the program starts in this time; pods that end are not waited for."""
READY_PERIOD_S, READY_FAILURES = 5, 3
ALIVE_PERIOD_S, ALIVE_FAILURES = 10, 6
PROBE_TIMEOUT_S = 5

Environment = Mapping[str, str | SecretRef]


def values(item: Bundle, service: Service, cluster: ClusterPlan, plan: Plan) -> Mapping[str, Any]:
    """The release's values. Its container reads some of the files of the gateway's folder."""
    gateway = item.gateway
    return filled(
        {
            "fullnameOverride": gateway.name,
            "commonLabels": part_of(plan.fleet),
            "image": image(service.image),
            **({"imagePullSecrets": [plan.pull_secret]} if plan.pull_secret else {}),
            "shutdown": _shutdown(service),
            **_program(service),
            **authorities(cluster),
            **_files(service.files, item.files),
            "filesChecksum": item.checksum,
            **_secret_files(service),
            "scratch": {folder.path: quantity(folder.size_gib) for folder in service.scratch},
            "ports": {port.name: port.number for port in service.ports},
            **({"metricsPath": service.metrics_path} if service.metrics_path else {}),
            "resources": _resources(service.resources),
            "migration": _migration(service, service.before) if service.before else {},
            **_probes(service.health),
            **_replicas(gateway),
            "progressDeadlineSeconds": PROGRESS_S,
            "networkPolicy": {**({"ingressFrom": ANYWHERE} if gateway.expose else {}), **scraping(cluster)},
            **(monitor(cluster) if service.metrics_path else {}),
            **(_exposure(gateway.expose, service) if gateway.expose else {}),
        }
    )


def head(gateway: GatewayPlan, service: Service, cluster: ClusterPlan, plan: Plan) -> str:
    """What stands on top of the values file; its second line is the command that installs the release."""
    path = layout.gateway_release(cluster.name, gateway.name)
    return header(
        f"Gateway {gateway.name} of {owner(plan)}",
        f"helm upgrade --install {gateway.name} {layout.beside(path, CHART)} -n {cluster.namespace}"
        f" -f {layout.beside(path, path)}",
        *secret_lines((*service.env.values(), *service.secret_files), plan),
        *authorities_lines(cluster),
    )


def _program(service: Service) -> Values:
    folder = service.files.together
    env: Environment = {**service.env, **(service.before.afterwards if service.before else {})}
    return {
        "command": spelled(service.command, folder),
        "args": [*spelled(service.args, folder), *service.metrics_args],
        **_environment(service, env),
    }


def _environment(service: Service, env: Environment) -> Values:
    """Texts and secrets by name. In the pods nothing but scratch folders can be written."""
    texts = {name: value for name, value in env.items() if isinstance(value, str)}
    leading = {name: value for folder in service.scratch for name, value in folder.env.items()}
    secrets = {name: secret(value) for name, value in env.items() if isinstance(value, SecretRef)}
    return {"env": dict(sorted({**texts, **leading}.items())), "secretEnv": dict(sorted(secrets.items()))}


def mounted(files: Files, texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the container reads of the gateway's folder: fixed and watched files by their path in its volume."""
    inside = f"{files.watched}/" if files.watched else ""
    watched = {path.removeprefix(inside): text for path, text in texts.items() if inside and path.startswith(inside)}
    return {name: texts[name] for name in files.fixed}, dict(sorted(watched.items()))


def _files(files: Files, texts: Mapping[str, str]) -> Values:
    """The files as one volume: Kubernetes replaces all of them by one link at its top."""
    fixed, watched = mounted(files, texts)
    return {"files": fixed, "liveFiles": watched, "filesPath": files.together}


def _secret_files(service: Service) -> Values:
    if not service.secret_files:
        return {}
    files = {ref.env: secret(ref) for ref in sorted(service.secret_files, key=lambda ref: ref.env)}
    return {"secretFiles": files, "secretFilesPath": SECRETS}


def _resources(asked: ResourcePlan) -> Values:
    cpu = {"cpu": asked.cpu} if asked.cpu else {}
    memory = {"memory": quantity(asked.memory_gib)} if asked.memory_gib else {}
    limits = {"memory": quantity(asked.memory_limit_gib)} if asked.memory_limit_gib else {}
    return filled({"requests": {**cpu, **memory}, "limits": limits})


def _migration(service: Service, job: Job) -> Values:
    return filled({"enabled": True, "args": list(job.args), **_environment(service, job.env)})


def _probes(health: Health) -> Values:
    return {
        "startupProbe": _probe(health.ready, health.poll_s, health.longest_start_s // health.poll_s),
        "readinessProbe": _probe(health.ready, READY_PERIOD_S, READY_FAILURES),
        "livenessProbe": _probe(health.alive, ALIVE_PERIOD_S, ALIVE_FAILURES),
    }


def _probe(path: str, period: int, failures: int) -> Values:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "timeoutSeconds": PROBE_TIMEOUT_S,
        "failureThreshold": failures,
    }


def _replicas(gateway: GatewayPlan) -> Values:
    least, most = gateway.min_replicas, gateway.max_replicas
    if least == most:
        return {"replicaCount": least}
    return {"autoscaling": {"enabled": True, "minReplicas": least, "maxReplicas": most}}


def _shutdown(service: Service) -> dict[str, int]:
    return {
        "preStopSeconds": PRE_STOP_S,
        "drainSeconds": service.drain_s,
        "graceSeconds": PRE_STOP_S + service.end_s,
    }


def _exposure(expose: ExposePlan, service: Service) -> Values:
    shared = {"host": expose.host, "paths": list(service.public_paths)}
    if expose.parent:
        namespace = {"namespace": expose.parent_namespace} if expose.parent_namespace else {}
        route = {"enabled": True, "gateway": {"name": expose.parent, **namespace}}
        return {"exposure": {**shared, "httpRoute": route}}
    annotations = expose.notes(service.health.ready)
    ingress = {
        "enabled": True,
        "className": expose.ingress_class,
        **({"annotations": annotations} if annotations else {}),
        **({"tlsSecret": expose.tls_secret} if expose.tls_secret else {}),
    }
    return {"exposure": {**shared, "ingress": ingress}}
