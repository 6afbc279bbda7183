"""Clusters and their pools, decided."""

import re

from generator.clouds import CLOUDS
from generator.core.finding import Findings, Path
from generator.core.lazy import load
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan import state as states
from generator.core.protocols import Cloud
from generator.core.spec import Cluster, Fleet, Prometheus, State
from generator.resolve import network
from generator.resolve.clusters.addons import addons

_SERVICE_URL = re.compile(
    r"https?://[a-z0-9-]+\.(?P<namespace>[a-z0-9-]+)(\.svc(\.cluster\.local\.?)?)?(:[0-9]+)?(/.*)?"
)


def clusters(fleet: Fleet, environment: str, findings: Findings) -> tuple[ClusterPlan, ...]:
    """The clusters that can be decided, by name."""
    return tuple(_cluster(fleet, environment, name, findings) for name in sorted(fleet.clusters))


def _cluster(fleet: Fleet, environment: str, name: str, findings: Findings) -> ClusterPlan:
    spec = fleet.clusters[name]
    path: Path = ("clusters", name)
    cloud: Cloud = load(CLOUDS[spec.platform])
    if findings.intact(path):
        findings.extend(list(cloud.check(spec, path)))
    prometheus = spec.prometheus or Prometheus()
    created: Path = (*path, "cluster", "create")
    theirs, problems = cloud.cluster(f"{fleet.name}-{environment}-{name}", spec, created)
    if findings.intact(created):
        findings.extend(list(problems))
    return ClusterPlan(
        name=name,
        path=path,
        platform=spec.platform,
        kubernetes=spec.kubernetes,
        region=spec.region or "",
        namespace=spec.namespace,
        has=frozenset(spec.has),
        storage_class=spec.storage_class or "",
        monitor_labels=dict(sorted(prometheus.labels.items())),
        monitor_namespace=_namespace(prometheus.url or ""),
        state=_state(spec.state, f"{fleet.name}/{environment}/{name}") if spec.state else None,
        bind=spec.bind,
        pools=tuple(pool for pool in (_pool(cloud, name, spec, key, findings) for key in sorted(spec.pools)) if pool),
        addons=addons(
            spec,
            cloud.lacks,
            {item.kind for item in fleet.gateways.values() if item.cluster == name},
            fleet.images,
        ),
        cloud=theirs,
        authorities=network.authorities(fleet, name),
    )


def _namespace(url: str) -> str:
    """The namespace in a Service's address (`http://name.namespace:9090`); empty for an address elsewhere."""
    match = _SERVICE_URL.fullmatch(url)
    return match["namespace"] if match else ""


def _pool(cloud: Cloud, cluster: str, spec: Cluster, name: str, findings: Findings) -> NodePool | None:
    path: Path = ("clusters", cluster, "pools", name)
    if not findings.intact(path):
        return None
    pool, problems = cloud.node_pool(name, spec.pools[name], spec, path)
    findings.extend(list(problems))
    # A pool with a mistake is not there for its placements: they would repeat it in other words.
    return pool if findings.intact(path) else None


def _state(spec: State, path: str) -> states.TerraformState | None:
    if spec.s3 is not None:
        return states.S3State(spec.s3.bucket, spec.s3.region, spec.s3.key or f"{path}.tfstate")
    if spec.gcs is not None:
        return states.GcsState(spec.gcs.bucket, spec.gcs.prefix or path)
    if spec.azurerm is not None:
        blob = spec.azurerm
        return states.AzurermState(blob.storage_account, blob.container, blob.key or f"{path}.tfstate")
    return None
