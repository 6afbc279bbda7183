"""A gateway as a Helm release: values for its chart, with the configuration that the gateway's own target writes."""

from collections.abc import Callable, Mapping
from typing import Any

from generator.core.errors import BugError
from generator.core.lazy import load
from generator.core.plan import ClusterPlan, ExposePlan, GatewayPlan, Plan, SecretRef
from generator.core.protocols import Target
from generator.gateways import GATEWAYS
from generator.gateways.envoy import words
from generator.targets import TARGETS

CHART = "helm/charts/gateway"
FILES = "/etc/gateway"
SCRATCH = "/tmp"  # noqa: S108 - a folder of the container, its own disk
PRE_STOP_S = 15
"""Until endpoints, load balancers and callers' connections have noticed that a pod goes."""
MARGIN_S = 30
PROGRESS_S = 600
"""The image of some GiB arrives and the program starts in this time; pods that end are not waited for."""

LITELLM_PORT = 4000
LITELLM_METRICS_PORT = 4001
LITELLM_READY = "/health/readiness"
LITELLM_ALIVE = "/health/liveliness"  # sic

_ANYWHERE = [{"namespaceSelector": {}}, *({"ipBlock": {"cidr": cidr}} for cidr in ("0.0.0.0/0", "::/0"))]

Values = dict[str, Any]


def values(gateway: GatewayPlan, cluster: ClusterPlan, plan: Plan) -> Mapping[str, Any]:
    """The release's values.

    Raises:
        BugError: a gateway kind that has no release here.
    """
    build = KINDS.get(gateway.kind)
    if build is None:
        raise BugError(f"no Helm release for a gateway of kind {gateway.kind!r}")
    found: Values = {
        "fullnameOverride": gateway.name,
        "commonLabels": {"app.kubernetes.io/part-of": plan.fleet},
        "image": _image(gateway),
        **({"imagePullSecrets": [plan.pull_secret]} if plan.pull_secret else {}),
        "shutdown": _shutdown(gateway),
        **build(gateway, _configuration(gateway, plan)),
        **_replicas(gateway),
        "progressDeadlineSeconds": PROGRESS_S,
    }
    found |= _network(gateway.expose, cluster)
    if found.get("metricsPath"):
        found |= _monitor(cluster)
    found |= _exposure(gateway.expose, found["readinessProbe"]["httpGet"]["path"])
    return {key: value for key, value in found.items() if value not in ({}, [], ())}


def header(gateway: GatewayPlan, cluster: ClusterPlan, plan: Plan) -> str:
    """What stands on top of the values file; its second line is the command that installs the release."""
    return (
        f"Gateway {gateway.name} of fleet {plan.fleet}, environment {plan.environment}."
        " Written by gen; change the spec.\n"
        f"helm upgrade --install {gateway.name} ../charts/gateway -n {cluster.namespace}"
        f" -f {gateway.name}.gateway.values.yaml"
    )


def _configuration(gateway: GatewayPlan, plan: Plan) -> dict[str, str]:
    """What the gateway's own target writes for it, by path below its folder: the release mounts the same bytes."""
    target: Target = load(TARGETS[GATEWAYS[gateway.kind]])
    folder = f"gateway/{gateway.name}/"
    return {
        artifact.path.removeprefix(folder): artifact.content.decode()
        for artifact in target.render(plan)
        if artifact.path.startswith(folder)
    }


def _litellm(gateway: GatewayPlan, configuration: Mapping[str, str]) -> Values:
    env = {**gateway.env, "HOME": SCRATCH}
    secret_env = {ref.env: _key(ref) for ref in sorted(gateway.secrets, key=lambda ref: ref.env)}
    migration: Values = {}
    if gateway.database is not None:
        # Migrations look for the URL under this name.
        secret_env["DATABASE_URL"] = _key(gateway.database)
        migration = {
            "enabled": True,
            "args": ["--skip_server_startup"],
            # Migrations of a database that was not empty are written down first, beside copies of the others.
            "env": dict(sorted({**env, "LITELLM_MIGRATION_DIR": f"{SCRATCH}/migrations"}.items())),
            "secretEnv": {"DATABASE_URL": _key(gateway.database)},
        }
        # The Job has done it; pods that start together must not try it all at once.
        env = {**env, "DISABLE_SCHEMA_UPDATE": "True"}
    return {
        # The metrics on the port of callers ask for a key, and only the master key will do, which would make Prometheus
        # an administrator. So they have a port of their own, which the network policy opens to Prometheus alone.
        "args": [
            *("--config", f"{FILES}/config.yaml", "--port", str(LITELLM_PORT)),
            *("--prometheus_metrics_port", str(LITELLM_METRICS_PORT)),
        ],
        "env": dict(sorted(env.items())),
        "secretEnv": dict(sorted(secret_env.items())),
        "files": {"config.yaml": configuration["config.yaml"]},
        "filesPath": FILES,
        # The samples of the metrics, and whatever libraries keep in a home.
        "scratch": {SCRATCH: "1Gi"},
        "ports": {"http": LITELLM_PORT, "metrics": LITELLM_METRICS_PORT},
        "metricsPath": "/metrics",
        # One process works on one core. It takes 0.4 GiB at rest and more with each open stream.
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        "migration": migration,
        # `/health` itself would call every model, and cost tokens.
        "startupProbe": _probe(LITELLM_READY, period=5, failures=60),
        "readinessProbe": _probe(LITELLM_READY, period=5, failures=3),
        "livenessProbe": _probe(LITELLM_ALIVE, period=10, failures=6),
    }


def _envoy(gateway: GatewayPlan, configuration: Mapping[str, str]) -> Values:
    keys = [*gateway.secrets, *(tenant.key for tenant in gateway.tenants)]
    # Kubernetes replaces all files of a volume by one link at its top, and that is where Envoy watches.
    live = {path.removeprefix("xds/"): text for path, text in configuration.items() if path.startswith("xds/")}
    return {
        # By itself it ends at SIGTERM without waiting for running calls.
        "command": ["bash", f"{words.DISCOVERY}/{words.RUN}"],
        "args": [str(gateway.longest_call_s), "-c", f"{words.DISCOVERY}/envoy.yaml", "--disable-hot-restart"],
        "files": {name: configuration[name] for name in ("envoy.yaml", "run.sh")},
        "liveFiles": dict(sorted(live.items())),
        "filesPath": words.DISCOVERY,
        "secretFiles": {ref.env: _key(ref) for ref in sorted(keys, key=lambda ref: ref.env)},
        "secretFilesPath": words.SECRETS,
        "ports": {"http": words.PORT, "metrics": words.METRICS_PORT},
        "metricsPath": "/stats/prometheus",
        # 66 MiB at rest; each open call holds its prompt until it has a first token.
        "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
        "startupProbe": _probe("/health", period=2, failures=30),
        "readinessProbe": _probe("/health", period=5, failures=3),
        "livenessProbe": _probe("/health", period=10, failures=6),
    }


KINDS: Mapping[str, Callable[[GatewayPlan, Mapping[str, str]], Values]] = {"envoy": _envoy, "litellm": _litellm}
"""By kind: everything of a release that depends on the program. The mapping holds its files, by path."""


def _key(ref: SecretRef) -> dict[str, str]:
    return {"secret": ref.secret, "key": ref.key}


def _probe(path: str, *, period: int, failures: int) -> Values:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def _image(gateway: GatewayPlan) -> dict[str, str]:
    image = gateway.image
    parts = {"repository": image.repository, "tag": image.tag, "digest": image.digest}
    return {key: value for key, value in parts.items() if value}


def _replicas(gateway: GatewayPlan) -> Values:
    least, most = gateway.min_replicas, gateway.max_replicas
    if least == most:
        return {"replicaCount": least}
    return {"autoscaling": {"enabled": True, "minReplicas": least, "maxReplicas": most}}


def _shutdown(gateway: GatewayPlan) -> dict[str, int]:
    drain = gateway.longest_call_s
    return {"preStopSeconds": PRE_STOP_S, "drainSeconds": drain, "graceSeconds": PRE_STOP_S + drain + MARGIN_S}


def _network(expose: ExposePlan | None, cluster: ClusterPlan) -> Values:
    """Who may call and who may scrape, where it is not what the chart supposes.

    Load balancers may call pods directly, from addresses that nobody knows before; every call needs a key.
    """
    policy: Values = {"ingressFrom": _ANYWHERE} if expose else {}
    if cluster.monitor_namespace:
        labels = {"kubernetes.io/metadata.name": cluster.monitor_namespace}
        policy["metricsFrom"] = [{"namespaceSelector": {"matchLabels": labels}}]
    return {"networkPolicy": policy}


def _monitor(cluster: ClusterPlan) -> Values:
    if "prometheus-operator" not in cluster.has:
        return {}
    labels = {"labels": cluster.monitor_labels} if cluster.monitor_labels else {}
    return {"podMonitor": {"enabled": True, **labels}}


def _exposure(expose: ExposePlan | None, ready: str) -> Values:
    if expose is None:
        return {}
    if expose.parent:
        namespace = {"namespace": expose.parent_namespace} if expose.parent_namespace else {}
        route = {"enabled": True, "gateway": {"name": expose.parent, **namespace}}
        return {"exposure": {"host": expose.host, "httpRoute": route}}
    annotations = {key: value.replace("{ready}", ready) for key, value in sorted(expose.annotations.items())}
    ingress = {
        "enabled": True,
        "className": expose.ingress_class,
        **({"annotations": annotations} if annotations else {}),
        **({"tlsSecret": expose.tls_secret} if expose.tls_secret else {}),
    }
    return {"exposure": {"host": expose.host, "ingress": ingress}}
