"""Plans built by hand, bare of all that a test does not speak of."""

from dataclasses import replace
from typing import Any

from generator.core.plan import (
    ClusterPlan,
    Container,
    CreatedPlan,
    ImageRef,
    NodePool,
    PlacementPlan,
    Plan,
    Port,
    Probe,
    ProbeTiming,
    ResourcePlan,
    Rollout,
    Security,
    Shutdown,
    TaintPlan,
    Workload,
)

REGIONS = {"eks": "us-east-1", "gke": "europe-west4", "aks": "westeurope"}


def pool(name: str, **changes: Any) -> NodePool:
    """Up to four EKS nodes with one L4."""
    bare = NodePool(
        name=name,
        path=("clusters", "use1", "pools", name),
        gpu="l4",
        gpus_per_node=1,
        min_nodes=0,
        max_nodes=4,
        capacity=("on-demand",),
        instance_types=("g6.2xlarge",),
        labels={"fleetgen.dev/pool": name},
        taints=(TaintPlan("nvidia.com/gpu", "present", "NoSchedule"),),
        disk_gib=200,
        reservation="",
    )
    return replace(bare, **changes)


def cluster(name: str, platform: str, **changes: Any) -> ClusterPlan:
    """A cluster of its platform, with nothing installed."""
    bare = ClusterPlan(
        name=name,
        path=("clusters", name),
        platform=platform,
        kubernetes=platform != "docker",
        region=REGIONS.get(platform, ""),
        namespace="inference",
        existing="platform" if platform in REGIONS else "",
        subnets=(),
        node_role="",
        has=frozenset(),
        storage_class="",
        monitor_labels={},
        state=None,
        bind="127.0.0.1",
        pools=(),
    )
    return replace(bare, **changes)


def created(name: str, **changes: Any) -> CreatedPlan:
    """An EKS cluster to create, with a private control plane."""
    bare = CreatedPlan(
        name=name,
        version="1.34",
        zones=(),
        nodes="10.0.0.0/16",
        pods="",
        services="172.20.0.0/16",
        public_access=(),
        machine="m7i.large",
        min_nodes=2,
        max_nodes=4,
    )
    return replace(bare, **changes)


def workload(model: str, engine: str = "vllm", port: int = 8000, **changes: Any) -> Workload:
    """A server without GPUs that speaks HTTP."""
    probe = Probe("http", "/health", "http")
    bare = Workload(
        engine=engine,
        main=Container(engine, ImageRef(engine, "1")),
        ports=(Port("http", port),),
        probe=probe,
        liveness=probe,
        timing=ProbeTiming(60),
        shutdown=Shutdown(5, 30, 40),
        resources=ResourcePlan(),
        security=Security(),
        volumes=(),
        served_names=(model,),
    )
    return replace(bare, **changes)


def placement(cluster: str, model: str, name: str, workload: Workload, **changes: Any) -> PlacementPlan:
    """One replica on CPUs that an old pod makes room for."""
    bare = PlacementPlan(
        path=("models", model, "placements", name),
        model=model,
        name=name,
        cluster=cluster,
        pool="",
        service=f"{model}-{name}",
        workload=workload,
        min_replicas=1,
        max_replicas=1,
        rollout=Rollout(0, 1),
        disruption=None,
        autoscaling=None,
        node_selector={},
        tolerations=(),
        priority_class="",
        service_account="",
        storage_class="",
        host_port=0,
        device_ids=(),
        context=16384,
        concurrency=8,
        patches=(),
        decisions=(),
    )
    return replace(bare, **changes)


def plan(*clusters: ClusterPlan, **changes: Any) -> Plan:
    """The fleet `acme` with these clusters."""
    return replace(Plan("acme", "default", clusters, (), (), ""), **changes)
