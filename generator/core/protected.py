"""What a patch must leave alone: names and numbers that other files repeat, by their path in the patched object."""

from collections.abc import Mapping

from generator.core.labels import FILES_DIGEST

ProtectedPaths = Mapping[tuple[str, ...], str]

HELM_PROTECTED: ProtectedPaths = {
    ("fullnameOverride",): "the Service's name, which gateways call,",
    ("model",): "the model's name on labels",
    ("command",): "the command, which holds names and ports,",
    ("args",): "the arguments, which hold served names, ports and GPU counts,",
    ("env",): "the environment, which holds addresses and limits,",
    ("secretEnv",): "the names of secrets",
    ("imagePullSecrets",): "the names of pull secrets",
    ("authorities",): "the file of authorities, which variables name,",
    ("ports",): "the port, which gateways call,",
    ("metricsPath",): "the path of the metrics",
    ("gpus",): "the number of GPUs, which is the tensor parallel size,",
    ("replicaCount",): "the number of replicas, which pools, routes and cost count,",
    ("autoscaling", "enabled"): "the number of replicas, which pools, routes and cost count,",
    ("autoscaling", "minReplicas"): "the number of replicas, which pools, routes and cost count,",
    ("autoscaling", "maxReplicas"): "the number of replicas, which pools, routes and cost count,",
    ("nodeSelector",): "the labels of the pool's nodes",
    ("tolerations",): "the taints of the pool's nodes",
    ("volumeMounts",): "the mounts, whose paths stand in arguments,",
    ("files",): "the files, which the container has by name,",
    ("binaryFiles",): "the files, which the container has by name,",
    ("initContainers",): "the init containers, which fetch the served model,",
    ("startupProbe", "httpGet"): "the probed path and port",
    ("readinessProbe", "httpGet"): "the probed path and port",
    ("livenessProbe", "httpGet"): "the probed path and port",
    ("shutdown",): "the shutdown times, which the arguments repeat,",
    ("autoscaling", "prometheus", "query"): "the query, which names the pods,",
}
"""Of a release's values: what cannot be changed alone. The spec has a field for what may change."""

COMPOSE_PROTECTED: ProtectedPaths = {
    ("command",): "the arguments, which hold served names, ports and GPU counts,",
    ("entrypoint",): "the command, which holds names and ports,",
    ("environment",): "the environment, which holds keys, addresses and limits,",
    ("ports",): "the published port, which other clusters call,",
    ("volumes",): "the mounts, whose paths stand in arguments,",
    ("labels", FILES_DIGEST): "the digest of the files, without which a changed one restarts nothing,",
    ("networks",): "the name, which gateways call,",
    ("network_mode",): "the name, which gateways call,",
    ("profiles",): "whether the service starts; gateways call it",
    ("scale",): "the number of containers; each has GPUs of its own",
    ("gpus",): "the GPUs, which other containers count on,",
    ("deploy", "replicas"): "the number of containers; each has GPUs of its own",
    ("deploy", "resources", "reservations", "devices"): "the GPUs, which other containers count on,",
    ("healthcheck", "test"): "the probed path and port",
    ("stop_grace_period",): "the shutdown time, which the arguments repeat,",
}
"""Of a Compose service. The environment is the spec's `env`, the other keys follow from fields of the spec."""

PROTECTED: Mapping[str, ProtectedPaths] = {"compose": COMPOSE_PROTECTED, "helm": HELM_PROTECTED}
"""By target."""
