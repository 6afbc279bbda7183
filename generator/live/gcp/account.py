"""A project of Google Cloud, asked what a plan needs of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from generator.catalog import quotas, reader
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes
from generator.core.plan.nodes import half
from generator.core.plan.state import GcsState, TerraformState
from generator.live.answers import ClusterFacts, Limits, NotAnsweredError, Offering, Quota, Reservation, Running, Store
from generator.live.gcp import session
from generator.live.rest import MissingError, Rest
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

_WAYS = {"SPOT": "spot", "FLEX_START": "flex-start"}


def connect(cluster: ClusterPlan, limits: Limits) -> "GcpAccount":
    """The project of a cluster, with the application default credentials of this machine."""
    rest, credentials = session.sign_in(limits)
    return GcpAccount(
        rest, cluster.of(GkeCluster).project, str(getattr(credentials, "service_account_email", "") or "")
    )


class GcpAccount:
    """One project. `who` is the service account that asks, empty for a person."""

    every_zone = True
    project_wide = frozenset({"GPUS_ALL_REGIONS"})

    def __init__(self, rest: Rest, project: str, who: str) -> None:
        self._rest = rest
        self._project = project
        self._who = who
        self._compute = f"{session.COMPUTE}/projects/{project}"
        self._places: Once[str, dict[str, Any] | None] = Once(self._place)
        self._clusters: Once[tuple[str, str], dict[str, Any] | None] = Once(self._describe)
        self._offered: Once[tuple[str, frozenset[str]], Mapping[str, Offering]] = Once(self._describe_types)

    def identity(self) -> str:
        """The project, and who asks."""
        if self._places("") is None:
            message = f"the project {self._project!r} does not exist, or nobody may see it"
            raise NotAnsweredError(kinds.NO_ACCOUNT, message, "", "404 from compute.projects.get", cure="check its id")
        return f"project {self._project} as {self._who or 'a person'}"

    def region_problem(self, region: str) -> str:
        """Why the region cannot be used; empty where it can."""
        found = self._places(region)
        if found is None:
            return "Google Cloud knows no region of this name"
        status = found.get("status", "UP")
        return "" if status == "UP" else f"the region is {status}"

    def _place(self, region: str) -> dict[str, Any] | None:
        """A region, or for no region the project; both bring their quotas."""
        permission = "compute.regions.get" if region else "compute.projects.get"
        try:
            return self._rest.get(permission, f"{self._compute}/regions/{region}" if region else self._compute)
        except MissingError:
            return None

    def cluster(self, cluster: ClusterPlan) -> ClusterFacts | None:
        """The cluster with the zones of its nodes."""
        found = self._clusters((cluster.of(GkeCluster).zone or cluster.region, cluster.existing))
        if found is None:
            return None
        status, version = found.get("status", ""), found.get("currentMasterVersion", "")
        return ClusterFacts(status, status == "RUNNING", version, tuple(sorted(found.get("locations", ()))))

    def _describe(self, key: tuple[str, str]) -> dict[str, Any] | None:
        place, name = key
        url = f"{session.CONTAINER}/projects/{self._project}/locations/{place}/clusters/{name}"
        try:
            return self._rest.get("container.clusters.get", url)
        except MissingError:
            return None

    def zones(self, cluster: ClusterPlan, pool: NodePool) -> tuple[str, ...]:
        """The pool's own zones, or those of the cluster's nodes."""
        zones = pool.of(GkeNodes).zones
        if zones or not cluster.existing:
            return zones
        found = self.cluster(cluster)
        return found.zones if found else ()

    def offerings(self, region: str, types: frozenset[str]) -> Mapping[str, Offering]:
        """The machine types with the zones that have both them and their GPU."""
        return self._offered((region, types))

    def _describe_types(self, key: tuple[str, frozenset[str]]) -> Mapping[str, Offering]:
        region, types = key
        named = " OR ".join(f'(name = "{type_}")' for type_ in sorted(types))
        accelerators = {zone: {row["name"] for row in rows} for zone, rows in self._zonal(region, "acceleratorTypes")}
        zones: dict[str, set[str]] = {}
        facts: dict[str, tuple[int, str]] = {}
        for zone, rows in self._zonal(region, "machineTypes", filter=named):
            for row in rows:
                accelerator = _accelerator(row)
                facts[row["name"]] = (row["guestCpus"], accelerator)
                if not accelerator or accelerator in accelerators.get(zone, ()):
                    zones.setdefault(row["name"], set()).add(zone)
        return {
            type_: Offering(frozenset(zones[type_]), vcpus, accelerator)
            for type_, (vcpus, accelerator) in facts.items()
            if type_ in zones
        }

    def _zonal(self, region: str, what: str, project: str = "", **query: str) -> Iterator[tuple[str, list[Any]]]:
        """Zone by zone of a region what it has of `what`."""
        base = f"{session.COMPUTE}/projects/{project}" if project else self._compute
        url = f"{base}/aggregated/{what}"
        then = session.next_page(url, **query)
        for items in self._rest.pages(f"compute.{what}.list", url, "items", then, **query):
            for place, held in items.items():
                zone = place.removeprefix("zones/")
                if zone.startswith(f"{region}-") and held.get(what):
                    yield zone, held[what]

    def running(self, cluster: ClusterPlan) -> Running:
        """Machines that bear the cluster's label."""
        found: Counter[tuple[str, str]] = Counter()
        asked = {"filter": f'labels.goog-k8s-cluster-name = "{cluster.existing}"'}
        for _, rows in self._zonal(cluster.region, "instances", **asked):
            for row in rows:
                if row.get("status") in {"PROVISIONING", "STAGING", "RUNNING"}:
                    way = _WAYS.get(row.get("scheduling", {}).get("provisioningModel", ""), "on-demand")
                    found[row["machineType"].rpartition("/")[2], way] += 1
        return found

    def draws(self, pool: NodePool, type_: str, offering: Offering, way: str) -> Mapping[str, float]:
        """GPUs of the quotas of the accelerator and of all regions, and vCPUs where a quota counts the series."""
        counted = quotas.of_family("gcp", offering.family, way) if offering.family else ()
        if not any(entry.families for entry in counted):
            return {}
        series = quotas.of_family("gcp", f"machine:{type_.partition('-')[0]}", way)
        units = {"GPUs": pool.gpus_per_node, "vCPUs": offering.vcpus}
        return {entry.code: float(units[entry.unit]) for entry in (*counted, *series)}

    def quota(self, region: str, code: str) -> Quota | None:
        """A quota of the region, or for no region of the project."""
        place = self._places(region) or {}
        row = next((row for row in place.get("quotas", ()) if row["metric"] == code), None)
        if row is None:
            return None
        unit = quotas.quotas("gcp")[code].unit
        return Quota(code, code, unit, float(row["limit"]), float(row.get("usage", 0.0)))

    def reservation(self, cluster: ClusterPlan, pool: NodePool) -> Reservation | None:
        """The reservations of this name in the region, which may lie in several zones."""
        name, project = _reservation_name(pool.reservation or "")
        rows = [
            (zone, row)
            for zone, found in self._zonal(cluster.region, "reservations", project, filter=f'name = "{name}"')
            for row in found
        ]
        if not rows:
            return None
        held = [(zone, row["status"], row.get("specificReservation", {})) for zone, row in rows]
        statuses = sorted({status for _, status, _ in held})
        return Reservation(
            "/".join(statuses),
            statuses == ["READY"],
            tuple(sorted({_machine(specific) for _, _, specific in held})),
            tuple(sorted({zone for zone, _, _ in held})),
            sum(int(specific.get("count", 0)) for _, _, specific in held),
            sum(int(specific.get("count", 0)) - int(specific.get("inUseCount", 0)) for _, _, specific in held),
        )

    def store(self, _: ClusterPlan, state: TerraformState) -> Store | None:
        """The bucket; it may lie in any project and any place."""
        try:
            found = self._rest.get("storage.buckets.get", f"{session.STORAGE}/b/{half(state, GcsState).bucket}")
        except MissingError:
            return None
        return Store("", bool(found.get("versioning", {}).get("enabled")))


def _accelerator(machine: Mapping[str, Any]) -> str:
    """The GPU that is built into a machine type, or that the catalogue puts into it (N1)."""
    built_in = [item["guestAcceleratorType"] for item in machine.get("accelerators", ())]
    known = reader.instances("gcp").get(machine["name"])
    return str(built_in[0]) if built_in else known.accelerator if known else ""


def _machine(specific: Mapping[str, Any]) -> str:
    return str(specific.get("instanceProperties", {}).get("machineType", "")).rpartition("/")[2]


def _reservation_name(id_: str) -> tuple[str, str]:
    """Name and project of `NAME`, `projects/PROJECT/reservations/NAME` or one with `/reservationBlocks/...`."""
    parts = id_.split("/")
    if parts[0] == "projects":
        return parts[3], parts[1]
    return parts[0], ""
