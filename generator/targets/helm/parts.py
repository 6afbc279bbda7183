"""What the values of models' and of gateways' releases have in common."""

import math
from collections.abc import Iterable
from typing import Any

from generator.core.plan import ClusterPlan, ImageRef, Plan, SecretRef
from generator.core.plan.network import CA_FILE
from generator.render.header import purposes

Values = dict[str, Any]


def image(ref: ImageRef) -> dict[str, str]:
    """An image in its parts."""
    parts = {"repository": ref.repository, "tag": ref.tag, "digest": ref.digest}
    return {key: value for key, value in parts.items() if value}


def secret(ref: SecretRef) -> dict[str, str]:
    """A secret's entry."""
    return {"secret": ref.secret, "key": ref.key}


def secret_lines(values: Iterable[object], plan: Plan) -> list[str]:
    """What a header says of the secrets among these values: whoever installs the release creates them before."""
    refs = {value for value in values if isinstance(value, SecretRef)}
    return [
        f"Secret {ref.secret}, key {ref.key}: {purposes(plan.secrets.get(ref, ()))}".rstrip(": ")
        for ref in sorted(refs, key=lambda ref: (ref.secret, ref.key))
    ]


def quantity(gib: float) -> str:
    """GiB as Kubernetes writes it, never less than asked."""
    return f"{int(gib)}Gi" if gib == int(gib) else f"{math.ceil(gib * 1024)}Mi"


def scraping(cluster: ClusterPlan) -> Values:
    """Who may scrape, where it is not the namespace that the charts suppose."""
    if not cluster.monitor_namespace:
        return {}
    labels = {"kubernetes.io/metadata.name": cluster.monitor_namespace}
    return {"metricsFrom": [{"namespaceSelector": {"matchLabels": labels}}]}


def authorities(cluster: ClusterPlan) -> Values:
    """Where the charts find the authorities that every container trusts, and where they mount them."""
    found = cluster.authorities
    if found is None:
        return {}
    return {"authorities": {found.kind: found.ref, "key": found.key, "path": CA_FILE}}


def authorities_lines(cluster: ClusterPlan) -> list[str]:
    """What a header says of them: whoever installs the release creates them before."""
    found = cluster.authorities
    if found is None:
        return []
    kind = "ConfigMap" if found.kind == "configMap" else "Secret"
    return [f"{kind} {found.ref}, key {found.key}: the authorities that all containers trust, in PEM"]


def monitor(cluster: ClusterPlan) -> Values:
    """The PodMonitor, where there is somebody to read it."""
    if "prometheus-operator" not in cluster.has:
        return {}
    labels = {"labels": cluster.monitor_labels} if cluster.monitor_labels else {}
    return {"podMonitor": {"enabled": True, **labels}}


def filled(values: Values) -> Values:
    """The values without what is empty."""
    return {key: value for key, value in values.items() if value not in ({}, [], ())}
