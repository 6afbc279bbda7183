"""Clusters and their pools, decided."""

import re

from generator.clouds import CLOUDS
from generator.clouds import created as creation
from generator.core.finding import Findings, Path
from generator.core.lazy import load
from generator.core.plan import ClusterPlan, CreatedPlan, NodePool, TerraformState
from generator.core.protocols import Cloud
from generator.core.spec import Cluster, Fleet, Prometheus, State
from generator.resolve.clusters.addons import addons, karpenter

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
    theirs = spec.cluster
    existing = (theirs.existing or "") if theirs else ""
    created = _created(fleet.name, environment, name, spec, findings)
    return ClusterPlan(
        name=name,
        path=path,
        platform=spec.platform,
        kubernetes=spec.kubernetes,
        region=spec.region or "",
        namespace=spec.namespace,
        existing=existing,
        subnets=tuple(theirs.subnets) if theirs else (),
        node_role=(theirs.node_role or "") if theirs else "",
        has=frozenset(spec.has),
        storage_class=spec.storage_class or "",
        monitor_labels=dict(sorted(prometheus.labels.items())),
        state=_state(fleet.name, environment, name, spec),
        bind=spec.bind,
        pools=tuple(pool for pool in (_pool(cloud, name, spec, key, findings) for key in sorted(spec.pools)) if pool),
        monitor_namespace=_namespace(prometheus.url or ""),
        project=(theirs.project or "") if theirs else "",
        zone=(theirs.zone or "") if theirs else "",
        resource_group=(theirs.resource_group or "") if theirs else "",
        subscription=(theirs.subscription or "") if theirs else "",
        addons=addons(spec, {item.kind for item in fleet.gateways.values() if item.cluster == name}),
        karpenter=karpenter(spec, created.name if created else existing),
        created=created,
    )


def _created(fleet: str, environment: str, name: str, spec: Cluster, findings: Findings) -> CreatedPlan | None:
    path: Path = ("clusters", name, "cluster", "create")
    plan = creation.created(fleet, environment, name, spec)
    if plan is not None and findings.intact(path):
        findings.extend(list(creation.check(plan, spec, path)))
    return plan


def _namespace(url: str) -> str:
    """The namespace in a Service's address (`http://name.namespace:9090`); empty for an address elsewhere."""
    found = _SERVICE_URL.fullmatch(url)
    return found["namespace"] if found else ""


def _pool(cloud: Cloud, cluster: str, spec: Cluster, name: str, findings: Findings) -> NodePool | None:
    path: Path = ("clusters", cluster, "pools", name)
    if not findings.intact(path):
        return None
    pool, found = cloud.node_pool(name, spec.pools[name], spec, path)
    findings.extend(list(found))
    # A pool with a mistake is not there for its placements: they would repeat it in other words.
    return pool if findings.intact(path) else None


def _state(fleet: str, environment: str, name: str, spec: Cluster) -> TerraformState | None:
    state, path = spec.state or State(), f"{fleet}/{environment}/{name}"
    if state.s3 is not None:
        return TerraformState(state.s3.bucket, state.s3.region, state.s3.key or f"{path}.tfstate")
    if state.gcs is not None:
        return TerraformState(state.gcs.bucket, "", state.gcs.prefix or path, "gcs")
    if state.azurerm is not None:
        blob = state.azurerm
        return TerraformState(blob.container, "", blob.key or f"{path}.tfstate", "azurerm", blob.storage_account)
    return None
