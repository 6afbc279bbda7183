"""A project of Google Cloud, asked what a plan needs of it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from google.cloud.compute_v1 import types as compute
from google.cloud.container_v1 import types as container

from generator.catalog import quotas, reader
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes
from generator.core.plan.nodes import half
from generator.core.plan.state import GcsState, TerraformState
from generator.live.answers import ClusterFacts, Limits, NotAnsweredError, Offering, Quota, Reservation, Running, Store
from generator.live.gcp.client import Google, sign_in
from generator.live.rest import MissingError
from generator.live.work import Once

PERMISSIONS = {
    "compute.acceleratorTypes.list": "the zones that have a GPU",
    "compute.instances.list": "nodes that the cluster has already",
    "compute.machineTypes.list": "the zones that offer a type",
    "compute.projects.get": "the project and its quotas",
    "compute.regions.get": "the region and its quotas",
    "compute.reservations.list": "the reservation",
    "container.clusters.get": "the cluster",
    "storage.buckets.get": "the bucket of the state",
}
"""Every permission that a preflight uses, and what for. docs/preflight.md lists exactly these."""

_CAPACITIES = {"SPOT": "spot", "FLEX_START": "flex-start"}
_RUNNING = frozenset({"PROVISIONING", "STAGING", "RUNNING"})


def connect(cluster: ClusterPlan, limits: Limits) -> "GcpAccount":
    """The project of a cluster, with the application default credentials of this machine."""
    return GcpAccount(sign_in(limits), cluster.of(GkeCluster).project)


class GcpAccount:
    """One project."""

    every_zone = True
    project_wide = frozenset({"GPUS_ALL_REGIONS"})

    def __init__(self, google: Google, project: str) -> None:
        self._google = google
        self._name = project
        self._projects: Once[str, compute.Project | None] = Once(self._describe_project)
        self._regions: Once[str, compute.Region | None] = Once(self._describe_region)
        self._clusters: Once[tuple[str, str], container.Cluster | None] = Once(self._describe_cluster)
        self._offered: Once[tuple[str, frozenset[str]], Mapping[str, Offering]] = Once(self._describe_types)

    def identity(self) -> str:
        """The project, and who asks."""
        if self._projects(self._name) is None:
            message = f"the project {self._name!r} does not exist, or nobody may see it"
            raise NotAnsweredError(kinds.NO_ACCOUNT, message, "", "404 from compute.projects.get", cure="check its id")
        return f"project {self._name} as {self._google.who or 'a person'}"

    def _describe_project(self, name: str) -> compute.Project | None:
        request = compute.GetProjectRequest(project=name)
        try:
            return self._google.get("compute.projects.get", self._google.projects.get, request)
        except MissingError:
            return None

    def region_problem(self, region: str) -> str:
        """Why the region cannot be used; empty where it can."""
        description = self._regions(region)
        if description is None:
            return "Google Cloud knows no region of this name"
        return "" if description.status in {"", "UP"} else f"the region is {description.status}"

    def _describe_region(self, name: str) -> compute.Region | None:
        request = compute.GetRegionRequest(project=self._name, region=name)
        try:
            return self._google.get("compute.regions.get", self._google.regions.get, request)
        except MissingError:
            return None

    def cluster(self, cluster: ClusterPlan) -> ClusterFacts | None:
        """The cluster with the zones of its nodes."""
        description = self._clusters((cluster.of(GkeCluster).zone or cluster.region, cluster.existing))
        if description is None:
            return None
        status = _name(description.status)
        return ClusterFacts(
            status, status == "RUNNING", description.current_master_version, tuple(sorted(description.locations))
        )

    def _describe_cluster(self, key: tuple[str, str]) -> container.Cluster | None:
        place, name = key
        request = container.GetClusterRequest(name=f"projects/{self._name}/locations/{place}/clusters/{name}")
        try:
            return self._google.get("container.clusters.get", self._google.clusters.get_cluster, request)
        except MissingError:
            return None

    def zones(self, cluster: ClusterPlan, pool: NodePool) -> tuple[str, ...]:
        """The pool's own zones, or those of the cluster's nodes."""
        zones = pool.of(GkeNodes).zones
        if zones or not cluster.existing:
            return zones
        facts = self.cluster(cluster)
        return facts.zones if facts else ()

    def offerings(self, region: str, types: frozenset[str]) -> Mapping[str, Offering]:
        """The machine types with the zones that have both them and their GPU."""
        return self._offered((region, types))

    def _describe_types(self, key: tuple[str, frozenset[str]]) -> Mapping[str, Offering]:
        region, types = key
        accelerators = self._accelerators(region)
        zones: dict[str, set[str]] = {}
        facts: dict[str, tuple[int, str]] = {}
        for zone, machine in self._machines(region, types):
            built_in = accelerator(machine)
            facts[machine.name] = (machine.guest_cpus, built_in)
            if not built_in or built_in in accelerators.get(zone, ()):
                zones.setdefault(machine.name, set()).add(zone)
        return {
            type_: Offering(frozenset(zones[type_]), vcpus, built_in)
            for type_, (vcpus, built_in) in facts.items()
            if type_ in zones
        }

    def _accelerators(self, region: str) -> Mapping[str, set[str]]:
        """The GPUs of each zone."""
        request = compute.AggregatedListAcceleratorTypesRequest(project=self._name)
        method = self._google.accelerator_types.aggregated_list
        names: dict[str, set[str]] = {}
        for zone, listed in self._google.zones("compute.acceleratorTypes.list", method, request):
            if _is_in(zone, region):
                names.setdefault(zone, set()).update(row.name for row in listed.accelerator_types)
        return names

    def _machines(self, region: str, types: frozenset[str]) -> Iterator[tuple[str, compute.MachineType]]:
        named = " OR ".join(f'(name = "{type_}")' for type_ in sorted(types))
        request = compute.AggregatedListMachineTypesRequest(project=self._name, filter=named)
        method = self._google.machine_types.aggregated_list
        for zone, listed in self._google.zones("compute.machineTypes.list", method, request):
            if _is_in(zone, region):
                yield from ((zone, row) for row in listed.machine_types)

    def running(self, cluster: ClusterPlan) -> Running:
        """Machines that bear the cluster's label."""
        labelled = f'labels.goog-k8s-cluster-name = "{cluster.existing}"'
        request = compute.AggregatedListInstancesRequest(project=self._name, filter=labelled)
        method = self._google.instances.aggregated_list
        counts: Counter[tuple[str, str]] = Counter()
        for zone, listed in self._google.zones("compute.instances.list", method, request):
            for row in listed.instances if _is_in(zone, cluster.region) else ():
                if row.status in _RUNNING:
                    capacity = _CAPACITIES.get(row.scheduling.provisioning_model, "on-demand")
                    counts[_last(row.machine_type), capacity] += 1
        return counts

    def draws(self, pool: NodePool, type_: str, offering: Offering, capacity: str) -> Mapping[str, float]:
        """GPUs of the quotas of the accelerator and of all regions, and vCPUs where a quota counts the series."""
        counted = quotas.of_family("gcp", offering.family, capacity) if offering.family else ()
        if not any(entry.families for entry in counted):
            return {}
        series = quotas.of_family("gcp", f"machine:{type_.partition('-')[0]}", capacity)
        units = {"GPUs": pool.gpus_per_node, "vCPUs": offering.vcpus}
        return {entry.code: float(units[entry.unit]) for entry in (*counted, *series)}

    def quota(self, region: str, code: str) -> Quota | None:
        """A quota of the region, or for no region of the project."""
        place = self._regions(region) if region else self._projects(self._name)
        row = next((row for row in place.quotas if row.metric == code), None) if place else None
        return Quota(code, code, quotas.quotas("gcp")[code].unit, row.limit, row.usage) if row else None

    def reservation(self, cluster: ClusterPlan, pool: NodePool) -> Reservation | None:
        """The reservations of this name in the region, which may lie in several zones."""
        name, project = _reservation_name(pool.reservation or "")
        request = compute.AggregatedListReservationsRequest(project=project or self._name, filter=f'name = "{name}"')
        method = self._google.reservations.aggregated_list
        held = [
            (zone, row)
            for zone, listed in self._google.zones("compute.reservations.list", method, request)
            for row in (listed.reservations if _is_in(zone, cluster.region) else ())
        ]
        if not held:
            return None
        statuses = sorted({row.status for _, row in held})
        machines = [row.specific_reservation for _, row in held]
        return Reservation(
            "/".join(statuses),
            statuses == ["READY"],
            tuple(sorted({_last(block.instance_properties.machine_type) for block in machines})),
            tuple(sorted({zone for zone, _ in held})),
            sum(block.count for block in machines),
            sum(block.count - block.in_use_count for block in machines),
        )

    def store(self, _: ClusterPlan, state: TerraformState) -> Store | None:
        """The bucket; it may lie in any project and any place."""
        try:
            bucket = self._google.bucket(half(state, GcsState).bucket)
        except MissingError:
            return None
        return Store("", bool(bucket.get("versioning", {}).get("enabled")))


def accelerator(machine: compute.MachineType) -> str:
    """The GPU that is built into a machine type, or that the catalogue puts into it (N1); empty where there is none."""
    for card in machine.accelerators:
        return card.guest_accelerator_type
    known = reader.instances("gcp").get(machine.name)
    return known.accelerator if known else ""


def _is_in(zone: str, region: str) -> bool:
    return zone.startswith(f"{region}-")


def _name(status: container.Cluster.Status) -> str:
    """What a state is called; its number where it is younger than the client."""
    return str(status.name if isinstance(status, container.Cluster.Status) else status)


def _last(url: str) -> str:
    return url.rpartition("/")[2]


def _reservation_name(id_: str) -> tuple[str, str]:
    """Name and project of `NAME`, `projects/PROJECT/reservations/NAME` or one with `/reservationBlocks/...`."""
    parts = id_.split("/")
    if parts[0] == "projects":
        return parts[3], parts[1]
    return parts[0], ""
