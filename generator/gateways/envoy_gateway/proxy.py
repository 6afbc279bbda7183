"""The gateway itself: its listener, its pods, who may call it, and how callers from outside come in."""

from collections.abc import Iterator

from generator.core.labels import GATEWAY, part_of
from generator.core.plan import ExposePlan
from generator.core.plan.network import CA_FOLDER, CA_NAME, AuthoritiesPlan
from generator.gateways.calls import TASK_PATHS, TENANT_HEADER, public_paths
from generator.gateways.envoy_gateway.words import (
    AI_METRICS_PORT,
    ENVOY_GATEWAY,
    GATEWAY_API,
    METRICS_PORT,
    MODEL,
    PORT,
    Place,
    Words,
    span,
    target,
)
from generator.gateways.pods import ANYWHERE, PRE_STOP_S

CONTROLLER = f"{ENVOY_GATEWAY}/gatewayclass-controller"
READY = "/health"
LONGEST_PROMPT = "32Mi"
"""Of a call's body, which is kept until the call is answered, for the next backend. Envoy Gateway's own is 32 KiB."""

_SERVED = {task: paths for task, paths in TASK_PATHS.items() if task != "rerank"}
"""What callers may ask from outside; it has a rerank of Cohere's kind alone."""

_CALLERS_OWN = ("x-api-key", "api-key", "x-goog-api-key", "cookie", "forwarded", "proxy-authorization")
_PREFIXES = ("x-envoy-", "x-ai-eg-", "x-forwarded-", "openai-", "anthropic-", "x-stainless-", "cf-access-")
"""What callers may not say, in place of the gateway or to a backend. Its objects have no list of what may pass."""

_TRUSTED = {"name": "authorities", "mountPath": CA_FOLDER, "readOnly": True}

_LOGGED = {
    "time": "%START_TIME%",
    "tenant": f"%REQ({TENANT_HEADER})%",
    "model": f"%REQ({MODEL})%",
    "upstream": "%UPSTREAM_HOST%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "duration_ms": "%DURATION%",
    "request_id": "%REQ(X-REQUEST-ID)%",
}


def objects(place: Place) -> Iterator[Words]:
    """Everything that is neither a route nor a backend."""
    name, api = place.gateway.name, f"{ENVOY_GATEWAY}/v1alpha1"
    yield _class(place)
    yield place.thing(api, "EnvoyProxy", name, spec=_pods(place))
    yield place.thing(f"{GATEWAY_API}/v1", "Gateway", name, spec=_gateway(place))
    yield place.thing(api, "ClientTrafficPolicy", name, spec=_callers(place))
    yield place.thing(api, "SecurityPolicy", name, spec=_keys(place))
    yield place.thing("networking.k8s.io/v1", "NetworkPolicy", name, spec=_network(place))
    if "prometheus-operator" in place.cluster.has:
        yield _monitor(place)
    if place.gateway.expose:
        yield _exposure(place, place.gateway.expose)


def class_name(place: Place) -> str:
    """Of the GatewayClass, which belongs to the whole cluster."""
    return f"{place.plan.fleet}-{place.gateway.name}"


def _class(place: Place) -> Words:
    labels = part_of(place.plan.fleet)
    return {
        "apiVersion": f"{GATEWAY_API}/v1",
        "kind": "GatewayClass",
        "metadata": {"name": class_name(place), "labels": labels},
        "spec": {"controllerName": CONTROLLER},
    }


def _gateway(place: Place) -> Words:
    parameters = {"group": ENVOY_GATEWAY, "kind": "EnvoyProxy", "name": place.gateway.name}
    return {
        "gatewayClassName": class_name(place),
        "infrastructure": {"parametersRef": parameters},
        # TLS ends before it, at an ingress controller or another Gateway.
        "listeners": [{"name": "http", "protocol": "HTTP", "port": PORT}],
    }


def _pods(place: Place) -> Words:
    gateway = place.gateway
    fixed = gateway.min_replicas == gateway.max_replicas
    scale = {"minReplicas": gateway.min_replicas, "maxReplicas": gateway.max_replicas}
    deployment = {
        **({"replicas": gateway.min_replicas} if fixed else {}),
        "pod": _pod(place),
        "container": {
            "image": gateway.image.reference,
            **_environment(place),
            **({"volumeMounts": [_TRUSTED]} if place.cluster.authorities else {}),
            # Each open call holds its prompt until it has a first token.
            "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
        },
    }
    kubernetes = {
        "envoyDeployment": deployment,
        **({} if fixed else {"envoyHpa": scale}),
        **({"envoyPDB": {"maxUnavailable": 1}} if gateway.min_replicas > 1 else {}),
        "envoyService": {"name": gateway.name, "type": "ClusterIP"},
    }
    logged = {"format": {"type": "JSON", "json": _LOGGED}, "sinks": [{"type": "File", "file": {"path": "/dev/stdout"}}]}
    return {
        "provider": {"type": "Kubernetes", "kubernetes": kubernetes},
        "shutdown": {"drainTimeout": span(gateway.longest_call_s), "minDrainDuration": span(PRE_STOP_S)},
        "telemetry": {"accessLog": {"settings": [logged]}},
    }


def _environment(place: Place) -> Words:
    """Variables as Kubernetes takes them, which would read `$(NAME)` and `$$` as its own."""
    given = {**place.gateway.given, **place.gateway.env}
    entries = [
        {"name": name, "value": value.replace("$", "$$") if "$(" in value or "$$" in value else value}
        if isinstance(value, str)
        else {"name": name, "valueFrom": {"secretKeyRef": {"name": value.secret, "key": value.key}}}
        for name, value in sorted(given.items())
    ]
    return {"env": entries} if entries else {}


def _pod(place: Place) -> Words:
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": _owned(place)},
    }
    secrets = {"imagePullSecrets": [{"name": place.plan.pull_secret}]} if place.plan.pull_secret else {}
    return {
        # By it the models' network policies let the pods in.
        "labels": {GATEWAY: "true", **part_of(place.plan.fleet)},
        **secrets,
        **_volumes(place.cluster.authorities),
        "topologySpreadConstraints": [spread],
    }


def _volumes(authorities: AuthoritiesPlan | None) -> Words:
    if authorities is None:
        return {}
    items = [{"key": authorities.key, "path": CA_NAME}]
    named = "name" if authorities.kind == "configMap" else "secretName"
    return {"volumes": [{"name": _TRUSTED["name"], authorities.kind: {named: authorities.ref, "items": items}}]}


def _owned(place: Place) -> dict[str, str]:
    """The labels that Envoy Gateway gives to the pods of a Gateway."""
    return {
        f"{ENVOY_GATEWAY}/owning-gateway-name": place.gateway.name,
        f"{ENVOY_GATEWAY}/owning-gateway-namespace": place.cluster.namespace,
    }


def _callers(place: Place) -> Words:
    return {
        "targetRefs": [target("Gateway", place.gateway.name)],
        "connection": {"bufferLimit": LONGEST_PROMPT},
        "headers": {
            # What only the gateway may say, and what would let a caller steer retries and timeouts.
            "earlyRequestHeaders": {
                "remove": [TENANT_HEADER, *_CALLERS_OWN],
                "removeOnMatch": [{"type": "Prefix", "value": prefix} for prefix in _PREFIXES],
            }
        },
        "healthCheck": {"path": READY},
        # Routes have limits of their own; the usual five minutes of silence would come before some of them.
        "timeout": {"http": {"requestReceivedTimeout": "2m", "streamIdleTimeout": "0s"}},
    }


def _keys(place: Place) -> Words:
    """Who calls, by the key; each route has a policy of its own that says who may."""
    return {
        "targetRefs": [target("Gateway", place.gateway.name)],
        "apiKeyAuth": {
            "credentialRefs": [{"name": place.callers}],
            "extractFrom": [{"headers": ["Authorization"]}],
            "forwardClientIDHeader": TENANT_HEADER,
            "sanitize": True,
        },
    }


def _network(place: Place) -> Words:
    monitoring = {"kubernetes.io/metadata.name": place.cluster.monitor_namespace or "monitoring"}
    metrics = [{"port": port, "protocol": "TCP"} for port in (METRICS_PORT, AI_METRICS_PORT)]
    return {
        "podSelector": {"matchLabels": _owned(place)},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": ANYWHERE if place.gateway.expose else [{"namespaceSelector": {}}],
                "ports": [{"port": PORT, "protocol": "TCP"}],
            },
            {"from": [{"namespaceSelector": {"matchLabels": monitoring}}], "ports": metrics},
        ],
    }


def _monitor(place: Place) -> Words:
    monitor = place.thing(
        "monitoring.coreos.com/v1",
        "PodMonitor",
        place.gateway.name,
        spec={
            "selector": {"matchLabels": _owned(place)},
            "podMetricsEndpoints": [
                {"port": "metrics", "path": "/stats/prometheus", "interval": "15s"},
                {"port": "aigw-admin", "path": "/metrics", "interval": "15s"},
            ],
        },
    )
    monitor["metadata"]["labels"] = {**place.labels, **place.cluster.monitor_labels}
    return monitor


def _exposure(place: Place, expose: ExposePlan) -> Words:
    return _behind_gateway(place, expose) if expose.parent else _behind_ingress(place, expose)


def _behind_gateway(place: Place, expose: ExposePlan) -> Words:
    namespace = {"namespace": expose.parent_namespace} if expose.parent_namespace else {}
    rule = {
        "matches": [{"path": {"type": "Exact", "value": path}} for path in _paths(place)],
        # None: an answer may take as long as the routes' own timeouts say.
        "timeouts": {"request": "0s"},
        "backendRefs": [{"name": place.gateway.name, "port": PORT}],
    }
    return place.thing(
        f"{GATEWAY_API}/v1",
        "HTTPRoute",
        place.gateway.name,
        spec={"parentRefs": [{"name": expose.parent, **namespace}], "hostnames": [expose.host], "rules": [rule]},
    )


def _paths(place: Place) -> tuple[str, ...]:
    return public_paths(place.gateway, _SERVED)


def _behind_ingress(place: Place, expose: ExposePlan) -> Words:
    service = {"name": place.gateway.name, "port": {"number": PORT}}
    backend = {"service": service}
    paths = [{"path": path, "pathType": "Exact", "backend": backend} for path in _paths(place)]
    ingress = place.thing(
        "networking.k8s.io/v1",
        "Ingress",
        place.gateway.name,
        spec={
            "ingressClassName": expose.ingress_class,
            **({"tls": [{"hosts": [expose.host], "secretName": expose.tls_secret}]} if expose.tls_secret else {}),
            "rules": [{"host": expose.host, "http": {"paths": paths}}],
        },
    )
    if expose.annotations:
        ingress["metadata"]["annotations"] = expose.notes(READY)
    return ingress
