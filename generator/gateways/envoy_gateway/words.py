"""The words of Envoy Gateway's resources: API groups, names of objects, durations."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from generator.core.frozen import frozen
from generator.core.labels import INSTANCE, part_of
from generator.core.plan import Backend, ClusterPlan, GatewayPlan, Plan, RoutePlan, SecretRef
from generator.core.plan.variants import variants
from generator.render.emit import Shared

GATEWAY_API = "gateway.networking.k8s.io"
ENVOY_GATEWAY = "gateway.envoyproxy.io"
AI_GATEWAY = "aigateway.envoyproxy.io"

PORT = 4000
METRICS_PORT = 19001
"""Where each pod tells Prometheus of Envoy; that of the translating container beside it is 1064."""
AI_METRICS_PORT = 1064
MODEL = "x-ai-eg-model"
MASTER = "_master"
"""What the holder of the master key is called among tenants, whose names hold no such character."""

Words = dict[str, Any]

_LONGEST_NAME = 63


@frozen
class Place:
    """A gateway, where it runs, and what its objects are called: routes by name, upstreams by key, secrets by key."""

    gateway: GatewayPlan
    cluster: ClusterPlan
    plan: Plan
    routes: dict[str, str]
    upstreams: dict[str, str]
    secrets: dict[SecretRef, str]
    labels: Shared

    def thing(self, api: str, kind: str, name: str, **fields: Any) -> Words:
        """An object in the gateway's namespace; `api` is its group and version."""
        metadata = {"name": name, "namespace": self.cluster.namespace, "labels": self.labels}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}

    @property
    def callers(self) -> str:
        """The secret with the keys of all who may call, by their names."""
        return f"{self.gateway.name}-callers"


def place(gateway: GatewayPlan, cluster: ClusterPlan, plan: Plan) -> Place:
    """The gateway with the names of all its objects."""
    backends = [backend for route in gateway.routes for backend in reached(route)]
    keys = {backend.key for backend in backends if backend.key}
    called = names(f"{gateway.name}-key", (f"{ref.secret}/{ref.key}" for ref in keys))
    return Place(
        gateway,
        cluster,
        plan,
        labels=Shared({INSTANCE: gateway.name, **part_of(plan.fleet)}),
        routes=names(gateway.name, (route.name for route in gateway.routes)),
        upstreams=names(gateway.name, map(upstream, backends)),
        secrets={ref: called[f"{ref.secret}/{ref.key}"] for ref in sorted(keys, key=lambda ref: (ref.secret, ref.key))},
    )


def reached(route: RoutePlan) -> Iterator[Backend]:
    """The backends that the route's calls can go to; copies of calls go nowhere here."""
    for variant in variants(route):
        for stage in variant.stages:
            yield from stage.tier.backends


def upstream(backend: Backend) -> str:
    """What stands for a backend's address and key: a provider once for all its models."""
    return backend.provider or backend.id


def names(prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """A name for each id, made of the prefix and the id; a digest tells apart what would be called alike."""
    plain = {id: f"{prefix}-{re.sub('[^a-z0-9]+', '-', id.lower()).strip('-')}" for id in sorted(set(ids))}
    used = Counter(plain.values())
    return {
        id: name if used[name] == 1 and len(name) <= _LONGEST_NAME else _distinct(name, id)
        for id, name in plain.items()
    }


def _distinct(name: str, id: str) -> str:
    digest = hashlib.sha256(id.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9].rstrip('-')}-{digest}"


@cache
def span(seconds: float) -> str:
    """Seconds as the Gateway API writes durations: whole numbers of at most five digits, each with its unit."""
    milliseconds = round(seconds * 1000)
    text = ""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, milliseconds = divmod(milliseconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def target(kind: str, name: str) -> Words:
    """What a policy is for, an object of the Gateway API."""
    return {"group": GATEWAY_API, "kind": kind, "name": name}
