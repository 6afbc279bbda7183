"""Plans built by hand, bare of all that a test does not speak of."""

from dataclasses import fields, replace
from typing import Any

from generator.clouds import aws, azure, gcp
from generator.clouds.groups import apart, together
from generator.core.plan import (
    Backend,
    ClusterPlan,
    Container,
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
from generator.core.plan.clouds.aks import AksCluster, AksNodes
from generator.core.plan.clouds.eks import EksCluster, EksNodes
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes
from generator.core.plan.clouds.rented import CreatedPlan
from generator.core.spec import Pool

REGIONS = {"eks": "us-east-1", "gke": "europe-west4", "aks": "westeurope"}


def pool(name: str, platform: str = "eks", **changes: Any) -> NodePool:
    """Up to four nodes with one L4, rented where the platform is a cloud, as `capacity` and the like say."""
    bare = NodePool(
        name=name,
        path=("clusters", "use1", "pools", name),
        gpu="l4",
        gpus_per_node=1,
        min_nodes=0,
        max_nodes=4,
        labels={"fleetgen.dev/pool": name},
        taints=(TaintPlan("nvidia.com/gpu", "present", "NoSchedule"),),
        platform_taints=(),
        hosts=(),
        decisions=(),
        cloud=None,
    )
    common = {field.name for field in fields(NodePool)}
    whole = replace(bare, **{key: value for key, value in changes.items() if key in common})
    theirs = {key: value for key, value in changes.items() if key not in common}
    return replace(whole, cloud=_rented(whole, platform, theirs)) if platform in REGIONS else whole


def _rented(pool: NodePool, platform: str, changes: dict[str, Any]) -> EksNodes | GkeNodes | AksNodes:
    """The rented half of a pool. Its groups are made as its cloud makes them."""
    rented: dict[str, Any] = {
        "capacity": ("on-demand",),
        "instance_types": ("g6.2xlarge",),
        "memory_gib": 0.0,
        "vcpus": 0,
        "spot_notice_s": 0,
        "disk_gib": 200,
        "disk_type": None,
        "max_pods": None,
        "unavailable": 1,
        **changes,
    }
    spec = Pool.model_validate(
        {
            "gpu": pool.gpu,
            "nodes": {"min": pool.min_nodes, "max": pool.max_nodes},
            "capacity": list(rented["capacity"]),
            "compact": rented.pop("compact", False),
            "reservation": {"id": id_} if (id_ := rented.pop("reservation", None)) else None,
        }
    )
    types = rented["instance_types"]
    if platform == "eks":
        own = {"groups": together(pool.name, spec, types, aws.NAMING), "capacity_block": False}
        return EksNodes(**{**own, **rented})
    beside = {"zones": (), "surge": 0}
    if platform == "aks":
        short = azure.short_name(pool.name)
        groups = apart(pool.name, spec, types, azure.naming(short))
        return AksNodes(**{**beside, "groups": groups, **rented})
    known = {"accelerators": dict.fromkeys(types, "nvidia-l4"), "local_ssds": dict.fromkeys(types, 0)}
    groups = apart(pool.name, spec, types, gcp.NAMING)
    return GkeNodes(**{**beside, **known, "groups": groups, "compute_class": None, **rented})


def cluster(name: str, platform: str, **changes: Any) -> ClusterPlan:
    """A cluster of its platform, with nothing installed; one of a cloud stands already and is called `platform`."""
    bare = ClusterPlan(
        name=name,
        path=("clusters", name),
        platform=platform,
        kubernetes=platform != "docker",
        region=REGIONS.get(platform, ""),
        namespace="inference",
        has=frozenset(),
        storage_class="",
        monitor_labels={},
        monitor_namespace="",
        state=None,
        bind="127.0.0.1",
        pools=(),
        addons=(),
        cloud=None,
    )
    common = {field.name for field in fields(ClusterPlan)}
    theirs = {key: value for key, value in changes.items() if key not in common}
    own = {key: value for key, value in changes.items() if key in common}
    return replace(bare, **{"cloud": _cloud(platform, theirs), **own})


def _cloud(platform: str, changes: dict[str, Any]) -> EksCluster | GkeCluster | AksCluster | None:
    """The cloud's half of a cluster; `existing` is its name where Terraform does not create it."""
    made = changes.get("created")
    named = {"name": made.name if made else changes.pop("existing", "platform"), "created": made}
    if platform == "eks":
        return EksCluster(**{"subnets": (), "node_role": None, "karpenter": None, **named, **changes})
    if platform == "gke":
        return GkeCluster(**{"project": "acme", "zone": None, "node_role": None, **named, **changes})
    if platform == "aks":
        return AksCluster(**{"resource_group": "rg-platform", "subscription": None, "subnet": None, **named, **changes})
    return None


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


def provider(name: str, weight: int) -> Backend:
    """The model `m` of a provider that asks for no key."""
    return Backend((), "openai", "https://example.com/v1", "m", None, weight, 0, 0, provider=name)


def plan(*clusters: ClusterPlan, **changes: Any) -> Plan:
    """The fleet `acme` with these clusters."""
    return replace(Plan("acme", "default", clusters, (), (), ""), **changes)
